"""A shop's own calibration: from what it enrolled, and from what its people and barcodes settled.

What was photographed here is asked about itself: each photograph against all the
others (what is known looks like this), and against the other items alone (what
is strange looks like this). Photographs taken one after another flatter, so
until enough was settled at work confidence doesn't rise above, nor `accept` fall
below what the model came with.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handheld.vision.model import Calibration
from handheld.vision.scoring import (
    Compared,
    Floats,
    Index,
    Method,
    Openness,
    compared,
    knownness,
    likeness,
    logits,
    openness,
    softmax,
    unit,
)
from handheld.vision.settling import Settled

Truth = NDArray[np.intp]
Right = NDArray[np.bool_]
PRECISION = 0.98
"""Of what is filled in by itself, so much shall be right."""
KEPT = 0.95
"""Of what is enrolled, so much shall not be called strange."""
KEPT_UNPROVEN = 0.99
"""The same of photographs taken one after another, which are more like each other than like what work will meet."""
NEVER = 1.01
"""An `accept` that no confidence reaches."""
ROWS_MIN = 30
"""With fewer pictures nothing is fitted."""
SETTLED_MIN = 50
"""Settled proposals from which on the shop's own use speaks louder than its enrolment."""
STRANGE_ITEMS_MIN = 10
"""With fewer items, an item left out says little of what a stranger looks like."""
ASKED_MAX = 1_000
"""Photographs of the gallery that are asked about."""
SAME = 0.9995
"""A settled picture that was enrolled since is no longer asked about: it would find itself."""
SCALES = np.geomspace(0.25, 4, 81)
"""Times the scale that the model came with."""
PRIOR_ROWS = 10.0
"""The model's own scale and weights count as much as so many pictures."""


class Rows(NamedTuple):
    """Pictures of what is enrolled, compared, with which item each is of."""

    seen: Compared
    truth: Truth

    def __len__(self) -> int:
        return len(self.truth)


def fitted(
    index: Index, settled: Sequence[Settled], shipped: Calibration, method: Method = Method.CLOSEST
) -> Calibration:
    """Return the calibration of a shop; where it has too little of its own, what the model came with.

    The scale is the one under which what was right was likeliest, `accept` the
    lowest confidence whose answers keep `PRECISION`, `known` the score that keeps
    `KEPT` of what is enrolled.
    """
    if len(index.items) < 2:
        return shipped
    own, (used, strange) = left_out(index, _taken_here(index)), _asked(index, settled)
    proven = len(used) >= SETTLED_MIN
    rows = used if proven else _joined(own, used)
    found = shipped
    if len(rows) >= ROWS_MIN:
        scale = _scale(rows, shipped.scale, method)
        scale = scale if proven else min(scale, shipped.scale)
        asked = (own, used) if proven else (rows,)
        accept = max(accepted_from(*confidences(each, scale, method)) for each in asked if len(each) >= ROWS_MIN)
        found = replace(found, scale=scale, accept=accept if proven else max(accept, shipped.accept))
    if len(index.items) >= STRANGE_ITEMS_MIN:
        known = _both(_open(own.seen, shipped.scale), _open(used.seen, shipped.scale))
        others = _both(_open(strangers(index, _taken_here(index)), shipped.scale), _open(strange, shipped.scale))
        if min(len(known.top), len(others.top)) >= ROWS_MIN:
            found = _told_apart(known, others, found, KEPT if proven else KEPT_UNPROVEN)
    return found


# what is asked


def left_out(index: Index, rows: Truth) -> Rows:
    """Return photographs compared with all the others; of items with one photograph none, nothing would be left.

    >>> from handheld.vision.scoring import indexed
    >>> found = left_out(indexed([("A", [1, 0]), ("A", [0, 1]), ("B", [1, 1])]), np.arange(3))
    >>> found.truth.tolist(), found.seen.alike.round(2).tolist()
    ([0, 0], [[0.0, 0.71], [0.0, 0.71]])
    """
    rows = rows[np.bincount(index.owner, minlength=len(index.items))[index.owner[rows]] > 1]
    asked, truth = index.vectors[rows], index.owner[rows]
    seen = compared(index, asked)
    sums = np.zeros_like(index.prototypes)
    np.add.at(sums, index.owner, index.vectors)
    seen.middle[np.arange(len(rows)), truth] = (unit(sums[truth] - asked) * asked).sum(axis=1)
    itself = rows[:, None] == np.arange(len(index.owner))
    return Rows(_without(index, seen, itself), truth)


def strangers(index: Index, rows: Truth) -> Compared:
    """Return photographs compared with the other items alone, as if their own were not enrolled."""
    seen = compared(index, index.vectors[rows])
    seen.middle[np.arange(len(rows)), index.owner[rows]] = -1
    return _without(index, seen, index.owner[rows][:, None] == index.owner)


