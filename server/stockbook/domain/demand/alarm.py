"""At which level of demand an alarm is raised: the lowest at which few enough needed ones were missed so far.

An order is needed where demand over lead time and review exceeds what is there
or coming. One level does not fit all goods: where things sell once a quarter,
what four fifths of all times ask for is nothing, and where they sell daily it
raises many that nobody needed. So each stretch of demand that has become known
tells for all levels at once what part of the needed ones each would have missed,
positions being as likely anywhere between nothing and three times the usual.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

from stockbook.domain.demand.learners.spread import between, z

TOLD = (0.5, 0.65, 0.8, 0.9, 0.95)
"""The quantiles that it is taught."""
MISSED, BEGIN = 0.12, 0.8
"""The share of needed ones that may be missed, a little less than is allowed; the level until enough is known."""
_NORMAL = NormalDist()
_STEPS = tuple(n / 20 for n in range(33))
"""Levels that are compared, on the normal scale."""
_PLACES = tuple(z(level) for level in TOLD)
_KEEP, _ENOUGH, _FURTHEST = 0.95, 20.0, 3.0
"""What a period keeps of the counts; how many needed ones must be known; the highest position, in usual demands."""


@dataclass(slots=True)
class Alarm:
    """The level of all series that are judged together.

    >>> alarm = Alarm()
    >>> alarm.level
    0.8
    >>> for _ in range(100):
    ...     alarm.learn((6.0, 7.0, 8.0, 9.0, 10.0), usual=5.0, came=7.0)
    >>> 0.5 < alarm.level < 0.65
    True
    """

    begin: float = BEGIN
    needed: float = 0.0
    """Fading number of needed ones."""
    missed: list[float] = field(default_factory=lambda: [0.0] * len(_STEPS))
    """Of those, how many each level would have missed."""

    @property
    def score(self) -> float:
        """The level on the normal scale."""
        if self.needed < _ENOUGH:
            return z(self.begin)
        few = MISSED * self.needed
        return next((step for step, missed in zip(_STEPS, self.missed, strict=True) if missed <= few), _STEPS[-1])

    @property
    def level(self) -> float:
        """The share of all times that ask for no more than where an alarm is raised."""
        return _NORMAL.cdf(self.score)

    def below(self, told: Sequence[float]) -> float:
        """Return the position below which an alarm is raised."""
        return between((self.level,), TOLD, told)[0]

    def learn(self, told: Sequence[float], usual: float, came: float) -> None:
        """Take up what lead time and review asked for, where the quantiles at `TOLD` had been told."""
        highest = _FURTHEST * usual
        reached = min(came, highest)
        self.needed += reached / highest
        at = 1
        for step, score in enumerate(_STEPS):
            while at < len(_PLACES) - 1 and _PLACES[at] < score:
                at += 1
            share = (score - _PLACES[at - 1]) / (_PLACES[at] - _PLACES[at - 1])
            raised = told[at - 1] + share * (told[at] - told[at - 1])
            if raised < reached:
                self.missed[step] += (reached - max(raised, 0.0)) / highest

    def fade(self) -> None:
        """Let all that was learnt count for less, once a period."""
        self.needed *= _KEEP
        self.missed = [missed * _KEEP for missed in self.missed]
