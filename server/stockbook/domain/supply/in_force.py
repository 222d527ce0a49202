"""What thresholds come to where a person expects otherwise than the model.

A person says of some periods how much will be asked for. What that is more or
less than the model expects of them, as far as they lie within lead time and
review, moves what is expected; the safety stock goes along as chance does, with
the square root of what is expected; the ceiling with what a review more or less
will ask for. Lead time and review begin where the model was last asked: what the
open period had sold by then has left the shelf, and of what is said of it only
the rest is still to come.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stockbook.domain.demand.period import Period

_HOURS = {Period.DAY: 24.0, Period.WEEK: 168.0}
WIDEST = 10.0
"""How many times what the model expects may widen the safety stock."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the model expects: of the open period, which has sold so much by `at`, and of each one after it."""

    opens: datetime
    period: Period
    near: float
    later: float
    sold: float = 0.0
    at: datetime | None = None


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
    >>> thursday = Promise(monday, Period.WEEK, 10.0, 10.0, sold=5.0, at=datetime(2026, 11, 5, 12, tzinfo=UTC))
    >>> in_force(model, thursday, [fair]).moved  # what is said of the open week is 20 more, of half of another nothing
    20.0
    """
    if promise is None:
        return InForce(model)
    first = promise.period.number(promise.opens)
    rest = 1.0 - promise.period.elapsed(first, promise.at or promise.opens)
    left, ahead = model.horizon, 0
    mean = moved = 0.0
    override = None
    while left > 0:
        lasts, sold, expects = (1.0, 0.0, promise.later) if ahead else (rest, promise.sold, promise.near)
        share = min(left / lasts, 1.0) if lasts else 0.0
        expects = max(expects - sold, 0.0)
        mean += share * expects
        starts = promise.period.start(first + ahead)
        one = next((each for each in reversed(said) if each.since <= starts < each.until), None)
        if one is not None:
            moved += share * (max(one.quantity - sold, 0.0) - expects)
            override = one.id if override is None else override
        left, ahead = left - lasts, ahead + 1
    if override is None:
        return InForce(model)
    expected = max(model.expected + moved, 0.0)
    wider = min(max(mean + moved, 0.0) / mean, WIDEST) if mean > 0 else 1.0
    safety = model.safety_stock * math.sqrt(wider)
    review = max(model.horizon - model.lead_time_hours / _HOURS[promise.period], 0.0)
    above = max(model.ceiling - model.reorder_point + moved / model.horizon * review, 0.0) if model.horizon else 0.0
    reorder = expected + safety
    return InForce(
        Figures(model.horizon, model.lead_time_hours, expected, safety, reorder, reorder + above), moved, override
    )
