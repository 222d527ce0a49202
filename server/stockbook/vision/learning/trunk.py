"""The trunk's maps of many views, made once and kept: what the tail learns from, epoch after epoch."""

import hashlib
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

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
        self._runners = threading.local()
        """Each thread's own."""
        self.used: list[str] = []
        """Names of the maps that were asked for: what a lesson consists of."""
        cache.mkdir(parents=True, exist_ok=True)

    def plain(self, which: Numbers, kind: views.Kind, advance: Advance, crop: float = 1.0) -> Maps:
        """Return the maps of pictures as the device sees them, or turned for judging."""
        return self._kept(which, [kind] * len(which), None, advance, crop=crop)

    def varied(self, which: Numbers, kinds: list[views.Kind], number: int, advance: Advance, dye: int = 0) -> Maps:
        """Return the maps of the numbered view for learning."""
        return self._kept(which, kinds, number, advance, dye=dye)

    def _kept(
        self,
        which: Numbers,
        kinds: list[views.Kind],
        number: int | None,
        advance: Advance,
        *,
        dye: int = 0,
        crop: float = 1.0,
    ) -> Maps:
        names = [self.pictures.pictures[at].path for at in which]
        sizes = [(self.pictures.folder / name).stat().st_size for name in names]
        upright = self.pictures.upright[self.pictures.labels[which]].tolist()
        drawn = [self.pixels, self.seed, number, dye, crop]
        about = [views.MADE, self.backbone.digest, drawn, names, sizes, kinds, upright]
        file = self.cache / f"{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]}.npy"
        self.used.append(file.name)
        if not file.is_file():
            made = self._made(which, kinds, advance, lambda at, kind: self._view(at, kind, number, dye, crop))
            part = file.with_suffix(".part")
            with part.open("wb") as out:
                np.save(out, made)
            part.rename(file)
        else:
            advance(len(which))
        maps: Maps = np.load(file, mmap_mode="r")
        return maps

    def _made(
        self, which: Numbers, kinds: list[views.Kind], advance: Advance, view: Callable[[int, views.Kind], views.Pixels]
    ) -> Maps:
        def made(at: int, kind: views.Kind) -> Maps:
            return self._looked(view(at, kind))

        assert self._file  # before the threads ask for it all at once
        parts = []
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:  # each picture by itself: none adds up otherwise
            for maps in pool.map(made, which.tolist(), kinds):
                parts.append(maps)
                advance(1)
        return np.stack(parts)

    @cached_property
    def _file(self) -> bytes:
        return conversion.trunk(self.backbone, self.pixels)

    def _looked(self, seen: views.Pixels) -> Maps:
        runner = getattr(self._runners, "own", None)
        if runner is None:
            runner = self._runners.own = Interpreter(model_content=self._file, num_threads=1)
            runner.allocate_tensors()
        (given,), (told,) = runner.get_input_details(), runner.get_output_details()
        runner.set_tensor(given["index"], seen[None].astype(np.float32))
        runner.invoke()
        return np.asarray(runner.get_tensor(told["index"])[0], np.float16)

    def _view(self, at: int, kind: views.Kind, number: int | None, dye: int, crop: float) -> views.Pixels:
        image = self.pictures.open(at)
        if number is None:
            return views.plain(image, self.pixels, kind, np.random.default_rng([self.seed, at]), crop)
        rng = np.random.default_rng([self.seed, at, number])
        mirror = not self.pictures.items[self.pictures.pictures[at].item].upright
        return views.varied(image, self.pixels, kind, rng, mirror=mirror, dye=dye)
