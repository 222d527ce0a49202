"""enrol: a handheld becomes known, and what it must keep is printed once."""

import json
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from stockbook.access.tokens import Tokens, secret
from stockbook.commands.reaching import organisation as acting
from stockbook.commands.reaching import reached, serving
from stockbook.commands.saying import stop, well
from stockbook.settings import Settings

ENROL = """
mutation Enrol($input: EnrolDevicesInput!) {
  enrolDevices(input: $input) {
    errors { code message }
    results { reference epoch secret token modelKey entriesMax hoursMax cache }
  }
}
"""
TOKEN_SECONDS = 60
KEYS = ("reference", "epoch", "secret", "token", "modelKey", "entriesMax", "hoursMax", "cache")

Reference = Annotated[str, typer.Argument(help="What the device is called; enrolled anew when it is known.")]
Organisation = Annotated[
    str | None, typer.Option(help="Whose it is, by external reference; the first with an org_admin when left out.")
]
Role = Annotated[str, typer.Option(help="What it may do.")]
Site = Annotated[list[str] | None, typer.Option(help="Where it works; everywhere when left out.")]
Address = Annotated[str | None, typer.Option(help="Of the running server.")]
Authority = Annotated[
    Path | None,
    typer.Option(
        help="PEM file of the company's certificate authority, which the device then trusts alone.",
        envvar="STOCKBOOK_AUTHORITY",
    ),
]
Write = Annotated[Path | None, typer.Option(help="Write the enrolment into this file, instead of printing it.")]

Home = Annotated[
    Path | None,
    typer.Option(
        help="Folder of a handheld on this desktop: enrolled into it (enrolment.txt), unless the server takes the"
        " enrolment that it has; what belonged to another server is set aside."
    ),
]


def enrol(
    reference: Reference = "PDA-1",
    organisation: Organisation = None,
    role: Role = "shop_staff",
    site: Site = None,
    address: Address = None,
    authority: Authority = None,
    write: Write = None,
    home: Home = None,
) -> None:
    """Enrol a handheld with the running server: prints the text of its QR code, which holds its secret."""
    settings = Settings()
    address = serving(settings, address)
    if home is not None:
        if _taken(address, settings, home):
            return
        _set_aside(home)
        write = home / "enrolment.txt"
    with reached(settings) as dsn:
        of = acting(dsn, organisation)
    tokens = Tokens(secret(settings.secret, settings.home))
    token = tokens.issue(principal=1, organisation=of, roles={"network_admin"}, lifetime_seconds=TOKEN_SECONDS)
    entry = {"externalReference": reference, "name": reference, "role": role, "sites": site or []}
    said = {"address": address, **_enrolled(address, token, entry)}
    if authority is not None:
        said["authority"] = authority.read_text(encoding="ascii")
    text = json.dumps(said, ensure_ascii=False)
    if write is None:
        print(text)
        return
    write.parent.mkdir(parents=True, exist_ok=True)
    write.touch(mode=0o600)
    write.write_text(text)
    well(f"{reference} is enrolled")


def _taken(address: str, settings: Settings, home: Path) -> bool:
    """Return whether the server knows the device by the enrolment that a handheld on this desktop has."""
    try:
        token = json.loads((home / "enrolment.json").read_text(encoding="utf-8"))["token"]
    except (OSError, ValueError, KeyError):
        return False
    asked = {"query": (settings.documents / "device_settings.graphql").read_text(encoding="utf-8")}
    answer = httpx.post(f"{address}/graphql", json=asked, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    if answer.status_code in {429, 500, 503}:
        stop("the server is busy: try again")
    replica = (answer.json().get("data") or {}).get("replica") or {}
    return replica.get("device") is not None or bool(replica.get("wipes"))


def _set_aside(home: Path) -> None:
    """Rename what a handheld kept for a server that doesn't know it any more."""
    if not (home / "enrolment.json").exists():
        return
    number = 1
    while (aside := home.with_name(f"{home.name}.{number}")).exists():
        number += 1
    home.rename(aside)
    well(f"the server doesn't know the enrolment in {home}: it is set aside as {aside}")


def _enrolled(address: str, token: str, entry: dict[str, Any]) -> dict[str, Any]:
    asked = {"query": ENROL, "variables": {"input": {"lines": [entry]}}}
    answer = httpx.post(f"{address}/graphql", json=asked, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    said = answer.json()
    payload = (said.get("data") or {}).get("enrolDevices")
    errors = said.get("errors") or (payload or {}).get("errors")
    if errors or payload is None:
        stop("; ".join(str(each["message"]) for each in errors or [{"message": "the server does not enrol devices"}]))
    return {key: payload["results"][0][key] for key in KEYS}
