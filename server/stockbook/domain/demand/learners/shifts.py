"""What makes quantiles cover what they say: each is moved by how often it did."""

from collections.abc import Mapping, Sequence
from operator import add
from statistics import NormalDist

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.spread import z

_GAIN = tuple(1 / NormalDist().pdf(z(level)) for level in LEVELS)
"""Deviations that a quantile moves as one more in a hundred lies below it, over a hundred: the normal law's."""
_OF_KIND, _OF_STAGE = (500, 2000), (2000, 20_000)
"""As if so many periods were known at first; never as if more were, so that one that wanders is followed."""
_STEEPEST, _MOST = 20.0, 1.5
_UNMOVED = (0.0,) * len(LEVELS)


class Shifts:
    """What is added to each level's quantile, in standard deviations, by stage of promotion and by kind of series.

    Steps are those of Robbins and Monro: one over the periods met, and over the
    density there. Of the upper levels a kind tells little, one period in a
    hundred, so all series in a stage move theirs together, and a kind what is left.

    >>> shifts = Shifts()
    >>> for n in range(3000):
    ...     shifts.learn("2", "", [n % 10 < 7] * 4)
    >>> [round(shift, 1) for shift in shifts.of("2", "")][:2], [round(shift, 1) for shift in shifts.of("3", "")][:2]
    ([-1.1, 2.5], [0.0, 1.0])
    """

    def __init__(self) -> None:
        self.known: dict[str, Sequence[float]] = {}
        self.count: dict[str, int] = {}

    def of(self, kind: str, stage: str) -> Sequence[float]:
        """Return what is added for a kind of series in a stage of promotion, a level each."""
        middle, *upper = self.known.get(kind, _UNMOVED)
        _, *together = self.known.get(f"*{stage}", _UNMOVED)
        return [middle, *map(add, upper, together)]

    def learn(self, kind: str, stage: str, covered: Sequence[bool]) -> None:
        """Move the shifts of a kind and of a stage by whether each level's quantile covered what came."""
        self._move(kind, covered, *_OF_KIND)
        self._move(f"*{stage}", covered, *_OF_STAGE)

    def _move(self, name: str, covered: Sequence[bool], first: int, most: int) -> None:
        count = self.count[name] = self.count.get(name, 0) + 1
        known = min(count + first, most)
        moved = zip(self.known.get(name, _UNMOVED), LEVELS, _GAIN, covered, strict=True)
        self.known[name] = [
            min(max(at + min(gain, _STEEPEST) / known * (level - met), -_MOST), _MOST) for at, level, gain, met in moved
        ]

    def state(self) -> dict[str, list[float]]:
        """Return for each kind and stage how many periods were met, and the shifts."""
        return {kind: [self.count[kind], *shifts] for kind, shifts in self.known.items()}

    def restore(self, state: Mapping[str, Sequence[float]]) -> None:
        """Take up what `state()` gave."""
        self.count = {kind: int(count) for kind, (count, *_) in state.items()}
        self.known = {kind: list(shifts) for kind, (_, *shifts) in state.items()}
