"""Demand in PostgreSQL: the stream of sales, and what was learnt from it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import orjson

from stockbook.domain.demand.threshold import FOLLOW
from stockbook.flows.demand_book import Kept, Lesson, Line, Overtaken, Progress, Row, SeriesKey, Stretch
from stockbook.store.database import Database
from stockbook.store.hearing import PostgresHearing, kept

READER = "demand"

# Rows are settled below the oldest running transaction: nothing can still commit between them. The row of the
# seller is read, so each movement comes once; rows that sold nothing only move the place in the stream.
_STRETCH = """
with fresh as materialized (
  select tx, id, organisation_id, movement_id from movement_party
  where (tx, id) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot()) and topic = 'MOVED'
  order by tx, id limit $3
)
select f.tx, f.id, sale.*
from fresh f
left join lateral (
  select l.number, r.seller_id, coalesce(shelf.bound_for_id, shelf.site_id) as site_id, l.item_id,
    case when target.kind = 'CUSTOMER' then l.quantity else -l.quantity end::float8 as quantity,
    least(coalesce(o.occurred_at, m.occurred_at), m.recorded_at) as at
  from movement m
  join leg l on l.movement_id = m.id
  join place source on source.id = l.source_place_id
  join place target on target.id = l.target_place_id
  join place shelf on shelf.id = case when target.kind = 'CUSTOMER' then source.id else target.id end
  join rights r on r.id = case when target.kind = 'CUSTOMER' then l.source_rights_id else l.target_rights_id end
  left join movement o on o.id = m.reverses_id
  where m.id = f.movement_id and m.verb in ('SELL', 'RETURN', 'REVERSE')
    and (source.kind = 'CUSTOMER') <> (target.kind = 'CUSTOMER')
    and r.seller_id = f.organisation_id
  offset 0
) sale on sale.site_id is not null
order by f.tx, f.id, sale.number
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
select id, seller_id, site_id, item_id, state from series
where partition = $1 and due_at <= $2 order by id limit $3
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

_BORN = """
insert into series (seller_id, site_id, item_id, partition, period, due_at, state)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::timestamptz[], $7::bytea[])
returning id, seller_id, site_id, item_id
"""

_CHANGED = """
update series s set due_at = c.due_at, state = c.state
from unnest($1::bigint[], $2::timestamptz[], $3::bytea[]) as c(id, due_at, state) where s.id = c.id
"""

_NEW_FORECASTS = """
insert into forecast (series_id, horizon, starts_at, mean, quantiles, past_error, shares, revised_at, learner,
  heard, stale, levels, organisation_id, site_id, item_id)
select f.series_id, f.horizon, f.starts_at, f.mean, array[f.q1, f.q2, f.q3, f.q4], f.past_error, f.shares::jsonb,
  f.revised_at, f.learner, f.heard::bigint[], f.stale::bigint[], $15::float8[], f.seller_id, f.site_id, f.item_id
from unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
  $8::float8[], $9::float8[], $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::text[], $16::bigint[],
  $17::bigint[], $18::bigint[])
  as f(series_id, horizon, starts_at, mean, q1, q2, q3, q4, past_error, shares, revised_at, learner, heard, stale,
       seller_id, site_id, item_id)
"""

_REVISED_FORECASTS = """
update forecast o set starts_at = f.starts_at, mean = f.mean, quantiles = array[f.q1, f.q2, f.q3, f.q4],
  past_error = f.past_error, shares = f.shares::jsonb, revised_at = f.revised_at, learner = f.learner,
  heard = f.heard::bigint[], stale = f.stale::bigint[], levels = $15::float8[]
from unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
  $8::float8[], $9::float8[], $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::text[])
  as f(series_id, horizon, starts_at, mean, q1, q2, q3, q4, past_error, shares, revised_at, learner, heard, stale)
where o.series_id = f.series_id and o.horizon = f.horizon
"""

# The moving range follows the reorder point at once where it leaves it, slowly where it stays within.
_THRESHOLDS = """
insert into threshold as o (id, organisation_id, site_id, item_id, horizon, service_level, expected, safety_stock,
  reorder_point, ceiling, low, high, peak, revised_at)
select t.id, t.seller_id, t.site_id, t.item_id, t.horizon, t.service_level, t.expected, t.safety_stock,
  t.reorder_point, t.ceiling, t.reorder_point, t.reorder_point, t.peak, t.revised_at
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::float8[], $6::float8[], $7::float8[],
  $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::timestamptz[])
  as t(id, seller_id, site_id, item_id, horizon, service_level, expected, safety_stock, reorder_point, ceiling, peak,
       revised_at)
on conflict (id) do update set horizon = excluded.horizon, service_level = excluded.service_level,
  expected = excluded.expected, safety_stock = excluded.safety_stock, reorder_point = excluded.reorder_point,
  ceiling = excluded.ceiling, peak = excluded.peak, revised_at = excluded.revised_at,
  low = least(excluded.reorder_point, o.low + $13::float8 * (excluded.reorder_point - o.low)),
  high = greatest(excluded.reorder_point, o.high + $13::float8 * (excluded.reorder_point - o.high))
"""

