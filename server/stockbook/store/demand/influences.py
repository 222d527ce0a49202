"""Keeps series from outside and their points, and which item may stand for which."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import asyncpg
import holidays

from stockbook.domain.demand.kind import TRAITS, Kind, Reading, unit_of, value_of
from stockbook.domain.demand.period import whole_day
from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.demand.insights import InfluenceEntry, InfluencePointEntry, SubstitutionEntry
from stockbook.store.catalogue import number_of
from stockbook.store.database import Database
from stockbook.store.demand import retiring
from stockbook.store.registering.desk import Desk, RefusedError

YEARS_BEHIND, YEARS_AHEAD = 3, 2
"""Years for which a calendar has its holidays, this one beside them."""
AHEAD_MAX = timedelta(days=366 * (YEARS_AHEAD + 1))
TODAY = timedelta(days=1)
"""How far ahead what was seen may seem to lie: somewhere it is tomorrow already, and clocks go wrong."""
FIRST = datetime(1990, 1, 1, tzinfo=UTC)
FRESH_HOURS_MAX = 100_000
WEIGHT_MAX = 1000

CATEGORY = "select exists (select 1 from item where category = $1)"
"""Whether there is such a category."""
_POINT = """
with last as (
  select id, value, text from influence_point where influence_id = $1 and item_id = $2 and at = $3
  order by id desc limit 1
), made as (
  insert into influence_point (influence_id, item_id, at, value, text)
  select $1, $2, $3, $4::float8, $5::text where not exists (select 1 from last where value = $4 and text = $5)
  returning id
)
select (select id from made) as made, (select id from last) as known
"""
_DAYS = """
insert into influence_point (influence_id, at, value, text)
select $1, d.at, 1, d.name from unnest($2::timestamptz[], $3::text[]) as d(at, name)
where not exists (select 1 from influence_point p where p.influence_id = $1 and p.item_id = 0 and p.at = d.at)
"""


async def influence(desk: Desk, entry: InfluenceEntry) -> Registered:
    """Register a series; a calendar with a region gets its public holidays."""
    trait = TRAITS[entry.kind]
    if entry.network and not desk.author.everywhere:
        raise RefusedError(Code.ACTION_DENIED, "only the network's operator tells everybody", "network")
    if entry.item is not None and entry.category is not None:
        raise RefusedError(Code.BAD_INPUT, "an item has its category already: name one of them", "category")
    if entry.category is not None and not await desk.connection.fetchval(CATEGORY, entry.category):
        raise RefusedError(Code.BAD_INPUT, "no item is of this category", "category")
    if not entry.name.strip():
        raise RefusedError(Code.BAD_INPUT, "a series has a name", "name")
    unit = unit_of(entry.kind, entry.unit)
    if unit is None:
        own = "a currency: CNY, EUR/kg" if trait.reading is Reading.MONEY else trait.unit
        raise RefusedError(Code.BAD_UNIT, f"a series of this kind is counted in {own}", "unit")
    fresh = trait.fresh_hours if entry.fresh_hours is None else entry.fresh_hours
    if not 0 < fresh <= FRESH_HOURS_MAX:
        raise RefusedError(Code.BAD_INPUT, f"from 1 to {FRESH_HOURS_MAX} hours", "freshHours")
    if not 0 < abs(entry.weight) <= WEIGHT_MAX:
        raise RefusedError(Code.BAD_INPUT, f"a weight is not zero and at most {WEIGHT_MAX}", "weight")
    if entry.region is not None and (entry.kind is not Kind.CALENDAR or not around(entry.region, _this_year())):
        raise RefusedError(
            Code.BAD_INPUT, "a calendar's region is a country, or a part of one: CN, JP, US-CA", "region"
        )
    row = {
        "organisation_id": desk.author.organisation,
        "external_reference": entry.external_reference,
        "name": entry.name,
        "kind": entry.kind.value,
        "network": entry.network,
        "site_id": await desk.site(entry.site, "site") if entry.site is not None else None,
        "item_id": await desk.maybe("Item", entry.item, "item"),
        "category": entry.category,
        "unit": unit,
        "ahead": trait.ahead if entry.ahead is None else entry.ahead,
        "fresh_hours": fresh,
        "weight": float(entry.weight),
        "region": entry.region,
    }
    made, was = await desk.put("influence", "organisation_id, external_reference", row)
    if was and await retiring.bring_back(desk, made):
        return made, False
    if not was and entry.region is not None:
        await _holidays(desk.connection, made, entry.region, _this_year())
    return made, was


class Recording:
    """Records the points of one request: each series and item is looked up once."""

    def __init__(self) -> None:
        self._series: dict[str, asyncpg.Record] = {}
        self._items: dict[str, int] = {}

    async def point(self, desk: Desk, entry: InfluencePointEntry) -> Registered:
        """Record a point of one of one's own series, unless the last one for that moment says the same."""
        series = await self._influence(desk, entry.influence)
        kind = Kind(series["kind"])
        value = value_of(kind, None if entry.value is None else float(entry.value), entry.text)
        if value is None:
            raise RefusedError(Code.BAD_INPUT, _wanted(kind), "value")
        at, now = whole_day(entry.at), datetime.now(UTC)
        if not FIRST <= at <= now + AHEAD_MAX:
            raise RefusedError(Code.BAD_TIME, f"a moment from 1990 to {AHEAD_MAX.days} days ahead", "at")
        if not series["ahead"] and at > now + TODAY:
            raise RefusedError(Code.BAD_TIME, "the series tells of what was, not of what will be", "at")
        item = await self._item(desk, entry.item)
        if item and series["item_id"] not in {None, item}:
            raise RefusedError(Code.BAD_INPUT, "the series is of another item", "item")
        if TRAITS[kind].reading is Reading.RANK and not item and series["item_id"] is None:
            raise RefusedError(Code.BAD_INPUT, "a place in a list is some item's", "item")
        row = await desk.connection.fetchrow(_POINT, series["id"], item, at, value, entry.text or "")
        assert row is not None
        return (row["made"], False) if row["made"] is not None else (row["known"], True)

    async def _influence(self, desk: Desk, reference: str) -> asyncpg.Record:
        if reference not in self._series:
            number = number_of("Influence", reference)
            found = await desk.connection.fetchrow(
                "select id, kind, item_id, ahead from influence where organisation_id = $1"
                " and (id = $2 or external_reference = $3) for no key update",
                desk.author.organisation,
                number,
                reference if number is None else None,
            )
            if found is None:
                raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such influence", "influence")
            await retiring.refuse_retired(desk.connection, found["id"])
            self._series[reference] = found
        return self._series[reference]

    async def _item(self, desk: Desk, reference: str | None) -> int:
        if reference is None:
            return 0
        if reference not in self._items:
            self._items[reference] = await desk.one("Item", reference, "item")
        return self._items[reference]


