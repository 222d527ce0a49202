"""What learners know: series, forecasts, model state and how far each reader of the stream has come.

Series and forecasts are projections of the journal and have no foreign keys:
PostgreSQL plans the check of one when the table it points at is still empty,
and reads it from end to end for every row written since.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Float, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import key, moment, ref


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
