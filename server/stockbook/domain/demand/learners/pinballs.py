"""Quantiles regressed on directly: linear in the features, all levels in one step.

The gradient of the pinball loss does not depend on how far off a forecast was,
so one outlier moves nothing much. AdaGrad sets each input's pace. Kept as
one matrix because River's model a level, fed dictionaries, takes ten times as
long for the same steps.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.packed import Array, packed, unpacked

_PACE = 0.03


class QuantileRegression:
    """A line a level, on whatever scale the target has.

    >>> lines = QuantileRegression(2)
    >>> for n in range(4000):
    ...     lines.learn(np.array([1.0, n % 2]), (n * 7 % 10) / 10)
    >>> bool(0.35 < lines.predict(np.array([1.0, 0.0]))[0] < 0.65)
    True
    """

    def __init__(self, size: int) -> None:
        levels = np.array(LEVELS)
        self._slopes = -levels, 1 - levels
        self.weights: Array = np.zeros((len(LEVELS), size))
        self.squares: Array = np.full((len(LEVELS), size), 1e-8)

    def grow(self, size: int) -> None:
        """Make room for more inputs."""
        more = size - self.weights.shape[1]
        if more > 0:
            self.weights = np.pad(self.weights, ((0, 0), (0, more)))
            self.squares = np.pad(self.squares, ((0, 0), (0, more)), constant_values=1e-8)

    def predict(self, inputs: Array) -> Array:
        """Return the quantile at each level."""
        return self.weights @ inputs

    def learn(self, inputs: Array, target: float) -> None:
        """Move each line toward its level."""
        over = target > self.weights @ inputs
        slope = np.where(over, *self._slopes)[:, None] * inputs
        self.squares += slope * slope
        self.weights -= _PACE * slope / np.sqrt(self.squares)

    def state(self) -> dict[str, Any]:
        """Return weights and squares, packed."""
        return {"weights": packed(self.weights), "squares": packed(self.squares)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        self.weights = unpacked(state["weights"]).reshape(len(LEVELS), -1)
        self.squares = unpacked(state["squares"]).reshape(len(LEVELS), -1)
