"""What learners know: series, forecasts, model state and how far each reader of the stream has come."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Float, UniqueConstraint
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import amount, key, moment, ref


class Series(SQLModel, table=True):
    """The demand of one item at one site of one seller, by period; `partition` is hash(id) modulo the partitions."""

    __table_args__ = (UniqueConstraint("seller_id", "site_id", "item_id"),)
    id: int = key()
    seller_id: int = ref("organisation.id")
    site_id: int = ref("place.id")
    item_id: int = ref("item.id")
    partition: int = Field(index=True)
    period: str = "WEEK"
    """DAY or WEEK"""
    open_since: datetime = moment()
    open_quantity: Decimal = amount("0")
    closed_periods: int = 0
    state: bytes = Field(sa_column=Column(BYTEA, nullable=False))


class Forecast(SQLModel, table=True):
    """The forecast for a series' open period and the ones after it: mean and quantiles over `horizon` periods."""

    __table_args__ = (UniqueConstraint("series_id", "horizon"),)
    id: int = key()
    series_id: int = ref("series.id")
    organisation_id: int = ref("organisation.id", index=True)
    site_id: int = ref("place.id", index=True)
    item_id: int = ref("item.id")
    horizon: int
    starts_at: datetime = moment()
    mean: float
    levels: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    """Quantile levels, ascending, e.g. 0.5 0.9 0.95 0.99"""
    quantiles: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    past_error: float | None = None
    """WAPE of one-period forecasts so far; null before the first closed period."""
    shares: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    revised_at: datetime = moment(now=True)
    learner: str


class LearnerState(SQLModel, table=True):
    """Shared (global) model state of a partition, with the version of the library that wrote it."""

    __tablename__ = "learner_state"
    partition: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    version: str
    state: bytes = Field(sa_column=Column(BYTEA, nullable=False))


class StreamOffset(SQLModel, table=True):
    """How far a reader has come: the model's state and this row commit together."""

    __tablename__ = "stream_offset"
    reader: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
