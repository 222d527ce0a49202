"""What lessons make of series, in PostgreSQL: their state, their forecasts and when to order.

A series, its two forecasts and its threshold are written by one statement, in
which each figure is told once: telling costs more than writing.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from stockbook.domain.demand.threshold import FOLLOW
from stockbook.flows.demand.lesson import Revision, SeriesKey

_TOLD = {
    "id": "bigint",
    "seller_id": "bigint",
    "site_id": "bigint",
    "item_id": "bigint",
    "partition": "int",
    "period": "text",
    "due_at": "timestamptz",
    "state": "bytea",
    "starts_at": "timestamptz",
    "revised_at": "timestamptz",
    "past_error": "float8",
    "learner": "text",
    "heard1": "text",
    "heard2": "text",
    "stale": "text",
    "retired": "text",
    "drifted_at": "timestamptz",
    "drift": "int",
    **{f"{name}{n}": "float8" for n in (1, 2) for name in ("mean", "a", "b", "c", "d")},
    "shares1": "text",
    "shares2": "text",
    "horizon": "float8",
    "service_level": "float8",
    "expected": "float8",
    "safety_stock": "float8",
    "reorder_point": "float8",
    "ceiling": "float8",
    "peak": "float8",
    "lead_time_hours": "float8",
    "lead_time_deviation_hours": "float8",
    "fill_rate": "float8",
}
"""What is told of a series, an array each; of forecasts the figures of the nearer one, then of the further one."""
_ARRAYS = ", ".join(f"${at}::{kind}[]" for at, kind in enumerate(_TOLD.values(), 1))
_LEVELS, _NEAR, _FAR, _FOLLOW = (f"${len(_TOLD) + at}" for at in (1, 2, 3, 4))

_BORN = f"""
with t as (
  select nextval(pg_get_serial_sequence('series', 'id')) as id, {", ".join(list(_TOLD)[1:])}
  from unnest({_ARRAYS}) as t({", ".join(_TOLD)})
), series as (
  insert into series (id, seller_id, site_id, item_id, partition, period, due_at, state)
  select id, seller_id, site_id, item_id, partition, period, due_at, state from t
), forecast as (
  insert into forecast (series_id, organisation_id, site_id, item_id, horizon, starts_at, mean, quantiles, levels,
    past_error, shares, revised_at, learner, heard, stale, retired, drifted_at, drift)
  select t.id, seller_id, site_id, item_id, f.horizon, starts_at, f.mean, f.quantiles, {_LEVELS}::float8[],
    past_error, f.shares::jsonb, revised_at, learner, f.heard::bigint[], stale::bigint[], retired::bigint[],
    drifted_at, drift
  from t, lateral (values ({_NEAR}::int, mean1, array[a1, b1, c1, d1], shares1, heard1),
    ({_FAR}::int, mean2, array[a2, b2, c2, d2], shares2, heard2)) f(horizon, mean, quantiles, shares, heard)
)"""
_CHANGED = f"""
with t as (
  select * from unnest({_ARRAYS}) as t({", ".join(_TOLD)})
), series as (
  update series o set due_at = t.due_at, state = t.state from t where o.id = t.id
), forecast as (
  update forecast o set starts_at = t.starts_at, mean = f.mean, quantiles = f.quantiles, levels = {_LEVELS}::float8[],
    past_error = t.past_error, shares = f.shares::jsonb, revised_at = t.revised_at, learner = t.learner,
    heard = f.heard::bigint[], stale = t.stale::bigint[], retired = t.retired::bigint[],
    drifted_at = t.drifted_at, drift = t.drift
  from t, lateral (values ({_NEAR}::int, mean1, array[a1, b1, c1, d1], shares1, heard1),
    ({_FAR}::int, mean2, array[a2, b2, c2, d2], shares2, heard2)) f(horizon, mean, quantiles, shares, heard)
  where o.series_id = t.id and o.horizon = f.horizon
)"""
# The moving range follows the reorder point at once where it leaves it, slowly where it stays within.
_THRESHOLDS = f"""
insert into threshold as o (id, organisation_id, site_id, item_id, horizon, service_level, expected, safety_stock,
  reorder_point, ceiling, low, high, peak, lead_time_hours, lead_time_deviation_hours, fill_rate, revised_at)
select id, seller_id, site_id, item_id, horizon, service_level, expected, safety_stock, reorder_point, ceiling,
  reorder_point, reorder_point, peak, lead_time_hours, lead_time_deviation_hours, fill_rate, revised_at from t
on conflict (id) do update set horizon = excluded.horizon, service_level = excluded.service_level,
  expected = excluded.expected, safety_stock = excluded.safety_stock, reorder_point = excluded.reorder_point,
  ceiling = excluded.ceiling, peak = excluded.peak, revised_at = excluded.revised_at,
  lead_time_hours = excluded.lead_time_hours, lead_time_deviation_hours = excluded.lead_time_deviation_hours,
  fill_rate = excluded.fill_rate,
  low = least(excluded.reorder_point, o.low + {_FOLLOW}::float8 * (excluded.reorder_point - o.low)),
  high = greatest(excluded.reorder_point, o.high + {_FOLLOW}::float8 * (excluded.reorder_point - o.high))
"""
_BORN += f", threshold as ({_THRESHOLDS}) select id, seller_id, site_id, item_id from t"
_CHANGED += _THRESHOLDS


async def write(connection: asyncpg.Connection, revised: Sequence[Revision]) -> dict[SeriesKey, int]:
    """Write series that changed, and all that follows from them; return the ids of new ones."""
    new = [one for one in revised if one.id is None]
    old = [one for one in revised if one.id is not None]
    if old:
        await connection.execute(_CHANGED, *_told(old))
    if not new:
        return {}
    return {SeriesKey(*tuple(row)[1:]): row["id"] for row in await connection.fetch(_BORN, *_told(new))}


def _told(revised: Sequence[Revision]) -> list[Any]:
    """Return the arguments of both statements."""
    rows = []
    for one in revised:
        (_, near), (_, far) = one.outlooks
        t = one.threshold
        rows.append((
            *(one.id, *one.key, one.partition, one.period, one.due_at, one.state),
            *(one.starts_at, one.revised_at, one.past_error, one.learner),
            *(_array(each) for each in (one.heard, one.heard_further, one.stale, one.retired)),
            *(one.drifted_at, one.drift, near.mean, *near.quantiles, far.mean, *far.quantiles),
            *(orjson.dumps(near.shares).decode(), orjson.dumps(far.shares).decode()),
            *(t.horizon, t.service_level, t.expected, t.safety_stock, t.reorder_point, t.ceiling, t.peak),
            *(t.lead_time_hours, t.lead_time_deviation_hours, one.fill_rate),
        ))  # fmt: skip
    (near_horizon, near), (far_horizon, _) = revised[0].outlooks
    return [*map(list, zip(*rows, strict=True)), list(near.levels), near_horizon, far_horizon, FOLLOW]


def _array(ids: Sequence[int]) -> str:
    return f"{{{','.join(map(str, ids))}}}"
