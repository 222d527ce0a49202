"""What thresholds come to where a person expects otherwise than the model.

A person says of some periods how much will be asked for. What that is more or
less than the model expects of them, as far as they lie within lead time and
review, moves what is expected; the safety stock goes along as chance does, with
the square root of what is expected; the ceiling with what a review more or less
will ask for. What a period has sold already is certain, whatever was said.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stockbook.domain.demand.period import Period

_HOURS = {Period.DAY: 24.0, Period.WEEK: 168.0}
_WIDEST = 10.0
"""How many times what the model expects may widen the safety stock."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the model expects: of the open period, which has sold so much already, and of each one after it."""

    opens: datetime
    period: Period
    near: float
    later: float
    sold: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a person expects of each period that begins from `since` on and before `until`."""

    since: datetime
    until: datetime
    quantity: float
    id: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """A threshold: over `horizon` periods, of which `lead_time_hours` are the lead time."""

    horizon: float
    lead_time_hours: float
    expected: float
    safety_stock: float
    reorder_point: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class InForce:
    """What counts, by how much people moved what is expected, and the first override that did."""

    figures: Figures
    moved: float = 0.0
    override: int | None = None


def in_force(model: Figures, promise: Promise | None, said: Sequence[Said]) -> InForce:
    """Return the thresholds that count.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 11, 2, tzinfo=UTC)
    >>> model = Figures(2.0, 168.0, expected=20.0, safety_stock=6.0, reorder_point=26.0, ceiling=36.0)
    >>> fair = Said(monday, datetime(2026, 11, 9, tzinfo=UTC), quantity=30.0, id=7)
    >>> found = in_force(model, Promise(monday, Period.WEEK, near=10.0, later=10.0), [fair])
    >>> found.moved, found.figures.expected, round(found.figures.reorder_point, 2), round(found.figures.ceiling, 2)
    (20.0, 40.0, 48.49, 68.49)
    >>> in_force(model, Promise(monday, Period.WEEK, near=10.0, later=10.0), []).figures == model
    True
    """
    if promise is None:
        return InForce(model)
    first = promise.period.number(promise.opens)
    mean = moved = 0.0
    override = None
    for ahead in range(math.ceil(model.horizon)):
        share = min(1.0, model.horizon - ahead)
        expects = promise.later if ahead else promise.near
        mean += share * expects
        starts = promise.period.start(first + ahead)
        one = next((each for each in reversed(said) if each.since <= starts < each.until), None)
        if one is not None:
            moved += share * (max(one.quantity, 0.0 if ahead else promise.sold) - expects)
            override = one.id if override is None else override
    if override is None:
        return InForce(model)
    expected = max(model.expected + moved, 0.0)
    wider = min(max(mean + moved, 0.0) / mean, _WIDEST) if mean > 0 else 1.0
    safety = model.safety_stock * math.sqrt(wider)
    review = max(model.horizon - model.lead_time_hours / _HOURS[promise.period], 0.0)
    rest = max(model.ceiling - model.reorder_point + moved / model.horizon * review, 0.0) if model.horizon else 0.0
    reorder = expected + safety
    return InForce(
        Figures(model.horizon, model.lead_time_hours, expected, safety, reorder, reorder + rest), moved, override
    )