# Said in time and not withdrawn before: what was said of a period is judged once, when the clock closes it.
_SCORES = """
insert into override_score (override_id, starts_at, said, promised, came)
select o.id, c.starts_at, o.quantity, c.promised, c.came
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::float8[], $6::float8[])
  as c(seller_id, site_id, item_id, starts_at, promised, came)
join forecast_override o on o.organisation_id = c.seller_id and o.site_id = c.site_id and o.item_id = c.item_id
  and o.since <= c.starts_at and o.until > c.starts_at and o.ended_at is null
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
        found = await self._fetch(_STRETCH, after.tx, after.id, limit)
        rows = [Row(r["tx"], r["id"]) for r in found]
        lines = [
            Line(row, SeriesKey(r["seller_id"], r["site_id"], r["item_id"]), r["quantity"], r["at"])
            for row, r in zip(rows, found, strict=True)
            if r["item_id"] is not None
        ]
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

    async def due(self, partition: int, until: datetime, limit: int) -> list[Kept]:
        """Return series that the clock must have closed at `until`, by id."""
        return kept(await self._fetch(_DUE, partition, until, limit))

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        """Write it all, or nothing and raise `Overtaken`."""
        async with self._by_index() as connection:
            await self._step(connection, lesson)
            born = await self._write_series(connection, lesson)
            await self._write_forecasts(connection, lesson, born)
            await self._write_thresholds(connection, lesson, born)
            if lesson.closings:
                closed = [(*c.key, c.starts_at, c.promised, c.came) for c in lesson.closings]
                await connection.execute(_SCORES, *map(list, zip(*closed, strict=True)))
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

    async def _write_series(self, connection: asyncpg.Connection, lesson: Lesson) -> dict[SeriesKey, int]:
        new = [one for one in lesson.revisions if one.id is None]
        old = [one for one in lesson.revisions if one.id is not None]
        if old:
            await connection.execute(
                _CHANGED, [one.id for one in old], [one.due_at for one in old], [one.state for one in old]
            )
        if not new:
            return {}
        rows = await connection.fetch(
            _BORN,
            [one.key.seller for one in new],
            [one.key.site for one in new],
            [one.key.item for one in new],
            [one.partition for one in new],
            [one.period for one in new],
            [one.due_at for one in new],
            [one.state for one in new],
        )
        return {SeriesKey(r["seller_id"], r["site_id"], r["item_id"]): r["id"] for r in rows}

    async def _write_forecasts(
        self, connection: asyncpg.Connection, lesson: Lesson, born: dict[SeriesKey, int]
    ) -> None:
        for statement, new in ((_NEW_FORECASTS, True), (_REVISED_FORECASTS, False)):
            rows = [(r, horizon, o) for r in lesson.revisions if (r.id is None) is new for horizon, o in r.outlooks]
            if not rows:
                continue
            await connection.execute(
                statement,
                [one.id or born[one.key] for one, _, _ in rows],
                [horizon for _, horizon, _ in rows],
                [one.starts_at for one, _, _ in rows],
                [outlook.mean for _, _, outlook in rows],
                *([outlook.quantiles[at] for _, _, outlook in rows] for at in range(4)),
                [one.past_error for one, _, _ in rows],
                [_json(outlook.shares) for _, _, outlook in rows],
                [one.revised_at for one, _, _ in rows],
                [one.learner for one, _, _ in rows],
                [_array(one.heard) for one, _, _ in rows],
                [_array(one.stale) for one, _, _ in rows],
                list(rows[0][2].levels),
                *(map(list, zip(*(one.key for one, _, _ in rows), strict=True)) if new else ()),
            )

    async def _write_thresholds(
        self, connection: asyncpg.Connection, lesson: Lesson, born: dict[SeriesKey, int]
    ) -> None:
        rows = [
            (
                one.id or born[one.key],
                *one.key,
                t.horizon,
                t.service_level,
                t.expected,
                t.safety_stock,
                t.reorder_point,
                t.ceiling,
                t.peak,
                one.revised_at,
            )
            for one in lesson.revisions
            for t in (one.threshold,)
        ]
        if rows:
            await connection.execute(_THRESHOLDS, *map(list, zip(*rows, strict=True)), FOLLOW)


def _array(ids: Sequence[int]) -> str:
    return f"{{{','.join(map(str, ids))}}}"


def _json(shares: object) -> str:
    return orjson.dumps(shares).decode()
