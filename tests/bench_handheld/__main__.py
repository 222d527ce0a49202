"""`make bench-handheld`: measure the device and the server's door, print it, write build/bench_handheld.json.

The exit status says whether every limit is kept. The door alone is a room of
`stockbook bench` too, on the data of its stage.
"""

import argparse
import importlib
import sys
import time
from pathlib import Path

from rich.console import Console

from tests.bench.figures import Figure, shown, written

ROOMS = ("journal", "frames", "drain", "door")
"""Modules with `figures() -> list[Figure]`, in the order they run."""


def measured(rooms: list[str], console: Console) -> list[Figure]:
    """Run the rooms, one after another."""
    found: list[Figure] = []
    begun = time.monotonic()
    for name in rooms:
        console.print(f"[dim]{time.monotonic() - begun:4.0f} s  {name}")
        found += importlib.import_module(f"tests.bench_handheld.{name}").figures()
    console.print(f"[dim]{time.monotonic() - begun:4.0f} s  measured")
    return found


def main() -> None:
    """Measure, print, write, judge."""
    options = argparse.ArgumentParser(prog="make bench-handheld", description=__doc__)
    options.add_argument("--only", default="", metavar="ROOM,...", help=f"some of {', '.join(ROOMS)}")
    given = options.parse_args()
    console = Console(stderr=False, width=None if sys.stdout.isatty() else 150, highlight=False)
    found = measured([each for each in ROOMS if not given.only or each in given.only.split(",")], console)
    shown(found, console)
    if not given.only:
        written(found, Path("build/bench_handheld.json"))
    missed = [each.name for each in found if not each.ok]
    console.print(f"[bold red]missed: {', '.join(missed)}" if missed else "[green]every limit is kept")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
