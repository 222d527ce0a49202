"""Demand that comes seldom: how often and how much, learnt apart (Teunter, Syntetos and Babai).

Classic TSB moves the chance of a sale by a fixed weight. Here that weight
starts as a counted mean of the prior and the first periods (a beta prior) and
settles at the fixed one, so that a series is useful from its first sale on.
That sale says how much, not how often: it is why there is a series at all, and
counted among its periods it would make whatever sells once a quarter sell
every other week.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from stockbook.domain.demand.features import usable
from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.spread import hurdle_quantiles

CHANCE, SIZE = 0.08, 0.1
PRIOR = 6
"""Periods that the prior counts for."""


class Sparse:
    """TSB with the item's habits elsewhere as its prior.

    >>> seldom = Sparse(chance=0.2, size=2.0)
    >>> for sold in (3, 0, 0, 0, 2):
    ...     seldom.learn_one({}, sold)
    >>> round(seldom.chance, 3), round(seldom.size, 2)
    (0.222, 2.33)
    """

    name = "tsb"

    def __init__(self, chance: float = 0.3, size: float = 1.0) -> None:
        self.chance = chance
        self.size = max(size, 1e-6)
        self.variance = 0.5 * self.size * self.size
        """Of the quantity, in periods with a sale."""
        self.count = 0
        self.hits = 0

    @property
    def mean(self) -> float:
        """Expected quantity of a period."""
        return self.chance * self.size

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Move the chance each period but that of a sale with which it begins, the size when something sold."""
        sold = usable(y)
        if sold is None:
            return
        if self.count or self.hits or not sold:
            self.chance += max(CHANCE, 1 / (self.count + PRIOR)) * ((1.0 if sold > 0 else 0.0) - self.chance)
            self.count += 1
        if sold > 0:
            weight = max(SIZE, 1 / (self.hits + 2))
            self.variance += weight * ((1 - weight) * (sold - self.size) ** 2 - self.variance)
            self.size += weight * (sold - self.size)
            self.hits += 1

    def fold(self, periods: int) -> float:
        """Learn `periods` periods without a sale; return the sum of the means that stood before each.

        Equals as many single steps: a product while the weight still falls, a power after.
        """
        expected = 0.0
        while periods > 0 and self.count + PRIOR < 1 / CHANCE:
            expected += self.mean
            self.learn_one({}, 0.0)
            periods -= 1
        if periods > 0:
            kept = (1 - CHANCE) ** periods
            expected += self.mean * (1 - kept) / CHANCE
            self.chance *= kept
            self.count += periods
        return expected

    def amend(self, back: int, before: float, after: float) -> None:
        """Correct the period `back` before the newest, which was learnt as `before`, to `after`.

        The chance takes the weight that the period still has; a size is learnt as if it came now, so that
        several lines of a week that are told late come to what one line would.

        >>> told, late = Sparse(), Sparse()
        >>> told.learn_one({}, 0.0)
        >>> late.learn_one({}, 0.0)
        >>> told.amend(0, 0.0, 3.0)
        >>> for sold in range(3):
        ...     late.amend(0, float(sold), sold + 1.0)
        >>> round(told.size, 6) == round(late.size, 6) == 2.0
        True
        """
        if (before > 0) == (after > 0):
            if before > 0:
                self.size = max(self.size + max(SIZE, 1 / (self.hits + 1)) * (after - before), 1e-6)
            return
        if back < self.count:
            weight = max(CHANCE, 1 / (self.count - 1 - back + PRIOR)) * (1 - CHANCE) ** back
            self.chance = min(max(self.chance + (weight if after > 0 else -weight), 0.0), 1.0)
        if after > 0:
            share = max(SIZE, 1 / (self.hits + 2))
            self.size += share * (after - self.size)
            self.hits += 1

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return mean and quantiles; how little is known of the chance widens them."""
        seen = min(self.count + PRIOR, 1 / CHANCE) + 1
        doubt = self.chance * (1 - self.chance) / seen
        mean = horizon * self.mean
        one = self.chance * (self.size * self.size + self.variance) - self.mean * self.mean
        variance = horizon * one + (horizon * self.size) ** 2 * doubt
        none = (1 - self.chance) ** horizon if self.chance < 1 else 0.0
        own = round(self.count / (self.count + PRIOR), 4)
        return Outlook.of(
            mean,
            levels,
            hurdle_quantiles(none, mean, variance, levels),
            {"recent": own, "other_sites": 1 - own},
        )

    def state(self) -> dict[str, Any]:
        """Return the five numbers."""
        return {
            "chance": self.chance,
            "size": self.size,
            "variance": self.variance,
            "count": self.count,
            "hits": self.hits,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the five numbers."""
        self.chance, self.size, self.variance = state["chance"], state["size"], state["variance"]
        self.count, self.hits = state["count"], state["hits"]
        assert math.isfinite(self.chance) and math.isfinite(self.size)
