"""How far the safety stock is from what hindsight would have asked for.

* As the aim is set: the mean of (q95 - q50) against the 95 % quantile of (demand -
  q50) of that series in the window, less one; summed over series (`pooled`),
  and of the series in the middle (`series`), beside what hindsight differs
  from itself, odd against even stretches of the same series (`noise`).
* A quantile of few, overlapping sums lies low: of 11 months the 95 % quantile
  is about the 88 % one. So the same hindsight is also taken of demand drawn
  from the forecasts themselves, with sums that overlap as the real ones do:
  `expected` is what the pooled error would be if every forecast were right, and
  `like for like` what remains of it once that is taken out.
* demand.md's program asks a series for at least 20 sums, and has a second
  figure that needs none: errors and safety stocks over the series' mean demand,
  the quantile taken of all series and dates at once (`of all`).
"""

import math

import numpy as np

from stockbook.domain.demand.learners.spread import z
from tests.bench_demand.replay import Ahead

LEVEL, DRAWS, SEED = 0.95, 10, 3
FEW = 5
"""Sums that a series must have to be judged."""


def safety(run: Ahead, quantiles: dict[float, np.ndarray]) -> dict[str, float]:
    """Return the error pooled, of a series, and like for like."""
    demand = run.sums(run.horizon)[run.since :]
    middle, high = quantiles[0.5][run.since :], quantiles[LEVEL][run.since :]
    ours, theirs, noise = _by_series(demand, middle, high, run.horizon)
    rng = np.random.default_rng(SEED)
    told = np.stack([np.nan_to_num(quantiles[level][run.since :]) for level in sorted(quantiles)])
    drawn = np.zeros(2)
    for _ in range(DRAWS):
        sums = np.where(np.isfinite(demand), _drawn(told, sorted(quantiles), run.horizon, rng), np.nan)
        drawn += [part.sum() for part in _by_series(sums, middle, high, run.horizon)[:2]]
    pooled, expected = ours.sum() / theirs.sum(), drawn[0] / drawn[1]
    return {
        "pooled": float(pooled - 1),
        "expected": float(expected - 1),
        "like for like": float(pooled / expected - 1),
        "of all": of_all(demand, middle, high),
        "series": float(np.median(np.abs(ours / theirs - 1))),
        "noise": float(np.median(noise)) if len(noise) else math.nan,
    }


def of_all(demand: np.ndarray, middle: np.ndarray, high: np.ndarray) -> float:
    """Return the error against one quantile of all series and dates, each over its series' mean demand."""
    live = np.isfinite(demand) & np.isfinite(middle)
    usual = np.maximum(np.nanmean(np.where(live, demand, np.nan), axis=0), 0.5)
    above, ours = ((each / usual)[live] for each in (demand - middle, high - middle))
    return float(ours.mean() / np.quantile(above, LEVEL) - 1)


def _by_series(
    demand: np.ndarray, middle: np.ndarray, high: np.ndarray, horizon: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each series that can be judged its mean safety stock, hindsight's, and hindsight's own noise."""
    ours, theirs, noise = [], [], []
    for column in range(demand.shape[1]):
        live = np.isfinite(demand[:, column]) & np.isfinite(middle[:, column])
        if live.sum() < FEW:
            continue
        above = (demand - middle)[live, column]
        asked = float(np.quantile(above, LEVEL))
        if asked <= 0.05 * max(float(demand[live, column].mean()), 1e-9):
            continue
        ours.append(float((high - middle)[live, column].mean()))
        theirs.append(asked)
        stretches = np.arange(len(above)) // horizon % 2
        if min((stretches == 0).sum(), (stretches == 1).sum()) >= 3:
            odd, even = (float(np.quantile(above[stretches == side], LEVEL)) for side in (1, 0))
            if even > 0:
                noise.append(abs(odd / even - 1))
    return np.array(ours), np.array(theirs), np.array(noise)


def _drawn(quantiles: np.ndarray, levels: list[float], horizon: int, rng: np.random.Generator) -> np.ndarray:
    """Return whole sums drawn from their forecasts; neighbours share as many periods as in life.

    Only what lies above the median counts here, so below the lowest level the line goes on.
    """
    places = np.array([z(level) for level in levels])
    steps = rng.standard_normal((quantiles.shape[1] + horizon - 1, quantiles.shape[2]))
    score = np.lib.stride_tricks.sliding_window_view(steps, horizon, axis=0).sum(axis=-1) / math.sqrt(horizon)
    upper = np.clip(np.searchsorted(places, score), 1, len(places) - 1)
    share = (score - places[upper - 1]) / (places[upper] - places[upper - 1])
    low, top = (np.take_along_axis(quantiles, at[None], 0)[0] for at in (upper - 1, upper))
    return np.round(np.maximum(low + share * (top - low), 0.0))
