"""What a posting writes beside balances and journal: lots, inspections, charges, tasks, grants, moved places.

Few entries have any of it, so it is plain statements in the posting's
transaction: lots before the posting (positions refer to them), the rest after.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg

from stockbook.domain.stock.movement import Entry, NewLot, Position, Shelf
from stockbook.store.catalogue import FACTS
from stockbook.store.work import progress

_LOTS = """
insert into lot (id, item_id, code, producer_id, expiry, produced_on)
overriding system value
select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::date[], $6::date[])
on conflict (item_id, code) do nothing returning id
"""
_PARENTS = """
insert into lot_parent as p (lot_id, parent_id, quantity)
select lot, parent, sum(quantity) from unnest($1::bigint[], $2::bigint[], $3::numeric[]) as w(lot, parent, quantity)
group by lot, parent
on conflict (lot_id, parent_id) do update set quantity = p.quantity + excluded.quantity
"""
_INSPECTIONS = """
insert into inspection (movement_id, item_id, lot_id, place_id, passed)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])
"""
_CHARGES = """
insert into charge (movement_id, item_id, lot_id, quantity, debtor_id, creditor_id, agreement_id)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::numeric[], $5::bigint[], $6::bigint[], $7::bigint[])
"""
_COUNTS = """
insert into counted (movement_id, organisation_id, item_id, lot_id, place_id, site_id, book, counted, occurred_at)
select w.movement, w.organisation, w.item, w.lot, w.place, p.site_id, w.book, w.counted, w.at
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::numeric[], $7::numeric[],
  $8::timestamptz[]) as w(movement, organisation, item, lot, place, book, counted, at)
join place p on p.id = w.place
"""
_TASKS = """
insert into task (organisation_id, kind, movement_id, note, state)
select w.organisation_id, w.kind, w.movement_id, w.note, 'OPEN'
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) as w(organisation_id, kind, movement_id, note)
"""
_GRANT = """
insert into "grant" (movement_id, place_id, lot_id, "right", organisation_id) values ($1, $2, $3, $4, $5)
on conflict (place_id, lot_id, "right")
do update set organisation_id = excluded.organisation_id, movement_id = excluded.movement_id
"""
_RELOCATE = """
with recursive below as (
  select p.id, p.bound_for_id, case when p.kind = 'SITE' then p.id else n.site_id end as site_id
  from place p, place n where p.id = $1 and n.id = $2
  union all
  select p.id, p.bound_for_id, case when p.kind = 'SITE' then p.id else b.site_id end
  from below b join place p on p.parent_id = b.id
), moved as (
  update place p set site_id = b.site_id, parent_id = case when p.id = $1 then $2 else p.parent_id end
  from below b where p.id = b.id
)
update position t set site_id = coalesce(b.bound_for_id, b.site_id) from below b where t.place_id = b.id
"""


class TakenError(Exception):
    """Somebody else made a lot of that code meanwhile: decided again, the posting sees it."""


@dataclass(slots=True)
class More:
    """Entries with the ids of their movements, and what they write beside."""

    numbered: list[tuple[int, Entry]]
    claims: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Movement that made claims -> their ids, in the order of its changes."""

    @property
    def anything(self) -> bool:
        """Whether there is anything beside the balances and the journal."""
        return any(
            entry.lots
            or entry.inspections
            or entry.charges
            or entry.notes
            or entry.grants
            or entry.relocations
            or entry.counts
            or entry.task
            for _, entry in self.numbered
        )

    @property
    def relocates(self) -> bool:
        """Whether a place moves, which changes facts."""
        return any(entry.relocations for _, entry in self.numbered)

    def name_claims(self, ids: Sequence[int]) -> None:
        """Give the new claims their ids: as many as `new_claims`."""
        if not ids:
            return
        real = dict(zip(new_claims(entry for _, entry in self.numbered), ids, strict=True))
        for movement, entry in self.numbered:
            if made := dict.fromkeys(real[change.id] for change in entry.claims if change.id < 0):
                self.claims[movement] = tuple(made)
        self.numbered = [(movement, _with_claims(entry, real)) for movement, entry in self.numbered]

    def only(self, standing: Iterable[int]) -> "More":
        """Return the same for some of the entries."""
        return More([self.numbered[number] for number in standing], self.claims)

    async def begin(self, connection: asyncpg.Connection) -> None:
        """Make the lots; from here on entries name them by their real ids."""
        if self.relocates:
            await connection.execute(f"select pg_advisory_xact_lock({FACTS})")
        lots = {lot.id: lot for _, entry in self.numbered for lot in entry.lots}
        if not lots:
            return
        fresh = await connection.fetch(
            "select nextval(pg_get_serial_sequence('lot', 'id')) from generate_series(1, $1)", len(lots)
        )
        ordered = sorted(
            lots.values(), key=lambda lot: (lot.item, lot.code)
        )  # two that make the same wait in one order
        real = {lot.id: row[0] for lot, row in zip(ordered, fresh, strict=True)}
        rows = [(real[lot.id], lot.item, lot.code, lot.producer, lot.expiry, lot.produced_on) for lot in ordered]
        made = await connection.fetch(_LOTS, *zip(*rows, strict=True))
        if len(made) < len(rows):
            raise TakenError("a lot of this code was made meanwhile")
        self.numbered = [(movement, _with_lots(entry, real)) for movement, entry in self.numbered]

    async def finish(self, connection: asyncpg.Connection, shortfalls: Iterable[tuple[int, Shelf]] = ()) -> None:
        """Write the rest."""
        numbered = self.numbered
        lots = {lot.id: lot for _, entry in numbered for lot in entry.lots}
        parents = [(lot.id, *parent) for lot in lots.values() for parent in lot.parents]
        await _write(connection, _PARENTS, parents)
        await _write(
            connection,
            _INSPECTIONS,
            [(m, i.item, i.lot, i.place, i.passed) for m, entry in numbered for i in entry.inspections],
        )
        await _write(
            connection,
            _CHARGES,
            [
                (m, c.item, c.lot, c.quantity, c.debtor, c.creditor, c.agreement)
                for m, entry in numbered
                for c in entry.charges
            ],
        )
        await _write(
            connection,
            _COUNTS,
            [
                (m, entry.organisation, c.item, c.lot, c.place, c.book, c.counted, entry.occurred_at)
                for m, entry in numbered
                for c in entry.counts
            ],
        )
        tasks = [(entry.organisation, "DISCREPANCY", m, note) for m, entry in numbered for note in entry.notes]
        tasks += [(shelf.seller, "SHORTFALL", m, _promised_too_much(shelf)) for m, shelf in shortfalls]
        await _write(connection, _TASKS, tasks)
        for m, entry in numbered:
            for grant in entry.grants:
                await connection.execute(_GRANT, m, grant.place, grant.lot, grant.right.value, grant.organisation)
            for relocation in entry.relocations:
                await connection.execute(_RELOCATE, relocation.place, relocation.parent)
        await progress.advance(connection, numbered)
        if self.relocates:
            await connection.execute("update facts_version set version = version + 1")


