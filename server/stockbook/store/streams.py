"""Streams of signals: numbered in commit order, read by number.

A posting writes a row of `movement_party` for each organisation that is party
to it, without a number. The sequencer numbers rows whose transactions are
older than every running one, in order of (transaction, row): whoever has read
number n can be sure that nothing below it is still to come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from stockbook.store.database import Database

WAKE = "stock"
"""Postings notify it, outside their transactions: there is something to number."""
NUMBERED = "stock_numbered"
"""The sequencer notifies it: streams have grown."""
ELECTION = 5_707_103
"""Advisory lock held by the one session that numbers."""
BATCH = 2000

_NUMBER = """
with waiting as (
  select id, tx, organisation_id from movement_party
  where sequence is null and tx < pg_snapshot_xmin(pg_current_snapshot())
  order by tx, id limit $1
), numbered as (
  select w.id, w.organisation_id, coalesce(s.head, 0)
    + row_number() over (partition by w.organisation_id order by w.tx, w.id) as sequence
  from waiting w left join stream s using (organisation_id)
), heads as (
  insert into stream (organisation_id, head)
  select organisation_id, max(sequence) from numbered group by organisation_id
  on conflict (organisation_id) do update set head = excluded.head
), written as (
  update movement_party m set sequence = n.sequence from numbered n where m.id = n.id returning 1
)
select count(*) from written
"""

_EVENTS = """
select p.sequence, p.movement_id, p.topic from movement_party p
where p.organisation_id = $1 and p.sequence > $2 and p.sequence <= $3
order by p.sequence limit $4
"""

_SHELVES = """
with moved as (
  select distinct movement_id from movement_party
  where organisation_id = $1 and sequence > $2 and sequence <= $3
), touched as (
  select l.item_id, l.movement_id, coalesce(p.bound_for_id, p.site_id) as site_id
  from moved v join leg l using (movement_id)
  join place p on p.id in (l.source_place_id, l.target_place_id)
), legless as (
  select min(m.recorded_at) as since from moved v join movement m on m.id = v.movement_id
  where not exists (select 1 from leg l where l.movement_id = v.movement_id)
)
select a.id from availability a
where a.site_id = $4 and a.item_id in (select item_id from touched where site_id = $4)
union
select a.id from availability a, legless l where a.site_id = $4 and a.changed_at >= l.since
"""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One numbered signal of an organisation."""

    sequence: int
    movement: int
    topic: str


async def elected(connection: asyncpg.Connection) -> bool:
    """Become the one that numbers, as long as this session lasts; False when another is."""
    won: bool = await connection.fetchval("select pg_try_advisory_lock($1)", ELECTION)
    return won


async def number(connection: asyncpg.Connection, limit: int = BATCH) -> int:
    """Give their numbers to what has been committed; return how many rows that were.

    One statement, so one transaction; only for the session that is `elected`.
    """
    done: int = await connection.fetchval(_NUMBER, limit)
    return done


async def waiting(db: Database) -> int:
    """Return how many signals have no number yet."""
    count: int = await db.fetchval("select count(*) from movement_party where sequence is null")
    return count


async def movements(db: Database) -> int:
    """Return how many movements the journal has."""
    count: int = await db.fetchval("select coalesce(max(id), 0) from movement")
    return count


async def heads(db: Database, organisations: Iterable[int]) -> dict[int, int]:
    """Return the last number of each stream; 0 for one that has not begun."""
    wanted = list(organisations)
    rows = await db.fetch("select organisation_id, head from stream where organisation_id = any($1::bigint[])", wanted)
    return dict.fromkeys(wanted, 0) | {row[0]: row[1] for row in rows}


async def events(db: Database, organisation: int, after: int, until: int, limit: int) -> Sequence[StreamRow]:
    """Return the signals numbered above `after`, `until` included, oldest first."""
    rows = await db.fetch(_EVENTS, organisation, after, until, limit)
    return [StreamRow(*row) for row in rows]


async def shelves(db: Database, organisation: int, after: int, until: int, site: int) -> list[int]:
    """Return the availability rows of a site that the signals in between may have changed.

    Movements say so by their legs. One without legs (a promise made, changed or
    ended) changed some shelf of the site when it was recorded, or nothing there.
    """
    rows = await db.fetch(_SHELVES, organisation, after, until, site)
    return [row[0] for row in rows]


async def site_shelves(db: Database, site: int) -> list[int]:
    """Return all availability rows of a site."""
    return [row[0] for row in await db.fetch("select id from availability where site_id = $1 order by item_id", site)]
