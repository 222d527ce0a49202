"""The learner that Stockbook runs: sparse while a series sells seldom, a regression once it sells often."""

from collections.abc import Mapping, Sequence
from typing import Any

from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.regression import EXPERTS, STEADY, Regression
from stockbook.domain.demand.learners.shared import VERSION, Shared
from stockbook.domain.demand.learners.sparse import Sparse
from stockbook.domain.demand.metrics import pinball
from stockbook.domain.demand.series import usable

_FADE = 0.98
OFTEN, SELDOM, AT_LEAST = 0.4, 0.2, 8
"""Chance of a sale in a period from which a regression is kept, below which it is dropped; periods it waits for."""


class Adaptive:
    """Both kinds of learner behind one; most series of a retailer never need the second.

    >>> shared = Shared()
    >>> learner = Adaptive(shared, "apple")
    >>> learner.dense is None
    True
    """

    name = "adaptive"

    def __init__(self, shared: Shared, item: str) -> None:
        self.shared, self.item = shared, item
        self.sparse = Sparse(*shared.habits.prior(item))
        self.dense: Regression | None = None
        self.losses = [0.0, 0.0]
        """Fading pinball losses of the sparse learner and of the regression, while both are kept."""

    def _regression(self) -> Regression:
        return Regression(self.shared, (STEADY, *EXPERTS))

    @property
    def kind(self) -> str:
        """Which learner speaks for the series now."""
        return self.speaker.name

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Learn the period by all that are kept; then see whether a regression is worth its keep."""
        if self.dense:
            self._score(x, y)
            self.dense.learn_one({**x, STEADY: self.sparse.mean}, y)
        before = self.sparse.count
        self.sparse.learn_one(x, y)
        if self.sparse.count > before:
            sold = y or 0.0
            self.shared.add_habit(self.item, 1, int(sold > 0), max(sold, 0.0))
        if self.dense is None and self.sparse.count >= AT_LEAST and self.sparse.chance >= OFTEN:
            self.dense, self.losses = self._regression(), [0.0, 0.0]
        elif self.dense and self.sparse.chance < SELDOM:
            self.dense = None

    def _score(self, x: Mapping[str, float], y: float | None) -> None:
        sold = usable(y)
        if sold is None or self.dense is None:
            return
        both = (self.sparse.forecast(x), self.dense.forecast({**x, STEADY: self.sparse.mean}))
        for at, outlook in enumerate(both):
            lost = sum(pinball(*each) for each in zip(LEVELS, (sold,) * len(LEVELS), outlook.quantiles, strict=True))
            self.losses[at] = _FADE * self.losses[at] + lost

    @property
    def speaker(self) -> Regression | Sparse:
        """Whichever of the two fared better on this series of late; the sparse one until the other has."""
        return self.dense if self.dense and self.losses[1] < self.losses[0] else self.sparse

    def fold(self, periods: int) -> float:
        """Learn periods without a sale at once (only while no regression is kept); return the means' sum."""
        assert self.dense is None, "a regression learns period by period"
        self.shared.add_habit(self.item, periods, 0, 0.0)
        return self.sparse.fold(periods)

    def amend(self, back: int, before: float, after: float) -> None:
        """Correct a closed period in the chance of a sale; a regression is not taught again."""
        self.sparse.amend(back, before, after)

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return the regression's outlook where one is kept, else the sparse one."""
        return self.speaker.forecast({**x, STEADY: self.sparse.mean}, levels, horizon)

    def state(self) -> dict[str, Any]:
        """Return both states; the item and what is shared are not part of it."""
        return {
            "version": VERSION,
            "sparse": self.sparse.state(),
            "losses": list(self.losses),
            "dense": self.dense.state() if self.dense else None,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up both states."""
        self.sparse.restore(state["sparse"])
        self.losses = list(state["losses"])
        self.dense = self._regression() if state["dense"] else None
        if self.dense:
            self.dense.restore(state["dense"])
