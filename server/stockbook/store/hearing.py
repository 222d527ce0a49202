"""What series of demand hear, in PostgreSQL: influences, rivals, terms, and who must be told of news."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg

from stockbook.domain.demand.influence import Influence, Kind, Point
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand_book import Kept, News, Reach, Said, SeriesKey
from stockbook.store.database import Database

# Plans are kept, and those made while the database is new would read tables from end to end when they have grown.
# `offset 0` keeps a lookup a lookup: the planner may not turn it into a join of its own choice.
_BY_INDEX = """
select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
  set_config('enable_seqscan', 'off', true)
"""

_SINCE = "tx >= $1::xid8 and tx < pg_snapshot_xmin(pg_current_snapshot())"
_NEWS = f"""
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as until,
  exists (select 1 from influence where {_SINCE}) as influences,
  exists (select 1 from influence_point where {_SINCE}) as points,
  exists (select 1 from substitution where {_SINCE}) or exists (select 1 from replenishment where {_SINCE}) as more
"""
_SETTLED = "tx >= $1::xid8 and tx < $2::xid8"
_INFLUENCES = f"select id, kind, ahead, fresh_hours, weight from influence where {_SETTLED}"
_POINTS = f"""
select influence_id, item_id, at, tx::text::bigint as recorded, value from influence_point
where {_SETTLED} and at >= $3::timestamptz order by tx, id
"""
EVER = datetime(1970, 1, 1, tzinfo=UTC)

# One look-up a series: tables of influences, rivals and terms are short, and read whole by an index each.
_REACH = """
select k.*, heard.ids as influences, rival.ids as rivals, t.*
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
left join lateral (
  select r.lead_time_hours, r.lead_time_deviation_hours, r.review_hours, r.service_level from replenishment r
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


class PostgresHearing:
    """The part of `DemandBook` that tells what comes from outside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def _by_index(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(_BY_INDEX)
            yield connection

    async def _fetch(self, statement: str, *args: object) -> list[asyncpg.Record]:
        async with self._by_index() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement, *args)
            return found

    async def news(self, since: int, at: datetime | None) -> News:
        """Return what transactions from `since` on recorded of moments after `at`, as far as all have ended."""
        async with self._by_index() as connection:
            news = await connection.fetchrow(_NEWS, since)
            assert news is not None
            until = news["until"]
            influences = await connection.fetch(_INFLUENCES, since, until) if news["influences"] else []
            points = await connection.fetch(_POINTS, since, until, at or EVER) if news["points"] else []
        return News(
            tuple(
                Influence(r["id"], Kind(r["kind"]), r["ahead"], timedelta(hours=r["fresh_hours"]), r["weight"])
                for r in influences
            ),
            tuple(Said(r["influence_id"], r["item_id"], Point(r["at"], r["recorded"], r["value"])) for r in points),
            until,
            bool(influences) or news["more"],
        )

    async def reach(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Reach]:
        """Return what each series hears."""
        found = {}
        for r in await self._fetch(_REACH, *map(list, zip(*keys, strict=True))):
            terms = Terms(*r[5:9]) if r["service_level"] is not None else Terms()
            key = SeriesKey(r["seller_id"], r["site_id"], r["item_id"])
            found[key] = Reach(tuple(r["influences"]), tuple(r["rivals"]), terms)
        return found

    async def hearers(self, points: Sequence[Said], partitions: Sequence[int], after: int, limit: int) -> list[Kept]:
        """Return series of some partitions, above id `after`, that hear one of these points."""
        told = sorted({(point.influence, point.item) for point in points})
        return kept(await self._fetch(_HEARERS, *map(list, zip(*told, strict=True)), list(partitions), after, limit))


def kept(rows: Sequence[asyncpg.Record]) -> list[Kept]:
    """Return rows as the series they are."""
    return [Kept(r["id"], SeriesKey(r["seller_id"], r["site_id"], r["item_id"]), r["state"]) for r in rows]
