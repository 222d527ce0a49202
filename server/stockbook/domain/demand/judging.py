"""What the forecasts of a course would have come to: alarms, stock in a closed loop, safety stock.

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

What nobody saw, since the shelf ran empty, judges nobody: alarms and safety
stock leave such stretches out, and the closed loop takes what was sold.
"""

import random
from collections.abc import Sequence

from stockbook.domain.demand.alarm import Alarm
from stockbook.domain.demand.course import SLOW_DAYS, Course, Policy


def raise_alarms(courses: Sequence[Course], policy: Policy) -> None:
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


def alarms(courses: Sequence[Course], policy: Policy) -> dict[str, float | None]:
    """Return how many alarms were missed and how many needless, in both forms."""
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


def order(course: Course, policy: Policy) -> None:
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


def stock(courses: Sequence[Course], policy: Policy, days: int) -> dict[str, float | None]:
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


def safety(courses: Sequence[Course], policy: Policy) -> dict[str, float | None]:
    """Return how far safety stock lay from what hindsight asks for, of all series and of the one in the middle."""
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
