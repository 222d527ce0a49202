"""How well does a model recognise? Figures from its vectors, by the device's own comparing."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handheld.vision.scoring import Floats, Index, Matrix, Openness, compared, indexed, openness
from stockbook.vision.calibration import Answers
from stockbook.vision.pictures import Numbers

Figures = Mapping[str, float]
SHOTS = (1, 2, 3, 5, 10)
DRAWS = 5
"""Galleries drawn for each number of photographs; their figures are averaged."""


def gallery(vectors: Matrix, labels: Numbers) -> Index:
    """Return the photographs as the device keeps them; its items are the labels, in order."""
    return indexed([(f"{label:06}", vector) for label, vector in zip(labels, vectors, strict=True)])


def answers(index: Index, vectors: Matrix, labels: Numbers) -> Answers:
    """Return what a gallery says of pictures of its items."""
    items = np.array([int(item) for item in index.items])
    return Answers(compared(index, vectors).alike, np.searchsorted(items, labels))


def openness_of(index: Index, vectors: Matrix, scale: float) -> Openness:
    """Return what tells known from strange, of each picture."""
    return openness(compared(index, vectors), scale)


def joined(parts: Sequence[Openness]) -> Openness:
    """Return the pictures of several galleries as one."""
    return Openness(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def among(said: Answers, count: int) -> NDArray[np.bool_]:
    """Return whether the right item was among the first so many.

    >>> among(Answers(np.array([[0.1, 0.9, 0.5]]), np.array([2])), 2).tolist()
    [True]
    """
    right = said.cosines[np.arange(len(said.truth)), said.truth]
    return np.asarray((said.cosines > right[:, None]).sum(axis=1) < count)


def tops(said: Answers, which: NDArray[np.bool_] | None = None, before: str = "") -> dict[str, float]:
    """Return the shares of pictures whose item was first, among the first three and five.

    >>> tops(Answers(np.array([[0.1, 0.9, 0.5], [0.7, 0.1, 0.2]]), np.array([2, 0])))
    {'top1': 0.5, 'top3': 1.0, 'top5': 1.0}
    """
    if which is not None:
        said = Answers(said.cosines[which], said.truth[which])
    return {f"{before}top{count}": float(among(said, count).mean()) for count in (1, 3, 5)} if len(said.truth) else {}


def confusions(said: Answers, names: Sequence[str], most: int = 40) -> list[tuple[str, str, int]]:
    """Return the pairs that were taken for each other most: what it was, what was said, how often."""
    wrong = said.cosines.argmax(axis=1)
    pairs, counts = np.unique(np.column_stack([said.truth, wrong])[wrong != said.truth], axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return [(names[pairs[at][0]], names[pairs[at][1]], int(counts[at])) for at in order]


def few_shots(
    enrolled: tuple[Matrix, Numbers],
    asked: tuple[Matrix, Numbers],
    new: Numbers,
    seed: int,
    shots: Sequence[int] = SHOTS,
    spare: Numbers | None = None,
) -> dict[int, float]:
    """Return top-1 of pictures of new items, each enrolled by so few photographs beside all others.

    Items that are not new keep all of their photographs. Of items that are `spare`
    the photographs that a draw leaves over are asked about as well: ten times as
    many answers, where no network has learnt from them.
    """
    vectors, labels = enrolled
    rng = np.random.default_rng(seed)
    old = np.flatnonzero(~np.isin(labels, new))
    which = np.isin(asked[1], new)
    over = np.flatnonzero(np.isin(labels, () if spare is None else np.intersect1d(spare, new)))
    found: dict[int, float] = {}
    for count in shots:
        drawn: list[float] = []
        for _ in range(DRAWS):
            few = [rng.permutation(np.flatnonzero(labels == item))[:count] for item in new]
            rows = np.concatenate([old, *few]).astype(np.int64)
            left = np.setdiff1d(over, rows)
            seen = np.concatenate([asked[0][which], vectors[left]])
            shown = np.concatenate([asked[1][which], labels[left]])
            drawn.append(tops(answers(gallery(vectors[rows], labels[rows]), seen, shown))["top1"])
        found[count] = float(np.mean(drawn))
    return found


def tells_up(upright: Floats, inverted: Floats, threshold: float) -> dict[str, float]:
    """Return how often which way is up was told, and at the threshold the hits and false alarms.

    >>> tells_up(np.array([0.1, 0.2]), np.array([0.95, 0.6]), 0.9)
    {'accuracy': 1.0, 'hits': 0.5, 'false_alarms': 0.0}
    """
    return {
        "accuracy": float((np.mean(upright < 0.5) + np.mean(inverted >= 0.5)) / 2),
        "hits": float(np.mean(inverted >= threshold)),
        "false_alarms": float(np.mean(upright >= threshold)),
    }
