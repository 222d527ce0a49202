"""udi: where a medical device came from and who got it, and what the identification of devices lacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from stockbook.access.tokens import Tokens, secret
from stockbook.commands.reaching import organisation as acting
from stockbook.commands.reaching import reached, serving
from stockbook.commands.saying import stop, well
from stockbook.domain.capture.udi import traced
from stockbook.domain.refusal import Refusal
from stockbook.flows.identification import Paper, checklist
from stockbook.flows.identification import trace as paper
from stockbook.settings import Settings

TOKEN_SECONDS = 60
udi = typer.Typer(help="Unique device identification: the trace report and the checklist.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="As it was scanned, or as it is printed: (01)...(10)...(21)...")]
Organisation = Annotated[str, typer.Option(help="Who asks, by external reference: it sees what is its own.")]
Role = Annotated[str, typer.Option(help="In which role.")]
Address = Annotated[str | None, typer.Option(help="Of the running server.")]
Write = Annotated[Path | None, typer.Option(help="Into a file, .csv or .html; CSV is printed when left out.")]


@udi.command()
def trace(
    code: Code, organisation: Organisation, role: Role = "auditor", address: Address = None, write: Write = None
) -> None:
    """Write where what a UDI names came from, and who got it."""
    found = traced(code)
    if isinstance(found, Refusal):
        stop(found.message)
    nodes = _asked("udi_trace", "trace", organisation, role, address, {"udi": code})
    _written(paper(code, found, nodes), write)


@udi.command(name="checklist")
def checks(organisation: Organisation, role: Role = "auditor", address: Address = None, write: Write = None) -> None:
    """Write what the identification of each medical device lacks."""
    nodes = list(_asked("udi_checks", "udiChecks", organisation, role, address, {}))
    _written(checklist(nodes), write)


def _asked(
    document: str, field: str, organisation: str, role: str, address: str | None, variables: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a document of the running server, page by page, as that role of the organisation sees them."""
    settings = Settings()
    address = serving(settings, address)
    with reached(settings) as dsn:
        token = Tokens(secret(settings.secret, settings.home)).issue(
            principal=1, organisation=acting(dsn, organisation), roles={role}, lifetime_seconds=TOKEN_SECONDS
        )
    text = (settings.documents / f"{document}.graphql").read_text(encoding="utf-8")
    after: str | None = None
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        while True:
            said = client.post("/graphql", json={"query": text, "variables": {**variables, "after": after}}).json()
            page = (said.get("data") or {}).get(field)
            if page is None:
                stop("; ".join(str(each["message"]) for each in said.get("errors") or [{"message": "no answer"}]))
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


def _written(made: Paper, write: Path | None) -> None:
    if write is None:
        print(made.csv(), end="")
        return
    if write.suffix not in {".csv", ".html"}:
        stop("the file is to end in .csv or .html")
    write.write_text(made.html() if write.suffix == ".html" else made.csv(), encoding="utf-8", newline="")
    well(f"Wrote {write}: {len(made.rows)} rows")
