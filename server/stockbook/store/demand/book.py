"""Demand in PostgreSQL: the stream of sales, and what was learnt from it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from stockbook.domain.demand.lead_time import LeadTime
from stockbook.flows.demand.book import Overtaken
from stockbook.flows.demand.lesson import (
    Class,
    Kept,
    KeptLevel,
    Lesson,
    Line,
    Progress,
    Receipt,
    Row,
    SeriesKey,
    Stretch,
    Supply,
)
from stockbook.store.database import Database
from stockbook.store.demand import lessons, revisions, sales
from stockbook.store.demand.hearing import PostgresHearing, kept

READER = "demand"

# Rows are settled below the oldest running transaction: nothing can still commit between them. A sale is read at the
# row of its seller, a receipt for an order at the row of whoever hosts the goods then, so each comes once; rows with
# neither only move the place in the stream. Of a receipt `quantity` is the hours since it was ordered.
STRETCH = f"""
with fresh as materialized (
  select tx, id, organisation_id, movement_id from movement_party
  where (tx, id) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot()) and topic = 'MOVED'
  order by tx, id limit $3
)
select f.tx, f.id, line.*
from fresh f
left join lateral (
  select verb, occurred_at, recorded_at, reverses_id, document_id from movement where id = f.movement_id offset 0
) m on true
left join lateral (
  select l.number, r.seller_id, {sales.COLUMNS}, null::bigint as supplier_id, null::float8 as late_hours
  from leg l {sales.joined(each=True)}
  where l.movement_id = f.movement_id and {sales.SOLD} and r.seller_id = f.organisation_id
  union all
  select l.number, f.organisation_id, l.target_place_id, l.item_id,
    extract(epoch from x.at - d.ordered_at)::float8 / 3600, x.at, x.supplier_id,
    extract(epoch from x.at - d.due_at)::float8 / 3600
  from document d
  join leg l on l.movement_id = f.movement_id
  cross join lateral (
    select least(m.occurred_at, m.recorded_at) as at,
      case f.organisation_id when d.organisation_id then d.counterparty_id
        when d.counterparty_id then d.organisation_id end as supplier_id
  ) x
  where d.id = m.document_id and m.verb in ('RECEIVE', 'ARRIVE') and l.target_state <> 0
    and l.target_host_id = f.organisation_id and x.supplier_id <> f.organisation_id and x.at >= d.ordered_at
  offset 0
) line on line.site_id is not null
order by f.tx, f.id, line.number
"""

_WAITING = """
select count(*) from movement_party, (
  select tx, position from stream_offset where reader = $1 order by tx, position limit 1
) o where topic = 'MOVED' and (movement_party.tx, movement_party.id) > (o.tx::text::xid8, o.position)
"""

_SERIES = """
select s.id, k.seller_id, k.site_id, k.item_id, s.state
from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as k(seller_id, site_id, item_id)
cross join lateral (
  select id, state from series
  where seller_id = k.seller_id and site_id = k.site_id and item_id = k.item_id offset 0
) s
"""

_DUE = """
select id, seller_id, site_id, item_id from series where partition = $1 and due_at <= $2 order by id
"""

_STEP = """
update stream_offset o set tx = s.tx, position = s.position, clock = s.clock, swept = s.swept,
  moved = o.moved + s.moved
from unnest($2::int[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::bigint[],
            $8::timestamptz[], $9::timestamptz[], $10::bigint[])
  as s(partition, from_tx, from_position, from_swept, tx, position, clock, swept, moved)
where o.reader = $1 and o.partition = s.partition
  and o.tx = s.from_tx and o.position = s.from_position and o.swept is not distinct from s.from_swept
"""

# Said in time and not withdrawn before: what was said of a period is judged once, when the clock closes it.
_SCORES = """
insert into override_score (override_id, starts_at, said, promised, came)
select o.id, c.starts_at, o.quantity, c.promised, c.came
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::float8[], $6::float8[])
  as c(seller_id, site_id, item_id, starts_at, promised, came)
join forecast_override o on o.organisation_id = c.seller_id and o.site_id = c.site_id and o.item_id = c.item_id
  and o.since <= c.starts_at and o.until > c.starts_at and o.ended_at is null
