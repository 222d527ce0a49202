"""A folder of photographs in the form of the Grocery Store Dataset, read as it lies."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
CARTONS = "Packages"


class Picture(NamedTuple):
    """A photograph, and what it is of."""

    path: Path
    item: str
    carton: bool
    """Whether it is of something packed, which has a top."""


def folder() -> Path:
    """Return the folder that the environment names."""
    data = os.environ.get("STOCKBOOK_DATA") or ROOT.parent / "shared/data"
    return Path(os.environ.get("GROCERY_DIR") or Path(data) / "grocery")


def pictures(of: Path, split: str) -> list[Picture]:
    """Return the photographs of a split; an item is named by its class_id."""
    with (of / f"{split}.csv").open(newline="", encoding="utf-8") as file:
        return [
            Picture(of / row["path"], row["class_id"], f"/{CARTONS}/" in f"/{row['path']}")
            for row in csv.DictReader(file)
        ]


def names(of: Path) -> dict[str, str]:
    """Return what items are called."""
    with (of / "classes.csv").open(newline="", encoding="utf-8") as file:
        return {row["class_id"]: row["name"].replace("-", " ") for row in csv.DictReader(file)}
