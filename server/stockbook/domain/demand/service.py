"""Holding the fill rate: how safe to order, corrected by what was filled, never by what will be."""

from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()
SPARE = 0.375
"""The part of what may be lost that is kept in hand, so that a quarter that asks for more still keeps its promise."""
SAFE, GAIN, SOONER, CALMED = 5.5, 0.1, 10.0, 1.5
"""Where one begins, on the normal scale; how far a usual loss moves the level; how much sooner it sinks at first, and
by what that is divided for each period that lost more than it may.

Chosen on earlier windows of four sets (`tests/bench_demand --earlier`) and of parts of their series. The start is the
lowest half step with which no stretch as long as the judged one filled less than the target, of the two sets where a
start can see to that.
"""
SEVERAL, SHARE, REMEMBERED = 6.0, 0.025, 4.0
"""Before any is known, a usual loss is held for so many times what one series asks for in a period, though not for more
than that share of what lead time and review ask for; how many losses then tell how large it is.
"""
CLEAR = 0.95
"""The highest level whose quantile is taken as it is told, where a fill rate is held: past errors tell no further."""
_FOLLOW = 0.05
"""How fast what is usual follows."""


@dataclass(slots=True)
class Service:
    """The level of service that one class of series orders at; an integral controller.

    One chance of being short gives no one fill rate: that depends on how far
    short one falls, and on the cycle stock. So the level moves after each
    review by what was lost beyond what may be lost. It needs no model of either,
    and in the long run the fill is what is aimed at: the target and a little
    more. It begins on the safe side, and sinks the sooner the fewer periods
    have lost more than they may: after some it is near.

    A loss counts by what is usual of the class. Where thousands of series lose a
    little each week, one week tells how far off the level is; where a few lose
    nothing for a year and then a month's demand, nothing lost for a week tells
    little. And a spike that no stock could have met moves it by one step.

    >>> many, few = Service(target=0.99), Service(target=0.99)
    >>> many.learn(asked=100.0, filled=100.0, squared=1.0)
    >>> few.learn(asked=100.0, filled=100.0, squared=2000.0)
    >>> round(many.score, 2), round(few.score, 2)
    (4.5, 5.25)
    >>> before = many.score
    >>> many.learn(asked=100.0, filled=90.0, squared=1.0)
    >>> many.score > before
    True
    """

    target: float = 0.992
    score: float = SAFE
    """The level on the normal scale."""
    usual: float = 0.0
    """A fading mean of what is asked for in a period."""
    haste: float = SOONER
    """How much sooner it sinks than it rises; 1 after some periods that lost more than they may."""
    squared: float = 0.0
    """A fading mean of the sum over the class of the square of what a series asks for in a period."""
    lump: float = 0.0
    """What the class loses when it does, weighted by what it lost."""
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

    def learn(self, asked: float, filled: float, squared: float, horizon: float = 1.0) -> None:
        """Take up what a period asked for in all, what of it was filled, and the sum of squares over the series.

        The longer lead time and review (`horizon`, in periods), the later one sees
        what a level did, and the less a period moves it.
        """
        if not self.usual:
            self.usual, self.squared = asked, squared
        self.usual += _FOLLOW * (asked - self.usual)
        self.squared += _FOLLOW * (squared - self.squared)
        if self.usual <= 0:
            return
        may, lost = (1 - self.aim) * asked, asked - filled
        most = SHARE * horizon * self.usual
        least = max(min(SEVERAL * self.squared / self.usual, most), (1 - self.aim) * horizon * self.usual)
        if lost > 0:
            self.lump += lost / (lost + REMEMBERED * max(self.lump, least)) * (lost - self.lump)
        if lost > may:
            self.haste = max(self.haste / CALMED, 1.0)
        step = GAIN * (self.haste if lost <= may else 1.0) * (lost - may) / max(self.lump, least)
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
