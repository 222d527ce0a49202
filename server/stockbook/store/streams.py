"""Streams of signals: numbered in commit order, read by number.

A posting writes a row of `movement_party` for each organisation that is party
to it, without a number. The sequencer numbers rows whose transactions are
older than every running one, in order of (transaction, row): whoever has read
number n can be sure that nothing below it is still to come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg

from stockbook.store.database import Database

WAKE = "stock"
"""Postings notify it, outside their transactions: there is something to number."""
NUMBERED = "stock_numbered"
"""The sequencer notifies it: streams have grown."""
ELECTION = 5_707_103
"""Advisory lock held by the one session that numbers."""
BATCH = 2000

_NUMBER = f"""
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
select count(*), case when count(*) > 0 then pg_notify('{NUMBERED}', '') end from written
"""

_EVENTS = """
select p.sequence, p.movement_id, p.topic from movement_party p
where p.organisation_id = $1 and p.sequence > $2 and p.sequence <= $3
order by p.sequence limit $4
"""

# `offset 0` keeps a look-up a look-up: a plan made while tables are short would read them whole when they have grown.
_SHELVES = """
with asked as materialized (
  select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
    as a(organisation_id, site_id, after, until)
), stretch as materialized (
  select organisation_id, min(after) as after, max(until) as until from asked group by organisation_id
), moved as materialized (
  select distinct s.organisation_id, p.movement_id from stretch s cross join lateral (
    select movement_id from movement_party
    where organisation_id = s.organisation_id and sequence > s.after and sequence <= s.until offset 0
  ) p
), touched as materialized (
  select v.organisation_id, v.movement_id, l.item_id, coalesce(p.bound_for_id, p.site_id) as site_id from moved v
  cross join lateral (
    select item_id, source_place_id, target_place_id from leg where movement_id = v.movement_id offset 0
  ) l cross join lateral (
    select site_id, bound_for_id from place where id in (l.source_place_id, l.target_place_id) offset 0
  ) p
), legless as (
  select v.organisation_id, min(m.recorded_at) as since from moved v
  cross join lateral (select recorded_at from movement where id = v.movement_id offset 0) m
  where not exists (select 1 from touched t where t.movement_id = v.movement_id)
  group by v.organisation_id
)
select k.organisation_id, k.site_id, a.id from asked k join touched t using (organisation_id, site_id)
cross join lateral (select id from availability where site_id = t.site_id and item_id = t.item_id offset 0) a
union
select k.organisation_id, k.site_id, a.id from asked k join legless l using (organisation_id)
cross join lateral (select id from availability where site_id = k.site_id and changed_at >= l.since offset 0) a
"""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One numbered signal of an organisation."""

    sequence: int
    movement: int
    topic: str


class Reader(NamedTuple):
    """Who follows a site in an organisation's stream, and from where to where it is to read on."""

    organisation: int
    site: int
    after: int
    until: int


async def elected(connection: asyncpg.Connection) -> bool:
    """Become the one that numbers, as long as this session lasts; False when another is."""
    won: bool = await connection.fetchval("select pg_try_advisory_lock($1)", ELECTION)
    return won


async def number(connection: asyncpg.Connection, limit: int = BATCH) -> int:
    """Give their numbers to what has been committed and wake who reads; return how many rows that were.

    One statement, so one transaction; only for the session that is `elected`.
    It may commit without waiting for the disk: numbers that are lost with the
    database are given again in the same order, so to the same rows.
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


async def shelves(db: Database, readers: Sequence[Reader]) -> dict[tuple[int, int], list[int]]:
    """Return the availability rows that may have changed for readers, by organisation and site; one statement for all.

    Movements say so by their legs. One without legs (a promise made, changed or
    ended) changed some shelf of the site when it was recorded, or nothing there.
    Of several readers of an organisation each is told what the one furthest behind must look at.
    """
    found: dict[tuple[int, int], list[int]] = {}
    if readers:
        for organisation, site, row in await db.fetch(_SHELVES, *map(list, zip(*readers, strict=True))):
            found.setdefault((organisation, site), []).append(row)
    return found


async def site_shelves(db: Database, site: int) -> list[int]:
    """Return all availability rows of a site."""
    return [row[0] for row in await db.fetch("select id from availability where site_id = $1 order by item_id", site)]
