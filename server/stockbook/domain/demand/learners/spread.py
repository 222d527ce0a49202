"""How far demand strays from its mean: quantiles from past errors or from moments."""

import base64
import math
import struct
from bisect import bisect_left, insort
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
SINGLE, HALF = "f", "e"
"""How many digits of an error are kept."""
_MOST = {SINGLE: 3e38, HALF: 6e4}


@lru_cache(1024)
def z(level: float) -> float:
    """Return the standard normal quantile of one of the few levels that are asked for.

    >>> round(z(0.95), 3)
    1.645
    """
    return _NORMAL.inv_cdf(level)


class Residuals:
    """The last errors of one series, kept in order, for quantiles free of any assumption.

    On lumpy demand these tails beat every model's.

    >>> errors = Residuals(window=90)
    >>> for error in (-2.0, 0.0, 1.0, 5.0):
    ...     errors.add(error)
    >>> errors.quantile(0.5), errors.quantile(0.99)
    (0.5, 4.88)
    """

    __slots__ = ("_ordered", "kind", "newest", "window")

    def __init__(self, window: int = 90, newest: Sequence[float] = (), kind: str = SINGLE) -> None:
        self.window, self.kind = window, kind
        self.newest = list(newest)
        self._ordered = sorted(self.newest)

    def add(self, error: float) -> None:
        """Take up an error; the oldest one leaves when the window is full."""
        if not abs(error) < _MOST[self.kind]:
            return
        error = struct.unpack(self.kind, struct.pack(self.kind, error))[0]  # in memory as in storage
        self.newest.append(error)
        insort(self._ordered, error)
        if len(self.newest) > self.window:
            del self._ordered[bisect_left(self._ordered, self.newest.pop(0))]

    def quantile(self, level: float) -> float:
        """Return the quantile of the errors kept, interpolated; 0 while there are none."""
        if not self._ordered:
            return 0.0
        at = level * (len(self._ordered) - 1)
        below = int(at)
        low = self._ordered[below]
        return low + (at - below) * (self._ordered[min(below + 1, len(self._ordered) - 1)] - low)

    def __len__(self) -> int:
        return len(self.newest)

    def state(self) -> str:
        """Return the errors in the order in which they came."""
        return base64.b85encode(struct.pack(f"<{len(self.newest)}{self.kind}", *self.newest)).decode()

    @classmethod
    def restore(cls, state: str, window: int = 90, kind: str = SINGLE) -> "Residuals":
        """Return what `state()` was taken of."""
        numbers = base64.b85decode(state)
        return cls(window, struct.unpack(f"<{len(numbers) // struct.calcsize(kind)}{kind}", numbers), kind)


def hurdle_quantiles(chance_none: float, mean: float, variance: float, levels: Sequence[float]) -> list[float]:
    """Return quantiles of demand that is nothing with `chance_none`, else gamma with these moments in all.

    The gamma is Wilson and Hilferty's, which needs no iteration.

    >>> [round(q, 2) for q in hurdle_quantiles(0.6, mean=1.0, variance=3.0, levels=(0.5, 0.9, 0.99))]
    [0.0, 3.4, 7.46]
    """
    alive = max(1.0 - chance_none, 1e-9)
    if mean <= 0:
        return [0.0 for _ in levels]
    conditional = mean / alive
    spread = max((variance + mean * mean) / alive - conditional * conditional, (0.1 * conditional) ** 2)
    shape = conditional * conditional / spread
    root, centre, quantiles = 1.0 / (3.0 * math.sqrt(shape)), 1.0 - 1.0 / (9.0 * shape), []
    for level in levels:
        inner = (level - chance_none) / alive
        if inner <= 0:
            quantiles.append(0.0)
            continue
        quantiles.append(conditional * max(centre + root * _NORMAL.inv_cdf(min(inner, 1 - 1e-9)), 0.0) ** 3)
    return quantiles


def between(wanted: Sequence[float], levels: Sequence[float], quantiles: Sequence[float]) -> list[float]:
    """Return quantiles at the wanted levels, straight lines drawn between known ones on the normal scale.

    >>> between((0.5, 0.9), (0.5, 0.9, 0.99), (1.0, 4.0, 9.0))
    [1.0, 4.0]
    >>> round(between((0.8,), (0.5, 0.9), (1.0, 4.0))[0], 2)
    2.97
    """
    if tuple(wanted) == tuple(levels):
        return list(quantiles)
    found = []
    for level in wanted:
        upper = min(max(bisect_left(levels, level), 1), len(levels) - 1)
        a, b = z(levels[upper - 1]), z(levels[upper])
        share = (z(level) - a) / (b - a)
        low, high = quantiles[upper - 1], quantiles[upper]
        found.append(max(low + share * (high - low), 0.0))
    return found