def _without(index: Index, seen: Compared, which: Right) -> Compared:
    alike = likeness(seen.near, index.owner, len(index.items), which)
    return Compared(np.where(which, -1.0, seen.near), alike, seen.middle, index.owner)


def _taken_here(index: Index) -> Truth:
    """Return photographs to ask about: those taken here, evenly over the items, no more than memory allows."""
    rows = np.flatnonzero(index.here)
    if len(rows) <= ASKED_MAX:
        return rows
    return rows[np.linspace(0, len(rows) - 1, ASKED_MAX).astype(np.intp)]


def _asked(index: Index, settled: Sequence[Settled]) -> tuple[Rows, Compared]:
    """Return what was settled as of something enrolled, and as of something that is not."""
    at = {item: number for number, item in enumerate(index.items)}
    dimensions = index.vectors.shape[1]
    vectors = unit(np.array([each.vector for each in settled], np.float32).reshape(len(settled), dimensions))
    truth = np.array([at.get(each.item, -1) for each in settled], np.intp)
    seen = compared(index, vectors)
    fresh = seen.near.max(axis=1, initial=-1) < SAME
    return Rows(_some(seen, fresh & (truth >= 0)), truth[fresh & (truth >= 0)]), _some(seen, fresh & (truth < 0))


def _some(seen: Compared, which: Right) -> Compared:
    return Compared(seen.near[which], seen.alike[which], seen.middle[which], seen.owner)


def _joined(one: Rows, other: Rows) -> Rows:
    seen = Compared(
        np.concatenate([one.seen.near, other.seen.near]),
        np.concatenate([one.seen.alike, other.seen.alike]),
        np.concatenate([one.seen.middle, other.seen.middle]),
        one.seen.owner,
    )
    return Rows(seen, np.concatenate([one.truth, other.truth]))


# how sure


def confidences(rows: Rows, scale: float, method: Method) -> tuple[Floats, Right]:
    """Return how sure the first candidate was, and whether it was right."""
    shares = softmax(logits(rows.seen, scale, method))
    return shares.max(axis=1), shares.argmax(axis=1) == rows.truth


def _scale(rows: Rows, shipped: float, method: Method) -> float:
    def surprise(times: float) -> float:
        shares = softmax(logits(rows.seen, shipped * times, method))[np.arange(len(rows)), rows.truth]
        return float(-np.log(np.maximum(shares, 1e-12)).sum() + PRIOR_ROWS * np.log(times) ** 2)

    return shipped * float(min(SCALES, key=surprise))


def accepted_from(confidence: Floats, right: Right, precision: float = PRECISION) -> float:
    """Return the lowest confidence whose answers are right often enough; NEVER where none are.

    One more error than was seen is assumed, so that a few lucky pictures prove nothing.

    >>> sure, right = np.linspace(0.5, 1, 501), np.arange(501) >= 100
    >>> accepted_from(sure, right), accepted_from(sure[-20:], right[-20:])
    (0.593, 1.01)
    """
    order = np.argsort(-confidence, kind="stable")
    ordered, count = confidence[order], np.arange(1, len(order) + 1)
    wrong = np.cumsum(~right[order])
    whole = np.append(ordered[1:] < ordered[:-1], True)  # those as sure as each other stand or fall together
    enough = np.flatnonzero(whole & ((wrong + 1) / (count + 2) <= 1 - precision))
    return float(ordered[enough[-1]]) if len(enough) else NEVER


# known or strange


def _open(seen: Compared, scale: float) -> Openness:
    if not len(seen.near):
        return Openness(*np.zeros((3, 0)))
    return openness(seen, scale)


def _both(one: Openness, other: Openness) -> Openness:
    return Openness(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))


def _told_apart(known: Openness, strange: Openness, found: Calibration, kept: float) -> Calibration:
    """Return the calibration with a score fitted by Newton's steps, held to what the model came with."""
    inputs = np.column_stack([np.ones(len(known.top) + len(strange.top)), *_both(known, strange)])
    answer = np.repeat([1.0, 0.0], [len(known.top), len(strange.top)])
    share = np.where(answer == 1, 0.5 / len(known.top), 0.5 / len(strange.top)) * len(answer)
    shipped = np.array([found.bias, found.top, found.margin, found.energy])
    spread = np.array([1e3, *inputs[:, 1:].std(axis=0) + 1e-6])  # the intercept is free
    held = PRIOR_ROWS * np.diag([1e-6, *spread[1:] ** 2])
    weights = shipped.copy()
    for _ in range(30):
        said = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (share * (said - answer)) + held @ (weights - shipped)
        bend = (inputs * (share * np.maximum(said * (1 - said), 1e-6))[:, None]).T @ inputs + held
        weights = weights - np.linalg.solve(bend, slope)
    bias, top, margin, energy = (float(each) for each in weights)
    found = replace(found, bias=bias, top=top, margin=margin, energy=energy)
    score = knownness(known, found)
    return replace(found, known=float(np.quantile(score, 1 - kept, method="lower")))
