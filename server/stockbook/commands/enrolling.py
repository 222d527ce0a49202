"""enrol: a handheld becomes known, and what it must keep is printed once."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from stockbook.access.tokens import Tokens, secret
from stockbook.commands.reaching import reached
from stockbook.commands.saying import stop, well
from stockbook.settings import Settings
from stockbook.store.database import Database

ENROL = """
mutation Enrol($input: EnrolDevicesInput!) {
  enrolDevices(input: $input) {
    errors { code message }
    results { reference epoch secret token entriesMax hoursMax cache }
  }
}
"""
TOKEN_SECONDS = 60
KEYS = ("reference", "epoch", "secret", "token", "entriesMax", "hoursMax", "cache")

Reference = Annotated[str, typer.Argument(help="What the device is called; enrolled anew when it is known.")]
Organisation = Annotated[
    str | None, typer.Option(help="Whose it is, by external reference; the first with an org_admin when left out.")
]
Role = Annotated[str, typer.Option(help="What it may do.")]
Site = Annotated[list[str] | None, typer.Option(help="Where it works; everywhere when left out.")]
Address = Annotated[str | None, typer.Option(help="Of the running server.")]
Write = Annotated[Path | None, typer.Option(help="Write the enrolment into this file, instead of printing it.")]


def enrol(
    reference: Reference = "PDA-1",
    organisation: Organisation = None,
    role: Role = "shop_staff",
    site: Site = None,
    address: Address = None,
    write: Write = None,
) -> None:
    """Enrol a handheld with the running server: prints the text of its QR code, which holds its secret."""
    settings = Settings()
    address = address or f"http://{settings.host}:{settings.port}"
    if not _answers(address):
        stop(f"no server answers at {address}: start one with `make demo` or `stockbook serve`, or name it (--address)")
    with reached(settings) as dsn:
        acting = asyncio.run(_organisation(dsn, organisation))
    tokens = Tokens(secret(settings.secret, settings.home))
    token = tokens.issue(principal=1, organisation=acting, roles={"network_admin"}, lifetime_seconds=TOKEN_SECONDS)
    entry = {"externalReference": reference, "name": reference, "role": role, "sites": site or []}
    text = json.dumps({"address": address, **_enrolled(address, token, entry)}, ensure_ascii=False)
    if write is None:
        print(text)
        return
    write.parent.mkdir(parents=True, exist_ok=True)
    write.touch(mode=0o600)
    write.write_text(text)
    well(f"{reference} is enrolled")


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=5).is_success
    except httpx.HTTPError:
        return False


async def _organisation(dsn: str, reference: str | None) -> int:
    database = await Database.open(dsn, size=1)
    try:
        if reference is None:
            found = await database.fetchval(
                "select min(organisation_id) from membership where role = 'org_admin' and revoked_at is null"
            )
        else:
            found = await database.fetchval("select id from organisation where external_reference = $1", reference)
    finally:
        await database.close()
    if found is None:
        stop("no organisation has an org_admin: name one (--organisation)" if reference is None
             else f"there is no organisation {reference}")  # fmt: skip
    return int(found)


def _enrolled(address: str, token: str, entry: dict[str, Any]) -> dict[str, Any]:
    asked = {"query": ENROL, "variables": {"input": {"lines": [entry]}}}
    answer = httpx.post(f"{address}/graphql", json=asked, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    said = answer.json()
    payload = (said.get("data") or {}).get("enrolDevices")
    errors = said.get("errors") or (payload or {}).get("errors")
    if errors or payload is None:
        stop("; ".join(str(each["message"]) for each in errors or [{"message": "the server does not enrol devices"}]))
    return {key: payload["results"][0][key] for key in KEYS}
