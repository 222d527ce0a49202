"""How sure is sure? The scale that makes confidence honest, and how far it still is from being right."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handheld.vision.scoring import Floats, softmax

Truth = NDArray[np.int64]
Right = NDArray[np.bool_]
SCALES = np.geomspace(4, 100, 161)
BINS = 15


class Answers(NamedTuple):
    """What one gallery said of pictures of its items."""

    cosines: Floats
    """A row for each picture, a column for each item."""
    truth: Truth
    """The column that is right."""

    def confidence(self, scale: float) -> tuple[Floats, Right]:
        """Return how sure the first proposal was, and whether it was right."""
        shares = softmax(scale * self.cosines)
        return shares.max(axis=1), shares.argmax(axis=1) == self.truth


def fitted_scale(answers: Sequence[Answers]) -> float:
    """Return the scale under which what was right was likeliest.

    >>> sure, unsure = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[0.9, 0.1], [0.9, 0.1]])
    >>> truth = np.array([0, 1])
    >>> fitted_scale([Answers(sure, truth)]) > fitted_scale([Answers(unsure, truth)])
    True
    """
    return float(min(SCALES, key=lambda scale: _surprise(answers, scale)))


def _surprise(answers: Sequence[Answers], scale: float) -> float:
    shares = [softmax(scale * each.cosines)[np.arange(len(each.truth)), each.truth] for each in answers]
    return float(-np.log(np.maximum(np.concatenate(shares), 1e-12)).mean())


class Bin(NamedTuple):
    """Answers that were about as sure as each other."""

    confidence: float
    right: float
    pictures: int


def bins(confidence: Floats, right: Right, count: int = BINS) -> list[Bin]:
    """Return the answers in bins of equal width, empty ones left out.

    >>> bins(np.array([0.1, 0.9, 0.95]), np.array([False, True, True]), 2)
    [Bin(confidence=0.1, right=0.0, pictures=1), Bin(confidence=0.925, right=1.0, pictures=2)]
    """
    place = np.minimum((confidence * count).astype(int), count - 1)
    return [
        Bin(float(confidence[there].mean()), float(right[there].mean()), int(there.sum()))
        for there in (place == at for at in range(count))
        if there.any()
    ]


def calibration_error(confidence: Floats, right: Right, count: int = BINS) -> float:
    """Return the expected calibration error: how far confidence is from being right, on average.

    >>> calibration_error(np.array([0.8, 0.8, 0.8, 0.8]), np.array([True, True, True, False]))
    0.05
    """
    found = bins(confidence, right, count)
    return sum(each.pictures * abs(each.confidence - each.right) for each in found) / max(len(confidence), 1)
