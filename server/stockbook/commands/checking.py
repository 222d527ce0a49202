"""policies, verify, backtest, bench: what must hold, and how well it does."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from stockbook.access import review
from stockbook.access.policies import Policies
from stockbook.access.rules import PolicyError, read
from stockbook.backtest import SETS, DataAbsent, as_text, run_backtest
from stockbook.commands.saying import out, reached, stop, well
from stockbook.graph.declare import disclosed
from stockbook.settings import Settings
from stockbook.store.database import Database
from stockbook.store.verify import Finding
from stockbook.store.verify import verify as find

policies = typer.Typer(help="What the policies come to.", no_args_is_help=True)

Write = Annotated[bool, typer.Option("--write", help="Write expected.csv anew; a person reads the change.")]
Data = Annotated[Path, typer.Option(help="Folder of the published sales.", envvar="STOCKBOOK_DATA")]
Set = Annotated[str, typer.Argument(help=f"One of {', '.join(SETS)}.")]
Learner = Annotated[list[str] | None, typer.Option(help="Only this learner; may be given again.")]
Series = Annotated[int, typer.Option(help="So many series, evenly spread; 0 for all.", min=0)]


@policies.command("check")
def check_policies(write: Write = False) -> None:
    """Compare `policies/expected.csv` with what the policies come to."""
    folder = Settings().policies
    try:
        loaded = Policies.load(folder, disclosed())
        expected = review.table(disclosed(), read(folder).roles, loaded.mask)
    except (PolicyError, OSError) as error:
        stop(str(error))
    file = folder / review.FILE
    if write:
        file.write_text(expected, encoding="utf-8")
        well(f"Wrote {file}")
    elif file.read_text(encoding="utf-8") != expected:
        stop(f"{file} is not what the policies come to: `stockbook policies check --write`, and read the change")
    else:
        well("The policies come to what was reviewed")


def verify() -> None:
    """Look whether the books are right: balances, availability, claims and streams, all against the journal."""
    with reached(Settings()) as dsn:
        found = asyncio.run(_findings(dsn))
    for finding in found[:50]:
        out.print(f"✘ {finding.check}: {finding.message}", style="red")
    if found:
        stop(f"{len(found)} findings")
    well("The books are right")


async def _findings(dsn: str) -> list[Finding]:
    database = await Database.open(dsn, size=1, cap_seconds=None)
    try:
        return await find(database)
    finally:
        await database.close()


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
