"""Locks the rows of a batch and says what they hold, for judging entry by entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import asyncpg

from stockbook.domain.stock.movement import Entry, Tally
from stockbook.store.catalogue import FACTS
from stockbook.store.posting.reading import columns
from stockbook.store.posting.sheet import ZERO, Sheet
from stockbook.store.posting.verdict import Found

_POSTED = """
select m.organisation_id, m.key, m.line, m.digest, m.id,
  array(select k.id from claim k where k.made_by_id = m.id order by k.id)
from unnest($1::bigint[], $2::text[], $3::int[]) as w(organisation_id, key, line)
join movement m using (organisation_id, key, line)
"""
_REVERSED = "select reverses_id from movement where reverses_id = any($1)"
_CLOSED = "select organisation_id, closed_before from period_close where organisation_id = any($1)"
_LOTS = "select item_id, code from lot where (item_id, code) in (select * from unnest($1::bigint[], $2::text[]))"


@dataclass(slots=True)
class Locked:
    """What a batch's rows hold, now that nobody else can change them."""

    version: int
    found: Found = field(default_factory=Found)
    claims: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Movement posted before -> the claims it made."""
    _shelves: dict[object, int] = field(default_factory=dict)
    _positions: dict[object, int] = field(default_factory=dict)

    async def unmake(self, connection: asyncpg.Connection, sheet: Sheet) -> None:
        """Remove the rows made for locking that nothing on the sheet needs: a refused entry leaves nothing."""
        for table, made, needed in (
            ("availability", self._shelves, sheet.shelf_keys),
            ("position", self._positions, sheet.position_keys),
        ):
            idle = [row for key, row in made.items() if key not in set(needed)]
            if idle:
                await connection.execute(f"delete from {table} where id = any($1)", idle)


async def lock(connection: asyncpg.Connection, sheet: Sheet, entries: Sequence[Entry]) -> Locked:
    """Lock in the order that every posting does: facts, shelves, positions, claims."""
    await connection.execute(f"select pg_advisory_xact_lock_shared({FACTS})")
    locked = Locked(await connection.fetchval("select version from facts_version"))
    found = locked.found
    for row in await connection.fetch("select * from posting.lock_shelves($1)", sheet.shelves):
        shelf = sheet.shelf_keys[row["ordinal"] - 1]
        found.shelves[shelf] = Tally(row["on_hand"], row["inbound"], reserved=row["reserved"])
        if row["made"]:
            locked._shelves[shelf] = row["id"]
    there = [number for number, key in enumerate(sheet.position_keys) if key.lot >= 0]  # a new lot lies nowhere yet
    for row in await connection.fetch("select * from posting.lock_positions($1)", [sheet.positions[n] for n in there]):
        position = sheet.position_keys[there[row["ordinal"] - 1]]
        found.positions[position] = (row["quantity"], row["claimed"])
        if row["made"]:
            locked._positions[position] = row["id"]
    for row in await connection.fetch("select * from posting.lock_claims($1)", sheet.claims):
        found.claims[sheet.claim_ids[row["ordinal"] - 1]] = (row["quantity"], row["state"])
    names = [(entry.organisation, entry.key, entry.line) for entry in entries]
    for organisation, key, line, digest, movement, claims in await connection.fetch(_POSTED, *columns(names, 3)):
        found.posted[organisation, key, line] = (digest, movement)
        locked.claims[movement] = tuple(claims)
    reversals = [entry.reverses for entry in entries if entry.reverses]
    found.reversed.update(row[0] for row in await connection.fetch(_REVERSED, reversals))
    organisations = list({entry.organisation for entry in entries})
    found.closed_before.update(tuple(row) for row in await connection.fetch(_CLOSED, organisations))
    lots = [(lot.item, lot.code) for entry in entries for lot in entry.lots]
    if lots:
        found.lot_codes.update(tuple(row) for row in await connection.fetch(_LOTS, *columns(lots, 2)))
    return locked


def judged(sheet: Sheet) -> Sheet:
    """Return a sheet that was judged under lock: the function need not check its balances again."""
    return replace(
        sheet,
        shelves=[(*row[:8], ZERO, ZERO, row[10]) for row in sheet.shelves],
        positions=[(*row[:10], ZERO, ZERO, *row[12:]) for row in sheet.positions],
    )
