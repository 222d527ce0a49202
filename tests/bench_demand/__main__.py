"""Measure the learners beside their peers: a table a set, one of all figures, and build/demand_bench.json.

Experts, features and settings were chosen on the windows before those judged
here, which `--earlier` judges instead. Parts run two beside each other.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stockbook.backtest import SETS, DataAbsent, load
from stockbook.domain.demand import metrics
from stockbook.domain.demand.backtest import Panel
from tests.bench.figures import Figure, written
from tests.bench_demand import alarms, limits, replenish, safety, tables
from tests.bench_demand.measure import OURS, PARTS, PEERS, TRADES, Rows, known_law, part
from tests.bench_demand.replay import earlier

BESIDE = Path(__file__).parents[3] / "shared" / "data"
COLUMNS = ("MASE", "RMSSE", "WRMSSE", "WAPE", "bias", "PL50", "PL90", "PL95", "PL99", "cov95", "cov99", "us")
FEW, LAW, MINUTES = 40, "known law", 40
OUT = Path("build/demand_bench.json")


def some(panel: Panel, series: int) -> Panel:
    """Return the panel with so many series, evenly spread over their names; 0 for all."""
    keys = sorted(panel.series)
    if not 0 < series < len(keys):
        return panel
    chosen = [keys[n * len(keys) // series] for n in range(series)]
    return replace(panel, series={key: panel.series[key] for key in chosen})


def panels(asked: argparse.Namespace, console: Console) -> Iterator[Panel]:
    """Yield the sets that are there, the largest first."""
    found = []
    for name in (each for each in asked.sets or SETS if each != LAW):
        try:
            panel = some(load(asked.data, name), asked.series)
            found.append(earlier(panel) if asked.earlier else panel)
        except DataAbsent as absent:
            console.print(f"{name}: skipped, {absent}")
    yield from sorted(found, key=lambda panel: -sum(len(each.quantities) for each in panel.series.values()))


def measured(asked: argparse.Namespace, console: Console) -> dict[str, dict[str, Rows]]:
    """Run all parts of all sets, and the known law; return what each came to."""
    begun, found = time.monotonic(), dict[str, dict[str, Rows]]()
    peers = [group for group in asked.peers.split(",") if group]
    if peers:
        tables.environment()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))  # of the processes begun here
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        under_way = {}
        if not asked.sets or LAW in asked.sets:
            under_way[pool.submit(known_law, asked.series or FEW)] = (LAW, LAW)
        for panel in panels(asked, console):
            found[panel.name] = {}
            for what in PARTS:
                if what not in PEERS or what in peers:
                    under_way[pool.submit(part, panel, what)] = (panel.name, what)
        for done in as_completed(under_way):
            name, what = under_way[done]
            try:
                found.setdefault(name, {})[what] = done.result()
            except Exception:  # the other parts are worth having; its figure says that it is missing
                console.print_exception()
            console.print(f"[dim]{time.monotonic() - begun:5.0f} s  {name}: {what}[/]")
    return found


def shown(title: str, rows: Rows, columns: tuple[str, ...], console: Console) -> None:
    """Print rows as a table."""
    made = Table(title=title, title_justify="left", header_style="dim", pad_edge=False)
    made.add_column("")
    for column in columns:
        made.add_column(column, justify="right")
    for name, row in rows.items():
        made.add_row(name, *(f"{row[c]:.3f}" if c in row else "" for c in columns))
    console.print(made)


def main() -> None:
    """Measure the sets asked for, or all that are there; the exit status says whether every limit is kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_demand", description=__doc__)
    default = os.environ.get("DEMAND_DIR") or os.environ.get("STOCKBOOK_DATA") or BESIDE
    parser.add_argument(
        "sets", nargs="*", metavar="SET", choices=[*SETS, LAW, []], help=f"of {', '.join((*SETS, LAW))}"
    )
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--series", type=int, default=0, help="so many series of each set, evenly spread by name")
    parser.add_argument("--short", action="store_true", help=f"{FEW} series of each set, which says little")
    parser.add_argument("--earlier", action="store_true", help="judge the window before, on which settings are chosen")
    parser.add_argument("--peers", default=",".join(PEERS), help="groups of peers, or nothing")
    parser.add_argument("--jobs", type=int, default=2, help="parts that run beside each other")
    asked = parser.parse_args()
    asked.series = asked.series or (FEW if asked.short else 0)
    console = Console(width=None if sys.stdout.isatty() else 170, highlight=False)
    begun = time.monotonic()
    found = measured(asked, console)
    console.print(metrics.__doc__, replenish.__doc__, alarms.__doc__, safety.__doc__)
    figures: list[Figure] = []
    for name in (name for name in (*SETS, LAW) if name in found):
        parts = found[name]
        asked_for = [LAW] if name == LAW else [what for what in PARTS if what not in PEERS or what in asked.peers]
        figures += [Figure(f"{name}.{what}.failed", 1, 0) for what in asked_for if what not in parts]
        if name == LAW:
            figures += limits.of_law(parts[LAW]) if LAW in parts else []
            continue
        steps = {row: cells for what in (*OURS, *PEERS) for row, cells in parts.get(what, {}).items()}
        shown(f"{name}: one period ahead", steps, COLUMNS, console)
        stock = parts.get("lead", {})
        columns = tuple(dict.fromkeys(key for row in stock.values() for key in row))
        shown(f"{name}: {asdict(TRADES[name])}", stock, columns, console)
        figures += limits.of_set(name, parts)
    figures.append(
        Figure("run.minutes", (time.monotonic() - begun) / 60, MINUTES, "minutes", note=f"{asked.jobs} jobs")
    )
    limits.shown(figures, console)
    whole = not (asked.sets or asked.series or asked.earlier) and set(PEERS) <= set(asked.peers.split(","))
    out = OUT if whole else OUT.with_stem(f"{OUT.stem}_part")
    written(figures, out)
    short = [each.name for each in figures if not each.ok]
    console.print(f"[bold red]short: {', '.join(short)}" if short else "[green]every limit is kept", f"; {out}")
    sys.exit(bool(short) and whole)


if __name__ == "__main__":
    main()
