"""backtest, bench: how well it does."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from stockbook.backtest import SETS, DataAbsent, as_text, run_backtest
from stockbook.commands.reaching import reached
from stockbook.commands.saying import stop, well
from stockbook.domain.demand.backtest import Panel
from stockbook.domain.demand.course import Policy
from stockbook.domain.demand.learners.catalogue import LEARNERS
from stockbook.flows.trials.gate import GATE, JUDGED_WEEKS, LIVE, judged_until
from stockbook.flows.trials.problem import NothingSold
from stockbook.flows.trials.report import Heading
from stockbook.flows.trials.trying import as_lines, tried
from stockbook.settings import Settings
from stockbook.store.database import Database
from stockbook.store.demand.past import Asked, newest, panel, policy
from stockbook.store.demand.trials import headed
from stockbook.store.registering import naming

Data = Annotated[Path, typer.Option(help="Folder of the published sales.", envvar="STOCKBOOK_DATA")]
Set = Annotated[str, typer.Argument(help=f"One of {', '.join(SETS)}; or live: the history of an organisation.")]
Learner = Annotated[list[str] | None, typer.Option(help="Only this learner; may be given again.")]
Series = Annotated[int, typer.Option(help="So many series, evenly spread; 0 for all.", min=0)]


Organisation = Annotated[str, typer.Option(help="With live: whose history, by external reference.")]
Site = Annotated[str | None, typer.Option(help="With live: only this site.")]
Category = Annotated[str | None, typer.Option(help="With live: only this category.")]
Weeks = Annotated[int, typer.Option(help="With live: how many weeks are judged.", min=1)]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="With live: the day before which they end; else the newest that ended."),
]
ReportTo = Annotated[Path | None, typer.Option("--report", help="With live: write the report to this file.")]


def backtest(
    name: Set = "pasta",
    data: Data = Path("data"),
    learner: Learner = None,
    series: Series = 0,
    organisation: Organisation = "",
    site: Site = None,
    category: Category = None,
    weeks: Weeks = JUDGED_WEEKS,
    until: Until = None,
    report: ReportTo = None,
) -> None:
    """Judge the learners, one step ahead, on published sales or on an organisation's own (live)."""
    if name == "live":
        _live(_Wanted(organisation, site, category, weeks, until), learner or [LIVE], report)
        return

    def told(learner: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{learner} {done}/{of}  ", end="", file=sys.stderr, flush=True)

    try:
        rows = run_backtest(data, name, learners=learner, report=told, series=series)
    except (DataAbsent, ValueError) as error:
        stop(str(error))
    print(as_text(rows))


class _Wanted(NamedTuple):
    """What is to be replayed, as it was typed."""

    organisation: str
    site: str | None
    category: str | None
    weeks: int
    until: datetime | None


def _live(wanted: _Wanted, variants: list[str], report: Path | None) -> None:
    """Replay an organisation's history on copies, once a learner; nothing of it is written but the report."""
    if unknown := set(variants) - set(LEARNERS):
        stop(f"no learner is named {', '.join(sorted(unknown))}; there are {', '.join(LEARNERS)}")
    if report and len(variants) > 1:
        stop("a report is of one learner")
    with reached(Settings()) as dsn:
        try:
            history, heading, how = asyncio.run(_history(dsn, wanted))
        except NothingSold as error:
            began = error.facts["began"]
            stop(f"{error} Judge fewer weeks: --weeks." if began else str(error))
        except LookupError as error:
            stop(str(error))
    for variant in variants:
        found = tried(history, heading, variant, how)
        print(*as_lines(found), sep="\n")
        print(f"{'passed' if found.passed else 'failed'}: false and missed alarms below {GATE:.0%} let it go live")
        if report:
            report.write_text(found.report, encoding="utf-8")
            well(f"Wrote {report}")


async def _history(dsn: str, wanted: _Wanted) -> tuple[Panel, Heading, Policy]:
    """Return what is to be replayed, what stands over the report, and how one orders there."""
    database = await Database.open(dsn, size=2, cap_seconds=None)
    try:
        me = await naming.organisation(database, wanted.organisation)
        place = await naming.place(database, wanted.site)
        if me is None or (wanted.site and place is None):
            unknown = f"nobody knows {wanted.site if me else wanted.organisation}"
            raise LookupError(unknown if wanted.organisation else "say whose history: --organisation")
        last = await newest(database, me.id)
        if last is None:
            raise LookupError(f"{wanted.organisation} has no history yet")
        until = judged_until(last, datetime.now(UTC))
        if wanted.until is not None:
            until = min(until, wanted.until.replace(tzinfo=UTC))
        since = until - timedelta(weeks=wanted.weeks)
        asked = Asked(me.id, place and place.id, wanted.category, since, until)
        history, how = await panel(database, asked), await policy(database, asked)
    finally:
        await database.close()
    return history, headed(asked, me.name, place and place.name), how


Only = Annotated[str, typer.Option(help="Only these rooms of tests/bench, separated by commas.")]
Short = Annotated[bool, typer.Option("--short", help="Tiny data, few rounds, no peers: does the benchmark work?")]


def bench(only: Only = "", short: Short = False) -> None:
    """Measure, beside the peers, and write build/bench.json."""
    if not Path("tests/bench/__main__.py").exists():
        stop("the benchmark is in the checkout (tests/bench), not in the package: run it there")
    words = [*(["--only", only] if only else []), *(["--short"] if short else [])]
    raise typer.Exit(subprocess.run([sys.executable, "-m", "tests.bench", *words], check=False).returncode)
