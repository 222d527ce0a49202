"""What trees need to be grown at night, and what they leave: figures of the open periods, never changed again.

Read in one read-only snapshot; what a night came to is written in one
transaction a partition, so one cut off is grown again and nothing else is lost.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import asyncpg

from stockbook.domain.demand.backtest import History
from stockbook.domain.demand.period import Period
from stockbook.flows.demand.growing import Grown
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.store.database import Database
from stockbook.store.demand.past import heard

GROWER = 5_707_113
"""Advisory lock of the one session that has trees grown."""
FAR_BACK = timedelta(weeks=105)

# Series that a blend speaks for, and in which period they are.
_LISTENING = """
select f.organisation_id, f.site_id, f.item_id, f.starts_at, exists (
    select 1 from guest_forecast g where g.seller_id = f.organisation_id and g.site_id = f.site_id
      and g.item_id = f.item_id and g.starts_at = f.starts_at) as told
from forecast f join series s on s.id = f.series_id
where s.partition = $1 and s.period = $2 and f.horizon = 1 and f.learner <> 'tsb'
"""
_SOLD = """
select r.seller_id, coalesce(shelf.bound_for_id, shelf.site_id) as site_id, l.item_id,
  floor(extract(epoch from x.at - $4::timestamptz) / $5::int)::int as period,
  greatest(sum(case when target.kind = 'CUSTOMER' then l.quantity else -l.quantity end), 0)::float8 as sold,
  min(p.tx::text::bigint) as first_tx
from movement m
join leg l on l.movement_id = m.id and l.item_id % $2::int = $1::int
join place source on source.id = l.source_place_id
join place target on target.id = l.target_place_id
join place shelf on shelf.id = case when target.kind = 'CUSTOMER' then source.id else target.id end
join rights r on r.id = case when target.kind = 'CUSTOMER' then l.source_rights_id else l.target_rights_id end
join movement_party p on p.movement_id = m.id and p.organisation_id = r.seller_id and p.topic = 'MOVED'
left join movement o on o.id = m.reverses_id
cross join lateral (select least(coalesce(o.occurred_at, m.occurred_at), m.recorded_at) as at) x
where m.occurred_at >= $3 and m.verb in ('SELL', 'RETURN', 'REVERSE')
  and (source.kind = 'CUSTOMER') <> (target.kind = 'CUSTOMER')
group by 1, 2, 3, 4
"""
_KEPT = """
insert into guest_forecast (seller_id, site_id, item_id, starts_at, figures, partition)
select k.seller_id, k.site_id, k.item_id, k.starts_at, k.figures::float8[], $6
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[])
  as k(seller_id, site_id, item_id, starts_at, figures)
on conflict do nothing
"""
_GROWN = """
insert into growth (partition, night, series, examples) values ($1, $2, $3, $4) on conflict (partition) do update
set night = excluded.night, series = excluded.series, examples = excluded.examples, grown_at = now()
"""


def night(now: datetime, hour: int) -> date:
    """Return the night that it is, or that it was last: it begins at an hour of its day.

    >>> night(datetime(2026, 11, 28, 1), 2), night(datetime(2026, 11, 28, 3), 2)
    (datetime.date(2026, 11, 27), datetime.date(2026, 11, 28))
    """
    return (now - timedelta(hours=hour)).date()


async def elected(connection: asyncpg.Connection) -> bool:
    """Tell whether this session is the one that has trees grown."""
    found: bool = await connection.fetchval("select pg_try_advisory_lock($1)", GROWER)
    return found


async def due(connection: asyncpg.Connection, of: int, tonight: date) -> list[int]:
    """Return the partitions whose trees were not grown this night."""
    rows = await connection.fetch("select partition from growth where night >= $1", tonight)
    done = {row["partition"] for row in rows}
    return [partition for partition in range(of) if partition not in done]


async def lived(database: Database, partition: int, of: int, period: Period) -> dict[SeriesKey, History]:
    """Return what the series of a partition that a blend speaks for sold in closed periods, and what they had heard.

    Nothing when all of them were told already of the period that is open.
    """
    async with database.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        listening = await connection.fetch(_LISTENING, partition, period.value)
        if all(row["told"] for row in listening):
            return {}
        opened = {SeriesKey(*tuple(row)[:3]): period.number(row["starts_at"]) for row in listening}
        since = period.start(max(opened.values())) - FAR_BACK
        rows = await connection.fetch(_SOLD, partition, of, since, period.start(0), period.seconds, timeout=600)
    sold: dict[SeriesKey, dict[int, float]] = defaultdict(dict)
    began: dict[int, int] = {}
    for row in rows:
        key, at = SeriesKey(*tuple(row)[:3]), row["period"]
        began[at] = min(began.get(at, row["first_tx"]), row["first_tx"])
        if key in opened and at < opened[key]:
            sold[key][at] = row["sold"]
    plans, _ = await heard(database, {key: min(known) for key, known in sold.items()}, began, max(opened.values()) + 1)
    return {
        key: History(
            str(key.item),
            min(known),
            tuple(known.get(at, 0.0) for at in range(min(known), opened[key])),
            plans[key],
        )
        for key, known in sold.items()
    }


async def keep(
    database: Database, partition: int, tonight: date, series: Mapping[SeriesKey, History], came: Grown
) -> None:
    """Write what trees forecast, and that this night's are grown."""
    async with database.connection() as connection, connection.transaction():
        if came.guests:
            rows = [(*each.key, each.starts_at, _array(each.figures)) for each in came.guests]
            await connection.execute(_KEPT, *map(list, zip(*rows, strict=True)), partition)
        await connection.execute(_GROWN, partition, tonight, len(series), came.examples)


def _array(figures: tuple[float, ...]) -> str:
    return f"{{{','.join(map(str, figures))}}}"
