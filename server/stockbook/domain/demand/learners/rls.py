"""Recursive least squares for one series: a regression that forgets, in a few hundred bytes."""

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np


@lru_cache
def _upper(size: int) -> tuple[Any, Any]:
    rows, columns = np.triu_indices(size)
    return rows, columns


class RecursiveLeastSquares:
    """Least squares with forgetting, a Gaussian prior and Huber's weight on outliers.

    The covariance is kept in single precision, in memory as in storage, so that
    a model taken up from storage goes on bit for bit as one that never left.
    A direction that shows nothing new (a feature constant so far) would grow
    without end under forgetting; each is held to twice its prior by itself.

    Examples
    --------
    >>> line = RecursiveLeastSquares(("x",), prior=0.1, forget=1.0)
    >>> for x in (0.0, 1.0, 2.0, 3.0):
    ...     line.learn({"x": x}, 1 + 2 * x)
    >>> round(line.predict({"x": 4.0}), 1)
    8.8
    """

    def __init__(self, keys: tuple[str, ...], prior: float = 4.0, forget: float = 0.998, huber: float = 2.5) -> None:
        self.keys, self.prior, self.forget, self.huber = keys, prior, forget, huber
        size = 1 + len(keys)
        self.weights = np.zeros(size)
        self.covariance = (np.eye(size) / prior).astype(np.float32)
        self.error = 0.5
        """Average size of recent errors, by which outliers are known."""

    def _inputs(self, x: Mapping[str, float]) -> "np.ndarray[Any, np.dtype[np.float64]]":
        return np.array([1.0, *[x.get(key, 0.0) for key in self.keys]])

    def predict(self, x: Mapping[str, float]) -> float:
        """Return the regression's value at `x`."""
        return float(self.weights @ self._inputs(x))

    def learn(self, x: Mapping[str, float], target: float) -> None:
        """Move the weights toward `target`; what is no number moves nothing."""
        inputs = self._inputs(x)
        error = target - float(self.weights @ inputs)
        if not np.isfinite(error):
            return
        self.error += 0.02 * (abs(error) - self.error)
        bound = self.huber * max(self.error, 0.1) * 1.25
        trust = 1.0 if abs(error) <= bound else bound / abs(error)
        covariance = self.covariance.astype(np.float64)
        drawn = covariance @ inputs
        gain = drawn * (trust / (self.forget + trust * float(inputs @ drawn)))
        self.weights = self.weights + gain * error
        covariance = (covariance - np.outer(gain, drawn)) / self.forget
        spread = np.diagonal(covariance)
        most = 2.0 / self.prior
        if spread.max() > most:
            held = np.sqrt(np.minimum(1.0, most / np.maximum(spread, 1e-12)))
            covariance *= np.outer(held, held)
        self.covariance = ((covariance + covariance.T) * 0.5).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """Return weights as numbers and the covariance's upper half packed."""
        upper = self.covariance[_upper(len(self.weights))]
        return {
            "weights": [float(w) for w in self.weights],
            "covariance": base64.b64encode(upper.astype("<f4").tobytes()).decode(),
            "error": self.error,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        size = len(state["weights"])
        if size != len(self.weights):
            raise ValueError(f"a state of {size} weights does not fit a model of {len(self.weights)}")
        self.weights = np.array(state["weights"], dtype=np.float64)
        upper = np.frombuffer(base64.b64decode(state["covariance"]), dtype="<f4")
        full = np.zeros((size, size), dtype=np.float32)
        full[_upper(size)] = upper
        self.covariance = full + np.triu(full, 1).T
        self.error = state["error"]
