"""What lessons make of series, in PostgreSQL: their state, their forecasts and when to order."""

from collections.abc import Mapping, Sequence

import asyncpg
import orjson

from stockbook.domain.demand.threshold import FOLLOW
from stockbook.flows.demand.book import Revision, SeriesKey

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
  heard, stale, levels, drifted_at, drift, organisation_id, site_id, item_id)
select f.series_id, f.horizon, f.starts_at, f.mean, array[f.q1, f.q2, f.q3, f.q4], f.past_error, f.shares::jsonb,
  f.revised_at, f.learner, f.heard::bigint[], f.stale::bigint[], $17::float8[],
  f.drifted_at, f.drift, f.seller_id, f.site_id, f.item_id
from unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
  $8::float8[], $9::float8[], $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::text[],
  $15::timestamptz[], $16::int[], $18::bigint[], $19::bigint[], $20::bigint[])
  as f(series_id, horizon, starts_at, mean, q1, q2, q3, q4, past_error, shares, revised_at, learner, heard, stale,
       drifted_at, drift, seller_id, site_id, item_id)
"""

_REVISED_FORECASTS = """
update forecast o set starts_at = f.starts_at, mean = f.mean, quantiles = array[f.q1, f.q2, f.q3, f.q4],
  past_error = f.past_error, shares = f.shares::jsonb, revised_at = f.revised_at, learner = f.learner,
  heard = f.heard::bigint[], stale = f.stale::bigint[], drifted_at = f.drifted_at, drift = f.drift,
  levels = $17::float8[]
from unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
  $8::float8[], $9::float8[], $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::text[],
  $15::timestamptz[], $16::int[])
  as f(series_id, horizon, starts_at, mean, q1, q2, q3, q4, past_error, shares, revised_at, learner, heard, stale,
       drifted_at, drift)
where o.series_id = f.series_id and o.horizon = f.horizon
"""

# The moving range follows the reorder point at once where it leaves it, slowly where it stays within.
_THRESHOLDS = """
insert into threshold as o (id, organisation_id, site_id, item_id, horizon, service_level, expected, safety_stock,
  reorder_point, ceiling, low, high, peak, lead_time_hours, lead_time_deviation_hours, fill_rate, revised_at)
select t.id, t.seller_id, t.site_id, t.item_id, t.horizon, t.service_level, t.expected, t.safety_stock,
  t.reorder_point, t.ceiling, t.reorder_point, t.reorder_point, t.peak,
  t.lead_time_hours, t.lead_time_deviation_hours, t.fill_rate, t.revised_at
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::float8[], $6::float8[], $7::float8[],
  $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[],
  $15::timestamptz[])
  as t(id, seller_id, site_id, item_id, horizon, service_level, expected, safety_stock, reorder_point, ceiling, peak,
       lead_time_hours, lead_time_deviation_hours, fill_rate, revised_at)
on conflict (id) do update set horizon = excluded.horizon, service_level = excluded.service_level,
  expected = excluded.expected, safety_stock = excluded.safety_stock, reorder_point = excluded.reorder_point,
  ceiling = excluded.ceiling, peak = excluded.peak, revised_at = excluded.revised_at,
  lead_time_hours = excluded.lead_time_hours, lead_time_deviation_hours = excluded.lead_time_deviation_hours,
  fill_rate = excluded.fill_rate,
  low = least(excluded.reorder_point, o.low + $16::float8 * (excluded.reorder_point - o.low)),
  high = greatest(excluded.reorder_point, o.high + $16::float8 * (excluded.reorder_point - o.high))
"""

Born = Mapping[SeriesKey, int]


async def write(connection: asyncpg.Connection, revised: Sequence[Revision]) -> dict[SeriesKey, int]:
    """Write series that changed, and all that follows from them; return the ids of new ones."""
    born = await _series(connection, revised)
    await _forecasts(connection, revised, born)
    await _thresholds(connection, revised, born)
    return born


async def _series(connection: asyncpg.Connection, revised: Sequence[Revision]) -> dict[SeriesKey, int]:
    new = [one for one in revised if one.id is None]
    old = [one for one in revised if one.id is not None]
    if old:
        changed = [(one.id, one.due_at, one.state) for one in old]
        await connection.execute(_CHANGED, *map(list, zip(*changed, strict=True)))
    if not new:
        return {}
    made = [(*one.key, one.partition, one.period, one.due_at, one.state) for one in new]
    rows = await connection.fetch(_BORN, *map(list, zip(*made, strict=True)))
    return {SeriesKey(r["seller_id"], r["site_id"], r["item_id"]): r["id"] for r in rows}


async def _forecasts(connection: asyncpg.Connection, revised: Sequence[Revision], born: Born) -> None:
    for statement, new in ((_NEW_FORECASTS, True), (_REVISED_FORECASTS, False)):
        rows = [
            (
                one.id or born[one.key],
                horizon,
                one.starts_at,
                outlook.mean,
                *outlook.quantiles[:4],
                one.past_error,
                orjson.dumps(outlook.shares).decode(),
                one.revised_at,
                one.learner,
                _array(one.heard),
                _array(one.stale),
                one.drifted_at,
                one.drift,
            )
            for one in revised
            if (one.id is None) is new
            for horizon, outlook in one.outlooks
        ]
        if rows:
            levels = list(revised[0].outlooks[0][1].levels)
            keys = [one.key for one in revised if one.id is None for _ in one.outlooks] if new else []
            await connection.execute(
                statement, *map(list, zip(*rows, strict=True)), levels, *map(list, zip(*keys, strict=True))
            )


async def _thresholds(connection: asyncpg.Connection, revised: Sequence[Revision], born: Born) -> None:
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
            t.lead_time_hours,
            t.lead_time_deviation_hours,
            one.fill_rate,
            one.revised_at,
        )
        for one in revised
        for t in (one.threshold,)
    ]
    if rows:
        await connection.execute(_THRESHOLDS, *map(list, zip(*rows, strict=True)), FOLLOW)


def _array(ids: Sequence[int]) -> str:
    return f"{{{','.join(map(str, ids))}}}"
