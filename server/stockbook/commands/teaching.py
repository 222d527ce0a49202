"""vision publish, vision export: versions out to the devices, corrected pictures back to be learnt from."""

import asyncio
import csv
import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from stockbook.access.tokens import Tokens, secret
from stockbook.commands.reaching import reached
from stockbook.commands.saying import out, stop, well
from stockbook.domain.recognition import manifest
from stockbook.domain.refusal import Refusal
from stockbook.settings import Settings
from stockbook.store.database import Database
from stockbook.store.files import Files
from stockbook.store.recognition.samples import Lesson, lessons
from stockbook.store.registering import naming

OPERATOR = "OPERATOR"
FACTS, WEIGHTS = "sku.json", "sku.tflite"
TOKEN_SECONDS = 600
PUBLISH = """
mutation Publish($input: PublishModelsInput!) {
  publishModels(input: $input) { errors { code message } results { outcome id } }
}
"""
ROLL_OUT = """
mutation RollOut($input: RollOutModelsInput!) {
  rollOutModels(input: $input) { errors { code message } results { outcome } }
}
"""
LICENCE = """Photographs that devices of these organisations took: {owners}.

Each was labelled by one person and accepted by another, and its organisation consented to its use for training
models. They are not to be passed on, and each is to be deleted when its organisation's time for keeping it is over.
"""

Model = Annotated[Path, typer.Argument(help=f"Folder with {FACTS} and {WEIGHTS}, as `vision train` makes it.")]
Publisher = Annotated[str, typer.Option("--organisation", help="Who publishes; the operator does for everybody.")]
Channel = Annotated[str, typer.Option(help="Devices set to this channel get it.")]
Reason = Annotated[str, typer.Option(help="Why it is published although it is no better; kept.")]
Percent = Annotated[
    int | None, typer.Option(help="Roll it out to so many devices in a hundred at once.", min=0, max=100)
]
Address = Annotated[str | None, typer.Option(help="Of the running server.")]
Folder = Annotated[Path, typer.Argument(help="A folder that is not there yet, or empty.")]
Whose = Annotated[str | None, typer.Option("--organisation", help="Whose samples; everybody's when left out.")]


def publish(
    folder: Model,
    organisation: Publisher = OPERATOR,
    channel: Channel = "stable",
    reason: Reason = "",
    percent: Percent = None,
    address: Address = None,
) -> None:
    """Publish a version with the running server; it must beat the last one on the held-back figures."""
    settings = Settings()
    address = address or f"http://{settings.host}:{settings.port}"
    facts, weights = (_read(folder / name) for name in (FACTS, WEIGHTS))
    said = manifest.read(facts)
    if isinstance(said, Refusal):
        stop(f"{folder / FACTS}: {said.message}")
    if sha256(weights).hexdigest() != said.sha256:
        stop(f"{folder / WEIGHTS} is not the file that {FACTS} names")
    with reached(settings) as dsn:
        acting = asyncio.run(organisation_of(dsn, organisation))
    tokens = Tokens(secret(settings.secret, settings.home))
    token = tokens.issue(principal=1, organisation=acting, roles={"network_admin"}, lifetime_seconds=TOKEN_SECONDS)
    try:
        with httpx.Client(base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=60) as http:
            for content in (facts, weights):
                answer(http.put(f"/recognition/models/{sha256(content).hexdigest()}", content=content))
            line = {"manifest": sha256(facts).hexdigest(), "channel": channel, "reason": reason}
            made = asked(http, PUBLISH, "publishModels", {**line, "network": organisation == OPERATOR})
            known = made["outcome"] == "KNOWN"
            well(f"Version {said.version} {'was published before' if known else 'is published'} on channel {channel}")
            if percent is not None:
                asked(http, ROLL_OUT, "rollOutModels", {"model": made["id"], "stage": "ROLL_OUT", "percent": percent})
                well(f"It is rolled out to {percent} devices in a hundred")
    except httpx.HTTPError as error:
        stop(f"no server answers at {address}: start one with `stockbook serve`, or name it (--address): {error}")


def export(folder: Folder, organisation: Whose = None) -> None:
    """Write the accepted samples whose organisations consent, in the form that `vision train` reads."""
    settings = Settings()
    if folder.exists() and any(folder.iterdir()):
        stop(f"{folder} is not empty: name a folder that is not there yet")
    with reached(settings) as dsn:
        found = asyncio.run(_lessons(dsn, organisation))
    files = Files(settings.files or settings.home / "files")
    there = [each for each in found if files.path(each.organisation, each.sha256).is_file()]
    for each in found:
        if each not in there:
            out.print(f"✘ the picture of {each.item} {each.sha256} is not in the folder of files", style="red")
    if not there:
        stop("there is no accepted sample whose organisation consents to training")
    _write(folder, there, files)
    well(f"{len(there)} pictures of {len({each.item for each in there})} items in {folder}")


def _write(folder: Path, found: list[Lesson], files: Files) -> None:
    """Write items.csv, pictures.csv and the pictures; what is written last says that it is whole."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    rows = []
    for each in found:
        source = files.path(each.organisation, each.sha256)
        path = f"pictures/{each.sha256}{_ending(source)}"
        shutil.copyfile(source, folder / path)
        rows.append((path, each.item, each.owner, each.taken_at.isoformat()))
    owners = ", ".join(sorted({each.owner for each in found}))
    (folder / "LICENSE").write_text(LICENCE.format(owners=owners), encoding="utf-8")
    items = {each.item: (each.item, each.name, each.category, each.gtin) for each in found}
    _table(folder / "items.csv", ("item", "name", "category", "gtin"), items.values())
    _table(folder / "pictures.csv", ("path", "item", "organisation", "taken_at"), rows)


def _ending(path: Path) -> str:
    with path.open("rb") as file:
        return ".png" if file.read(4) == b"\x89PNG" else ".jpg"


def _table(path: Path, names: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        stop(f"{path} can't be read: {error.strerror}")


async def organisation_of(dsn: str, reference: str) -> int:
    """Return the id of an organisation, or end with a sentence."""
    database = await Database.open(dsn, size=1)
    try:
        return await _known(database, reference)
    finally:
        await database.close()


async def _lessons(dsn: str, organisation: str | None) -> list[Lesson]:
    database = await Database.open(dsn, size=1, cap_seconds=None)
    try:
        return await lessons(database, None if organisation is None else await _known(database, organisation))
    finally:
        await database.close()


async def _known(database: Database, reference: str) -> int:
    found = await naming.organisation(database, reference)
    if found is None:
        stop(f"there is no organisation {reference}")
    return found.id


def asked(http: httpx.Client, document: str, name: str, line: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a mutation of one line, or end with what was refused."""
    said = answer(http.post("/graphql", json={"query": document, "variables": {"input": {"lines": [line]}}}))
    payload = (said.get("data") or {}).get(name) or {"errors": said.get("errors") or [{"message": "it was refused"}]}
    if payload["errors"]:
        stop("; ".join(" ".join(filter(None, (each.get("code"), each["message"]))) for each in payload["errors"]))
    result: dict[str, Any] = payload["results"][0]
    return result


def answer(given: httpx.Response) -> dict[str, Any]:
    """Return what a server says, or end with what is wrong."""
    try:
        said: dict[str, Any] = given.json()
    except ValueError:
        stop(f"{given.url} is not answered by a Stockbook server")
    if given.is_error and "data" not in said:
        stop("; ".join(str(each.get("message")) for each in said.get("errors") or [{"message": given.reason_phrase}]))
    return said
