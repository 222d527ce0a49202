"""`make vision-bench`: measure recognition on a folder of photographs, print it, write build/vision_bench.json.

The exit status says whether every limit is kept. `GROCERY_DIR` names the folder
(train.csv, val.csv, test.csv, classes.csv); where it is not set, grocery under
STOCKBOOK_DATA. Nothing is chosen by test.csv.
"""

import argparse
import importlib
import sys
import time
from pathlib import Path

from rich.console import Console

from handheld.vision.model import SHIPPED
from tests.bench.figures import Figure, shown, written
from tests.bench_vision.grocery import folder
from tests.bench_vision.stage import HELD, Missing, Stage, staged

ROOMS = ("known", "few", "unseen", "strange", "upright", "sure", "speed")
"""Modules with `figures(stage) -> list[Figure]`, in the order they run."""


def measured(stage: Stage, rooms: list[str], console: Console) -> list[Figure]:
    """Run the rooms, one after another."""
    found: list[Figure] = []
    begun = time.monotonic()
    for name in rooms:
        console.print(f"[dim]{time.monotonic() - begun:4.0f} s  {name}")
        found += importlib.import_module(f"tests.bench_vision.{name}").figures(stage)
    console.print(f"[dim]{time.monotonic() - begun:4.0f} s  measured")
    return found


def main() -> None:
    """Measure, print, write, judge."""
    options = argparse.ArgumentParser(prog="make vision-bench", description=__doc__)
    options.add_argument("--only", default="", metavar="ROOM,...", help=f"some of {', '.join(ROOMS)}")
    options.add_argument("--model", type=Path, default=SHIPPED, help="folder of the model to measure")
    options.add_argument("--held", type=Path, default=HELD, help="folder of a model that never saw some of the items")
    given = options.parse_args()
    console = Console(stderr=False, width=None if sys.stdout.isatty() else 150, highlight=False)
    try:
        stage = staged(folder(), given.model, given.held)
    except Missing as missing:
        sys.exit(str(missing))
    told = f"{stage.model.version}, {stage.model.sha256[:12]}"
    console.print(f"model {told}; {len(stage.pictures('test')):,} photographs are asked about")
    found = measured(stage, [each for each in ROOMS if not given.only or each in given.only.split(",")], console)
    shown(found, console)
    if not given.only:
        written(found, Path("build/vision_bench.json"))
    missed = [each.name for each in found if not each.ok]
    console.print(f"[bold red]missed: {', '.join(missed)}" if missed else "[green]every limit is kept")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
