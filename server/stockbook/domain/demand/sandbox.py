"""What a learner would have advised: a whole history replayed on fresh copies, its orders and alarms judged.

Each period every series is forecast before any learns it. At each review one
asks the learner for the demand of lead time and review, H periods, and judges:

* Alarms, on a common state: a stock position drawn evenly from 0 to 3 times the
  usual demand of H. An order was *needed* when demand over H exceeded it, and
  *advised* when it lay below the alarm level's quantile; that level is learnt
  on the way (`alarm`). `missed_alarms` is the
  share of needed orders not advised. `false_alarms` ("cover") is the share of
  advised orders that were not needed even one cycle later;
  `false_positive_rate` the share of advised among those not needed within H.
* Stock, in a closed loop: order when stock on hand and on order falls below the
  service level's quantile, up to that and one cycle's demand; what is not there
  is lost. `fill_rate` is units sold over units asked for, `turnover_days` mean
  stock over mean daily sales, `slow_moving_share` the part of the stock that
  lies in series whose stock lasts longer than 60 days.
* Safety stock: its mean against what the window's own quantile of demand less
  the median would have asked for, in hindsight; summed over series
  (`safety_stock_error`), and of the series in the middle
  (`safety_stock_error_of_a_series`, which no method brings much below a third
  on three months: the hindsight itself is that uncertain).

Of a period in which the shelf ran empty learners learn what was wanted, as they
do live (`shelf`), not what was sold. Nobody saw what that was, so it judges
nobody: errors, alarms and safety stock leave such stretches out, and the closed
loop takes what was sold.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stockbook.domain.demand.alarm import TOLD, Alarm
from stockbook.domain.demand.backtest import History, Panel, Report
from stockbook.domain.demand.learner import LEVELS, Learner
from stockbook.domain.demand.learners.adaptive import Adaptive
from stockbook.domain.demand.learners.catalogue import FEATURELESS, LEARNERS
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.metrics import Scale, Scores
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.series import Series
from stockbook.domain.demand.shelf import steadiness, void, wanted

SLOW_DAYS = 60
DAYS = {Period.DAY: 1, Period.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Policy:
    """How one orders in the sandbox, in periods; levels of service and, at first, of alarms; the seed of positions."""

    lead: int = 1
    review: int = 1
    cycle: int = 1
    """Periods of demand that an order brings beyond the reorder point."""
    service: float = 0.95
    alarm: float = 0.8
    seed: int = 7

    @property
    def horizon(self) -> int:
        """Lead time and review."""
        return self.lead + self.review


@dataclass(slots=True)
class Course:
    """One series through the window, period by period, and what came of it."""

    key: str
    item: str
    periods: list[int] = field(default_factory=list)
    actual: list[float] = field(default_factory=list)
    seen: list[bool] = field(default_factory=list)
    """Whether goods were there throughout, so that what was sold is what was wanted."""
    mean: list[float] = field(default_factory=list)
    quantiles: list[tuple[float, ...]] = field(default_factory=list)
    """Of one period, at `LEVELS`."""
    median: list[float] = field(default_factory=list)
    alarm: list[float] = field(default_factory=list)
    reorder: list[float] = field(default_factory=list)
    """Quantiles over the horizon: a half, the alarm's, the service level's."""
    told: list[tuple[float, ...]] = field(default_factory=list)
    """Those by which the alarm's level is learnt, `alarm.TOLD`."""
    cycle: list[float] = field(default_factory=list)
    """Usual demand of one order cycle."""
    usual: list[float] = field(default_factory=list)
    """Usual demand of the horizon."""
    stock: list[float] = field(default_factory=list)
    filled: list[float] = field(default_factory=list)
    ordered: list[bool] = field(default_factory=list)
    safety: float = 0.0
    hindsight: float | None = None

    @property
    def safety_error(self) -> float | None:
        """How far the safety stock was off, as a part of what hindsight asked for."""
        return self.safety / self.hindsight - 1 if self.hindsight else None

    def figures(self, days: int) -> dict[str, float | None]:
        """Return what a dashboard shows of one series; `days` are those of a period."""
        asked, filled = sum(self.actual), sum(self.filled)
        return {
            "sold": asked,
            "safety_stock": self.safety,
            "safety_stock_in_hindsight": self.hindsight,
            "safety_stock_error": self.safety_error,
            "fill_rate": filled / asked if asked else None,
            "turnover_days": sum(self.stock) / filled * days if filled else None,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a variant came to: figures by name, and the courses they are drawn from."""

    variant: str
    metrics: dict[str, float | None]
    courses: tuple[Course, ...]


def judge(panel: Panel, variant: str, policy: Policy | None = None, report: Report | None = None) -> Verdict:
    """Replay a panel with one learner; nothing outside is read or changed.

    >>> weeks = tuple(float(10 + 5 * (n % 4 == 0)) for n in range(60))
    >>> panel = Panel("toy", Period.WEEK, season=4, window=13, since=40, series={"a": History("a", 0, weeks)})
    >>> found = judge(panel, "seasonal_naive")
    >>> found.metrics["missed_alarms"], found.metrics["fill_rate"]
    (0.0, 1.0)
    """
    policy = policy or Policy()
    courses, metrics = _replay(panel, variant, policy, report)
    _raise(courses, policy)
    metrics |= _alarms(panel, courses, policy)
    for course in courses:
        _order(course, policy)
    days = DAYS[panel.period]
    metrics |= _stock(courses, policy, days) | _safety(courses, policy)
    return Verdict(variant, metrics, tuple(courses))


def _replay(
    panel: Panel, variant: str, policy: Policy, report: Report | None
) -> tuple[list[Course], dict[str, float | None]]:
    shared, season, window = Shared(), panel.season, panel.window
    levels = sorted({*TOLD, policy.service})
    learners: dict[str, Learner] = {}
    memory = {key: Series(panel.period) for key in panel.series}
    courses = {key: Course(key, history.item) for key, history in panel.series.items()}
    scores = Scores(_scales(panel))
    first = min(history.first for history in panel.series.values())
    last = max(history.first + len(history.quantities) for history in panel.series.values())
    for date in range(first, last):
        if date in panel.closed:
            continue
        known = []
        for key, history in panel.series.items():
            if not history.first <= date < history.first + len(history.quantities):
                continue
            if key not in learners:
                begun = learners[key] = LEARNERS[variant](shared, history.item, season, window)
                if isinstance(begun, Adaptive):  # as it runs live
                    begun.aim(policy.horizon)
            x = _inputs(variant, learners[key], memory[key], history, date)
            sold = history.quantities[date - history.first]
            known.append((key, x, sold))
            if date >= panel.since:
                near = learners[key].forecast(x, LEVELS, 1)
                whole = learners[key].forecast(x, levels, policy.horizon)
                course, seen = courses[key], not history.empty.get(date)
                if seen:
                    scores.add(key, sold, near.mean, near.quantiles)
                course.periods.append(date)
                course.actual.append(sold)
                course.seen.append(seen)
                course.mean.append(near.mean)
                course.quantiles.append(near.quantiles)
                course.told.append(whole.at(TOLD).quantiles)
                course.median.append(course.told[-1][0])
                course.reorder.append(whole.at((policy.service,)).quantiles[0])
                past = history.quantities[max(date - history.first - window, 0) : date - history.first]
                usual = sum(past) / len(past) if past else near.mean
                course.cycle.append(max(policy.cycle * usual, 0.05))
                course.usual.append(max(policy.horizon * usual, 0.5))
        heard = [
            (key, x, *_wanted(learners[key], x, memory[key], panel.series[key], date, sold)) for key, x, sold in known
        ]
        for key, x, asked, expected in heard:
            learners[key].learn_one(x, asked)
            memory[key].close(expected if asked is None else asked, date, _plan(panel.series[key], date))
        if report and (date % 10 == 0 or date == last - 1):
            report(variant, date - first + 1, last - first)
    metrics: dict[str, float | None] = dict(scores.table()) if scores.count else {}
    return [course for course in courses.values() if course.periods], metrics


def _inputs(variant: str, learner: Learner, memory: Series, history: History, date: int) -> Mapping[str, float]:
    if variant in FEATURELESS:
        return {}
    if isinstance(learner, Adaptive):
        return memory.ahead(date, [_plan(history, date + n) for n in range(learner.reach)])
    return memory.features(date, _plan(history, date))


def _wanted(
    learner: Learner, x: Mapping[str, float], memory: Series, history: History, date: int, sold: float
) -> tuple[float | None, float]:
    """Return what customers wanted of a period, None when nobody can tell, and what was expected of it."""
    empty, first = history.empty.get(date, 0.0), date == history.first
    if empty <= 0 or first:
        return sold, sold
    promised, voids = learner.forecast(x, (), 1).mean, 0
    for at in range(history.first, date + 1):
        voids = void(voids, history.quantities[at - history.first], history.empty.get(at, 0.0))
    often = not isinstance(learner, Adaptive) or learner.dense is not None
    spread = learner.spread(memory.level) if isinstance(learner, Adaptive) else None
    steady = steadiness(often, memory.count, spread)
    return wanted(promised, sold, empty, voids=voids, often=often, steady=steady), promised


def _plan(history: History, date: int) -> Plan:
    return history.plans.get(date, UNPLANNED)


def _scales(panel: Panel) -> dict[str, Scale]:
    found = {name: Scale.of(panel.traded(name, panel.since)) for name in panel.series}
    return {name: scale for name, scale in found.items() if scale is not None}


def _raise(courses: Sequence[Course], policy: Policy) -> None:
    """Set below which position each period raises an alarm, at the level that the periods before it taught."""
    alarm, begun = Alarm(policy.alarm), dict[int, list[tuple[Course, int]]]()
    for course in courses:
        for at, date in enumerate(course.periods):
            begun.setdefault(date, []).append((course, at))
    dates = sorted(begun)
    for number, date in enumerate(dates):
        for course, at in begun[date]:
            course.alarm.append(alarm.below(course.told[at]))
        for course, at in begun[dates[number - policy.horizon + 1]] if number + 1 >= policy.horizon else ():
            whole = course.actual[at : at + policy.horizon]
            if len(whole) == policy.horizon:
                alarm.learn(course.told[at], course.usual[at], sum(whole))
        alarm.fade()


def _alarms(panel: Panel, courses: Sequence[Course], policy: Policy) -> dict[str, float | None]:
    rng, horizon = random.Random(policy.seed), policy.horizon  # noqa: S311 - the same positions for every learner
    needed = missed = spare = wrong = advised = covered = 0
    for course in courses:
        for at, usual in enumerate(course.usual):
            position = rng.uniform(0, 3) * usual
            if at + horizon > len(course.actual) or not all(course.seen[at : at + horizon]):
                continue
            need = sum(course.actual[at : at + horizon]) > position
            flag = position < course.alarm[at]
            needed, missed = needed + need, missed + (need and not flag)
            spare, wrong = spare + (not need), wrong + (flag and not need)
            if at + horizon + policy.cycle <= len(course.actual) and all(course.seen[at : at + horizon + policy.cycle]):
                later = sum(course.actual[at : at + horizon + policy.cycle])
                advised, covered = advised + flag, covered + (flag and later <= position)
    return {
        "false_alarms": _ratio(covered, advised),
        "false_positive_rate": _ratio(wrong, spare),
        "missed_alarms": _ratio(missed, needed),
        "need_rate": _ratio(needed, needed + spare),
    }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _order(course: Course, policy: Policy) -> None:
    """Go through the window with stock of one's own: reviewed every period, what is missing is lost."""
    on_hand = course.reorder[0] + course.cycle[0]
    coming = [0.0] * (policy.lead + 1)
    for at, demand in enumerate(course.actual):
        on_hand += coming.pop(0)
        coming.append(0.0)
        position = on_hand + sum(coming)
        order = position < course.reorder[at]
        if order:
            coming[policy.lead - 1 if policy.lead else 0] += course.reorder[at] + course.cycle[at] - position
            if not policy.lead:
                on_hand += coming.pop(0)
                coming.append(0.0)
        filled = min(on_hand, demand)
        course.stock.append(on_hand - filled / 2)
        course.filled.append(filled)
        course.ordered.append(order)
        on_hand -= filled


def _stock(courses: Sequence[Course], policy: Policy, days: int) -> dict[str, float | None]:
    """Judge stock after the first horizon, when what one began with is gone."""
    since = policy.horizon
    asked = filled = stock = slow = 0.0
    periods = 0
    for course in courses:
        wanted, met, kept = (sum(each[since:]) for each in (course.actual, course.filled, course.stock))
        count = len(course.actual[since:])
        if not count:
            continue
        asked, filled, stock, periods = asked + wanted, filled + met, stock + kept, max(periods, count)
        if kept > SLOW_DAYS / days * max(met, 1e-9):
            slow += kept
    return {
        "fill_rate": _ratio(filled, asked),
        "turnover_days": stock / filled * days if filled else None,
        "slow_moving_share": _ratio(slow, stock),
    }


def _safety(courses: Sequence[Course], policy: Policy) -> dict[str, float | None]:
    horizon, total, wanted, errors = policy.horizon, 0.0, 0.0, []
    for course in courses:
        starts = [at for at in range(len(course.actual) - horizon + 1) if all(course.seen[at : at + horizon])]
        whole = len(starts)
        if whole < 2:
            continue
        above = sorted(sum(course.actual[at : at + horizon]) - course.median[at] for at in starts)
        place = policy.service * (whole - 1)
        below = int(place)
        high = above[below] + (place - below) * (above[min(below + 1, whole - 1)] - above[below])
        course.safety = sum(course.reorder[at] - course.median[at] for at in starts) / whole
        demand = sum(course.actual) / len(course.actual) * horizon
        course.hindsight = high if high > 0.05 * demand and high > 0 else None
        if course.hindsight:
            total, wanted = total + course.safety, wanted + course.hindsight
            errors.append(abs(course.safety / course.hindsight - 1))
    errors.sort()
    return {
        "safety_stock_error": total / wanted - 1 if wanted else None,
        "safety_stock_error_of_a_series": errors[len(errors) // 2] if errors else None,
    }
