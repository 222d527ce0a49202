"""A model file asked about the pictures that were held back."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handheld.vision.scoring import Floats, knownness
from stockbook.vision.calibration import Answers, calibration_error
from stockbook.vision.crossing import orientation
from stockbook.vision.folds import FOLDS
from stockbook.vision.judging import among, answers, few_shots, gallery, openness_of, tops
from stockbook.vision.running import Looks
from stockbook.vision.strangers import auroc, let_through
from stockbook.vision.views import Kind


class Evaluation(NamedTuple):
    """What came out, as figures and as what the report draws."""

    figures: dict[str, float]
    said: Answers
    right: NDArray[np.bool_]
    confidence: Floats
    known: Floats
    strange: Floats
    few: dict[int, float]


def pictures_of(looks: Looks) -> int:
    """Return how many pictures an evaluation looks at."""
    pictures = looks.pictures
    turned = pictures.upright[pictures.labels[pictures.held_back]].sum()
    return len(pictures.own) + len(pictures.held_back) + len(Kind) * int(turned)


def evaluated(looks: Looks, advance: Callable[[int], None], seed: int = 0) -> Evaluation:
    """Enrol everything that isn't held back, ask what is, and once more with every third item left out.

    That last question is easier than one about goods the network has never seen,
    which only cross-validation asks.
    """
    pictures, by = looks.pictures, looks.model.shipped
    labels, own, asked = pictures.labels, pictures.own, pictures.held_back
    enrolled, _ = looks.at(own, Kind.PLAIN, advance)
    vectors, _ = looks.at(asked, Kind.PLAIN, advance)
    said = answers(gallery(enrolled, labels[own]), vectors, labels[asked])
    confidence, right = said.confidence(by.scale)
    accepted = confidence >= by.accept
    upright = pictures.upright[labels[asked]]
    figures = {
        **tops(said),
        **tops(said, upright, "cartons_"),
        "calibration_error": calibration_error(confidence, right),
        "filled_in": float(accepted.mean()),
        "filled_in_right": float(right[accepted].mean()) if accepted.any() else 1.0,
    }
    items = np.arange(len(pictures.items))
    few = few_shots((enrolled, labels[own]), (vectors, labels[asked]), items, seed)
    figures |= {f"few_shot_{shots}": value for shots, value in few.items()}
    known, strange = _open_set(looks, enrolled, vectors)
    if len(known) and len(strange):
        figures |= {"open_set_auroc": auroc(known, strange), "accepted_unknowns": let_through(known, strange)}
    if upright.any():
        down = {kind: looks.at(asked[upright], kind, advance)[1] for kind in Kind}
        figures |= orientation(down, looks.model.upside_down)
    return Evaluation(figures, said, among(said, 1), confidence, known, strange, few)


def _open_set(looks: Looks, enrolled: NDArray[np.float32], vectors: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return scores of pictures whose items are enrolled, and of those whose are left out, a third in turn."""
    pictures, by = looks.pictures, looks.model.shipped
    own, asked = pictures.labels[pictures.own], pictures.labels[pictures.held_back]
    known, strange = [], []
    for fold in range(FOLDS):
        there = own % FOLDS != fold
        if not there.any():
            continue
        index = gallery(enrolled[there], own[there])
        scores = knownness(openness_of(index, vectors, by.scale), by)
        known.append(scores[asked % FOLDS != fold])
        strange.append(scores[asked % FOLDS == fold])
    return np.concatenate(known), np.concatenate(strange)
