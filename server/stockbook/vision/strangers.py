"""Is it in the catalogue at all? The weights of the open-set score, and how well it tells.

The score is the device's (`handheld.vision.scoring.knownness`): logistic, of the
nearest photograph, the lead over the next item, and the energy. It is fitted on
goods that the network has never seen, and on goods that it has learnt and the
gallery lacks: a shop meets both.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handheld.vision.fitting import KEPT
from handheld.vision.model import Calibration
from handheld.vision.scoring import Floats, Openness, knownness


class Weights(NamedTuple):
    """Of the score, and the threshold."""

    bias: float
    top: float
    margin: float
    energy: float
    known: float

    def calibration(self, scale: float, accept: float) -> Calibration:
        """Return what the device reads from its model."""
        return Calibration(scale, accept, self.known, self.bias, self.top, self.margin, self.energy)


def fitted(known: Openness, strange: Openness) -> Weights:
    """Return the weights by logistic regression, both kinds counting alike; the threshold keeps `KEPT` of the known.

    >>> rng = np.random.default_rng(0)
    >>> def seen(middle): return Openness(*(rng.normal(middle, 0.1, 200) for _ in range(3)))
    >>> near, far = seen(0.8), seen(0.4)
    >>> weights = fitted(near, far)
    >>> scores = [knownness(each, weights.calibration(20, 0.9)) for each in (near, far)]
    >>> auroc(*scores) > 0.99, float((scores[0] >= weights.known).mean())
    (True, 0.95)
    """
    rows = np.column_stack([np.concatenate(pair) for pair in zip(known, strange, strict=True)])
    answer = np.repeat([1.0, 0.0], [len(known.top), len(strange.top)])
    share = np.where(answer == 1, 0.5 / len(known.top), 0.5 / len(strange.top))
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    found = _logistic((rows - middle) / spread, answer, share)
    weights = found[1:] / spread
    bias = float(found[0] - weights @ middle)
    return held(Weights(bias, float(weights[0]), float(weights[1]), float(weights[2]), 0.0), known)


def held(weights: Weights, known: Openness) -> Weights:
    """Return the weights with the threshold that keeps `KEPT` of what is known."""
    score = knownness(known, weights.calibration(1.0, 1.0))
    return weights._replace(known=float(np.quantile(score, 1 - KEPT, method="lower")))


def _logistic(rows: Floats, answer: Floats, share: Floats, ridge: float = 1e-4) -> Floats:
    """Return intercept and weights by Newton's steps, which on three inputs are exact after a few."""
    inputs = np.column_stack([np.ones(len(rows)), rows])
    held = ridge * np.diag([0.0, *[1.0] * rows.shape[1]])
    found = np.zeros(inputs.shape[1])
    for _ in range(30):
        said = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        slope = inputs.T @ (share * (said - answer)) + held @ found
        bend = (inputs * (share * np.maximum(said * (1 - said), 1e-6))[:, None]).T @ inputs + held
        found = found - np.linalg.solve(bend, slope)
    return found


def auroc(known: Floats, strange: Floats) -> float:
    """Return how often a known one scores above a strange one; ties count half.

    >>> auroc(np.array([0.9, 0.8, 0.4]), np.array([0.3, 0.8]))
    0.75
    """
    ordered = np.sort(strange)
    below = np.searchsorted(ordered, known, "left") + np.searchsorted(ordered, known, "right")
    return float(below.mean() / 2 / len(strange))


def roc(known: Floats, strange: Floats, points: int = 101) -> NDArray[np.float64]:
    """Return rows of (strange ones let through, known ones let through) from strict to loose."""
    levels = np.quantile(known, np.linspace(1, 0, points))
    rows = [(np.mean(strange >= level), np.mean(known >= level)) for level in levels]
    return np.array([(0.0, 0.0), *rows, (1.0, 1.0)])


def let_through(known: Floats, strange: Floats, kept: float = KEPT) -> float:
    """Return the share of strange ones let through where `kept` of the known ones are.

    >>> let_through(np.linspace(0.5, 1, 101), np.linspace(0, 0.6, 61))
    0.131
    """
    return float(np.mean(strange >= np.quantile(known, 1 - kept, method="lower")))
