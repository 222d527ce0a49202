"""`make bench`: measure all in one run, print it, write build/bench.json; the exit status says whether all is ok."""

import argparse
import asyncio
import importlib
import sys
import time
from pathlib import Path

from rich.console import Console

from tests.bench.drive import tool
from tests.bench.figures import Figure, shown, written
from tests.bench.stage import stage

ROOMS = ("reads", "masks", "posting", "door", "streams", "late", "sizes", "feed", "demand", "following")
"""Modules with `async def figures(stage) -> list[Figure]`, in the order they run."""


async def measured(rooms: list[str], folder: Path, short: bool, console: Console) -> list[Figure]:
    """Run the rooms, one after another, on one stage."""
    found: list[Figure] = []
    begun = time.monotonic()
    async with stage(folder, short) as set_up:
        console.print(f"[dim]{time.monotonic() - begun:4.0f} s  the data is loaded; load is driven by {tool()}")
        for name in rooms:
            module = importlib.import_module(f"tests.bench.{name}")
            try:
                found += await module.figures(set_up)
            except Exception:
                if short:
                    raise
                console.print_exception()
                found.append(Figure(f"{name}.failed", 1, 0, "", note="could not be measured; see above"))
            console.print(f"[dim]{time.monotonic() - begun:4.0f} s  {name} measured")
    return found


def main() -> None:
    """Measure, print, write, judge."""
    options = argparse.ArgumentParser(prog="stockbook bench", description=__doc__)
    options.add_argument(
        "--short", action="store_true", help="tiny data, few rounds, no peers: does the benchmark work?"
    )
    options.add_argument("--only", default="", metavar="ROOM,...", help=f"some of {', '.join(ROOMS)}")
    options.add_argument("--folder", type=Path, default=Path("build/bench"), help="where data and peers are kept")
    given = options.parse_args()
    only = given.only.split(",") if given.only else ROOMS
    if strange := [each for each in only if each not in ROOMS]:
        options.error(f"nothing measures {', '.join(strange)}; there are {', '.join(ROOMS)}")
    rooms = [each for each in ROOMS if each in only]
    console = Console(stderr=False, width=None if sys.stdout.isatty() else 150, highlight=False)
    given.folder.mkdir(parents=True, exist_ok=True)
    found = asyncio.run(measured(rooms, given.folder.absolute(), given.short, console))
    shown(found, console)
    if not given.only and not given.short:
        written(found, Path("build/bench.json"))
    missed = [each.name for each in found if not each.ok]
    console.print(f"[bold red]missed: {', '.join(missed)}" if missed else "[green]every limit is kept")
    sys.exit(bool(missed) and not given.short)


if __name__ == "__main__":
    main()
