"""What cross-validation says: the thresholds that ship, and what to expect of goods never seen."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handheld.vision.fitting import accepted_from
from handheld.vision.scoring import Floats, Index, Matrix, Openness, knownness
from stockbook.vision.calibration import Answers, calibration_error, fitted_scale
from stockbook.vision.folds import FOLDS
from stockbook.vision.judging import answers, few_shots, gallery, joined, openness_of, tells_up, tops
from stockbook.vision.pictures import Numbers
from stockbook.vision.strangers import Weights, auroc, fitted, held, let_through
from stockbook.vision.views import Kind

FALSE_ALARMS = 0.005
"""Share of upright goods that may be called upside down."""


class Seen(NamedTuple):
    """Vectors of pictures, and the items that they show."""

    vectors: Matrix
    labels: Numbers

    def of(self, items: Numbers) -> "Seen":
        """Return the pictures of some items."""
        which = np.isin(self.labels, items)
        return Seen(self.vectors[which], self.labels[which])


class Trial(NamedTuple):
    """One fold: a network that has learnt some items, asked about other pictures of these and about other items."""

    learnt: Seen
    asked: Seen
    enrolled: Seen
    strange: Seen
    down: Mapping[Kind, Floats]
    """How surely goods with a top were seen upside down, by how they lay."""

    @property
    def known(self) -> Index:
        """The gallery of the items that were learnt."""
        return gallery(*self.learnt)

    def lacking(self, scale: float) -> tuple[Openness, Openness]:
        """Return what is seen of the asked pictures where a third of the learnt items, in turn, is not enrolled.

        First of those that are enrolled, then of those that are not.
        """
        items = np.unique(self.learnt.labels)
        there, gone = [], []
        for third in range(FOLDS):
            out = items[third::FOLDS]
            left = np.setdiff1d(items, out)
            if not len(left):
                continue
            index = gallery(*self.learnt.of(left))
            there.append(openness_of(index, self.asked.of(left).vectors, scale))
            gone.append(openness_of(index, self.asked.of(out).vectors, scale))
        return joined(there), joined(gone)

    def few(self, about: Numbers, seed: int) -> dict[int, float]:
        """Return top-1 of strange items in the gallery of all, by how many photographs enrol each of them.

        Asked are the strange pictures, and what the enrolling leaves over.
        """
        everything = (
            np.concatenate([self.learnt.vectors, self.enrolled.vectors]),
            np.concatenate([self.learnt.labels, self.enrolled.labels]),
        )
        return few_shots(everything, self.strange.of(about), np.unique(self.strange.labels), seed, spare=about)


class Thresholds(NamedTuple):
    """What ships with the model."""

    scale: float
    accept: float
    strangers: Weights
    upside_down: float

    def facts(self) -> dict[str, Any]:
        """Return them as sku.json has them."""
        weights = self.strangers._asdict()
        known = weights.pop("known")
        numbers = {"scale": self.scale, "accept": self.accept, "known": known, "upside_down": self.upside_down}
        return {name: round(value, 5) for name, value in numbers.items()} | {
            "unknown": {name: round(value, 5) for name, value in weights.items()}
        }


class Crossed(NamedTuple):
    """What all folds came to."""

    thresholds: Thresholds
    figures: dict[str, float]
    said: list[Answers]
    known: Floats
    """Open-set scores of pictures of known items, and of strange ones."""
    strange: Floats
    few: dict[str, dict[int, float]]
    """Curves of top-1 by photographs, of all strange items and of those with a top."""


def crossed(trials: Sequence[Trial], upright: NDArray[np.bool_], seed: int) -> Crossed:
    """Fit the thresholds to the folds, and judge by them."""
    indexes = [trial.known for trial in trials]
    said = [answers(index, *trial.asked) for index, trial in zip(indexes, trials, strict=True)]
    scale = fitted_scale(said)
    sure, right = (np.concatenate(each) for each in zip(*(each.confidence(scale) for each in said), strict=True))
    known, strange = (_openness(indexes, trials, scale, what) for what in ("asked", "strange"))
    there, gone = (joined(each) for each in zip(*(trial.lacking(scale) for trial in trials), strict=True))
    weights = held(fitted(joined([known, there]), joined([strange, gone])), known)
    down = _together([trial.down for trial in trials])
    thresholds = Thresholds(scale, accepted_from(sure, right), weights, _alarmed_from(down))
    scores = tuple(knownness(each, weights.calibration(scale, 1.0)) for each in (known, strange))
    few = {
        "all": _few(trials, np.arange(len(upright)), seed),
        "cartons": _few(trials, np.flatnonzero(upright), seed),
    }
    cartons = [upright[trial.asked.labels] for trial in trials]
    accepted = sure >= thresholds.accept
    figures = {
        **_averaged([tops(each) for each in said]),
        **_averaged([tops(each, which, "cartons_") for each, which in zip(said, cartons, strict=True)]),
        "calibration_error": calibration_error(sure, right),
        "filled_in": float(accepted.mean()),
        "filled_in_right": float(right[accepted].mean()) if accepted.any() else 1.0,
        "open_set_auroc": auroc(scores[0], scores[1]),
        "accepted_unknowns": let_through(scores[0], scores[1]),
        **{f"new_few_shot_{shots}": value for shots, value in few["all"].items()},
        **{f"new_cartons_few_shot_{shots}": value for shots, value in few["cartons"].items()},
        **orientation(down, thresholds.upside_down),
    }
    return Crossed(thresholds, figures, said, scores[0], scores[1], few)


def _openness(indexes: Sequence[Index], trials: Sequence[Trial], scale: float, what: str) -> Openness:
    return joined(
        [openness_of(index, getattr(trial, what).vectors, scale) for index, trial in zip(indexes, trials, strict=True)]
    )


def _together(parts: Sequence[Mapping[Kind, Floats]]) -> dict[Kind, Floats]:
    return {kind: np.concatenate([part[kind] for part in parts]) for kind in (parts[0] if parts else ())}


def _alarmed_from(down: Mapping[Kind, Floats], least: float = 0.5) -> float:
    upright = np.concatenate([down[kind] for kind in (Kind.PLAIN, Kind.SEAM) if kind in down] or [np.zeros(1)])
    return round(max(least, float(np.quantile(upright, 1 - FALSE_ALARMS, method="higher")) + 1e-4), 4)


def orientation(down: Mapping[Kind, Floats], threshold: float) -> dict[str, float]:
    """Return how well up is told: of whole pictures turned, and of goods turned alone."""
    pairs = {"orientation_whole": (Kind.PLAIN, Kind.TURNED), "orientation": (Kind.SEAM, Kind.INVERTED)}
    found: dict[str, float] = {}
    for name, (up, over) in pairs.items():
        if up in down and over in down and len(down[up]):
            told = tells_up(down[up], down[over], threshold)
            found |= {name: told["accuracy"], f"{name}_hits": told["hits"], f"{name}_false": told["false_alarms"]}
    return found


def _few(trials: Sequence[Trial], items: Numbers, seed: int) -> dict[int, float]:
    """Average the curves of the folds, each counting by how many pictures it was asked."""
    curves = []
    for trial in trials:
        count = int(np.isin(trial.strange.labels, items).sum())
        if count:
            curves.append((count, trial.few(items, seed)))
    asked = sum(count for count, _ in curves)
    return {
        shots: sum(count * curve[shots] for count, curve in curves) / asked
        for shots in (curves[0][1] if curves else ())
    }


def _averaged(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    there = [part for part in parts if part]
    return {name: float(np.mean([part[name] for part in there])) for name in (there[0] if there else ())}
