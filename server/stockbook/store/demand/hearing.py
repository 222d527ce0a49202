"""What series of demand hear, in PostgreSQL: influences, rivals, terms, and who must be told of news."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg

from stockbook.domain.demand.influence import Influence, Point
from stockbook.domain.demand.kind import Kind
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.retirement import Retirement
from stockbook.domain.demand.shelf import Turn
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand.lesson import Kept, SeriesKey
from stockbook.flows.demand.news import Guest, News, Past, Reach, Said, Stir, Termed
from stockbook.store.database import Database

# Plans are kept, and those made while the database is new would read tables from end to end when they have grown.
# `offset 0` keeps a lookup a lookup: the planner may not turn it into a join of its own choice. What is written here
# waits for no disk: a lesson that is lost with the database, offset and all, is learnt again from the stream.
_BY_INDEX = """
begin; set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off;
set local synchronous_commit = off
"""

_SINCE = "tx >= $1::xid8 and tx < pg_snapshot_xmin(pg_current_snapshot())"
_NEWS = f"""
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as until,
  exists (select 1 from influence where {_SINCE}) as influences,
  exists (select 1 from influence_point where {_SINCE}) as points,
  exists (select 1 from influence_retirement where {_SINCE}) as retirements,
  exists (select 1 from stock_out where {_SINCE}) as turns,
  exists (select 1 from guest_forecast where {_SINCE}) as guests,
  exists (select 1 from substitution where {_SINCE}) or exists (select 1 from replenishment where {_SINCE}) as more
"""
_SETTLED = "tx >= $1::xid8 and tx < $2::xid8"
_INFLUENCES = f"select id, kind, ahead, fresh_hours, weight from influence where {_SETTLED}"
_POINTS = f"""
select influence_id, item_id, at, tx::text::bigint as recorded, value from influence_point
where {_SETTLED} and at >= $3::timestamptz order by tx, id
"""
_RETIREMENTS = f"""
select influence_id, tx::text::bigint as recorded, recorded_at, at from influence_retirement
where {_SETTLED} order by tx, id
"""
_TURNS = f"""
select seller_id, site_id, item_id, at, tx::text::bigint as recorded, empty from stock_out
where {_SETTLED} and at >= $3::timestamptz order by tx, id
"""
# Of shelves that did not turn of late, the last time that they did.
_LAST_TURNS = f"""
select distinct on (seller_id, site_id, item_id)
  seller_id, site_id, item_id, at, tx::text::bigint as recorded, empty from stock_out
where {_SETTLED} and at < $3::timestamptz order by seller_id, site_id, item_id, at desc, id desc
"""
_GUESTS = f"""
select seller_id, site_id, item_id, starts_at, figures, tx::text::bigint as recorded from guest_forecast
where {_SETTLED} and starts_at >= $3::timestamptz and partition = any($4::int[]) order by starts_at
"""
EVER = datetime(1970, 1, 1, tzinfo=UTC)

# One look-up a series: tables of influences, rivals and terms are short, and read whole by an index each.
_REACH = """
select k.*, heard.ids as influences, rival.ids as rivals, lacking.ids as lacking, alike.ids as alike,
  alike.ratios as ratios, i.category, t.*
