"""Going through a panel as it came, with forecasts of lead time and review, their labels late as in life."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from stockbook.domain.demand.backtest import Panel, blocks_of
from stockbook.domain.demand.learners.blend import Blend
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.series import Series
from stockbook.domain.demand.windows import window

LEVELS = (0.5, 0.65, 0.8, 0.9, 0.95, 0.99, 0.998)
Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Ahead:
    """Forecasts of the sum over `horizon` periods from each date on; rows are dates, columns series.

    Dates before a series began hold NaN, so do forecasts of the first dates; `sold` has the quantities themselves.
    """

    dates: list[int]
    keys: list[str]
    horizon: int
    sold: np.ndarray
    mean: np.ndarray
    quantiles: dict[float, np.ndarray]
    since: int
    """The row from which is judged."""

    def sums(self, periods: int) -> np.ndarray:
        """Return what `periods` from each date on came to; NaN where the panel ends before."""
        found = np.full(self.sold.shape, np.nan)
        whole = len(self.dates) - periods + 1
        if whole > 0:
            stacked = np.lib.stride_tricks.sliding_window_view(self.sold, periods, axis=0)
            found[:whole] = stacked.sum(axis=-1)
        return found


def earlier(panel: Panel) -> Panel:
    """Return the panel as it was when the window that is judged began, the one before it to be judged: to choose on."""
    dates = [date for date, _ in blocks_of(panel)]
    judged = sum(date >= panel.since for date in dates)
    since = dates[-2 * judged]
    kept = {}
    for key, history in panel.series.items():
        if history.first < dates[-2 * judged - 1]:
            kept[key] = replace(history, quantities=history.quantities[: panel.since - history.first])
    return replace(panel, since=since, series=kept)


def grid(panel: Panel) -> tuple[list[int], list[str], np.ndarray]:
    """Return dates with trade, series, and what sold (NaN before a series began)."""
    dates = [date for date, _ in blocks_of(panel)]
    at, keys = {date: row for row, date in enumerate(dates)}, sorted(panel.series)
    sold = np.full((len(dates), len(keys)), np.nan)
    for column, key in enumerate(keys):
        history = panel.series[key]
        for date, quantity in enumerate(history.quantities, history.first):
            if date in at:
                sold[at[date], column] = quantity
    return dates, keys, sold


def ahead(panel: Panel, horizon: int, told: Told | None = None) -> Ahead:
    """Forecast each date's next `horizon` periods with blends of that horizon, from the first window's end on."""
    dates, keys, sold = grid(panel)
    since = next(row for row, date in enumerate(dates) if date >= panel.since)
    shared = Shared()
    memory = {key: Series(panel.period) for key in keys}
    blends: dict[str, Blend] = {}
    mean = np.full(sold.shape, np.nan)
    quantiles = {level: np.full(sold.shape, np.nan) for level in LEVELS}
    for row, date in enumerate(dates):
        coming = dates[row : row + horizon]
        known = []
        for column, key in enumerate(keys):
            if np.isnan(sold[row, column]):
                continue
            plans: list[Plan] = [panel.series[key].plans.get(each, UNPLANNED) for each in coming]
            x = window(memory[key], date, plans)
            blend = blends.setdefault(key, Blend(shared, panel.series[key].item, horizon))
            known.append((key, blend, x, float(sold[row, column]), plans[0]))
            if row >= panel.window:
                outlook = blend.forecast(x, LEVELS, horizon)
                mean[row, column] = outlook.mean
                for level, quantile in zip(LEVELS, outlook.quantiles, strict=True):
                    quantiles[level][row, column] = quantile
        for key, blend, x, quantity, plan in known:
            blend.learn_one(x, quantity)
            memory[key].close(quantity, date, plan)
        if told and row % 20 == 0:
            told(f"{panel.name}, {horizon} periods", row + 1, len(dates))
    return Ahead(dates, keys, horizon, sold, mean, quantiles, since)