def _wanted(kind: Kind) -> str:
    trait = TRAITS[kind]
    if kind is Kind.PROMOTION:
        return "a promotion is a grade S, A, B or C, or a number from 0 to 1"
    if trait.reading is Reading.RANK:
        return "a rank is a whole number from 1 to 10"
    return f"a number from {trait.lowest:g} to {trait.highest:g}"


async def substitution(desk: Desk, entry: SubstitutionEntry) -> Registered:
    """Declare what may stand for what; said anew it replaces what was said."""
    item = await desk.one("Item", entry.item, "item")
    substitute = await desk.one("Item", entry.substitute, "substitute")
    if item == substitute:
        raise RefusedError(Code.BAD_INPUT, "an item is no substitute of itself", "substitute")
    if not 0 < entry.ratio <= 1_000_000:
        raise RefusedError(Code.BAD_INPUT, "a ratio is above zero and at most a million", "ratio")
    figures = float(entry.ratio), entry.both_ways, entry.rivals, entry.alike
    said = desk.author.organisation, item, substitute, *figures
    made = await desk.connection.fetchval(
        "insert into substitution as s (organisation_id, item_id, substitute_id, ratio, both_ways, rivals, alike)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict (organisation_id, item_id, substitute_id) do update"
        " set ratio = excluded.ratio, both_ways = excluded.both_ways, rivals = excluded.rivals,"
        " alike = excluded.alike, tx = pg_current_xact_id() where (s.ratio, s.both_ways, s.rivals, s.alike)"
        " is distinct from (excluded.ratio, excluded.both_ways, excluded.rivals, excluded.alike) returning id",
        *said,
    )
    if made is not None:
        return made, False
    known: int = await desk.connection.fetchval(
        "select id from substitution where organisation_id = $1 and item_id = $2 and substitute_id = $3", *said[:3]
    )
    return known, True


@lru_cache(256)
def days_of(region: str, year: int) -> dict[date, str] | None:
    """Return the public holidays of a region and year, named in its own language; None where it isn't known.

    >>> days_of("CN", 2026)[date(2026, 10, 1)], days_of("Atlantis", 2026)
    ('国庆节', None)
    """
    country, _, part = region.partition("-")
    try:
        own = holidays.country_holidays(country, subdiv=part or None).default_language
        return dict(holidays.country_holidays(country, subdiv=part or None, years=year, language=own))
    except (NotImplementedError, AttributeError):
        return None


def _this_year() -> int:
    return datetime.now(UTC).year


def look_up(entries: Sequence[InfluenceEntry]) -> None:
    """Look holidays up and remember them: it takes longer than a transaction may."""
    for entry in entries:
        if entry.region is not None:
            around(entry.region, _this_year())


def around(region: str, year: int) -> dict[date, str]:
    """Return the holidays of a region for the years that a calendar has them."""
    days: dict[date, str] = {}
    for each in range(year - YEARS_BEHIND, year + YEARS_AHEAD + 1):
        days |= days_of(region, each) or {}
    return days


async def _holidays(connection: asyncpg.Connection, series: int, region: str, year: int) -> None:
    days = around(region, year)
    moments = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    await connection.execute(_DAYS, series, moments, list(days.values()))


async def extend_calendars(db: Database, now: datetime) -> int:
    """Give calendars the holidays of the years that have come near; return how many needed it."""
    async with db.connection() as connection, connection.transaction():
        rows = await connection.fetch(
            "select i.id, i.region from influence i where i.region is not null"
            f" and {retiring.HEARD.format(i='i')} and coalesce("
            "(select max(p.at) from influence_point p where p.influence_id = i.id), $1) < $1 + interval '400 days'"
            " for no key update skip locked",
            now,
        )
        for row in rows:
            await _holidays(connection, row["id"], row["region"], now.year)
    return len(rows)
