"""policies, verify: what must hold."""

import asyncio
from typing import Annotated

import typer

from stockbook.access import review
from stockbook.access.policies import Policies
from stockbook.access.rules import PolicyError, read
from stockbook.commands.reaching import reached
from stockbook.commands.saying import out, stop, well
from stockbook.graph.schema import disclosed
from stockbook.settings import Settings
from stockbook.store.database import Database
from stockbook.store.verify import Finding
from stockbook.store.verify import verify as find

policies = typer.Typer(help="What the policies come to.", no_args_is_help=True)

Write = Annotated[bool, typer.Option("--write", help="Write expected.csv anew; a person reads the change.")]


@policies.command("check")
def check_policies(write: Write = False) -> None:
    """Compare `policies/expected.csv` with what the policies come to."""
    folder = Settings().policies
    try:
        loaded = Policies.load(folder, disclosed())
        expected = review.table(disclosed(), read(folder).roles, loaded.mask)
        file = folder / review.FILE
        reviewed = file.read_text(encoding="utf-8") if file.exists() else ""
    except (PolicyError, OSError, ValueError) as error:
        stop(str(error))
    if write:
        file.write_text(expected, encoding="utf-8")
        well(f"Wrote {file}")
    elif reviewed != expected:
        stop(f"{file} is not what the policies come to: `stockbook policies check --write`, and read the change")
    else:
        well("The policies come to what was reviewed")


def verify() -> None:
    """Look whether the books are right: balances, availability, claims and streams, all against the journal."""
    with reached(Settings()) as dsn:
        found = asyncio.run(_findings(dsn))
    for finding in found[:50]:
        out.print(f"✘ {finding.check}: {finding.message}", style="red", soft_wrap=True)
    if found:
        stop(f"{len(found)} findings")
    well("The books are right")


async def _findings(dsn: str) -> list[Finding]:
    database = await Database.open(dsn, size=1, cap_seconds=None)
    try:
        return await find(database)
    finally:
        await database.close()
