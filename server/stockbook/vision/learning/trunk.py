"""The trunk's maps of many views, made once and kept: what the tail learns from, epoch after epoch."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from stockbook.vision import views
from stockbook.vision.learning import conversion
from stockbook.vision.learning.network import Backbone
from stockbook.vision.learning.tail import Maps
from stockbook.vision.pictures import Collection, Numbers

Advance = Callable[[int], None]
"""Told how many pictures were seen."""


class Trunk:
    """Gives the maps of views; each set of them is a file under the cache folder."""

    def __init__(self, backbone: Backbone, pictures: Collection, cache: Path, pixels: int, seed: int) -> None:
        self.backbone, self.pictures, self.cache, self.pixels, self.seed = backbone, pictures, cache, pixels, seed
        self._runner: Any = None
        """Made when the first picture isn't in the cache."""
        self.used: list[str] = []
        """Names of the maps that were asked for: what a lesson consists of."""
        cache.mkdir(parents=True, exist_ok=True)

    def plain(self, which: Numbers, kind: views.Kind, advance: Advance) -> Maps:
        """Return the maps of pictures as the device sees them, or turned for judging."""
        return self._kept(which, [kind] * len(which), None, advance)

    def varied(self, which: Numbers, kinds: list[views.Kind], number: int, advance: Advance, dye: int = 0) -> Maps:
        """Return the maps of the numbered view for learning."""
        return self._kept(which, kinds, number, advance, dye)

    def _kept(
        self, which: Numbers, kinds: list[views.Kind], number: int | None, advance: Advance, dye: int = 0
    ) -> Maps:
        names = [self.pictures.pictures[at].path for at in which]
        sizes = [(self.pictures.folder / name).stat().st_size for name in names]
        upright = self.pictures.upright[self.pictures.labels[which]].tolist()
        about = [self.backbone.digest, self.pixels, self.seed, number, dye, names, sizes, kinds, upright]
        file = self.cache / f"{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]}.npy"
        self.used.append(file.name)
        if not file.is_file():
            made = self._made(which, kinds, number, advance, dye)
            part = file.with_suffix(".part")
            with part.open("wb") as out:
                np.save(out, made)
            part.rename(file)
        else:
            advance(len(which))
        maps: Maps = np.load(file, mmap_mode="r")
        return maps

    def _made(self, which: Numbers, kinds: list[views.Kind], number: int | None, advance: Advance, dye: int) -> Maps:
        parts = []
        for at, kind in zip(which, kinds, strict=True):
            parts.append(self._looked(self._view(int(at), kind, number, dye)))
            advance(1)
        return np.stack(parts)

    def _looked(self, seen: NDArray[np.uint8]) -> Maps:
        if self._runner is None:
            self._runner = Interpreter(model_content=conversion.trunk(self.backbone, self.pixels), num_threads=1)
            self._runner.allocate_tensors()
        (given,), (told,) = self._runner.get_input_details(), self._runner.get_output_details()
        self._runner.set_tensor(given["index"], seen[None].astype(np.float32))
        self._runner.invoke()
        return np.asarray(self._runner.get_tensor(told["index"])[0], np.float16)

    def _view(self, at: int, kind: views.Kind, number: int | None, dye: int) -> NDArray[np.uint8]:
        image = self.pictures.open(at)
        if number is None:
            return views.plain(image, self.pixels, kind, np.random.default_rng([self.seed, at]))
        rng = np.random.default_rng([self.seed, at, number])
        mirror = not self.pictures.items[self.pictures.pictures[at].item].upright
        return views.varied(image, self.pixels, kind, rng, mirror=mirror, dye=dye)
