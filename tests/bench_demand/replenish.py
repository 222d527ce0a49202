"""What forecasts are worth in a stock room: fill against stock.

Definitions (periods are those with trade; sales are taken for demand, stock-outs are unseen):

* Policy (s, S), reviewed each period before demand: order when stock on hand
  and on order is below s, up to s + Q, Q one cycle of the usual demand; what is
  not there is lost; the first H periods of the window do not count. fill: units
  filled over units asked; stock days: mean stock over mean demand of a day.
* Without hindsight: s is the quantile at the level that `Service` holds, above
  95 % drawn out from there, the very controller that runs live and with its
  settings. It starts with the first forecasts and learns only from what was
  filled. poorest: the fill of the poorest stretch as long as what counts of the
  window, from the first H periods on; with --earlier it is what the controller's
  start is chosen by.
* In hindsight: one k for all series and dates, s = q50 + k (q95 - q50), chosen so
  that the fill is the target; a fair comparison of stock, nothing one could do.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stockbook.domain.demand.learners.spread import z
from stockbook.domain.demand.service import CLEAR, Service
from tests.bench_demand.replay import Ahead

TARGET = 0.992
Point = Callable[[int], np.ndarray]
"""Gives the reorder points of all series at a row."""
Quantiles = dict[float, np.ndarray]


@dataclass(frozen=True)
class Trade:
    """How long orders take and how much is ordered at once, in periods; days in a period; periods of the usual."""

    lead: int
    cycle: int
    days: float
    window: int

    @property
    def horizon(self) -> int:
        """Lead time, and the period until the next review."""
        return self.lead + 1


@dataclass(frozen=True)
class Stock:
    """What a policy came to."""

    fill: float
    days: float
    poorest: float
    """The least fill of any stretch as long as what counts of the window."""


def usual(run: Ahead, window: int) -> np.ndarray:
    """Return the moving average of what sold before each date."""
    found = np.zeros(run.sold.shape)
    for row in range(1, len(run.dates)):
        past = run.sold[max(row - window, 0) : row]
        counts = np.isfinite(past).sum(axis=0)
        found[row] = np.nansum(past, axis=0) / np.maximum(counts, 1)
    return found


def textbook(run: Ahead, trade: Trade) -> Quantiles:
    """Return moving average and z times the deviation times the root of H, as most textbooks and ERP systems do."""
    mean, horizon = usual(run, trade.window), trade.horizon
    spread = np.zeros(run.sold.shape)
    for row in range(2, len(run.dates)):
        past = run.sold[max(row - 2 * trade.window, 0) : row]
        spread[row] = np.nan_to_num(np.nanstd(np.nan_to_num(past), axis=0, ddof=1))
    return {level: horizon * mean + z(level) * spread * math.sqrt(horizon) for level in run.quantiles}


def smoothed(run: Ahead, trade: Trade) -> Quantiles:
    """Return exponential smoothing and z times its usual error times the root of H."""
    weight = 0.1 if trade.days == 1 else 0.2
    level, squared = np.nan_to_num(run.sold[0]), np.ones(run.sold.shape[1])
    means, roots = np.zeros(run.sold.shape), np.zeros(run.sold.shape)
    for row, sold in enumerate(run.sold):
        means[row], roots[row] = level, np.sqrt(squared)
        live, came = np.isfinite(sold), np.nan_to_num(sold)
        squared = np.where(live, squared + 0.05 * ((came - level) ** 2 - squared), squared)
        level = np.where(live, level + weight * (came - level), level)
    horizon = trade.horizon
    return {at: horizon * means + z(at) * roots * math.sqrt(horizon) for at in run.quantiles}


def keep_stock(
    run: Ahead, trade: Trade, point: Point, first: int | None = None, service: Service | None = None
) -> Stock:
    """Live through the rows from `first` on, or those of the window; those of the window count.

    A series that begins later begins with what it would order up to.
    """
    order_up = np.ceil(np.maximum(trade.cycle * usual(run, trade.window), 1.0))
    demand, known = np.nan_to_num(run.sold), np.isfinite(run.mean)
    on_hand, begun = np.zeros(demand.shape[1]), np.zeros(demand.shape[1], bool)
    coming = np.zeros((trade.lead + 1, demand.shape[1]))
    stock, each = 0.0, list[tuple[float, float]]()
    for row in range(run.since if first is None else first, len(run.dates)):
        live, reorder = known[row], np.nan_to_num(point(row))
        on_hand = np.where(live & ~begun, np.ceil(reorder + order_up[row]), on_hand + coming[0])
        begun |= live
        coming[:-1], coming[-1] = coming[1:].copy(), 0.0
        position = on_hand + coming.sum(axis=0)
        coming[trade.lead - 1] += np.where(
            live & (position < reorder), np.ceil(reorder + order_up[row] - position), 0.0
        )
        wanted = np.where(live, demand[row], 0.0)
        met = np.minimum(on_hand, wanted)
        if service:
            service.learn(float(wanted.sum()), float(met.sum()), float((wanted * wanted).sum()), trade.horizon)
        each.append((float(wanted.sum()), float(met.sum())))
        if row >= run.since + trade.horizon:
            stock += (on_hand - met / 2).sum()
        on_hand = on_hand - met
    counted = len(run.dates) - run.since - trade.horizon
    asked, filled = np.lib.stride_tricks.sliding_window_view(np.array(each[trade.horizon :]), counted, axis=0).sum(-1).T
    fills = filled / asked
    return Stock(float(fills[-1]), float(stock / asked[-1] * trade.days), float(fills.min()))


def held(run: Ahead, trade: Trade, quantiles: Quantiles, service: Service) -> Stock:
    """Order at the level that the controller holds, from the first forecast on."""
    first = int(np.argmax(np.isfinite(run.mean).any(axis=1)))
    levels = sorted(level for level in quantiles if level <= CLEAR)
    places = [z(level) for level in levels]

    def point(row: int) -> np.ndarray:
        upper = min(max(int(np.searchsorted(places, service.score)), 1), len(places) - 1)
        share = min((service.score - places[upper - 1]) / (places[upper] - places[upper - 1]), 1.0)
        low, high = (np.nan_to_num(quantiles[levels[at]][row]) for at in (upper - 1, upper))
        median = np.nan_to_num(quantiles[0.5][row])
        return np.maximum(median + service.times * (low + share * (high - low) - median), 0.0)

    return keep_stock(run, trade, point, first, service)


def in_hindsight(run: Ahead, trade: Trade, quantiles: Quantiles, fill: float) -> Stock:
    """Return the stock with which one k for all reaches a fill in the window."""
    low, high = 0.0, 40.0
    least = Stock(0.0, math.inf, 0.0)
    for _ in range(14):
        k = (low + high) / 2
        found = keep_stock(
            run, trade, lambda row, k=k: quantiles[0.5][row] + k * (quantiles[0.95][row] - quantiles[0.5][row])
        )
        if found.fill >= fill:
            least, high = found, k
        else:
            low = k
    return least
