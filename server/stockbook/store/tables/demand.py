"""What learners know: series, forecasts, model state and how far each reader of the stream has come.

Series and forecasts are projections of the journal and have no foreign keys:
PostgreSQL plans the check of one when the table it points at is still empty,
and reads it from end to end for every row written since.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Float, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import Xid8, key, moment, ref


class Series(SQLModel, table=True):
    """The demand of one item at one site of one seller, by period; `partition` is item_id modulo the partitions."""

    __table_args__ = (UniqueConstraint("seller_id", "site_id", "item_id"), {"postgresql_with": {"fillfactor": 70}})
    id: int = key()
    seller_id: int = ref()
    site_id: int = ref()
    item_id: int = ref()
    partition: int = Field(index=True)
    period: str = "WEEK"
    """DAY or WEEK"""
    due_at: datetime = moment()
    """When the clock must close its open period, sale or none."""
    state: bytes = Field(sa_column=Column(BYTEA, nullable=False))
    """Stored as it is: squeezing 6 kB to 3.5 took PostgreSQL as long as all else of a revision."""


class Forecast(SQLModel, table=True):
    """The forecast for a series' open period and the ones after it: mean and quantiles over `horizon` periods."""

    __table_args__ = (
        UniqueConstraint("series_id", "horizon"),
        Index("forecast_site", "site_id", "item_id"),
        {"postgresql_with": {"fillfactor": 70}},
    )
    id: int = key()
    series_id: int = ref()
    organisation_id: int = ref(index=True)
    site_id: int = ref()
    item_id: int = ref()
    horizon: int
    """Periods taken together, the open one among them: mean and quantiles are of their sum."""
    starts_at: datetime = moment()
    """When the open period began; what it sold so far is in the figures."""
    mean: float
    levels: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    """Quantile levels, ascending, e.g. 0.5 0.9 0.95 0.99"""
    quantiles: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    past_error: float | None = None
    """WAPE of one-period forecasts so far; null before anything was sold in a forecast period."""
    shares: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    revised_at: datetime = moment(now=True)
    """The event's time of the sale, or of the clock, that moved it last."""
    learner: str
    heard: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}")
    )
    """Influences that it used."""
    stale: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}")
    )
    """Influences that it would have used, had their points not been too old."""
    retired: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}")
    )
    """Influences that it does without since of late: they were retired."""
    drifted_at: datetime | None = moment(nullable=True)
    """When it last showed that its errors had drifted."""
    drift: int | None = None
    """1 where demand went up, -1 where it went down."""


class LearnerState(SQLModel, table=True):
    """A named piece of what a partition's series share, with the version of the library that wrote it."""

    __tablename__ = "learner_state"
    partition: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    version: str
    state: bytes = Field(sa_column=Column(BYTEA, nullable=False))


class StreamOffset(SQLModel, table=True):
    """How far a reader has come: the model's state and this row commit together.

    (tx, position) is the last movement_party row read, in commit order.
    """

    __tablename__ = "stream_offset"
    reader: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    tx: int = Field(sa_type=BigInteger)
    position: int = Field(sa_type=BigInteger)
    clock: datetime | None = moment(nullable=True)
    """The latest event's time read."""
    swept: datetime | None = moment(nullable=True)
    """Every series due until then is closed."""
    moved: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    """How many forecasts the reader has moved in this partition."""


class StockOut(SQLModel, table=True):
    """A shelf that ran empty, or was filled again; a trigger of the shelf's row writes it."""

    __tablename__ = "stock_out"
    __table_args__ = (
        Index("stock_out_shelf", "seller_id", "site_id", "item_id", "at", "id"),
        Index("stock_out_tx", "tx"),
    )
    id: int = key()
    seller_id: int = ref()
    site_id: int = ref()
    item_id: int = ref()
    at: datetime = moment()
    empty: bool
    tx: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))


class DeliveryStability(SQLModel, table=True):
    """How long deliveries of an item by a supplier take, and how far that strays; see `domain/demand/lead_time.py`."""

    __tablename__ = "delivery_stability"
    __table_args__ = (UniqueConstraint("organisation_id", "item_id", "supplier_id"),)
    id: int = key()
    organisation_id: int = ref()
    supplier_id: int = ref()
    item_id: int = ref()
    receipts: int
    weight: float
    hours: float
    variance: float
    promised: int
    on_time: int
    late_hours: float
    received_at: datetime = moment()


class ServiceLevel(SQLModel, table=True):
    """The level that a class of series orders at so that a fill rate is met: see `domain/demand/service.py`.

    A class is a seller's series of a partition that sell often, or seldom, with one target.
    """

    __tablename__ = "service_level"
    __table_args__ = (UniqueConstraint("organisation_id", "partition", "often", "fill_rate"),)
    id: int = key()
    organisation_id: int = ref()
    partition: int
    often: bool
    fill_rate: float
    """The target."""
    score: float
    usual: float
    haste: float
    """How much sooner it sinks than it rises."""
    squared: float
    """A fading mean of the sum over series of the square of what each asks for in a period."""
    lump: float
    """What the class loses when it does."""
    asked: float
    filled: float
    """In all, as far as the controller has learnt."""
    asked_since: float
    filled_since: float
    """Since it last did."""
    spanned_since: float
    """What was asked for since, times each series' horizon."""
    squared_since: float
    """The sum over series of the square of what each asked for since."""
    revised_at: datetime = moment()


class GuestForecast(SQLModel, table=True):
    """What trees grown at night forecast of a period: a mean, and a quantile a level. Never changed once written."""

    __tablename__ = "guest_forecast"
    __table_args__ = (Index("guest_forecast_tx", "tx"),)
    seller_id: int = ref(primary=True)
    site_id: int = ref(primary=True)
    item_id: int = ref(primary=True)
    starts_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    partition: int
    figures: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    tx: int = Field(sa_column=Column(Xid8(), nullable=False, server_default=text("pg_current_xact_id()")))


class Growth(SQLModel, table=True):
    """The night for which a partition's trees were grown last, of how much."""

    partition: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    night: date
    series: int
    examples: int
    grown_at: datetime = moment(now=True)
