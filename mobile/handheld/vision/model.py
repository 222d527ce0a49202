"""A model as it lies in its folder: `sku.tflite`, and `sku.json` with what is known of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from handheld.vision.absent import Absent, Why

SHIPPED = Path(__file__).parent / "model"
WEIGHTS, FACTS = "sku.tflite", "sku.json"
UPSIDE_DOWN = 0.9
WHOLE = (1.0,)
CROPS_MAX = 4
"""Each of them is a run of the model."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How similarities become confidence, and how much of it is enough.

    Attributes
    ----------
    scale
        What a cosine is multiplied by before the softmax.
    accept
        The confidence from which an item is filled in; above 1 it never is.
    known
        The score from which goods count as enrolled, below which they are "not in the catalogue".
    bias, top, margin, energy
        Weights of that score, a logistic one: of the nearest photograph's
        cosine, of how far the best item is ahead of the next, and of
        logsumexp(scale * cosines) / scale.
    """

    scale: float
    accept: float
    known: float
    bias: float = 0.0
    top: float = 1.0
    margin: float = 0.0
    energy: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """What a file of weights is, and how its answers are read."""

    path: Path
    version: str
    sha256: str
    size: int
    dimensions: int
    shipped: Calibration
    """What it was given where it was trained; a shop fits its own."""
    upside_down: float = UPSIDE_DOWN
    crops: tuple[float, ...] = WHOLE
    """Shares of a picture's middle square that are looked at; what is seen in each of them is averaged."""


def read(folder: Path = SHIPPED) -> Model | Absent:
    """Return the model of a folder; one that is not whole is none.

    >>> read(Path("nowhere")).why
    <Why.NO_MODEL: 'no_model'>
    """
    path = folder / WEIGHTS
    try:
        facts, weights = (folder / FACTS).read_text(), path.read_bytes()
    except FileNotFoundError as missing:
        return Absent(Why.NO_MODEL, str(missing))
    except OSError as fault:
        return Absent(Why.BAD_MODEL, str(fault))
    try:
        model = _read(path, json.loads(facts))
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        return Absent(Why.BAD_MODEL, f"{FACTS}: {fault!r}")
    if sha256(weights).hexdigest() != model.sha256:
        return Absent(Why.BAD_MODEL, f"{WEIGHTS} is not the file that {FACTS} names")
    return model


def _read(path: Path, said: Mapping[str, Any]) -> Model:
    weights = {name: float(said["unknown"][name]) for name in ("bias", "top", "margin", "energy")}
    shipped = Calibration(float(said["scale"]), float(said["accept"]), float(said["known"]), **weights)
    size, dimensions = int(said["size"]), int(said["dimensions"])
    if size < 1 or dimensions < 1 or not shipped.scale > 0:
        raise ValueError("size, dimensions and scale are above zero")
    upside_down = float(said.get("upside_down", UPSIDE_DOWN))
    crops = tuple(map(float, said.get("crops", WHOLE)))
    if not 0 < len(crops) <= CROPS_MAX or not all(0 < crop <= 1 for crop in crops):
        raise ValueError(f"crops are 1 to {CROPS_MAX} shares of the square")
    return Model(path, str(said["version"]), str(said["sha256"]), size, dimensions, shipped, upside_down, crops)
