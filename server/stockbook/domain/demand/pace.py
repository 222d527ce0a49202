"""How the open period goes, what that says of later ones, and of what goods that are there must last for.

A learner speaks of whole periods, as they stand when one begins. What the open
period has sold since moves all of them. Two questions are asked then: what
periods will have sold when they end, to which what they have sold belongs; and
what will be asked for from now on, for which it has left the shelf already.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from stockbook.domain.demand.learner import Outlook

_FASTEST = 10.0
"""How many times as fast as was expected demand is held to go on, at most."""


class Pace(NamedTuple):
    """Of the open period: its forecast, how much of it passed, what it sold and will sell, how it moves later ones."""

    mean: float
    passed: float
    sold: float
    rest: float
    moved: float

    @classmethod
    def of(cls, mean: float, passed: float, sold: float, trust: float) -> "Pace":
        """Return how a period goes whose forecast is worth `trust` periods of experience.

        >>> Pace.of(10.0, passed=0.5, sold=8.0, trust=4.5)
        Pace(mean=10.0, passed=0.5, sold=8.0, rest=5.3, moved=1.06)
        """
        rate = (trust * mean + sold) / (trust + passed)
        return cls(mean, passed, sold, (1 - passed) * rate, min(rate / mean, _FASTEST) if mean > 0 else 1.0)

    def until(self, horizon: float, whole: Outlook) -> Outlook:
        """Return what `horizon` periods, the open one first, will have sold when they end.

        What is sold is certain, and the uncertainty narrows with the time left.

        >>> whole = Outlook(20.0, (0.5, 0.9), (20.0, 26.0))
        >>> Pace.of(10.0, passed=1.0, sold=10.0, trust=4.0).until(2, whole).mean
        20.0
        """
        mean = self.sold + self.rest + (whole.mean - self.mean) * self.moved
        width = math.sqrt(max(horizon - self.passed, 0.0) / horizon * self.moved)
        quantiles = [max(mean + (quantile - whole.mean) * width, self.sold) for quantile in whole.quantiles]
        shares = _with_sold(whole.shares, self.sold, mean)
        return Outlook(max(mean, 0.0), whole.levels, tuple(sorted(quantiles)), shares)

    def onward(self, horizon: float, whole: Outlook) -> Outlook:
        """Return what the time of `horizon` periods from now on will ask for.

        That is what the open period will still sell, the periods after it, and of
        one more as much as has passed of the open one, at the mean rate of all.

        >>> whole = Outlook(20.0, (0.5, 0.9), (20.0, 26.0))
        >>> Pace.of(10.0, passed=1.0, sold=10.0, trust=4.0).onward(2, whole) == whole
        True
        >>> round(Pace.of(10.0, passed=0.0, sold=100.0, trust=20.0).onward(2, whole).mean, 1)
        30.0
        """
        if horizon <= 0:
            return Outlook(0.0, whole.levels, (0.0,) * len(whole.levels))
        mean = self.rest + (whole.mean - self.mean + self.passed * whole.mean / horizon) * self.moved
        width = math.sqrt(self.moved)
        return Outlook.of(mean, whole.levels, [mean + (quantile - whole.mean) * width for quantile in whole.quantiles])


def _with_sold(shares: Mapping[str, float], sold: float, mean: float) -> dict[str, float]:
    """Return the shares with what is sold already as one of them; the others share what is still to come.

    >>> _with_sold({"level": 1.25, "season": -0.25}, sold=6.0, mean=10.0)
    {'sold': 0.6, 'level': 0.5, 'season': -0.1}
    """
    if sold <= 0 or mean <= 0:
        return dict(shares)
    done = min(sold / mean, 1.0)
    rest = 1 - done
    return {"sold": done} | {kind: share * rest for kind, share in shares.items()}
