"""How far mixed quantiles lean toward their guests, or away from them: learnt on all series, a level each."""

from collections.abc import Mapping, Sequence
from typing import Any

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.weighing import Weighing
from stockbook.domain.demand.metrics import pinball

_STRICT, _KEEP = 1000.0, 0.99995
"""Who lost a thousandth more is heard e times less, where twenty thousand periods speak."""
_KNOWN, _WARY = 100.0, 0.05
"""What each share is held to have lost at first, in deviations; how much more than none that is a whole of the way."""
_MOST = 60.0
"""The most that a period may lose, in deviations."""


class Leaning:
    """The shares of the way to the guests, as they fared of late.

    A blend's own ways to a quantile are many and alike, so that one among them
    is heard a sixth, were it as good as all of them together; or it is heard
    for what it said of a few series. After all are weighed, the mixture goes
    on toward the guests, or back from them, by the mean of a few shares.

    >>> leaning = Leaning()
    >>> round(leaning.of(0), 2)
    0.0
    >>> for _ in range(3000):
    ...     leaning.learn([4.0] * 4, [5.0] * 4, total=4.7, deviation=2.0)
    >>> round(leaning.of(0), 2), round(leaning.of(3), 2)
    (0.1, 0.1)
    """

    SHARES: Mapping[str, float] = {str(share): share for share in (-0.1, 0.0, 0.1)}

    def __init__(self) -> None:
        self.heard = [Weighing(_STRICT, _KEEP) for _ in LEVELS]
        for each in self.heard:
            each.losses = {name: _KNOWN * (1 + _WARY * abs(share)) for name, share in self.SHARES.items()}
            each.count = 1.0

    def of(self, at: int) -> float:
        """Return how much of the way is gone at a level."""
        return sum([weight * self.SHARES[name] for name, weight in self.heard[at].weights(tuple(self.SHARES)).items()])

    def learn(self, mixed: Sequence[float], guests: Sequence[float], total: float, deviation: float) -> None:
        """Take up what came, where the mixture had said one thing at each level and the guests another."""
        for heard, level, own, guest in zip(self.heard, LEVELS, mixed, guests, strict=True):
            lost = {name: pinball(level, total, own + share * (guest - own)) for name, share in self.SHARES.items()}
            heard.learn({name: min(loss / deviation, _MOST) for name, loss in lost.items()})

    def state(self) -> list[dict[str, Any]]:
        """Return what each share lost, a level each."""
        return [heard.state() for heard in self.heard]

    def restore(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Take up what `state()` gave."""
        for heard, kept in zip(self.heard, state, strict=True):
            heard.restore(kept)