from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as k(seller_id, site_id, item_id)
cross join lateral (
  select coalesce(array_agg(i.id order by i.id), '{}') as ids from influence i
  where (i.organisation_id = k.seller_id or i.network) and (i.site_id is null or i.site_id = k.site_id)
    and (i.item_id is null or i.item_id = k.item_id)
    and (i.category is null or i.category = (select category from item where id = k.item_id))
) heard
cross join lateral (
  select coalesce(array_agg(s.substitute_id order by s.substitute_id), '{}') as ids from substitution s
  where s.organisation_id = k.seller_id and s.item_id = k.item_id and s.rivals
) rival
cross join lateral (
  select coalesce(array_agg(x.id order by x.id), '{}') as ids from (
    select s.item_id as id from substitution s where s.organisation_id = k.seller_id and s.substitute_id = k.item_id
    union
    select s.substitute_id from substitution s
    where s.organisation_id = k.seller_id and s.item_id = k.item_id and s.both_ways
  ) x
) lacking
cross join lateral (
  select coalesce(array_agg(s.substitute_id order by s.substitute_id), '{}') as ids,
    coalesce(array_agg(s.ratio order by s.substitute_id), '{}') as ratios from substitution s
  where s.organisation_id = k.seller_id and s.item_id = k.item_id and s.alike
) alike
left join item i on i.id = k.item_id
left join lateral (
  select r.lead_time_hours, r.lead_time_deviation_hours, r.review_hours, r.service_level, r.fill_rate
  from replenishment r
  where r.organisation_id = k.seller_id and (r.site_id is null or r.site_id = k.site_id)
    and (r.item_id is null or r.item_id = k.item_id)
  order by r.item_id nulls last, r.site_id nulls last limit 1
) t on true
"""

_HEARERS = """
select s.id, s.seller_id, s.site_id, s.item_id, s.state from series s
where s.partition = any($3::int[]) and s.id > $4 and exists (
  select 1 from unnest($1::bigint[], $2::bigint[]) as p(influence_id, item_id) join influence i on i.id = p.influence_id
  where (i.organisation_id = s.seller_id or i.network) and (i.site_id is null or i.site_id = s.site_id)
    and (i.item_id is null or i.item_id = s.item_id) and (p.item_id = 0 or p.item_id = s.item_id)
    and (i.category is null or i.category = (select category from item where id = s.item_id))
) order by s.id limit $5
"""
_STAND_INS = """
select s.id, s.seller_id, s.site_id, s.item_id, s.state from series s
where s.partition = any($4::int[]) and s.id > $5 and exists (
  select 1 from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as k(seller_id, site_id, item_id)
  join substitution u on u.organisation_id = k.seller_id
    and (u.item_id, u.substitute_id) in ((k.item_id, s.item_id), (s.item_id, k.item_id))
    and (u.both_ways or u.item_id = k.item_id)
  where k.seller_id = s.seller_id and k.site_id = s.site_id
) order by s.id limit $6
"""
# What was sold of another item in the year before, by site and period; for a beginning returns don't matter.
_PASTS = """
with sold as (
  select a.number, shelf.id as place, coalesce(shelf.bound_for_id, shelf.site_id) as site_id,
    floor(extract(epoch from m.occurred_at - $6::timestamptz) / $7::int)::int as period, l.quantity::float8 as units
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::bigint[])
    with ordinality as a(seller_id, site_id, item_id, at, tx, number)
  join leg l on l.item_id = a.item_id
  join movement m on m.id = l.movement_id and m.verb = 'SELL' and m.occurred_at < a.at
    and m.occurred_at >= a.at - interval '52 weeks'
  join movement_party p on p.movement_id = m.id and p.organisation_id = a.seller_id and p.topic = 'MOVED'
    and p.tx < a.tx::text::xid8
  join rights r on r.id = l.source_rights_id and r.seller_id = a.seller_id
  join place shelf on shelf.id = l.source_place_id
  join place target on target.id = l.target_place_id and target.kind = 'CUSTOMER'
), by_site as (
  select number, site_id, min(period) as first, count(distinct period) as hits, sum(units) as units
  from sold group by 1, 2
)
select a.number, b.site_id = a.site_id as here,
  sum(floor(extract(epoch from a.at - $6::timestamptz) / $7::int)::int - b.first)::int as periods,
  sum(b.hits)::int as hits, sum(b.units) as units
