"""How far counts stray from their mean: variance over mean, pooled among alike series, and its quantiles."""

import math
from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from stockbook.domain.demand.learners.packed import packed, unpacked
from stockbook.domain.demand.learners.spread import z

_TRUST, _KEEP, _POOLED_KEEP, _MOST, _LEAST = 15.0, 0.985, 0.9995, 120.0, 1.02
_SMALL = 150.0
"""Means below it are summed term by term."""


class Pool:
    """Variance over mean of series of a like level, stages of promotion apart."""

    def __init__(self) -> None:
        self.known: dict[str, list[float]] = {}

    def ratio(self, kind: str) -> float:
        """Return variance over mean of a kind; 2 before anything is known."""
        total, count = self.known.get(kind, (2.0, 1.0))
        return total / count

    def add(self, kind: str, ratio: float) -> None:
        """Take up one squared error over its mean."""
        total, count = self.known.get(kind, (2.0, 1.0))
        self.known[kind] = [total * _POOLED_KEEP + ratio, count * _POOLED_KEEP + 1]


PLAIN, PROMOTED, BEGINS = STAGES = ("", "p", "b")
"""Nothing promoted; a promotion that goes on or ends; one that begins, now or later in a window."""
_PART = 0.05
"""The least part of a window that counts as promoted."""


def stage(x: Mapping[str, float]) -> str:
    """Return whether no promotion runs, one that ran before goes on, or one begins: of that one knows least.

    >>> stage({"level": 2.0}), stage({"promo": 1.0}), stage({"promo": 0.25, "first": 0.25})
    ('', 'p', 'b')
    """
    if x.get("first", 0.0) > _PART:
        return BEGINS
    return PROMOTED if x.get("promo", 0.0) > _PART else PLAIN


@lru_cache(256)
def kind(level: float, stage: str, least: int = -1) -> str:
    """Return the kind of series: its level in doublings, from `least` on, and the stage of its promotion.

    >>> kind(3.2, PLAIN), kind(3.2, BEGINS), kind(0.2, PLAIN), kind(0.2, PLAIN, least=-5)
    ('1', '1b', '-1', '-3')
    """
    doubling = min(max(math.floor(math.log2(max(level, 1e-9))), least), 8)
    return f"{doubling}{stage}"


class Dispersion:
    """One series' variance over mean, drawn toward its kind's while little is known.

    Windows of `horizon` periods overlap, so each says that much less, and is kept that much longer.

    >>> mine, pool = Dispersion(), Pool()
    >>> round(mine.ratio(pool, 3.0, PLAIN), 2)
    2.0
    >>> for _ in range(50):
    ...     mine.learn(pool, 3.0, PLAIN, mean=3.0, quantity=3.0)
    >>> mine.ratio(pool, 3.0, PLAIN) < 1.1
    True
    """

    def __init__(self, horizon: int = 1) -> None:
        self.trust, self.keep = _TRUST * horizon, _KEEP ** (1 / horizon)
        self.sums = array("f", [0.0] * (2 * len(STAGES)))
        """Fading sum and count of squared errors over means, a stage each; in single precision, as they are stored."""

    def ratio(self, pool: Pool, level: float, stage: str) -> float:
        """Return variance over mean; above 1."""
        at = 2 * STAGES.index(stage)
        total, count = self.sums[at], self.sums[at + 1]
        return max((total + self.trust * pool.ratio(kind(level, stage))) / (count + self.trust), _LEAST)

    def learn(self, pool: Pool, level: float, stage: str, mean: float, quantity: float) -> None:
        """Take up a period."""
        off = min((quantity - mean) ** 2 / max(mean, 0.01), _MOST)
        pool.add(kind(level, stage), off)
        at = 2 * STAGES.index(stage)
        self.sums[at] = self.keep * self.sums[at] + off
        self.sums[at + 1] = self.keep * self.sums[at + 1] + 1

    def state(self) -> str:
        """Return the sums, packed."""
        return packed(np.array(self.sums), "<f4")

    def restore(self, state: str) -> None:
        """Take up the sums."""
        self.sums = array("f", unpacked(state, "<f4"))


def count_quantiles(mean: float, ratio: float, levels: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the negative binomial's quantiles at ascending levels: whole ones, and ones drawn smooth between steps.

    >>> whole, smooth = count_quantiles(2.0, 1.5, (0.5, 0.9, 0.99))
    >>> whole
    [2.0, 4.0, 7.0]
    >>> [round(q, 2) for q in smooth]
    [1.68, 4.36, 7.39]
    """
    if mean <= 0:
        return [0.0] * len(levels), [0.0] * len(levels)
    if mean > _SMALL or mean / (ratio - 1) * math.log(ratio) > 600:
        smooth = gamma_quantiles(mean, ratio, levels)
        return [float(math.ceil(q - 0.5)) for q in smooth], smooth
    size, chance = mean / (ratio - 1), 1 - 1 / ratio
    term = math.exp(-size * math.log(ratio))
    total, before, count = term, 0.0, 0
    whole, smooth = [], []
    for level in levels:
        while total < level and count < 100_000:
            term *= chance * (count + size) / (count + 1)
            count += 1
            before, total = total, total + term
        whole.append(float(count))
        smooth.append(max(count - 0.5 + (level - before) / max(total - before, 1e-12), 0.0))
    return whole, smooth


def gamma_quantiles(mean: float, ratio: float, levels: Sequence[float]) -> list[float]:
    """Return the gamma's quantiles with this mean and variance over mean (Wilson and Hilferty's).

    >>> [round(q, 2) for q in gamma_quantiles(4.0, 1.0, (0.5, 0.95))]
    [3.68, 7.74]
    """
    if mean <= 0:
        return [0.0] * len(levels)
    shape = mean / ratio
    root, centre = 1 / (3 * math.sqrt(shape)), 1 - 1 / (9 * shape)
    return [mean * max(centre + root * z(level), 0.0) ** 3 for level in levels]
