"""What every room needs: the photographs, the models, and what each model sees in each photograph, looked at once."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from handheld.vision.absent import Absent
from handheld.vision.gallery import ENROLLED, SERVER, Gallery, Photograph
from handheld.vision.model import FACTS, Model, read
from handheld.vision.picture import cropped, opened
from handheld.vision.recogniser import Look, Recogniser, looked
from handheld.vision.runtime import Runtime, begun
from handheld.vision.scoring import Matrix, Method
from handheld.vision.settling import Settlements
from tests.bench_vision.grocery import Picture, names, pictures
from tests.handheld.vision.seeing import Catalogue

HELD = Path(__file__).parent / "held"
"""A model that was made like the shipped one, but without some of the items."""
AT = datetime(2026, 11, 28, tzinfo=UTC)


class Missing(Exception):
    """Something without which nothing can be measured."""


class Eyes:
    """A model that looks, and remembers what it saw."""

    def __init__(self, model: Model, runtime: Runtime, catalogue: Catalogue) -> None:
        self.model, self.runtime, self.catalogue = model, runtime, catalogue
        self._seen: dict[Path, Look] = {}

    def look(self, image: Image.Image) -> Look:
        """Return what the model sees."""
        return looked(self.runtime, cropped(image, self.model.size, self.model.crops))

    def vectors(self, of: Sequence[Picture]) -> Matrix:
        """Return what is seen in photographs, a row each."""
        for each in of:
            if each.path not in self._seen:
                self._seen[each.path] = self.look(image(each))
        return np.stack([self._seen[each.path].vector for each in of])

    @contextmanager
    def shop(
        self, enrolled: Sequence[Picture], source: str = ENROLLED, method: Method = Method.CLOSEST
    ) -> Iterator[Recogniser]:
        """Yield a device that has enrolled photographs."""
        with tempfile.TemporaryDirectory(prefix="vision") as name:
            path = Path(name) / "vision.db"
            recogniser = Recogniser(self.model, self.runtime, Gallery(path), Settlements(path), self.catalogue, method)
            self.enrol(recogniser, enrolled, source)
            yield recogniser
            recogniser.close()

    def enrol(self, recogniser: Recogniser, photographs: Sequence[Picture], source: str = ENROLLED) -> None:
        """Enrol photographs whose vectors are known already."""
        recogniser.gallery.add(
            Photograph(each.item, vector, self.model.sha256, source, AT, str(each.path))
            for each, vector in zip(photographs, self.vectors(photographs), strict=True)
        )


@dataclass
class Stage:
    """The folder and the models."""

    folder: Path
    model: Model
    eyes: Eyes
    held: Eyes | None
    """Of a model that never saw the items of `unseen`; None where there is none."""
    unseen: frozenset[str]
    _pictures: dict[str, list[Picture]] = field(default_factory=dict)

    def pictures(self, split: str) -> list[Picture]:
        """Return the photographs of a split."""
        if split not in self._pictures:
            self._pictures[split] = pictures(self.folder, split)
        return self._pictures[split]

    @property
    def learnt(self) -> list[Picture]:
        """The photographs that the model was trained on, which are its gallery too."""
        return [*self.pictures("train"), *self.pictures("val")]

    @contextmanager
    def whole(self, method: Method = Method.CLOSEST) -> Iterator[Recogniser]:
        """Yield a device with the gallery that comes with the model."""
        with self.eyes.shop(self.learnt, SERVER, method) as recogniser:
            yield recogniser


def staged(folder: Path, model: Path, held: Path) -> Stage:
    """Return the stage, or say what is missing."""
    if not (folder / "test.csv").exists():
        raise Missing(f"there are no photographs in {folder}: set GROCERY_DIR or STOCKBOOK_DATA")
    catalogue = Catalogue(names(folder))
    eyes = _eyes(model, catalogue)
    if not (held / FACTS).exists():
        return Stage(folder, eyes.model, eyes, None, frozenset())
    without = json.loads((held / FACTS).read_text())["without"]
    return Stage(folder, eyes.model, eyes, _eyes(held, catalogue), frozenset(map(str, without)))


def _eyes(folder: Path, catalogue: Catalogue) -> Eyes:
    model = read(folder)
    if isinstance(model, Absent):
        raise Missing(f"{folder}: {model.text.en} ({model.detail})")
    runtime = begun(model)
    if isinstance(runtime, Absent):
        raise Missing(f"{runtime.text.en} ({runtime.detail})")
    return Eyes(model, runtime, catalogue)


def image(of: Picture) -> Image.Image:
    """Return a photograph, as the device opens it."""
    found = opened(of.path)
    assert found is not None, of.path
    return found
