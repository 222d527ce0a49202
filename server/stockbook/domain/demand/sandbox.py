"""What a learner would have advised: a whole history replayed on fresh copies, its orders and alarms judged.

Each period every series is forecast before any learns it. At each review one
asks the learner for the demand of lead time and review, H periods; `judging`
says what that would have come to.

Of a period in which the shelf ran empty learners learn what was wanted, as they
do live (`shelf`), not what was sold. Nobody saw what that was, so it judges
nobody: errors, alarms and safety stock leave such stretches out, and the closed
loop takes what was sold.
"""

from collections.abc import Mapping

from stockbook.domain.demand import judging
from stockbook.domain.demand.alarm import TOLD
from stockbook.domain.demand.backtest import History, Panel, Report
from stockbook.domain.demand.course import DAYS, Course, Policy, Verdict
from stockbook.domain.demand.learner import LEVELS, Learner
from stockbook.domain.demand.learners.adaptive import Adaptive
from stockbook.domain.demand.learners.catalogue import FEATURELESS, LEARNERS
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.metrics import Scale, Scores
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.series import Series
from stockbook.domain.demand.shelf import steadiness, void, wanted
from stockbook.domain.demand.windows import ahead


def judge(panel: Panel, variant: str, policy: Policy | None = None, report: Report | None = None) -> Verdict:
    """Replay a panel with one learner; nothing outside is read or changed.

    >>> from stockbook.domain.demand.period import Period
    >>> weeks = tuple(float(10 + 5 * (n % 4 == 0)) for n in range(60))
    >>> panel = Panel("toy", Period.WEEK, season=4, window=13, since=40, series={"a": History("a", 0, weeks)})
    >>> found = judge(panel, "seasonal_naive")
    >>> found.metrics["missed_alarms"], found.metrics["fill_rate"]
    (0.0, 1.0)
    """
    policy = policy or Policy()
    courses, metrics = _replay(panel, variant, policy, report)
    judging.raise_alarms(courses, policy)
    metrics |= judging.alarms(courses, policy)
    for course in courses:
        judging.order(course, policy)
    days = DAYS[panel.period]
    metrics |= judging.stock(courses, policy, days) | judging.safety(courses, policy)
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
        return ahead(memory, date, [_plan(history, date + n) for n in range(learner.reach)])
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
