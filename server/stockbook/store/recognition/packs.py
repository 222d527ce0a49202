"""Gallery packs: read, matched to the items there are, signed for an organisation's devices; and dropped again."""

from collections.abc import Sequence
from hashlib import sha256

import orjson

from stockbook.access.signing import verified
from stockbook.domain.recognition import pack as packs
from stockbook.domain.recognition.manifest import SHA256, canonical
from stockbook.domain.recognition.pack import Good, Pack
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.author import Registered
from stockbook.flows.recognition.registrations import GalleryPackDropEntry, GalleryPackEntry
from stockbook.store.catalogue import number_of
from stockbook.store.files import Files
from stockbook.store.recognition.models import Sign
from stockbook.store.registering.codes import normal
from stockbook.store.registering.desk import Desk, RefusedError

_RUNS = """
select exists (select from model_report r join device d on d.id = r.device_id
  where r.sha256 = $1 and d.organisation_id = $2)
"""
_MATCHED = """
select g.at, i.id, i.external_reference from unnest($1::text[], $2::text[]) with ordinality as g(gtin, reference, at)
left join lateral (select c.item_id from item_code c where g.gtin <> '' and c.normal = g.gtin
  and c.organisation_id in (0, $3) order by c.organisation_id desc limit 1) c on true
left join item i on i.id = c.item_id or c.item_id is null and g.reference <> '' and i.external_reference = g.reference
order by g.at
"""
_KNOWN = "select id, source, sha256, state from gallery_pack where organisation_id = $1 and name = $2 for no key update"
_ADOPT = """
insert into gallery_pack (organisation_id, name, version, model, source, key, licence, sha256, size, manifest,
  signature, items, photographs, unmatched, state, actor_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text::jsonb, 'ADOPTED', $15)
on conflict (organisation_id, name) do update set version = excluded.version, model = excluded.model,
  source = excluded.source, key = excluded.key, licence = excluded.licence, sha256 = excluded.sha256,
  size = excluded.size, manifest = excluded.manifest, signature = excluded.signature, items = excluded.items,
  photographs = excluded.photographs, unmatched = excluded.unmatched, state = excluded.state,
  actor_id = excluded.actor_id, adopted_at = now()
returning id
"""
_DROP = """
update gallery_pack set state = 'DROPPED', actor_id = $2, adopted_at = now() where id = $1 and state <> 'DROPPED'
returning id
"""


class Adopting:
    """Adopts packs out of the files that were sent before."""

    def __init__(self, files: Files, sign: Sign) -> None:
        self._files, self._sign = files, sign

    async def pack(self, desk: Desk, entry: GalleryPackEntry) -> Registered:
        """Adopt a pack; the same again is known, unless other goods of it are items by now."""
        me = desk.author.organisation
        content = await self._files.read(me, entry.pack) if SHA256.fullmatch(entry.pack) else None
        if content is None:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no such file: send the pack first", "pack")
        said = packs.read(content, verified)
        if isinstance(said, Refusal):
            raise RefusedError(said.code, said.message, *said.path)
        if not await desk.connection.fetchval(_RUNS, said.model, me):
            told = "none of your devices runs the model whose vectors it has: look for a pack of the one that they run"
            raise RefusedError(Code.PACK_OF_ANOTHER_MODEL, told, "pack")
        return await self._adopted(desk, said, entry.pack)

    async def _adopted(self, desk: Desk, said: Pack, source: str) -> Registered:
        me = desk.author.organisation
        items = await _matched(desk, said.goods)
        file = packs.gallery(said, [item and item[1] for item in items])
        name = sha256(file).hexdigest()
        known = await desk.connection.fetchrow(_KNOWN, me, said.name)
        if known is not None and tuple(known)[1:] == (source, name, "ADOPTED"):
            return known["id"], True
        await self._files.put(me, file)
        manifest = canonical(
            {"gallery": said.name, "version": said.version, "model": said.model, "sha256": name, "size": len(file)}
        )
        there = [(each, item) for each, item in zip(said.goods, items, strict=True) if item]
        rest = [
            {"reference": each.reference, "gtin": each.gtin, "name": each.name}
            for each, item in zip(said.goods, items, strict=True)
            if item is None
        ]
        made: int = await desk.connection.fetchval(
            _ADOPT,
            *(me, said.name, said.version, said.model, source, said.key, said.licence),
            *(name, len(file), manifest, self._sign(manifest)),
            sorted({item[0] for _, item in there}),
            sum(len(each.vectors) for each, _ in there),
            orjson.dumps(rest).decode(),
            desk.author.principal,
        )
        return made, False


async def _matched(desk: Desk, goods: Sequence[Good]) -> list[tuple[int, str] | None]:
    """Return the item that each of the goods is, by its GTIN, else by its reference; None when there is none."""
    gtins = [normal(each.gtin) if each.gtin else "" for each in goods]
    references = [each.reference for each in goods]
    rows = await desk.connection.fetch(_MATCHED, gtins, references, desk.author.organisation)
    return [None if row["id"] is None else (row["id"], row["external_reference"]) for row in rows]


async def drop(desk: Desk, entry: GalleryPackDropEntry) -> Registered:
    """Drop a pack: its row stays, devices forget it."""
    given = number_of("GalleryPack", entry.pack)
    found = await desk.connection.fetchval(
        "select id from gallery_pack where organisation_id = $1 and (id = $2 or name = $3)",
        desk.author.organisation,
        given,
        None if given is not None else entry.pack,
    )
    if found is None:
        raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such pack", "pack")
    return found, await desk.connection.fetchval(_DROP, found, desk.author.principal) is None
