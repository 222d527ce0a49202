"""How like a picture is to what is enrolled: arrays in, arrays out, a row for each picture that is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handheld.vision.model import Calibration

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
NEAREST = 5
CLOSE_SHARE = 0.02
"""Of all pairs of items so many are close: the likeliest to be taken for each other."""
PAIRED_MAX = 200
"""Items whose pairs tell how close that is; of more, these are taken evenly."""
CLOSEST_SHARE = 0.2
"""Of an item's photographs so many are compared with, at least one: a share, or items with many would seem nearer."""
MANY = NormalDist().pdf(NormalDist().inv_cdf(1 - CLOSEST_SHARE)) / CLOSEST_SHARE
"""By how many spreads the nearest of endlessly many photographs are ahead of the mean one."""
FEW = 4
"""So few pictures aren't worth the threads of a matrix product."""
OTHERS, TINY = 1e-6, 1e-300
"""What an item's best photograph counts for that isn't among the nearest: it orders those without a vote."""


class Method(Enum):
    """How an item's photographs are taken together."""

    CLOSEST = "closest"
    """By the mean cosine of the nearest fifth of them, as it would be if there were many."""
    NEAREST = "nearest"
    """By the votes of the five nearest of all, a nearer one's weighing more."""


@dataclass(frozen=True, slots=True)
class Index:
    """What is enrolled under one model, ready to be compared with.

    >>> index = indexed([("MILK", [1, 0]), ("MILK", [0.8, 0.6]), ("SOY", [0, 1])])
    >>> index.items, index.owner.tolist(), index.prototypes.round(2).tolist()
    (('MILK', 'SOY'), [0, 0, 1], [[0.95, 0.32], [0.0, 1.0]])
    """

    items: tuple[str, ...]
    vectors: Matrix
    """A row for each photograph, of length one."""
    owner: NDArray[np.intp]
    """Whose each row is: a place in `items`."""
    prototypes: Matrix
    """A row for each item."""
    here: NDArray[np.bool_]
    """Whether each photograph was taken here; those that a model was trained on look better than any other."""
    close: float
    """The cosine from which two prototypes are close, for goods of this kind; above 1 without a pair."""


class Compared(NamedTuple):
    """Cosines of pictures, a row for each, with what is enrolled."""

    near: Floats
    """With every photograph."""
    alike: Floats
    """With every item: the mean of its closest photographs', as it would be if there were many."""
    middle: Floats
    """With every item's prototype, which tells strange goods a little better."""
    owner: NDArray[np.intp]
    """Whose each photograph is."""


class Openness(NamedTuple):
    """What tells whether a picture is of anything enrolled, an entry for each picture."""

    top: Floats
    """The nearest photograph's cosine."""
    margin: Floats
    """How far the best item's cosine is ahead of the next one's; of a single item its own."""
    energy: Floats
    """logsumexp(scale * cosines) / scale."""


def unit(vectors: object) -> Matrix:
    """Return vectors of length one; one of zeros stays so."""
    rows = np.asarray(vectors, np.float32)
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), np.float32)


def indexed(photographs: Sequence[tuple[str, object]], here: Sequence[bool] | None = None) -> Index:
    """Return an index of (item, vector); items in their own order."""
    items = tuple(sorted({item for item, _ in photographs}))
    at = {item: number for number, item in enumerate(items)}
    owner = np.array([at[item] for item, _ in photographs], np.intp)
    vectors = unit([vector for _, vector in photographs]) if photographs else np.zeros((0, 0), np.float32)
    sums = np.zeros((len(items), vectors.shape[1] if photographs else 0), np.float32)
    np.add.at(sums, owner, vectors)
    taken = np.ones(len(photographs), bool) if here is None else np.array(here, bool)
    return Index(items, vectors, owner, unit(sums), taken, _close(unit(sums)))


def _close(prototypes: Matrix) -> float:
    if len(prototypes) < 2:
        return 2.0
    some = prototypes[np.linspace(0, len(prototypes) - 1, min(len(prototypes), PAIRED_MAX)).astype(int)]
    return float(np.quantile((some @ some.T)[np.triu_indices(len(some), 1)], 1 - CLOSE_SHARE))


def compared(index: Index, asked: Matrix) -> Compared:
    """Return how like each picture is to everything enrolled.

    >>> index = indexed([("MILK", [1, 0]), ("MILK", [0.6, 0.8]), ("SOY", [0, 1])])
    >>> compared(index, unit([[0, 1]])).alike.round(2).tolist()
    [[1.26, 1.79]]
    """
    near = _products(asked, index.vectors)
    alike = likeness(near, index.owner, len(index.items))
    return Compared(near, alike, _products(asked, index.prototypes), index.owner)