on conflict (override_id, starts_at) do update set came = excluded.came where override_score.came <> excluded.came
"""

# Series that are idle close when they are due, long after: what was said of them is judged with their partition's
# period, in which they sold nothing. Should a late sale tell otherwise, their own closing has the last word.
_IDLE_SCORES = """
with said as materialized (
  select * from forecast_override
  where ended_at is null and until > (select min(since) from unnest($2::timestamptz[]) as p(since))
)
insert into override_score (override_id, starts_at, said, promised, came)
select o.id, w.starts, o.quantity, f.mean, 0
from said o
cross join lateral (
  select id, partition, case period when 'DAY' then interval '1 day' else interval '7 days' end as lasts from series
  where seller_id = o.organisation_id and site_id = o.site_id and item_id = o.item_id offset 0
) s
join unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) as p(partition, since, until) on p.partition = s.partition
cross join lateral (select mean, starts_at from forecast where series_id = s.id and horizon = 1 offset 0) f
cross join lateral generate_series(greatest(p.since, f.starts_at), p.until - s.lasts, s.lasts) w(starts)
where o.since <= w.starts and o.until > w.starts
on conflict (override_id, starts_at) do nothing
"""

_PIECES = """
insert into learner_state (partition, name, version, state)
select * from unnest($1::int[], $2::text[], $3::text[], $4::bytea[])
on conflict (partition, name) do update set version = excluded.version, state = excluded.state
"""


class PostgresDemand(PostgresHearing):
    """`DemandBook` in PostgreSQL."""

    def __init__(self, database: Database, reader: str = READER) -> None:
        super().__init__(database)
        self._reader = reader

    async def progress(self, partitions: Sequence[int]) -> dict[int, Progress]:
        """Return how far each partition has come, beginning those that never began."""
        await self._database.execute(
            "insert into stream_offset (reader, partition, tx, position)"
            " select $1, p, 0, 0 from unnest($2::int[]) p on conflict do nothing",
            self._reader,
            list(partitions),
        )
        rows = await self._database.fetch(
            "select partition, tx, position, clock, swept from stream_offset"
            " where reader = $1 and partition = any($2::int[])",
            self._reader,
            list(partitions),
        )
        return {r["partition"]: Progress(Row(r["tx"], r["position"]), r["clock"], r["swept"]) for r in rows}

    async def pieces(self, partition: int) -> dict[str, tuple[str, bytes]]:
        """Return the partition's shared pieces."""
        rows = await self._database.fetch(
            "select name, version, state from learner_state where partition = $1 order by name", partition
        )
        return {r["name"]: (r["version"], r["state"]) for r in rows}

    async def stretch(self, after: Row, limit: int) -> Stretch:
        """Return the next settled rows, in commit order."""
        found = await self._database.fetch(STRETCH, after.tx, after.id, limit)
        rows = [Row(r["tx"], r["id"]) for r in found]
        lines = [_line(row, r) for row, r in zip(rows, found, strict=True) if r["item_id"] is not None]
        return Stretch(len(set(rows)), rows[-1] if rows else after, lines)

    async def waiting(self) -> int:
        """Return how many rows of the stream no learner has read yet."""
        found: int = await self._database.fetchval(_WAITING, self._reader)
        return found

    async def moved(self) -> int:
        """Return how many forecasts were moved since the beginning, by all learners."""
        query = "select coalesce(sum(moved), 0)::bigint from stream_offset where reader = $1"
        found: int = await self._database.fetchval(query, self._reader)
        return found

    async def series(self, keys: Sequence[SeriesKey]) -> list[Kept]:
        """Return the series that exist."""
        return kept(await self._fetch(_SERIES, *map(list, zip(*keys, strict=True))))

    async def due(self, partition: int, until: datetime) -> list[tuple[int, SeriesKey]]:
        """Return the series that the clock must have closed at `until`, by id."""
        return [(r[0], SeriesKey(*tuple(r)[1:])) for r in await self._fetch(_DUE, partition, until)]

    async def deliveries(self, items: Sequence[tuple[int, int]]) -> dict[Supply, LeadTime]:
        """Return what was learnt of deliveries, by buyer and item."""
        return await lessons.deliveries(self._database, items)

    async def levels(self, partitions: Sequence[int]) -> dict[Class, KeptLevel]:
        """Return how safe the classes of these partitions order."""
        return await lessons.levels(self._database, partitions)

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        """Write it all, or nothing and raise `Overtaken`."""
        async with self._by_index() as connection:
            await self._step(connection, lesson)
            born = await revisions.write(connection, lesson.revisions)
            await lessons.keep(connection, lesson)
            if lesson.closings:
                closed = [(*c.key, c.starts_at, c.promised, c.came) for c in lesson.closings]
                await connection.execute(_SCORES, *map(list, zip(*closed, strict=True)))
            swept = [(p, b.swept, a.swept) for p, (b, a) in lesson.steps.items() if b.swept and b.swept != a.swept]
            if swept:
                await connection.execute(_IDLE_SCORES, *map(list, zip(*swept, strict=True)))
            if lesson.pieces:
                await connection.execute(_PIECES, *map(list, zip(*lesson.pieces, strict=True)))
        return born

    async def _step(self, connection: asyncpg.Connection, lesson: Lesson) -> None:
        """Move the offsets first: their locks let one learner at a time through, and only from where it began."""
        steps = sorted(lesson.steps.items())
        moved: Counter[int] = Counter()
        for revision in lesson.revisions:
            moved[revision.partition] += len(revision.outlooks)
        tag = await connection.execute(
            _STEP,
            self._reader,
            [partition for partition, _ in steps],
            [before.row.tx for _, (before, _) in steps],
            [before.row.id for _, (before, _) in steps],
            [before.swept for _, (before, _) in steps],
            [after.row.tx for _, (_, after) in steps],
            [after.row.id for _, (_, after) in steps],
            [after.clock for _, (_, after) in steps],
            [after.swept for _, (_, after) in steps],
            [moved[partition] for partition, _ in steps],
        )
        if tag != f"UPDATE {len(steps)}":
            raise Overtaken(f"the {self._reader} learner of partitions {[p for p, _ in steps]} was overtaken")


def _line(row: Row, found: asyncpg.Record) -> Line | Receipt:
    if found["supplier_id"] is None:
        key = SeriesKey(found["seller_id"], found["site_id"], found["item_id"])
        return Line(row, key, found["quantity"], found["at"])
    buyer, supplier = found["seller_id"], found["supplier_id"]
    return Receipt(row, buyer, supplier, found["item_id"], found["quantity"], found["late_hours"], found["at"])