from unnest($2::bigint[], $4::timestamptz[]) with ordinality as a(site_id, at, number) join by_site b using (number)
group by 1, 2 order by 1, 2
"""
_TERMED = """
select s.id, s.seller_id, s.site_id, s.item_id, s.state from series s
where s.partition = any($4::int[]) and s.id > $5 and exists (
  select 1 from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as k(seller_id, site_id, item_id)
  where k.seller_id = s.seller_id and coalesce(k.site_id, s.site_id) = s.site_id
    and coalesce(k.item_id, s.item_id) = s.item_id
) order by s.id limit $6
"""
_RECORDED = f"select organisation_id, site_id, item_id from replenishment where {_SETTLED} order by id"
_TERMS = ("lead_time_hours", "lead_time_deviation_hours", "review_hours", "service_level", "fill_rate")
_NO_PAST = Past(0, 0, 0.0)


class PostgresHearing:
    """The part of `DemandBook` that tells what comes from outside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def _by_index(self) -> AsyncIterator[asyncpg.Connection]:
        """Begin a transaction and set what holds in it, in one message; it is the round trips that cost."""
        async with self._database.connection() as connection:
            await connection.execute(_BY_INDEX)
            try:
                yield connection
            except BaseException:
                await connection.execute("rollback")
                raise
            await connection.execute("commit")

    async def _fetch(self, statement: str, *args: object) -> list[asyncpg.Record]:
        async with self._by_index() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement, *args)
            return found

    async def news(self, since: int, at: datetime | None, partitions: Sequence[int]) -> News:
        """Return what transactions from `since` on recorded of moments after `at`, as far as all have ended."""
        async with self._database.connection() as connection:
            news = await connection.fetchrow(_NEWS, since)
            assert news is not None
            until = news["until"]
            influences = await connection.fetch(_INFLUENCES, since, until) if news["influences"] else []
            points = await connection.fetch(_POINTS, since, until, at or EVER) if news["points"] else []
            ended = await connection.fetch(_RETIREMENTS, since, until) if news["retirements"] else []
            turns = await connection.fetch(_TURNS, since, until, at or EVER) if news["turns"] else []
            if news["turns"] and at is not None and not since:
                turns += await connection.fetch(_LAST_TURNS, since, until, at)
            told = news["guests"] and partitions
            terms = await connection.fetch(_RECORDED, since, until) if news["more"] and since else []
            guests = await connection.fetch(_GUESTS, since, until, at or EVER, list(partitions)) if told else []
        return News(
            tuple(
                Influence(r["id"], Kind(r["kind"]), r["ahead"], timedelta(hours=r["fresh_hours"]), r["weight"])
                for r in influences
            ),
            tuple(Said(r["influence_id"], r["item_id"], Point(r["at"], r["recorded"], r["value"])) for r in points),
            tuple(
                (SeriesKey(r["seller_id"], r["site_id"], r["item_id"]), Turn(r["at"], r["recorded"], r["empty"]))
                for r in turns
            ),
            tuple(
                Guest(
                    SeriesKey(r["seller_id"], r["site_id"], r["item_id"]),
                    r["starts_at"],
                    tuple(r["figures"]),
                    r["recorded"],
                )
                for r in guests
            ),
            until,
            bool(influences) or news["more"],
            tuple(Termed(*row) for row in terms),
            tuple((r["influence_id"], Retirement(*tuple(r)[1:])) for r in ended),
        )

    async def reach(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Reach]:
        """Return what each series hears."""
        found = {}
        for r in await self._fetch(_REACH, *map(list, zip(*keys, strict=True))):
            terms = Terms(*(r[name] for name in _TERMS)) if r["service_level"] is not None else Terms()
            key = SeriesKey(r["seller_id"], r["site_id"], r["item_id"])
            found[key] = Reach(
                tuple(r["influences"]),
                tuple(r["rivals"]),
                tuple(r["lacking"]),
                tuple(zip(r["alike"], r["ratios"], strict=True)),
                r["category"] or "",
                terms,
            )
        return found

    async def stirred(self, stir: Stir, partitions: Sequence[int], limit: int) -> list[Kept]:
        """Return the next series of some partitions that hear a point, stand for a shelf, or are ordered by terms."""
        found: dict[int, Kept] = {}
        for statement, by in ((_HEARERS, stir.influences), (_STAND_INS, stir.shelves), (_TERMED, stir.terms)):
            if by:
                columns = map(list, zip(*by, strict=True))
                rows = await self._fetch(statement, *columns, list(partitions), stir.after, limit)
                found |= {one.id: one for one in kept(rows)}
        return [found[each] for each in sorted(found)[:limit]]

    async def pasts(self, asked: Sequence[tuple[SeriesKey, int, datetime, int]], period: Period) -> list[Past]:
        """Return what another item did of late at a series' site, or where it never sold there at others."""
        rows = await self._fetch(
            _PASTS,
            [key.seller for key, _, _, _ in asked],
            [key.site for key, _, _, _ in asked],
            [item for _, item, _, _ in asked],
            [at for _, _, at, _ in asked],
            [before for _, _, _, before in asked],
            period.start(0),
            period.seconds,
        )
        # rows of the site itself come last, and take the place of those of others
        found = {r["number"]: Past(r["periods"], r["hits"], r["units"]) for r in rows}
        return [found.get(number, _NO_PAST) for number in range(1, len(asked) + 1)]


def kept(rows: Sequence[asyncpg.Record]) -> list[Kept]:
    """Return rows as the series they are."""
    return [Kept(r["id"], SeriesKey(r["seller_id"], r["site_id"], r["item_id"]), r["state"]) for r in rows]