def closest(photographs: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return how many of so many photographs of an item count.

    >>> closest(np.array([1, 5, 10, 40])).tolist()
    [1, 1, 2, 8]
    """
    return np.asarray(np.maximum(np.rint(CLOSEST_SHARE * photographs), 1), np.intp)


@cache
def _ahead(photographs: int) -> float:
    """Return by how many spreads the nearest of so many photographs are ahead of the mean one, on average.

    Blom's approximation for draws from a normal distribution.

    >>> [round(_ahead(photographs), 2) for photographs in (1, 2, 5, 10, 1000)]
    [0.0, 0.59, 1.18, 1.27, 1.4]
    """
    count = int(closest(np.array(photographs)))
    return sum(NormalDist().inv_cdf((photographs - at - 0.375) / (photographs + 0.25)) for at in range(count)) / count


def likeness(near: Floats, owner: NDArray[np.intp], items: int, without: NDArray[np.bool_] | None = None) -> Floats:
    """Return the mean of each item's closest photographs, as it would be if each had many; -1 for an item of none.

    Of many photographs the nearest are nearer, whatever the item: so one with few
    gains what it lacks for that, in spreads of the cosines within an item, which
    all items share. `without` says which photographs don't count, for each picture.
    """
    whole = np.bincount(owner, minlength=items)
    start = np.cumsum(whole) - whole
    photographs, squares = np.broadcast_to(whole, (len(near), items)), near**2
    if without is not None:
        near, squares = np.where(without, -1.0, near), np.where(without, 0.0, squares)
        in_order = without[:, np.argsort(owner, kind="stable")]
        photographs = whole - np.add.reduceat(in_order, start, axis=1, dtype=np.intp)
    apart = 4.0 * owner  # cosines differ by 2 at most: one sort brings an item's together, the nearest first
    sorted_ = np.sort(apart) - np.sort(apart - near, axis=1)
    sums = np.concatenate([np.zeros((len(near), 1)), np.cumsum(sorted_, axis=1)], axis=1)

    def first(how_many: NDArray[np.intp]) -> Floats:
        return np.asarray(np.take_along_axis(sums, start + how_many, axis=1) - sums[:, start])

    most = np.maximum(photographs, 1)
    apart_within = squares.sum(axis=1) - (first(photographs) ** 2 / most).sum(axis=1)
    spread = np.sqrt(np.maximum(apart_within, 0) / np.maximum((most - 1).sum(axis=1), 1))
    numbers = np.unique(most)
    ahead = np.zeros(int(numbers[-1]) + 1 if len(numbers) else 1)
    ahead[numbers] = [_ahead(int(number)) for number in numbers]
    found = first(closest(most)) / closest(most) + spread[:, None] * (MANY - ahead[most])
    return np.where(photographs > 0, found, -1.0)


def _products(asked: Matrix, known: Matrix) -> Floats:
    few = len(asked) <= FEW
    return np.asarray(np.einsum("ij,kj->ik", asked, known) if few else asked @ known.T, np.float64)


def logits(seen: Compared, scale: float, method: Method = Method.CLOSEST) -> Floats:
    """Return for each picture what speaks for each item; a softmax of it is the confidence."""
    if method is Method.CLOSEST:
        return scale * seen.alike
    weight = np.exp(scale * (seen.near - 1))
    votes, best = np.zeros((2, *seen.alike.shape))
    np.maximum.at(best.T, seen.owner, weight.T)
    chosen = np.argsort(-seen.near, axis=1, kind="stable")[:, :NEAREST]
    rows = np.arange(len(chosen))[:, None]
    np.add.at(votes, (rows, seen.owner[chosen]), weight[rows, chosen])
    return np.asarray(np.log(votes + OTHERS * best + TINY))


def softmax(rows: Floats) -> Floats:
    """Return shares that add up to one, row by row.

    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    raised = np.exp(rows - rows.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def openness(seen: Compared, scale: float) -> Openness:
    """Return what tells known from unknown."""
    ordered = np.sort(seen.middle, axis=1)
    margin = ordered[:, -1] - ordered[:, -2] if ordered.shape[1] > 1 else ordered[:, -1]
    raised = scale * seen.middle
    most = raised.max(axis=1)
    energy = (most + np.log(np.exp(raised - most[:, None]).sum(axis=1))) / scale
    return Openness(seen.near.max(axis=1), margin, energy)


def knownness(seen: Openness, by: Calibration) -> Floats:
    """Return from 0 to 1 how surely a picture is of something enrolled."""
    said = by.bias + by.top * seen.top + by.margin * seen.margin + by.energy * seen.energy
    return np.asarray(1 / (1 + np.exp(-np.clip(said, -60, 60))))
