"""vision pack, vision adopt: what goods look like, handed on from one organisation to another without a photograph."""

import asyncio
import base64
import csv
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import httpx
import typer

from stockbook.access.signing import Signer, verified
from stockbook.access.tokens import Tokens, secret
from stockbook.commands.reaching import reached
from stockbook.commands.saying import out, stop, well
from stockbook.commands.teaching import TOKEN_SECONDS, Address, answer, asked, organisation_of
from stockbook.domain.recognition import pack as packs
from stockbook.domain.refusal import Refusal
from stockbook.settings import Settings

ADOPT = """
mutation Adopt($input: AdoptGalleryPacksInput!) {
  adoptGalleryPacks(input: $input) { errors { code message } results { outcome id } }
}
"""
FOUND = """
query Found($id: ID!) { galleryPack(id: $id) { photographs items { externalReference } unmatched } }
"""
LISTED_MAX = 20

Photographs = Annotated[Path, typer.Argument(help="Photographs, as `vision train` reads them; with their LICENSE.")]
Written = Annotated[Path, typer.Option("--write", help="The pack's file.")]
Name = Annotated[str, typer.Option(help="What the pack is called.")]
Version = Annotated[str, typer.Option(help="Of it.")]
Model = Annotated[Path, typer.Option("--model", help="Folder of the model that looks.")]
Each = Annotated[int, typer.Option(help="Photographs of an item at most.", min=1, max=packs.VECTORS_MAX)]
Prefix = Annotated[str, typer.Option(help="Put before each item's reference.")]
File = Annotated[Path, typer.Argument(help="A pack's file.")]
Whose = Annotated[str, typer.Option("--organisation", help="Whose items it is matched to, and whose devices get it.")]


def pack(
    folder: Photographs,
    write: Written,
    name: Name,
    version: Version,
    model: Model = Path("mobile/handheld/vision/model"),
    each: Each = packs.VECTORS_MAX,
    prefix: Prefix = "",
) -> None:
    """Make a gallery pack of photographs: vectors of the model, signed with the key of this installation."""
    from handheld.vision.absent import Absent  # noqa: PLC0415  # looks at pictures
    from handheld.vision.model import read  # noqa: PLC0415
    from stockbook.vision.packing import looked  # noqa: PLC0415
    from stockbook.vision.pictures import FolderError, collection  # noqa: PLC0415
    from stockbook.vision.running import NoRuntime  # noqa: PLC0415

    licence = next((folder / each for each in ("LICENSE", "LICENCE") if (folder / each).is_file()), None)
    if licence is None:
        stop(f"{folder} has no LICENSE: nothing is handed on without one")
    seen = read(model)
    if isinstance(seen, Absent):
        stop(f"{model}: {seen.text.en} ({seen.detail})")
    try:
        pictures = collection(folder)
        vectors = looked(pictures, seen, each)
    except (FolderError, NoRuntime) as error:
        stop(str(error))
    codes = _codes(folder)
    goods = [
        {
            "reference": f"{prefix}{item.key}",
            "gtin": codes.get(item.key, ""),
            "name": item.name,
            "vectors": [base64.b64encode(one).decode() for one in found],
        }
        for item, found in zip(pictures.items, vectors, strict=True)
        if found
    ]
    said = {
        "pack": name,
        "version": version,
        "model": seen.sha256,
        "dimensions": seen.dimensions,
        "licence": licence.read_text(encoding="utf-8"),
        "goods": goods,
    }
    settings = Settings()
    signer = Signer(secret(settings.secret, settings.home))
    content = packs.written(said, signer.public, signer.sign)
    made = packs.read(content, verified)
    if isinstance(made, Refusal):
        stop(f"{'.'.join(made.path)}: {made.message}")
    write.write_bytes(content)
    count = sum(len(good.vectors) for good in made.goods)
    well(f"{write}: {len(goods)} goods by {count} photographs, for model {seen.version}, signed by {signer.public}")


def adopt(file: File, organisation: Whose, address: Address = None) -> None:
    """Have the running server adopt a pack; say which of its goods are no items yet."""
    settings = Settings()
    address = address or f"http://{settings.host}:{settings.port}"
    try:
        content = file.read_bytes()
    except OSError as error:
        stop(f"{file} can't be read: {error.strerror}")
    said = packs.read(content, verified)
    if isinstance(said, Refusal):
        stop(f"{file}: {said.message}")
    with reached(settings) as dsn:
        acting = asyncio.run(organisation_of(dsn, organisation))
    tokens = Tokens(secret(settings.secret, settings.home))
    token = tokens.issue(principal=1, organisation=acting, roles={"org_admin"}, lifetime_seconds=TOKEN_SECONDS)
    name = sha256(content).hexdigest()
    try:
        with httpx.Client(base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=60) as http:
            answer(http.put(f"/recognition/galleries/{name}", content=content))
            made = asked(http, ADOPT, "adoptGalleryPacks", {"pack": name})
            body = {"query": FOUND, "variables": {"id": made["id"]}}
            found = answer(http.post("/graphql", json=body))["data"]["galleryPack"]
    except httpx.HTTPError as error:
        stop(f"no server answers at {address}: start one with `stockbook serve`, or name it (--address): {error}")
    known = "was adopted before" if made["outcome"] == "KNOWN" else "is adopted"
    well(
        f"{said.name} {said.version}, signed by {said.key}, {known}:"
        f" {len(found['items'])} items by {found['photographs']} photographs"
    )
    for each in found["unmatched"][:LISTED_MAX]:
        out.print(f"no item: {each['reference']} {each['gtin']} {each['name']}", markup=False, highlight=False)
    if len(found["unmatched"]) > LISTED_MAX:
        out.print(f"and {len(found['unmatched']) - LISTED_MAX} more: register them, and adopt it again")


def _codes(folder: Path) -> dict[str, str]:
    """Return the GTIN of each item whose row has one."""
    listed = next(folder / name for name in ("classes.csv", "items.csv") if (folder / name).is_file())
    with listed.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row.get("class_id") or row.get("item") or "": row.get("gtin") or "" for row in rows}