def new_claims(entries: Iterable[Entry]) -> list[int]:
    """Return the temporary ids of the claims that entries make, each once."""
    return list(dict.fromkeys(change.id for entry in entries for change in entry.claims if change.id < 0))


async def _write(connection: asyncpg.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await connection.execute(statement, *(list(column) for column in zip(*rows, strict=True)))


def _promised_too_much(shelf: Shelf) -> str:
    return f"more is promised of item {shelf.item} at place {shelf.site} than is there to sell"


def _with_claims(entry: Entry, real: Mapping[int, int]) -> Entry:
    """Name new claims by their ids, below zero still: so the sheet tells made from changed."""
    if not any(change.id < 0 for change in entry.claims):
        return entry
    changes = tuple(replace(c, id=-real[c.id]) if c.id < 0 else c for c in entry.claims)
    return entry._replace(claims=changes)


def _with_lots(entry: Entry, real: Mapping[int, int]) -> Entry:
    def of(lot: int) -> int:
        return real.get(lot, lot)

    def at(position: Position | None) -> Position | None:
        return position and position._replace(lot=of(position.lot))

    def made(lot: NewLot) -> NewLot:
        parents = tuple((of(parent), quantity) for parent, quantity in lot.parents)
        return replace(lot, id=of(lot.id), parents=parents)

    return entry._replace(
        legs=tuple(leg._replace(lot=of(leg.lot)) for leg in entry.legs),
        claims=tuple(replace(claim, position=at(claim.position)) for claim in entry.claims),
        lots=tuple(made(lot) for lot in entry.lots),
        inspections=tuple(replace(each, lot=of(each.lot)) for each in entry.inspections),
        charges=tuple(replace(each, lot=of(each.lot)) for each in entry.charges),
        grants=tuple(replace(each, lot=of(each.lot)) for each in entry.grants),
    )
