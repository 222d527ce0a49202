"""A folder of photographs, read and checked.

```
classes.csv   (or items.csv)   class_id, name; optional: coarse_name, upright
train.csv, test.csv            path, class_id; optional: val.csv, taken elsewhere than train.csv
```

Other columns are passed over; `item` does for `class_id`, `category` for
`coarse_name`. `test.csv` is held back: nothing is chosen by it. A folder with
one list (`pictures.csv`, as the graph exports the reviewed samples) has the last
fifth of each item's pictures held back, in the order of the list. `upright` (1 or
0) says which goods have a top and a bottom; where no such column is, those whose
pictures lie in a folder named Packages.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from handheld.vision.picture import opened

Numbers = NDArray[np.int64]
HELD_BACK = 5
"""Where no test.csv is, one picture in so many is held back."""


class FolderError(Exception):
    """The folder is not of the form that this module's docstring shows."""


@dataclass(frozen=True, slots=True)
class Item:
    """Goods that can be told by a look."""

    key: str
    name: str
    family: str
    upright: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """One photograph: where it lies, which item it shows (by number), what it is for."""

    path: str
    item: int
    held_back: bool = False
    elsewhere: bool = False
    """Whether it is of the second list, which was taken at other times and places."""


@dataclass(frozen=True)
class Collection:
    """Items, and pictures of them."""

    folder: Path
    items: tuple[Item, ...]
    pictures: tuple[Picture, ...]

    @cached_property
    def labels(self) -> Numbers:
        """Number of the item that each picture shows."""
        return np.array([picture.item for picture in self.pictures], dtype=np.int64)

    @cached_property
    def held_back(self) -> Numbers:
        """Which pictures nothing is chosen by."""
        return np.array([at for at, picture in enumerate(self.pictures) if picture.held_back], dtype=np.int64)

    @cached_property
    def own(self) -> Numbers:
        """Which pictures may be learnt from."""
        return np.array([at for at, picture in enumerate(self.pictures) if not picture.held_back], dtype=np.int64)

    @cached_property
    def elsewhere(self) -> NDArray[np.bool_]:
        """Whether each picture was taken elsewhere than most."""
        return np.array([picture.elsewhere for picture in self.pictures], dtype=np.bool_)

    @cached_property
    def upright(self) -> NDArray[np.bool_]:
        """Whether each item has a top and a bottom."""
        return np.array([item.upright for item in self.items], dtype=np.bool_)

    def open(self, at: int) -> Image.Image:
        """Open a picture as the device does."""
        path = self.folder / self.pictures[at].path
        image = opened(path)
        if image is None:
            raise FolderError(f"{path} is no picture, or a damaged or too large one")
        return image


def collection(folder: Path) -> Collection:
    """Read a folder; what is wrong with it is said with file and line."""
    listed = next((folder / name for name in ("classes.csv", "items.csv") if (folder / name).is_file()), None)
    if listed is None:
        raise FolderError(f"{folder} has neither classes.csv nor items.csv")
    rows = _rows(listed, ("class_id", "item"), ("name",))
    numbers: dict[str, int] = {}
    for line, row in rows:
        if row["class_id"] in numbers:
            raise FolderError(f"{listed}:{line}: {row['class_id']} is there twice")
        numbers[row["class_id"]] = len(numbers)
    pictures = [*_pictures(folder, numbers)]
    shown = {picture.item for picture in pictures if not picture.held_back}
    missing = [row["name"] for at, (_, row) in enumerate(rows) if at not in shown]
    if missing:
        raise FolderError(f"{folder} has no picture to learn {', '.join(missing[:5])} from")
    packages = {picture.item for picture in pictures if "Packages" in Path(picture.path).parts}
    items = tuple(
        Item(
            row["class_id"],
            row["name"],
            row.get("coarse_name") or row.get("category") or row["name"],
            row["upright"].strip().lower() in {"1", "true", "yes"} if row.get("upright") else at in packages,
        )
        for at, (_, row) in enumerate(rows)
    )
    return Collection(folder, items, tuple(pictures))


def _pictures(folder: Path, numbers: dict[str, int]) -> Iterable[Picture]:
    whole = folder / "pictures.csv"
    if whole.is_file():
        yield from _last_held_back([*_listed(folder, whole, numbers)])
        return
    if not (folder / "train.csv").is_file():
        raise FolderError(f"{folder} has neither train.csv nor pictures.csv")
    learnt = [*_listed(folder, folder / "train.csv", numbers)]
    if (folder / "val.csv").is_file():
        learnt += (replace(each, elsewhere=True) for each in _listed(folder, folder / "val.csv", numbers))
    if (folder / "test.csv").is_file():
        yield from learnt
        yield from (replace(each, held_back=True) for each in _listed(folder, folder / "test.csv", numbers))
    else:
        yield from _last_held_back(learnt)


def _last_held_back(found: Sequence[Picture]) -> Iterable[Picture]:
    by_item: dict[int, list[Picture]] = defaultdict(list)
    for picture in found:
        by_item[picture.item].append(picture)
    for pictures in by_item.values():
        own = len(pictures) - len(pictures) // HELD_BACK
        yield from pictures[:own]
        yield from (replace(each, held_back=True) for each in pictures[own:])


def _listed(folder: Path, file: Path, numbers: dict[str, int]) -> Iterable[Picture]:
    root = folder.resolve()
    for line, row in _rows(file, ("class_id", "item"), ("path",)):
        if row["class_id"] not in numbers:
            raise FolderError(f"{file}:{line}: no item is known as {row['class_id']}")
        path = folder / row["path"]
        if not path.resolve().is_relative_to(root):
            raise FolderError(f"{file}:{line}: {row['path']} lies outside the folder")
        if not path.is_file():
            raise FolderError(f"{file}:{line}: {row['path']} is not there")
        yield Picture(row["path"], numbers[row["class_id"]])


def _rows(file: Path, key: Sequence[str], columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return rows with their lines; the first key there is becomes class_id."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        there = reader.fieldnames or ()
        known = next((name for name in key if name in there), None)
        missing = [*([key[0]] if known is None else []), *(name for name in columns if name not in there)]
        if known is None or missing:
            raise FolderError(f"{file} has no column {', '.join(missing)}")
        rows = [(reader.line_num, {**row, "class_id": row[known]}) for row in reader]
    short = next((line for line, row in rows if any(row[name] is None for name in ("class_id", *columns))), None)
    if short is not None:
        raise FolderError(f"{file}:{short}: the line is too short")
    if not rows:
        raise FolderError(f"{file} is empty")
    return rows
