"""Whether a series' errors have drifted: its forecasts are wrong to one side for longer than chance allows.

River's Page-Hinkley test on errors measured by their own deviation, so that one
threshold serves them all. Errors of a forecast that is right are about 0, which
is what the test compares with: its own running mean is set aside, for it would
take the drift for what is usual.
"""

import math
from collections.abc import Sequence
from typing import Any

from river import drift, stats

WAIT, SLACK, LIMIT, MOST = 12, 0.5, 7.5, 4.0
"""Errors it waits for; what it lets pass a period; the sum at which it tells; what one error counts at most.

By chance alone it tells less than once in forty years of weeks (a test says so); demand that grows two and a half
times is told within four weeks.
"""


class Drift:
    """Watches the errors of one series, both ways.

    >>> watched = Drift()
    >>> [watched.learn(error) for error in (0.5, -0.5) * 10] == [0] * 20
    True
    >>> [watched.learn(2.5) for _ in range(6)]
    [0, 0, 0, 1, 0, 0]
    """

    __slots__ = ("_test",)

    def __init__(self) -> None:
        self._test = _begun()

    def learn(self, error: float) -> int:
        """Take up an error in deviations (what came, less what was expected); return 1 or -1 where it has drifted."""
        if not math.isfinite(error):
            return 0
        test: Any = self._test
        test.update(min(max(error, -MOST), MOST))
        # only how far the sums are from their ends is looked at
        test._sum_increase, test._min_increase = test._sum_increase - test._min_increase, 0.0
        test._sum_decrease, test._max_decrease = test._sum_decrease - test._max_decrease, 0.0
        if not test.drift_detected:
            return 0
        self._test = _begun()
        return 1 if test._sum_increase > LIMIT else -1

    def state(self) -> list[float]:
        """Return the numbers of the test."""
        return [self._test._x_mean.n, self._test._sum_increase, self._test._sum_decrease]

    def restore(self, state: Sequence[float]) -> None:
        """Take up what `state()` gave."""
        test: Any = self._test
        test._x_mean.n, test._sum_increase, test._sum_decrease = state


def _begun() -> Any:
    test = drift.PageHinkley(min_instances=WAIT, delta=SLACK, threshold=LIMIT, alpha=1.0)
    test._x_mean, test._min_increase, test._max_decrease = _Nothing(), 0.0, 0
    return test


class _Nothing(stats.Mean):
    """Counts, and says that the mean is 0."""

    def get(self) -> float:
        """Return 0, whatever came."""
        return 0.0
