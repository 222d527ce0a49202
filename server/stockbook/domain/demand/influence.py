"""What besides past sales moves demand: series from outside, and what a learner hears of them.

A series has points: a value for a moment (or the day of it), and the moment it
was recorded. Recording another value for the same moment adds a point, so that
one can always ask what was known when. A forecast hears only what was recorded
before it was made: a late point never changes an earlier forecast.

Series known ahead (a calendar, the weather of the next seven days) speak of the
period itself; others (pick-ups, opinions) of the week before it began.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from stockbook.domain.demand.features import INFLUENCE, LOW
from stockbook.domain.demand.kind import ORDERING, TRAITS, Kind, Reading
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import Plan

BEHIND, BEFORE = timedelta(days=7), timedelta(days=63)
"""How far back a series not known ahead is read, and how far the mean reaches that it is compared with."""


class Point(NamedTuple):
    """A value for a moment, and the place in the order of recording (a transaction's number) where it was said."""

    at: datetime
    recorded: int
    value: float


@dataclass(frozen=True, slots=True)
class Influence:
    """One series, as a forecast hears it."""

    id: int
    kind: Kind
    ahead: bool
    fresh: timedelta
    weight: float


def known(points: Iterable[Point], before: int) -> list[Point]:
    """Return what was known: for each moment the last value recorded before `before`, in order of time.

    >>> from datetime import UTC, datetime
    >>> monday = datetime(2026, 11, 23, tzinfo=UTC)
    >>> rain = [Point(monday, 5, 0.2), Point(monday, 9, 0.8)]
    >>> known(rain, 9)[0].value, known(rain, 10)[0].value, known(rain, 5)
    (0.2, 0.8, [])
    """
    last: dict[datetime, Point] = {}
    for point in points:
        if point.recorded < before and (point.at not in last or last[point.at].recorded <= point.recorded):
            last[point.at] = point
    return [last[at] for at in sorted(last)]


def _mean(points: Sequence[Point]) -> float:
    return math.fsum(point.value for point in points) / len(points)


def read(influence: Influence, points: Sequence[Point], period: Period, index: int) -> float | None:
    """Return what `points`, known and in order of time, say of a period; None when they say nothing.

    >>> from datetime import UTC, datetime
    >>> week = Period.WEEK.number(datetime(2026, 11, 23, tzinfo=UTC))
    >>> days = [Point(Period.WEEK.start(week) + timedelta(days=n), n, 0.5) for n in range(7)]
    >>> rain = Influence(1, Kind.WEATHER, ahead=True, fresh=timedelta(days=1), weight=1.0)
    >>> read(rain, days, Period.WEEK, week), read(rain, days, Period.WEEK, week + 1)
    (0.5, None)
    """
    start = period.start(index)
    begins, ends = (start, period.start(index + 1)) if influence.ahead else (start - BEHIND, start)
    first, last = (bisect_left(points, moment, key=lambda point: point.at) for moment in (begins, ends))
    now = points[first:last]
    reading = TRAITS[influence.kind].reading
    if reading in {Reading.MONEY, Reading.RELATIVE}:
        since = bisect_left(points, begins - BEFORE + BEHIND, key=lambda point: point.at)
        past = points[since:first]
        if reading is Reading.MONEY:
            now = now or past[-1:]  # a price holds until the next one
            return _mean(now) if now else None
        if not now or not past:
            return None
        # a signed count can lie on either side of nothing: its change is measured against its size
        size = max(LOW, *(abs(point.value) for point in past))
        if min(point.value for point in (*now, *past)) < 0:
            return (_mean(now) - _mean(past)) / size
        return math.log((_mean(now) + LOW) / (_mean(past) + LOW))
    if not now:
        return None
    if reading is Reading.RANK:
        return (11 - min(point.value for point in now)) / 10
    if reading is Reading.STRONGEST:
        return max(point.value for point in now)
    if reading is Reading.FACTOR:
        return math.log(max(point.value for point in now))
    if influence.kind is Kind.CALENDAR:  # days that it does not name are ordinary ones
        return math.fsum(point.value for point in now) / (7 if period is Period.WEEK else 1)
    return _mean(now)


class Heard(NamedTuple):
    """What a period's forecast hears, and from whom; `stale` ones are left out.

    The last five are for thresholds: the coefficient of a peak, hours on the
    road, which part of the deliveries comes when it should, and from whom.
    """

    plan: Plan
    used: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    retired: tuple[int, ...] = ()
    """Those that ended of late: none of the rest is theirs."""
    peak: float = 1.0
    hours: float | None = None
    stability: float | None = None
    ordering: tuple[int, ...] = ()
    ordering_stale: tuple[int, ...] = ()


Series = Sequence[tuple[Influence, Sequence[Point]]]


def hear(series: Series, period: Period, index: int, now: datetime) -> Heard:
    """Return what all series together tell of a period.

    Several of one kind count by their weights; where a kind adds up, their
    points are taken as those of one series.
    """
    fresh: dict[Kind, list[tuple[Influence, Sequence[Point]]]] = {}
    stale: list[Influence] = []
    for influence, points in series:
        if points and is_stale(influence, points, now):
            stale.append(influence)
        elif points:
            fresh.setdefault(influence.kind, []).append((influence, points))
    used: list[Influence] = []
    said: dict[Kind, float] = {}
    for kind, several in fresh.items():
        values = _each(several, period, index) if not TRAITS[kind].sum else _summed(several, period, index)
        if values:
            used += [influence for influence, _ in (several if TRAITS[kind].sum else [v[0] for v in values])]
            said[kind] = _together([(influence.weight, value) for (influence, _), value in values])
    price, promotion, peak = (said.pop(kind, None) for kind in (Kind.PRICE, Kind.PROMOTION, Kind.PEAK))
    plan = Plan(
        price=price,
        base_price=_usual(fresh[Kind.PRICE], period.start(index), price) if price is not None else None,
        promotions=(("promo", promotion),) if promotion is not None else (),
        influences=tuple(sorted((f"{INFLUENCE}{kind.value.lower()}", value) for kind, value in said.items())),
    )
    hours = [point.value for _, points in fresh.get(Kind.LOGISTICS, ()) for point in points[-1:]]
    used += [influence for influence, _ in fresh.get(Kind.LOGISTICS, ())]  # one point tells the hours, though no change
    return Heard(
        plan,
        _ids(used),
        _ids(stale),
        peak=math.exp(peak) if peak is not None else 1.0,
        hours=math.fsum(hours) / len(hours) if hours else None,
        stability=said.get(Kind.STABILITY),
        ordering=_ids(one for one in used if one.kind in ORDERING),
        ordering_stale=_ids(one for one in stale if one.kind in ORDERING),
    )


def _ids(several: Iterable[Influence]) -> tuple[int, ...]:
    return tuple(sorted({one.id for one in several}))


def _each(several: Series, period: Period, index: int) -> list[tuple[tuple[Influence, Sequence[Point]], float]]:
    found = [(one, read(*one, period, index)) for one in several]
    return [(one, value) for one, value in found if value is not None]


def _summed(several: Series, period: Period, index: int) -> list[tuple[tuple[Influence, Sequence[Point]], float]]:
    pooled = sorted(point for _, points in several for point in points)
    return _each([(several[0][0], pooled)], period, index)


def _usual(several: Series, start: datetime, price: float) -> float:
    """Return the mean price of the weeks before, which a discount is measured against."""
    past = [point for _, points in several for point in points if start - BEFORE <= point.at < start]
    return _mean(past) if past else price


def _together(values: Sequence[tuple[float, float]]) -> float:
    weight = math.fsum(abs(weight) for weight, _ in values)
    return math.fsum(weight * value for weight, value in values) / weight if weight else 0.0


def is_stale(influence: Influence, points: Sequence[Point], now: datetime) -> bool:
    """Tell whether the newest point is older than the series may be."""
    return now - points[-1].at > influence.fresh
