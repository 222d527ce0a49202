"""Holding the fill rate: how safe to order, corrected by what was filled, never by what will be."""

from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()
SPARE = 0.375
"""The part of what may be lost that is kept in hand, so that a quarter that asks for more still keeps its promise."""
SAFE, GAIN, SOONER = 5.5, 4.0, 10.0
"""Where one begins, on the normal scale; how far a horizon's loss moves the level; how much sooner it sinks at first.

Chosen on earlier windows of four sets (`tests/bench_demand --earlier`). The start is the lowest half step with which no
stretch as long as the judged one filled less than the target, of the two sets where a start can see to that.
"""
CLEAR = 0.95
"""The highest level whose quantile is taken as it is told, where a fill rate is held: past errors tell no further."""


@dataclass(slots=True)
class Service:
    """The level of service that one class of series orders at; an integral controller.

    One chance of being short gives no one fill rate: that depends on how far
    short one falls, and on the cycle stock. So the level moves after each
    review by what was lost beyond what may be lost, in units of the class' usual
    demand. It needs no model of either, and in the long run the fill is what is
    aimed at: the target and a little more. It begins on the safe side, and sinks
    faster until the first period that lost more than it may: then it is near.

    >>> service = Service(target=0.99)
    >>> before = service.level
    >>> service.learn(asked=100.0, filled=90.0)
    >>> service.level > before
    True
    >>> for _ in range(2000):
    ...     service.learn(asked=100.0, filled=100.0)
    >>> round(service.level, 2)
    0.5
    """

    target: float = 0.992
    score: float = SAFE
    """The level on the normal scale."""
    usual: float = 0.0
    """A fading mean of what is asked for in a period."""
    searching: bool = True
    """Whether no period lost more than it may so far."""
    lowest: float = 0.0
    """One orders at least what half of all times ask for."""
    highest: float = 8.0

    @property
    def aim(self) -> float:
        """The fill that is steered for.

        >>> Service(target=0.992).aim
        0.995
        """
        return 1 - (1 - SPARE) * (1 - self.target)

    @property
    def level(self) -> float:
        """The chance with which demand of lead time and review shall be met."""
        return _NORMAL.cdf(self.score)

    @property
    def times(self) -> float:
        """How many times as far above the median as the quantile at `CLEAR` one orders; from there on.

        >>> Service(score=1.0).times, round(Service(score=3.3).times, 1)
        (1.0, 2.0)
        """
        return beyond(self.level)

    def learn(self, asked: float, filled: float, horizon: float = 1.0) -> None:
        """Take up what a period asked for in all, and what of it was filled.

        The longer lead time and review (`horizon`, in periods), the later one sees
        what a level did, and the less a period moves it.
        """
        self.usual = asked if not self.usual else self.usual + 0.05 * (asked - self.usual)
        if self.usual <= 0:
            return
        lost = (asked - filled) - (1 - self.aim) * asked
        self.searching = self.searching and lost <= 0
        step = GAIN / horizon * (SOONER if self.searching else 1.0) * lost / self.usual
        self.score = min(max(self.score + step, self.lowest), self.highest)


def beyond(level: float) -> float:
    """Return how many times as far from the median as the quantile at `CLEAR` one at a higher level lies.

    Of so high levels no error ever told, so the law is held for normal from there
    on. Drawn out from the last two quantiles instead, the same fill took up to a
    half more stock.

    >>> beyond(0.9), round(beyond(0.9995), 2)
    (1.0, 2.0)
    """
    return max(_NORMAL.inv_cdf(level) / _NORMAL.inv_cdf(CLEAR), 1.0)


def unmet(promised: float, came: float, empty: float, trust: float) -> float:
    """Return what a period might have sold in the share of it in which the shelf was empty.

    The rate is what was promised, weighed as `trust` periods, and what the rest
    of the period showed.

    >>> unmet(promised=10.0, came=6.0, empty=0.4, trust=0.0), unmet(promised=10.0, came=0.0, empty=1.0, trust=5.0)
    (4.0, 10.0)
    """
    if empty <= 0:
        return 0.0
    seen = trust + 1 - empty
    return empty * ((trust * promised + came) / seen if seen > 0 else promised)
