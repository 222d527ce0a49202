"""What makes quantiles cover what they say: each is moved by how often it did, a kind of series each."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.spread import z

_GAIN = tuple(1 / NormalDist().pdf(z(level)) for level in LEVELS)
"""Deviations that a quantile moves as one more in a hundred lies below it, over a hundred: the normal law's."""
_FIRST, _KNOWN, _STEEPEST, _MOST = 500, 2000, 20.0, 1.5
"""As if so many periods were known at first; never as if more were, so that one that wanders is followed."""
_UNMOVED = (0.0,) * len(LEVELS)


class Shifts:
    """What is added to each level's quantile, in standard deviations, by kind of series.

    Steps are those of Robbins and Monro: one over the periods met, and over the
    density there.

    >>> shifts = Shifts()
    >>> for n in range(3000):
    ...     shifts.learn("2", [n % 10 < 7] * 4)
    >>> [round(shift, 1) for shift in shifts.of("2")][:2], shifts.of("3")
    ([-1.1, 1.5], (0.0, 0.0, 0.0, 0.0))
    """

    def __init__(self) -> None:
        self.known: dict[str, list[float]] = {}
        self.count: dict[str, int] = {}

    def of(self, kind: str) -> Sequence[float]:
        """Return what is added for a kind of series, a level each."""
        return self.known.get(kind, _UNMOVED)

    def learn(self, kind: str, covered: Sequence[bool]) -> None:
        """Move a kind's shifts by whether each level's quantile covered what came."""
        count = self.count[kind] = self.count.get(kind, 0) + 1
        known = min(count + _FIRST, _KNOWN)
        moved = zip(self.of(kind), LEVELS, _GAIN, covered, strict=True)
        self.known[kind] = [
            min(max(at + min(gain, _STEEPEST) / known * (level - met), -_MOST), _MOST) for at, level, gain, met in moved
        ]

    def state(self) -> dict[str, list[float]]:
        """Return for each kind how many periods were met, and the shifts."""
        return {kind: [self.count[kind], *shifts] for kind, shifts in self.known.items()}

    def restore(self, state: Mapping[str, Sequence[float]]) -> None:
        """Take up what `state()` gave."""
        self.count = {kind: int(count) for kind, (count, *_) in state.items()}
        self.known = {kind: list(shifts) for kind, (_, *shifts) in state.items()}
