"""backtest, bench: how well it does."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from stockbook.backtest import SETS, DataAbsent, as_text, run_backtest
from stockbook.commands.saying import stop

Data = Annotated[Path, typer.Option(help="Folder of the published sales.", envvar="STOCKBOOK_DATA")]
Set = Annotated[str, typer.Argument(help=f"One of {', '.join(SETS)}.")]
Learner = Annotated[list[str] | None, typer.Option(help="Only this learner; may be given again.")]
Series = Annotated[int, typer.Option(help="So many series, evenly spread; 0 for all.", min=0)]


def backtest(name: Set = "pasta", data: Data = Path("data"), learner: Learner = None, series: Series = 0) -> None:
    """Judge the learners on published sales, one step ahead."""

    def told(learner: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{learner} {done}/{of}  ", end="", file=sys.stderr, flush=True)

    try:
        rows = run_backtest(data, name, learners=learner, report=told, series=series)
    except (DataAbsent, ValueError) as error:
        stop(str(error))
    print(as_text(rows))


def bench(arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to tests/bench.")] = None) -> None:
    """Measure, beside the peers, and write build/bench.json."""
    if not Path("tests/bench/__main__.py").exists():
        stop("the benchmark is in the checkout (tests/bench), not in the package: run it there")
    raise typer.Exit(subprocess.run([sys.executable, "-m", "tests.bench", *(arguments or [])], check=False).returncode)
