"""Runs a model file over the pictures, as a device would."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handheld.vision.absent import Absent
from handheld.vision.model import Model
from handheld.vision.runtime import begun
from handheld.vision.scoring import Floats, Matrix, softmax, unit
from stockbook.vision import views
from stockbook.vision.pictures import Collection, Numbers


class NoRuntime(Exception):
    """Nothing here runs a .tflite file."""


class Looks:
    """What a model says of pictures; kept under the cache folder, by the model's hash."""

    def __init__(self, model: Model, pictures: Collection, cache: Path, seed: int = 0) -> None:
        self.model, self.pictures, self.cache, self.seed = model, pictures, cache, seed
        cache.mkdir(parents=True, exist_ok=True)

    def at(self, which: Numbers, kind: views.Kind, advance: Callable[[int], None]) -> tuple[Matrix, Floats]:
        """Return embeddings of length one, and how surely each lies upside down."""
        names = [self.pictures.pictures[each].path for each in which]
        about = [self.model.sha256, self.seed, str(self.pictures.folder.resolve()), names, kind]
        file = self.cache / f"looks-{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]}.npz"
        if file.is_file():
            advance(len(which))
            with np.load(file) as kept:
                return kept["vectors"], kept["down"]
        vectors, logits = self._run(which, kind, advance)
        found = unit(vectors), softmax(logits.astype(np.float64))[:, 1]
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.savez(out, vectors=found[0], down=found[1])
        part.rename(file)
        return found

    def _run(
        self, which: Numbers, kind: views.Kind, advance: Callable[[int], None]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        runtime = begun(self.model)
        if isinstance(runtime, Absent):
            raise NoRuntime(f"{runtime.text.en} ({runtime.detail})")
        vectors = np.zeros((len(which), self.model.dimensions), np.float32)
        logits = np.zeros((len(which), 2), np.float32)
        for row, at in enumerate(which):
            rng = np.random.default_rng([self.seed, int(at)])
            seen = views.plain(self.pictures.open(int(at)), self.model.size, kind, rng)
            vectors[row], logits[row] = runtime.run(seen.astype(np.float32))
            advance(1)
        return vectors, logits
