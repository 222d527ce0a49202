"""Looks for shelves that may be short, everywhere or where something happened since a look."""

import asyncpg
import orjson

from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.states import State
from stockbook.domain.supply.in_force import Figures, in_force
from stockbook.domain.supply.packs import Packs
from stockbook.domain.supply.proposal import Shelf
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.flows.demand.proposal_book import Grounds, Look, Need
from stockbook.store.demand.in_force import PROMISE, SAID, promise, said
from stockbook.store.demand.trials import CLEARED

_COMING_IN = ", ".join(str(int(each)) for each in (State.RECEIVED, State.IN_INSPECTION, State.AWAITING_PUTAWAY))

# Shelves that may be short: below the model's reorder point, or where people say otherwise, or something is proposed.
_EVERYWHERE = """
select t.*, p.id as open, p.quantity as proposed, coalesce(a.on_hand + a.inbound - a.reserved, 0) as available
from threshold t
left join availability a on (a.seller_id, a.site_id, a.item_id) = (t.organisation_id, t.site_id, t.item_id)
left join proposal p on (p.organisation_id, p.site_id, p.item_id) = (t.organisation_id, t.site_id, t.item_id)
  and p.state = 'OPEN'
where t.organisation_id in (select organisation_id from replenishment)
  and (coalesce(a.on_hand + a.inbound - a.reserved, 0) < t.reorder_point or p.id is not null
    or (t.organisation_id, t.site_id, t.item_id) in (
      select o.organisation_id, o.site_id, o.item_id from forecast_override o where o.ended_at is null))
"""
# Of these, those that something happened to since a look: goods moved, a threshold was revised, people spoke.
_STIRRED = """
with moved as (
  select distinct l.item_id, unnest(array[
    coalesce(source.bound_for_id, source.site_id), coalesce(target.bound_for_id, target.site_id)]) as site_id
  from movement_party m join leg l on l.movement_id = m.movement_id
  join place source on source.id = l.source_place_id join place target on target.id = l.target_place_id
  where m.tx >= $1::bigint::text::xid8
), stirred as (
  select t.id from moved m join threshold t on (t.site_id, t.item_id) = (m.site_id, m.item_id)
  union
  select unnest(r.ids) from threshold_revised r where r.tx >= $1::bigint::text::xid8
  union
  select t.id from forecast_override o join threshold t on
    (t.organisation_id, t.site_id, t.item_id) = (o.organisation_id, o.site_id, o.item_id)
  where o.changed >= $1::bigint::text::xid8
)
select t.*, p.id as open, p.quantity as proposed, coalesce(a.on_hand + a.inbound - a.reserved, 0) as available
from stirred s join threshold t on t.id = s.id
left join lateral (
  select * from availability a
  where (a.seller_id, a.site_id, a.item_id) = (t.organisation_id, t.site_id, t.item_id) offset 0) a on true
left join lateral (
  select p.id, p.quantity from proposal p
  where (p.organisation_id, p.site_id, p.item_id) = (t.organisation_id, t.site_id, t.item_id) and p.state = 'OPEN'
  offset 0) p on true
where t.organisation_id in (select organisation_id from replenishment)
  and (coalesce(a.on_hand + a.inbound - a.reserved, 0) < t.reorder_point or p.id is not null or exists (
    select 1 from forecast_override o where o.ended_at is null
      and (o.organisation_id, o.site_id, o.item_id) = (t.organisation_id, t.site_id, t.item_id) offset 0))
"""
# What nobody said terms of is not proposed: lead time and review would be guesses. Of what seems short, goods that
# came in and are not on the shelf yet count too, and orders that nobody expects yet.
_NEEDS = f"""
with short as materialized ({{short}})
select s.organisation_id, s.site_id, s.item_id, s.horizon, s.lead_time_hours, s.service_level, s.expected,
  s.safety_stock, s.reorder_point, s.ceiling, s.open, s.proposed, i.decimals,
  {PROMISE.format(p="s")} as promise, {SAID.format(p="s")} as said,
  s.available + coalesce(came.quantity, 0) + coalesce(ordered.quantity, 0) as position,
  exists (
    select 1 from proposal d
    where (d.organisation_id, d.site_id, d.item_id) = (s.organisation_id, s.site_id, s.item_id)
      and d.state = 'DISMISSED' and d.decided_at > now() - make_interval(secs => terms.review_hours * 3600)
  ) as resting,
  terms.unattended and {CLEARED.format(p="s")} as unattended,
  case when packed.factor is null then '' else terms.order_unit end as order_unit,
  case when packed.factor is null or (packed.factor = 1 and terms.order_multiple is null) then 0
    else coalesce(terms.order_multiple, 1) * packed.factor end as multiple,
  coalesce(terms.minimum_order * packed.factor, 0) as minimum
from short s
join item i on i.id = s.item_id
cross join lateral (
  select r.review_hours, r.unattended, r.order_unit, r.order_multiple, r.minimum_order from replenishment r
  where r.organisation_id = s.organisation_id and (r.site_id is null or r.site_id = s.site_id)
    and (r.item_id is null or r.item_id = s.item_id)
  order by r.item_id nulls last, r.site_id nulls last limit 1
) terms
cross join lateral (
  select case when terms.order_unit in ('', i.base_unit) then 1 else (
    select u.factor from item_unit u where u.item_id = s.item_id and u.unit = terms.order_unit) end as factor
) packed
left join lateral (
  select sum(x.quantity) as quantity from position x join rights r on r.id = x.rights_id
  where x.item_id = s.item_id and x.site_id = s.site_id and x.holds & {BLOCKS} = 0 and r.seller_id = s.organisation_id
    and coalesce((select base from state where code = x.state), x.state) in ({_COMING_IN})
) came on true
left join lateral (
  select sum(o.accepted) as quantity from proposal o
  where (o.organisation_id, o.site_id, o.item_id) = (s.organisation_id, s.site_id, s.item_id)
    and o.state = 'ACCEPTED' and o.movement_id is null
) ordered on true
order by s.organisation_id, s.site_id, s.item_id
"""
_ALL, _SOME = _NEEDS.format(short=_EVERYWHERE), _NEEDS.format(short=_STIRRED)
_UNTIL = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_FORGOTTEN = "delete from threshold_revised where tx < $1::bigint::text::xid8"


async def look(connection: asyncpg.Connection, since: int | None) -> Look:
    """Return every shelf that is short, and every one of which something is proposed; or such as were stirred."""
    until: int = await connection.fetchval(_UNTIL)  # before the look: what commits meanwhile is seen twice
    rows = await connection.fetch(_ALL) if since is None else await connection.fetch(_SOME, since)
    await connection.execute(_FORGOTTEN, until if since is None else since)
    return Look([_need(row) for row in rows], until)


def _need(row: asyncpg.Record) -> Need:
    model = Figures(
        *(row[name] for name in ("horizon", "lead_time_hours", "expected", "safety_stock", "reorder_point", "ceiling"))
    )
    promised, others = (orjson.loads(row[name]) if row[name] else None for name in ("promise", "said"))
    counts = in_force(model, promise(promised), said(others))
    shelf = Shelf(
        row["position"],
        counts.figures.reorder_point,
        counts.figures.ceiling,
        row["decimals"],
        row["resting"],
        Packs(row["multiple"], row["minimum"]),
    )
    key = SeriesKey(row["organisation_id"], row["site_id"], row["item_id"])
    standing = (row["open"], row["proposed"]) if row["open"] else None
    grounds = Grounds(row["horizon"], row["service_level"], counts, row["order_unit"])
    return Need(key, shelf, standing, row["unattended"], grounds)
