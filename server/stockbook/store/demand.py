"""Demand in PostgreSQL: the stream of sales, and what was learnt from it."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import orjson

from stockbook.flows.learn_demand import Kept, Lesson, Line, Overtaken, Progress, Row, SeriesKey, Stretch
from stockbook.store.database import Database

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
) sale on sale.site_id is not null
order by f.tx, f.id, sale.number
"""

_WAITING = """
select count(*) from movement_party, (
  select tx, position from stream_offset where reader = $1 order by tx, position limit 1
) o where topic = 'MOVED' and (movement_party.tx, movement_party.id) > (o.tx::text::xid8, o.position)
"""

_SERIES = """
select s.id, s.seller_id, s.site_id, s.item_id, s.state
from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as k(seller_id, site_id, item_id)
join series s using (seller_id, site_id, item_id)
"""

_DUE = """
select id, seller_id, site_id, item_id, state from series
where partition = $1 and due_at <= $2 order by id limit $3
"""

_STEP = """
update stream_offset o set tx = s.tx, position = s.position, clock = s.clock, swept = s.swept
from unnest($2::int[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::bigint[],
            $8::timestamptz[], $9::timestamptz[])
  as s(partition, from_tx, from_position, from_swept, tx, position, clock, swept)
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

_FORECASTS = """
insert into forecast (series_id, organisation_id, site_id, item_id, horizon, starts_at, mean, levels, quantiles,
  past_error, shares, revised_at, learner)
select c.series_id, c.organisation_id, c.site_id, c.item_id, c.horizon, c.starts_at, c.mean, $8::float8[],
  array[c.q1, c.q2, c.q3, c.q4], c.past_error, c.shares::jsonb, c.revised_at, c.learner
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::timestamptz[], $7::float8[],
  $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::text[], $15::timestamptz[],
  $16::text[])
  as c(series_id, organisation_id, site_id, item_id, horizon, starts_at, mean, q1, q2, q3, q4, past_error, shares,
       revised_at, learner)
on conflict (series_id, horizon) do update set starts_at = excluded.starts_at, mean = excluded.mean,
  levels = excluded.levels, quantiles = excluded.quantiles, past_error = excluded.past_error,
  shares = excluded.shares, revised_at = excluded.revised_at, learner = excluded.learner
"""

_PIECES = """
insert into learner_state (partition, name, version, state)
select * from unnest($1::int[], $2::text[], $3::text[], $4::bytea[])
on conflict (partition, name) do update set version = excluded.version, state = excluded.state
"""


class PostgresDemand:
    """`DemandBook` in PostgreSQL."""

    def __init__(self, database: Database, reader: str = READER) -> None:
        self._database, self._reader = database, reader

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
        found = await self._database.fetch(_STRETCH, after.tx, after.id, limit)
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

    async def series(self, keys: Sequence[SeriesKey]) -> list[Kept]:
        """Return the series that exist."""
        return _kept(await self._database.fetch(_SERIES, *map(list, zip(*keys, strict=True))))

    async def due(self, partition: int, until: datetime, limit: int) -> list[Kept]:
        """Return series that the clock must have closed at `until`, by id."""
        return _kept(await self._database.fetch(_DUE, partition, until, limit))

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        """Write it all, or nothing and raise `Overtaken`."""
        async with self._database.connection() as connection, connection.transaction():
            await self._step(connection, lesson)
            born = await self._write_series(connection, lesson)
            await self._write_forecasts(connection, lesson, born)
            if lesson.pieces:
                await connection.execute(_PIECES, *map(list, zip(*lesson.pieces, strict=True)))
        return born

    async def _step(self, connection: asyncpg.Connection, lesson: Lesson) -> None:
        """Move the offsets first: their locks let one learner at a time through, and only from where it began."""
        steps = sorted(lesson.steps.items())
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
        rows = [(one, horizon, outlook) for one in lesson.revisions for horizon, outlook in one.outlooks]
        if not rows:
            return
        shares = {id(outlook): _json(outlook.shares) for _, _, outlook in rows}
        await connection.execute(
            _FORECASTS,
            [one.id or born[one.key] for one, _, _ in rows],
            [one.key.seller for one, _, _ in rows],
            [one.key.site for one, _, _ in rows],
            [one.key.item for one, _, _ in rows],
            [horizon for _, horizon, _ in rows],
            [one.starts_at for one, _, _ in rows],
            [outlook.mean for _, _, outlook in rows],
            list(rows[0][2].levels),
            *([outlook.quantiles[at] for _, _, outlook in rows] for at in range(4)),
            [one.past_error for one, _, _ in rows],
            [shares[id(outlook)] for _, _, outlook in rows],
            [one.revised_at for one, _, _ in rows],
            [one.learner for one, _, _ in rows],
        )


def _kept(rows: Sequence[asyncpg.Record]) -> list[Kept]:
    return [Kept(r["id"], SeriesKey(r["seller_id"], r["site_id"], r["item_id"]), r["state"]) for r in rows]


def _json(shares: object) -> str:
    return orjson.dumps(shares).decode()
