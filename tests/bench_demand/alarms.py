"""Alarms on common states: how many needed ones were missed, how many raised ones were needless.

* An order is needed when demand over H exceeds the position, drawn U(0, 3)
  times H of the usual demand, seed 7, the same for everybody. A flag is raised
  when the position is below the alarm level's quantile. miss: needed, not
  flagged. FPR: flagged, not needed. cover: of the flags, those that were not
  needed even one order cycle later. The level is held by `alarm.Alarm`, for
  everybody: it learns each sum once its last period is over.
* `cover at best`: the least share of needless flags that anybody could come to
  who misses no more than 15 % and knows beforehand how often each series will
  sell how much in the window, though not when (Neyman and Pearson: raised are
  the flags that catch most needed orders for the fewest needless ones). Nobody
  knows as much; where a series sells once a quarter even that is not enough.
"""

import numpy as np

from stockbook.domain.demand.alarm import TOLD, Alarm
from tests.bench_demand.replay import Ahead
from tests.bench_demand.replenish import Quantiles, Trade, usual

SEED, MISSED = 7, 0.15


def alarms(run: Ahead, trade: Trade, quantiles: Quantiles) -> dict[str, float]:
    """Return miss, cover and FPR on the common states."""
    demand, later = run.sums(trade.horizon), run.sums(trade.horizon + trade.cycle)
    position, raised = positions(run, trade), points(run, trade, quantiles)
    window = np.zeros(run.sold.shape, bool)
    window[run.since :] = True
    with np.errstate(invalid="ignore"):
        judged = window & np.isfinite(demand) & np.isfinite(run.mean)
        need, flag = (demand > position)[judged], (position < raised)[judged]
        ends = judged & np.isfinite(later)
        flagged, enough = (position < raised)[ends], (later <= position)[ends]
    return {
        "miss": float((need & ~flag).sum() / need.sum()),
        "cover": float((flagged & enough).sum() / flagged.sum()),
        "FPR": float((flag & ~need).sum() / (~need).sum()),
        "need rate": float(need.mean()),
    }


def points(run: Ahead, trade: Trade, quantiles: Quantiles) -> np.ndarray:
    """Return the positions below which alarms are raised, at the level that was learnt before each row."""
    alarm, found, expected = Alarm(), np.full(run.sold.shape, np.nan), asked(run, trade)
    told = np.stack([quantiles[level] for level in TOLD], axis=-1)
    demand, known = run.sums(trade.horizon), np.isfinite(run.mean)
    for row in range(len(run.dates)):
        for column in np.flatnonzero(known[row]):
            found[row, column] = alarm.below(told[row, column].tolist())
        over = row - trade.horizon + 1
        if over >= 0:
            for column in np.flatnonzero(known[over] & np.isfinite(demand[over])):
                alarm.learn(told[over, column].tolist(), float(expected[over, column]), float(demand[over, column]))
            alarm.fade()
    return found


def asked(run: Ahead, trade: Trade) -> np.ndarray:
    """Return what is usually asked for in lead time and review."""
    return np.maximum(trade.horizon * usual(run, trade.window), 0.5)


def positions(run: Ahead, trade: Trade) -> np.ndarray:
    """Return the stock positions in which everybody is asked."""
    return np.random.default_rng(SEED).uniform(0, 3, run.sold.shape) * asked(run, trade)


def at_best(run: Ahead, trade: Trade, missed: float = MISSED) -> float:
    """Return the least cover that whoever knew each series' frequencies in the window could come to."""
    demand, later = (run.sums(periods)[run.since :] for periods in (trade.horizon, trade.horizon + trade.cycle))
    position, live = positions(run, trade)[run.since :], np.isfinite(run.mean[run.since :])
    needed, needless = [], []
    for column in range(demand.shape[1]):
        known = [np.sort(sums[live[:, column], column]) for sums in (demand, later)]
        near, far = (sums[np.isfinite(sums)] for sums in known)
        asked = position[live[:, column] & np.isfinite(later[:, column]), column]
        if len(far):
            needed.append(1 - np.searchsorted(near, asked, "right") / len(near))
            needless.append(np.searchsorted(far, asked, "right") / len(far))
    return least(np.concatenate(needed), np.concatenate(needless), missed)


def least(needed: np.ndarray, needless: np.ndarray, missed: float) -> float:
    """Return the least mean of `needless` over states that hold all but `missed` of what is `needed`.

    The ratio of two sums is made least by Dinkelbach's steps.
    """
    share = 0.5
    for _ in range(60):
        price = (needless - share) / np.maximum(needed, 1e-9)
        order = np.argsort(price, kind="stable")
        enough = int(np.searchsorted(np.cumsum(needed[order]), (1 - missed) * needed.sum())) + 1
        chosen = order[: max(enough, int((price <= 0).sum()))]
        share = float(needless[chosen].mean())
    return share
