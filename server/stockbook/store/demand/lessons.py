"""What lessons leave besides series and forecasts, in PostgreSQL: how suppliers deliver, how safe is ordered."""

from collections.abc import Sequence

import asyncpg

from stockbook.domain.demand.lead_time import LeadTime
from stockbook.domain.demand.service import Service
from stockbook.flows.demand.lesson import Class, KeptLevel, Lesson, Supply
from stockbook.store.database import Database

_DELIVERIES = """
select d.* from unnest($1::bigint[], $2::bigint[]) as k(organisation_id, item_id)
cross join lateral (
  select organisation_id, item_id, supplier_id, receipts, weight, hours, variance, promised, on_time, late_hours
  from delivery_stability where organisation_id = k.organisation_id and item_id = k.item_id offset 0
) d
"""
_DELIVERED = """
insert into delivery_stability (organisation_id, item_id, supplier_id, receipts, weight, hours, variance, promised,
  on_time, late_hours, received_at)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::float8[], $6::float8[], $7::float8[],
  $8::int[], $9::int[], $10::float8[], $11::timestamptz[])
on conflict (organisation_id, item_id, supplier_id) do update set receipts = excluded.receipts,
  weight = excluded.weight, hours = excluded.hours, variance = excluded.variance, promised = excluded.promised,
  on_time = excluded.on_time, late_hours = excluded.late_hours, received_at = excluded.received_at
"""
_LEVELS = """
select organisation_id, partition, often, fill_rate, score, usual, haste, squared, lump, asked, filled, asked_since,
  filled_since, spanned_since, squared_since
from service_level where partition = any($1::int[])
"""
_HELD = """
insert into service_level (organisation_id, partition, often, fill_rate, score, usual, haste, squared, lump, asked,
  filled, asked_since, filled_since, spanned_since, squared_since, revised_at)
select * from unnest($1::bigint[], $2::int[], $3::boolean[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
  $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[],
  $16::timestamptz[])
on conflict (organisation_id, partition, often, fill_rate) do update set score = excluded.score,
  usual = excluded.usual, haste = excluded.haste, squared = excluded.squared, lump = excluded.lump,
  asked = excluded.asked, filled = excluded.filled, asked_since = excluded.asked_since,
  filled_since = excluded.filled_since, spanned_since = excluded.spanned_since,
  squared_since = excluded.squared_since, revised_at = excluded.revised_at
"""


async def deliveries(database: Database, items: Sequence[tuple[int, int]]) -> dict[Supply, LeadTime]:
    """Return what was learnt of deliveries, by buyer and item."""
    rows = await database.fetch(_DELIVERIES, *map(list, zip(*items, strict=True)))
    return {Supply(*tuple(row)[:3]): LeadTime(*tuple(row)[3:]) for row in rows}


async def levels(database: Database, partitions: Sequence[int]) -> dict[Class, KeptLevel]:
    """Return how safe the classes of partitions order."""
    found = {}
    for row in await database.fetch(_LEVELS, list(partitions)):
        of = Class(*tuple(row)[:4])
        service = Service(of.target, *tuple(row)[4:9])
        found[of] = KeptLevel(service, *tuple(row)[9:])
    return found


async def keep(connection: asyncpg.Connection, lesson: Lesson) -> None:
    """Write both."""
    if lesson.deliveries:
        delivered = [
            (
                *supply,
                kept.receipts,
                kept.weight,
                kept.hours,
                kept.variance,
                kept.promised,
                kept.on_time,
                kept.late_hours,
                at,
            )
            for supply, kept, at in lesson.deliveries
        ]
        await connection.execute(_DELIVERED, *map(list, zip(*delivered, strict=True)))
    if lesson.levels:
        held = [
            (
                *of,
                *(k.service.score, k.service.usual, k.service.haste, k.service.squared, k.service.lump),
                *(k.asked, k.filled, k.asked_since, k.filled_since, k.spanned_since, k.squared_since),
                at,
            )
            for of, k, at in lesson.levels
        ]
        await connection.execute(_HELD, *map(list, zip(*held, strict=True)))
