"""Poisson regression learnt by one Newton step a period: what sold, as a multiple of a scale.

On counts with many zeros and sudden promotions the logarithm of the sum is a
poor target: its mean is not the mean's logarithm. Here the rate itself is
fitted, log-linear, each error weighed by the rate, in the form of a Kalman
filter; no rate of learning has to be chosen, and one pass does what gradient
steps need many for.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from stockbook.domain.demand.learners.packed import Array, packed, unpacked

FAR = 4.0
"""No rate is further from its scale than exp(FAR) times."""


@lru_cache
def _upper(size: int) -> tuple[Array, Array]:
    rows, columns = np.triu_indices(size)
    return rows, columns


class PoissonRegression:
    """Log-linear regression of a quantity on a vector.

    Parameters
    ----------
    prior
        Precision of the weights before anything is learnt; about 0.
    forget
        How much of the past each step keeps.
    huber
        Errors beyond so many standard deviations count no more than that.
    pace
        How fast the dispersion (variance over mean), by which errors are weighed, follows.
    exact
        Keep weights and covariance in double precision; else single, in memory as in storage.

    Examples
    --------
    >>> model = PoissonRegression(2, prior=1.0)
    >>> for n in range(200):
    ...     model.learn(np.array([1.0, float(n % 2)]), 1.0, 8.0 if n % 2 else 2.0)
    >>> [round(math.exp(model.predict(np.array([1.0, x])))) for x in (0.0, 1.0)]
    [2, 8]
    """

    def __init__(
        self,
        size: int,
        prior: float,
        forget: float = 1.0,
        huber: float = 4.0,
        pace: float = 0.02,
        exact: bool = False,
    ) -> None:
        self.prior, self.forget, self.huber, self.pace = prior, forget, huber, pace
        self.kind = "<f8" if exact else "<f4"
        self.weights: Array = np.zeros(size, self.kind)
        self.covariance: Array = (np.eye(size) / prior).astype(self.kind)
        self.dispersion = 2.0

    def grow(self, size: int) -> None:
        """Make room for more inputs, of which nothing is known yet."""
        more = size - len(self.weights)
        if more > 0:
            self.weights = np.concatenate([self.weights, np.zeros(more, self.kind)])
            grown = (np.eye(size) / self.prior).astype(self.kind)
            grown[:-more, :-more] = self.covariance
            self.covariance = grown

    def predict(self, inputs: Array) -> float:
        """Return the logarithm of the rate over its scale."""
        return float(self.weights @ inputs)

    def learn(self, inputs: Array, scale: float, quantity: float) -> None:
        """Move the weights by what came, `scale` being the quantity at weight 0."""
        rate = scale * math.exp(min(max(float(self.weights @ inputs), -FAR), FAR))
        error = quantity - rate
        if not math.isfinite(error) or not math.isfinite(rate):
            return
        spread = max(rate, 0.05)
        most = self.huber * math.sqrt(self.dispersion * rate)
        self.dispersion = max(self.dispersion + self.pace * (min(error * error / spread, 20.0) - self.dispersion), 0.3)
        error = min(max(error, -most), most)
        drawn = self.covariance @ inputs
        share = 1.0 / (self.dispersion + rate * float(inputs @ drawn))
        self.weights = (self.weights + drawn * (error * share)).astype(self.kind)
        covariance = np.multiply.outer(drawn, drawn)
        covariance *= rate * share
        np.subtract(self.covariance, covariance, out=covariance)
        if self.forget < 1:
            covariance /= self.forget
            widths = covariance.diagonal()
            widest = 2.0 / self.prior
            if np.maximum.reduce(widths) > widest:
                held = np.sqrt(np.minimum(1.0, widest / np.maximum(widths, 1e-12)))
                covariance *= np.outer(held, held)
        self.covariance = covariance.astype(self.kind, copy=False)

    def state(self) -> dict[str, Any]:
        """Return weights and the covariance's upper half, packed."""
        return {
            "weights": packed(self.weights, self.kind),
            "covariance": packed(self.covariance[_upper(len(self.weights))], self.kind),
            "dispersion": self.dispersion,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        self.weights = unpacked(state["weights"], self.kind)
        size = len(self.weights)
        full = np.zeros((size, size), dtype=self.kind)
        full[_upper(size)] = unpacked(state["covariance"], self.kind)
        self.covariance = full + np.triu(full, 1).T
        self.dispersion = state["dispersion"]
