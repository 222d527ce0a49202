"""Demand whose law is known, so that a safety stock can be right or wrong for each series.

Each period's demand is negative binomial about a level, a weekday and a
promotion. The demand of H periods is their sum; its quantiles are exact, by
convolution of the periods' probabilities.
"""

from dataclasses import dataclass

import numpy as np

from stockbook.domain.demand.backtest import History, Panel
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import Plan
from tests.bench_demand.replay import Ahead

DAYS, JUDGED, LIFT, RATIO, SEED = 900, 120, 2.5, 2.0, 5
_WEEKDAYS = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 0.8])


@dataclass(frozen=True)
class Truth:
    """A panel and the mean of every day in it: rows are days, columns series in order of their names."""

    panel: Panel
    means: np.ndarray

    def quantiles(self, row: int, column: int, horizon: int, levels: tuple[float, ...]) -> list[float]:
        """Return the exact quantiles of demand over the days from `row` on."""
        total = np.ones(1)
        for mean in self.means[row : row + horizon, column]:
            total = np.convolve(total, chances(float(mean), RATIO))
        reached = np.cumsum(total)
        return [float(np.searchsorted(reached, level)) for level in levels]


def chances(mean: float, ratio: float) -> np.ndarray:
    """Return the negative binomial's probabilities of 0, 1, 2 ... up to where next to nothing is left."""
    size, chance = mean / (ratio - 1), 1 - 1 / ratio
    count = np.arange(int(mean * 8 + 60))
    steps = np.concatenate([[ratio ** (-size)], chance * (count[:-1] + size) / (count[:-1] + 1)])
    return np.cumprod(steps)


def generated(series: int = 40) -> Truth:
    """Return a panel of a known law; promotions are planned, levels lie between 1 and 20."""
    rng = np.random.default_rng(SEED)
    levels = np.exp(rng.uniform(np.log(1), np.log(20), series))
    promoted = rng.random((DAYS, series)) < 0.08
    week = _WEEKDAYS[(np.arange(DAYS) + 3) % 7]
    means = levels * week[:, None] * np.where(promoted, LIFT, 1.0)
    sold = rng.negative_binomial(means / (RATIO - 1), 1 / RATIO)
    found = {}
    for column in range(series):
        plans = {int(day): Plan(promotions=(("promo", 1.0),)) for day in np.flatnonzero(promoted[:, column])}
        found[f"s|{column:03}"] = History(f"{column:03}", 0, tuple(map(float, sold[:, column])), plans)
    return Truth(Panel("known law", Period.DAY, 7, 28, DAYS - JUDGED, found), means)


def safety_errors(truth: Truth, run: Ahead, level: float = 0.95) -> np.ndarray:
    """Return for each series the mean safety stock over the true one, less one."""
    found = []
    for column in range(len(run.keys)):
        ours = true = 0.0
        for row in range(run.since, len(run.dates) - run.horizon + 1, 3):
            middle, high = truth.quantiles(row, column, run.horizon, (0.5, level))
            ours += run.quantiles[level][row, column] - run.quantiles[0.5][row, column]
            true += high - middle
        found.append(ours / true - 1)
    return np.array(found)
