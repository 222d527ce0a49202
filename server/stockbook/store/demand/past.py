"""History as a trial needs it: what was sold by week, when shelves were empty, and what had been heard of each week.

Read in one read-only snapshot; nothing of what runs live is touched.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from stockbook.domain.demand.backtest import History, Panel
from stockbook.domain.demand.course import Policy
from stockbook.domain.demand.learners.shared import FAR
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.flows.demand.hearing import Hearing
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.flows.trials.problem import NothingSold
from stockbook.store.database import Database
from stockbook.store.demand import sales
from stockbook.store.demand.book import PostgresDemand

SEASON, WINDOW = 52, 13
_WEEK_0 = "timestamptz '1970-01-05 00:00:00+00'"

# Returns and reversals are taken from the week of the sale, as far as it is known; a week never falls below nothing.
_SOLD = f"""
with lines as (
  select p.tx, {sales.COLUMNS}
  from movement_party p
  join movement m on m.id = p.movement_id
  join leg l on l.movement_id = m.id
  {sales.joined(each=False)}
  where p.organisation_id = $1 and p.topic = 'MOVED' and {sales.SOLD} and r.seller_id = $1 and m.occurred_at < $4
)
select site_id, item_id, floor(extract(epoch from at - {_WEEK_0}) / 604800)::int as week,
  greatest(sum(quantity), 0) as sold, min(tx::text::bigint) as first_tx
from lines
where ($2::bigint is null or site_id = $2)
  and ($3::text is null or item_id in (select id from item where category = $3))
group by 1, 2, 3 order by 1, 2, 3
"""
_NAMES = "select i.id, i.name from item i where i.id = any($1::bigint[])"
_SITES = "select p.id, ', ' || p.external_reference from place p where p.id = any($1::bigint[])"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a trial is about."""

    organisation: int
    site: int | None
    category: str | None
    since: datetime
    until: datetime


async def panel(database: Database, asked: Asked, series_max: int = 5000) -> Panel:
    """Return the sales of an organisation by week as a panel, with what had been heard of each week before it began.

    And for which share of it each shelf was empty, as was known when the next week's first sale was recorded.
    """
    week = Period.WEEK
    async with database.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        rows = await connection.fetch(_SOLD, asked.organisation, asked.site, asked.category, asked.until, timeout=600)
        names = dict(map(tuple, await connection.fetch(_NAMES, sorted({row["item_id"] for row in rows}))))
        sites = dict(map(tuple, await connection.fetch(_SITES, sorted({row["site_id"] for row in rows}))))
    if len(sites) == 1:  # a series is called by its item, and where there are several sites by them too
        sites = dict.fromkeys(sites, "")
    since, until = week.number(asked.since), week.number(asked.until)
    sold: dict[SeriesKey, dict[int, float]] = defaultdict(dict)
    began: dict[int, int] = {}
    for row in rows:
        sold[SeriesKey(asked.organisation, row["site_id"], row["item_id"])][row["week"]] = row["sold"]
        began[row["week"]] = min(began.get(row["week"], row["first_tx"]), row["first_tx"])
    keys = sorted((key for key, weeks in sold.items() if min(weeks) < since), key=lambda key: -sum(sold[key].values()))[
        :series_max
    ]
    if not keys:
        raise NothingSold(asked.since, asked.until, week.start(min(began)) if began else None)
    plans, empty = await heard(database, {key: min(sold[key]) for key in keys}, began, until)
    return Panel(
        "live",
        week,
        SEASON,
        WINDOW,
        since,
        {
            f"{key.site}|{key.item}|{names[key.item]}{sites[key.site]}": History(
                str(key.item),
                min(sold[key]),
                tuple(sold[key].get(at, 0.0) for at in range(min(sold[key]), until)),
                plans[key],
                empty[key],
            )
            for key in keys
        },
    )


async def newest(database: Database, organisation: int) -> datetime | None:
    """Return when the last thing happened to an organisation."""
    found: datetime | None = await database.fetchval(
        "select max(occurred_at) from movement_party where organisation_id = $1 and topic = 'MOVED'", organisation
    )
    return found


async def policy(database: Database, asked: Asked) -> Policy:
    """Return how the organisation orders, in weeks: by the terms for the site, else for all of it."""
    row = await database.fetchrow(
        "select lead_time_hours, review_hours, service_level from replenishment where organisation_id = $1"
        " and item_id is null and (site_id is null or site_id = $2) order by site_id nulls last limit 1",
        asked.organisation,
        asked.site,
    )
    if row is None:
        return Policy()
    lead, review = (math.ceil(row[name] / 168) for name in ("lead_time_hours", "review_hours"))
    return Policy(lead=lead, review=max(review, 1), cycle=max(review, 1), service=max(row["service_level"], 0.5))


async def heard(
    database: Database, first: Mapping[SeriesKey, int], began: Mapping[int, int], until: int
) -> tuple[dict[SeriesKey, dict[int, Plan]], dict[SeriesKey, dict[int, float]]]:
    """Return what each series had heard of each week before its first sale, and for how long its shelf was empty.

    Live, a week closes with the first sale of a later one: how long the shelf was
    empty is what had been recorded by then.
    """
    hearing = Hearing(PostgresDemand(database))
    await hearing.listen(None)
    await hearing.meet(first)
    found: dict[SeriesKey, dict[int, Plan]] = {key: {} for key in first}
    empty: dict[SeriesKey, dict[int, float]] = {key: {} for key in first}
    weeks = range(min(first.values()), until + FAR)
    before, latest = {}, 2**63
    for at in reversed(weeks):  # a week without a sale heard what the next one with a sale had heard
        before[at] = latest = min(began.get(at, latest), latest)
    week = Period.WEEK
    for key, start in first.items():
        for at in range(start, until) if hearing.turned_ever(key) else ():
            share = hearing.empty(key, week, at, week.start(at + 1), before[at + 1])
            if share:
                empty[key][at] = share
        for at in range(start, until + FAR) if not hearing.silent else ():
            plan = hearing.plan(key, week, at, week.start(at), before[at])
            if plan != UNPLANNED:
                found[key][at] = plan
    return found, empty
