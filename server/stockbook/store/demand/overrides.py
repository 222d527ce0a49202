"""Keeps what people say against forecasts, and the terms on which goods are replenished."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg

from stockbook.domain.demand.period import Period, whole_day
from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.demand.insights import OverrideEntry, ReplenishmentEntry
from stockbook.store.demand.in_force import OPENS
from stockbook.store.registering.desk import Desk, RefusedError

LONGEST = timedelta(days=366)
HOURS_MAX = 20_000
FILL_MAX, LEVEL_MIN = Decimal("0.9999"), Decimal("0.5")

_FORECAST = f"""
select {OPENS.format(p="f")} as opens, f.mean, s.period from forecast f join series s on s.id = f.series_id
where f.organisation_id = $1 and f.site_id = $2 and f.item_id = $3 and f.horizon = 1 for share of s
"""
_STANDING = """
select id, since, until, quantity, reason, actor_id, made_at, model_mean from forecast_override
where organisation_id = $1 and site_id = $2 and item_id = $3 and ended_at is null order by id for update
"""
_MADE = """
insert into forecast_override
  (organisation_id, site_id, item_id, since, until, quantity, reason, actor_id, model_mean, made_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, now())) returning id
"""
_COLUMNS = (
    *("lead_time_hours", "lead_time_deviation_hours", "review_hours", "service_level", "fill_rate", "unattended"),
    *("order_unit", "order_multiple", "minimum_order"),
)
_TERMS = f"""
insert into replenishment as r (organisation_id, site_id, item_id, {", ".join(_COLUMNS)})
values ({", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 4))})
on conflict (organisation_id, site_id, item_id) do update set
  {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}, tx = pg_current_xact_id()
where ({", ".join(f"r.{name}" for name in _COLUMNS)})
  is distinct from ({", ".join(f"excluded.{name}" for name in _COLUMNS)})
returning id
"""


async def override(desk: Desk, entry: OverrideEntry) -> Registered:
    """Say otherwise than the model for some periods; what stood for them before ends, and stands for the others."""
    site = await desk.site(entry.site, "site")
    item = await desk.one("Item", entry.item, "item")
    key = desk.author.organisation, site, item
    forecast = await desk.connection.fetchrow(_FORECAST, *key)
    if forecast is None:
        raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no forecast of this item there", "item")
    if not entry.reason.strip():
        raise RefusedError(Code.BAD_INPUT, "say why", "reason")
    period = Period(forecast["period"])
    opened = period.number(forecast["opens"])
    # on Monday before the first sale the week that is open to the learner is over for whoever speaks
    today = period.number(datetime.now(UTC))
    usual = today if today == opened + 1 else opened
    first = period.number(whole_day(entry.since)) if entry.since else usual
    since = period.start(first if entry.since or entry.quantity is not None else opened)
    until = whole_day(entry.until) if entry.until else period.start(first + 1)
    if first < opened:
        raise RefusedError(Code.BAD_TIME, "that period is closed", "since")
    if not since < until <= since + LONGEST:
        raise RefusedError(Code.BAD_TIME, "it ends after it begins, within a year", "until")
    standing = await desk.connection.fetch(_STANDING, *key)
    met = [row for row in standing if row["since"] < until and since < row["until"]]
    if entry.quantity is None:
        if not met:
            raise RefusedError(Code.BAD_INPUT, "there is nothing to withdraw", "quantity")
        await _end(desk, met)
        if entry.since or entry.until:
            await _keep_the_rest(desk, key, met, period, (opened, since, until))
        return met[-1]["id"], False
    quantity = float(entry.quantity)
    if quantity < 0:
        raise RefusedError(Code.BAD_QUANTITY, "demand is never below nothing", "quantity")
    said = since, until, quantity, entry.reason
    for row in met:
        if (row["since"], row["until"], row["quantity"], row["reason"]) == said and len(met) == 1:
            return row["id"], True
    await _end(desk, met)
    await _keep_the_rest(desk, key, met, period, (opened, since, until))
    told = *key, *said, desk.author.principal, forecast["mean"], None
    made: int = await desk.connection.fetchval(_MADE, *told)
    return made, False


async def _end(desk: Desk, rows: Sequence[asyncpg.Record]) -> None:
    """End overrides; what they said of periods that are closed stays scored."""
    await desk.connection.execute(
        "update forecast_override set ended_at = $2, changed = pg_current_xact_id() where id = any($1::bigint[])",
        [row["id"] for row in rows],
        datetime.now(UTC),
    )


async def _keep_the_rest(
    desk: Desk,
    key: tuple[int, int, int],
    ended: Sequence[asyncpg.Record],
    period: Period,
    spoken: tuple[int, datetime, datetime],
) -> None:
    """Let what was said of other periods, from the open one on, stand as it was said, by whom and when."""
    opened, since, until = spoken
    last = period.number(until)
    after = until if period.start(last) == until else period.start(last + 1)
    for row in ended:
        for begins, ends in ((max(row["since"], period.start(opened)), since), (after, row["until"])):
            if begins < ends:
                said = row["quantity"], row["reason"], row["actor_id"], row["model_mean"], row["made_at"]
                await desk.connection.execute(_MADE, *key, begins, ends, *said)


async def replenishment(desk: Desk, entry: ReplenishmentEntry) -> Registered:
    """Record terms; thresholds follow as soon as no sale waits to be learnt."""
    site = await desk.site(entry.site, "site") if entry.site is not None else None
    if desk.author.sites and site is None:
        raise RefusedError(Code.ACTION_DENIED, "your role is limited to sites: name one", "site")
    item = await desk.maybe("Item", entry.item, "item")
    for name, hours, least in (
        ("leadTimeHours", entry.lead_time_hours, 0),
        ("leadTimeDeviationHours", entry.lead_time_deviation_hours, 0),
        ("reviewHours", entry.review_hours, 1),
    ):
        if not least <= hours <= HOURS_MAX:
            raise RefusedError(Code.BAD_INPUT, f"from {least} to {HOURS_MAX} hours", name)
    if not LEVEL_MIN <= entry.service_level < 1:
        raise RefusedError(Code.BAD_INPUT, f"a service level lies from {LEVEL_MIN} to below 1", "serviceLevel")
    if entry.fill_rate is not None and not 0.5 <= entry.fill_rate <= FILL_MAX:
        raise RefusedError(Code.BAD_INPUT, f"a fill rate lies between 0.5 and {FILL_MAX}", "fillRate")
    for name, quantity in (("orderMultiple", entry.order_multiple), ("minimumOrder", entry.minimum_order)):
        if quantity is not None and quantity <= 0:
            raise RefusedError(Code.BAD_QUANTITY, "a quantity is above zero", name)
    figures = (
        float(entry.lead_time_hours),
        float(entry.lead_time_deviation_hours),
        float(entry.review_hours),
        float(entry.service_level),
        None if entry.fill_rate is None else float(entry.fill_rate),
        entry.unattended,
        await _order_unit(desk, entry, item),
        entry.order_multiple,
        entry.minimum_order,
    )
    key = desk.author.organisation, site, item
    made = await desk.connection.fetchval(_TERMS, *key, *figures)
    if made is not None:
        return made, False
    known: int = await desk.connection.fetchval(
        "select id from replenishment where organisation_id = $1 and site_id is not distinct from $2"
        " and item_id is not distinct from $3",
        *key,
    )
    return known, True


async def _order_unit(desk: Desk, entry: ReplenishmentEntry, item: int | None) -> str:
    """Return the unit that is ordered in, empty for the base unit; an item that is named has one of that name."""
    unit = (entry.order_unit or "").strip()
    if not unit or item is None:
        return unit
    known = await desk.connection.fetchval(
        "select case when i.base_unit = $2 then '' else u.unit end"
        " from item i left join item_unit u on u.item_id = i.id and u.unit = $2 where i.id = $1",
        item,
        unit,
    )
    if known is None:
        raise RefusedError(Code.BAD_UNIT, f"the item has no unit {unit[:40]}", "orderUnit")
    return str(known)
