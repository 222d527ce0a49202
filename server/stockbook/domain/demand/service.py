"""Holding the fill rate: how safe to order, corrected by what was filled, never by what will be."""

from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(slots=True)
class Service:
    """The level of service that one class of series orders at; an integral controller.

    One chance of being short gives no one fill rate: that depends on how far
    short one falls, and on the cycle stock. So the level moves after each
    review by what was lost beyond what may be lost, in units of the class' usual
    demand. It needs no model of either, and in the long run the fill is the target.

    >>> service = Service(target=0.99)
    >>> before = service.level
    >>> service.learn(asked=100.0, filled=90.0)
    >>> service.level > before
    True
    >>> for _ in range(2000):
    ...     service.learn(asked=100.0, filled=100.0)
    >>> round(service.level, 2)
    0.84
    """

    target: float = 0.992
    gain: float = 1.0
    score: float = 2.0
    """The level on the normal scale."""
    usual: float = 0.0
    """A fading mean of what is asked for in a period."""
    lowest: float = 1.0
    highest: float = 6.0

    @property
    def level(self) -> float:
        """The chance with which demand of lead time and review shall be met."""
        return _NORMAL.cdf(self.score)

    def learn(self, asked: float, filled: float) -> None:
        """Take up what a period asked for in all, and what of it was filled."""
        self.usual = asked if not self.usual else self.usual + 0.05 * (asked - self.usual)
        if self.usual > 0:
            lost = (asked - filled) - (1 - self.target) * asked
            self.score = min(max(self.score + self.gain * lost / self.usual, self.lowest), self.highest)


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
