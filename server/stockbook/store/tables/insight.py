"""What forecasts hear from outside, what people say against them, and what was tried before they may drive anything.

`tx` numbers the transaction that wrote a row, as in `movement_party`: a lesson
hears what was recorded before the sale that it learns, however late it is learnt.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import QUANTITY, Xid8, key, maybe, moment, ref


def _tx() -> Any:
    return Field(
        default=None, sa_type=Xid8, nullable=False, sa_column_kwargs={"server_default": text("pg_current_xact_id()")}
    )


class Influence(SQLModel, table=True):
    """A series from outside; what it leaves null it does not narrow. `network`: everybody's forecasts hear it."""

    __table_args__ = (UniqueConstraint("organisation_id", "external_reference"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    external_reference: str
    name: str
    kind: str
    """See `domain/demand/kind.py`."""
    network: bool = False
    site_id: int | None = maybe("place.id")
    item_id: int | None = maybe("item.id")
    category: str | None = None
    unit: str
    ahead: bool
    """Whether its points speak of the future; else a forecast hears the week before its period."""
    fresh_hours: int
    weight: float
    region: str | None = None
    """Of a calendar: whose public holidays its points are, e.g. CN."""
    tx: int = _tx()


class InfluencePoint(SQLModel, table=True):
    """A value for a moment; a later row for the same moment corrects it from then on. `item_id` 0: of no one item."""

    __tablename__ = "influence_point"
    __table_args__ = (
        Index("influence_point_at", "influence_id", "item_id", "at", "id"),
        Index("influence_point_tx", "tx"),
    )
    id: int = key()
    influence_id: int = ref("influence.id")
    item_id: int = ref(none=True)
    at: datetime = moment()
    value: float
    text: str = ""
    recorded_at: datetime = moment(now=True)
    tx: int = _tx()


class InfluenceRetirement(SQLModel, table=True):
    """From when on forecasts do without a series; a later row counts instead, one without a moment brings it back."""

    __tablename__ = "influence_retirement"
    __table_args__ = (Index("influence_retirement_of", "influence_id", "id"),)
    id: int = key()
    influence_id: int = ref("influence.id")
    at: datetime | None = moment(nullable=True)
    reason: str
    actor_id: int = ref("principal.id")
    recorded_at: datetime = moment(now=True)
    tx: int = _tx()


class Substitution(SQLModel, table=True):
    """A unit of `item` may be replaced by `ratio` of `substitute`.

    With `rivals` its promotion takes sales from it; with `alike` it begins as that one sells.
    """

    __table_args__ = (UniqueConstraint("organisation_id", "item_id", "substitute_id"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    item_id: int = ref("item.id", index=True)
    substitute_id: int = ref("item.id", index=True)
    ratio: float
    both_ways: bool
    rivals: bool
    alike: bool
    tx: int = _tx()


class ForecastOverride(SQLModel, table=True):
    """What a person expects of each period from `since` until `until`, instead of the model."""

    __tablename__ = "forecast_override"
    __table_args__ = (
        Index("forecast_override_series", "organisation_id", "site_id", "item_id"),
        Index("forecast_override_changed", "changed"),
    )
    id: int = key()
    organisation_id: int = ref("organisation.id")
    site_id: int = ref("place.id")
    item_id: int = ref("item.id")
    since: datetime = moment()
    until: datetime = moment()
    quantity: float
    reason: str
    actor_id: int = ref("principal.id")
    made_at: datetime = moment(now=True)
    model_mean: float
    """What the model expected of the open period when it was made."""
    ended_at: datetime | None = moment(nullable=True)
    """When it was withdrawn, or another took its place."""
    changed: int = _tx()


class OverrideScore(SQLModel, table=True):
    """One closed period: what the person said, what the model had promised, and what came."""

    __tablename__ = "override_score"
    __table_args__ = (UniqueConstraint("override_id", "starts_at"),)
    id: int = key()
    override_id: int = ref("forecast_override.id")
    starts_at: datetime = moment()
    said: float
    promised: float
    """The model's mean when the period began."""
    came: float


class Replenishment(SQLModel, table=True):
    """The terms on which an item is replenished at a site; null narrows nothing, the most specific row counts."""

    __table_args__ = (UniqueConstraint("organisation_id", "site_id", "item_id", postgresql_nulls_not_distinct=True),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    site_id: int | None = maybe("place.id")
    item_id: int | None = maybe("item.id")
    lead_time_hours: float
    lead_time_deviation_hours: float
    review_hours: float
    service_level: float
    fill_rate: float | None = None
    """When given, the service level follows what was filled so far."""
    unattended: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether the system accepts what cleared forecasts propose."""
    order_unit: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The unit that one orders in, empty: the base unit; an item that has none of that name is ordered as it comes."""
    order_multiple: Decimal | None = Field(default=None, sa_type=QUANTITY)
    minimum_order: Decimal | None = Field(default=None, sa_type=QUANTITY)
    """In that unit: whole multiples of so many (of a named unit, of one), no less than so many."""
    tx: int = _tx()


class Threshold(SQLModel, table=True):
    """When to order and up to where, from the demand of lead time and review; moves with every forecast."""

    __table_args__ = (
        Index("threshold_site", "site_id", "item_id"),
        Index("threshold_organisation", "organisation_id"),
        {"postgresql_with": {"fillfactor": 70}},
    )
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    """The series' own."""
    organisation_id: int = ref()
    site_id: int = ref()
    item_id: int = ref()
    horizon: float
    """Periods of lead time and review."""
    service_level: float
    expected: float
    """Median demand over the horizon."""
    safety_stock: float
    reorder_point: float
    ceiling: float
    low: float
    high: float
    """Between which the reorder point moved in the last weeks."""
    peak: float
    """The coefficient that the safety stock was multiplied by."""
    lead_time_hours: float
    lead_time_deviation_hours: float
    """As agreed, learnt from receipts, or heard of on the road."""
    fill_rate: float | None = None
    """What the service level aims at, when it follows what was filled."""
    revised_at: datetime = moment()


class ThresholdRevised(SQLModel, table=True):
    """Thresholds that one statement revised: noted by the database, read and dropped by whoever proposes."""

    __tablename__ = "threshold_revised"
    __table_args__ = (Index("threshold_revised_tx", "tx"),)
    id: int = key()
    ids: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    tx: int = _tx()


class Trial(SQLModel, table=True):
    """A run of the sandbox: history replayed on copies, judged, and reported."""

    __table_args__ = (Index("trial_state", "state", "id"),)
    id: int = key()
    organisation_id: int = ref("organisation.id", index=True)
    actor_id: int = ref("principal.id")
    variant: str
    site_id: int | None = maybe("place.id")
    category: str | None = None
    since: datetime = moment()
    until: datetime = moment()
    state: str = "WAITING"
    """WAITING RUNNING DONE FAILED"""
    asked_at: datetime = moment(now=True)
    done_at: datetime | None = moment(nullable=True)
    series: int | None = Field(default=None)
    metrics: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    passed: bool | None = Field(default=None)
    problem: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    """Why it failed (`flows/trials/problem.py`)."""
    report: str | None = Field(default=None)
    """The HTML page."""


class Clearance(SQLModel, table=True):
    """Forecasts of a site, a category and a variant may drive proposals; without a passed trial it needs a reason."""

    __table_args__ = (Index("clearance_organisation", "organisation_id"),)
    id: int = key()
    organisation_id: int = ref("organisation.id")
    site_id: int | None = maybe("place.id")
    category: str | None = None
    variant: str
    trial_id: int = ref("trial.id")
    passed: bool
    """Whether the trial passed the gate; if not, somebody overrode it."""
    reason: str
    actor_id: int = ref("principal.id")
    made_at: datetime = moment(now=True)
    revoked_at: datetime | None = moment(nullable=True)
    revoked_by_id: int | None = maybe("principal.id")
    revocation_reason: str | None = None
