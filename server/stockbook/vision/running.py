"""Runs a model file over the pictures, as a device would."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from handheld.vision.absent import Absent
from handheld.vision.model import Model
from handheld.vision.recogniser import looked
from handheld.vision.runtime import begun
from handheld.vision.scoring import Floats, Matrix
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
        folder = str(self.pictures.folder.resolve())
        about = [views.MADE, self.model.sha256, self.model.crops, self.seed, folder, names, kind]
        file = self.cache / f"looks-{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]}.npz"
        if file.is_file():
            advance(len(which))
            with np.load(file) as kept:
                return kept["vectors"], kept["down"]
        found = self._run(which, kind, advance)
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.savez(out, vectors=found[0], down=found[1])
        part.rename(file)
        return found

    def _run(self, which: Numbers, kind: views.Kind, advance: Callable[[int], None]) -> tuple[Matrix, Floats]:
        runtime = begun(self.model)
        if isinstance(runtime, Absent):
            raise NoRuntime(f"{runtime.text.en} ({runtime.detail})")
        found = []
        for at in which:
            image, crops = self.pictures.open(int(at)), []
            for crop in self.model.crops:
                rng = np.random.default_rng([self.seed, int(at)])
                crops.append(views.plain(image, self.model.size, kind, rng, crop).astype(np.float32))
            found.append(looked(runtime, np.stack(crops)))
            advance(1)
        vectors = np.stack([look.vector for look in found]) if found else np.zeros((0, self.model.dimensions))
        return vectors.astype(np.float32), np.array([look.upside_down for look in found], np.float64)
