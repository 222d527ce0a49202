"""A long past, written in one go: consistent, so that `verify` is green on it."""

_JOURNAL = """
with grown as (
  select n, $1::bigint[] as items, $2::bigint[] as bins, $3::bigint + n as id from generate_series(1, $4::int) n
), picked as (
  select n, id, items[1 + n % cardinality(items)] as item, bins[1 + n % cardinality(bins)] as bin,
    n * 2 <= $4::int as comes, $9::timestamptz + n * interval '1 second' as at
  from grown
), moved as (
  insert into movement (id, organisation_id, verb, key, line, digest, occurred_at, recorded_at, actor_id, reason)
  overriding system value
  select id, $5, case when comes then 'RECEIVE' else 'SELL' end, 'past ' || n, 0, '\\x00', at, at, 1, ''
  from picked returning id, organisation_id, occurred_at
), told as (
  insert into movement_party (organisation_id, movement_id, topic, relations, occurred_at)
  select organisation_id, id, 'MOVED', 95, occurred_at from moved
)
insert into leg
select id, 0, item, 0, case when comes then 2 else 1 end,
  case when comes then $6 else bin end, case when comes then 0 else 8 end, 0,
  case when comes then 0 else $8::bigint end, $5,
  case when comes then bin else $7 end, case when comes then 8 else 0 end, 0,
  case when comes then $8::bigint else 0 end, $5
from picked
"""
_POSITIONS = """
insert into position (item_id, lot_id, place_id, state, holds, rights_id, quantity, claimed, host_id, site_id, moved_at)
select e.item_id, 0, e.place_id, 8, 0, $1, sum(e.quantity), 0, $2, $3, max(m.occurred_at)
from (select movement_id, item_id, target_place_id as place_id, quantity from leg where target_state = 8
  union all select movement_id, item_id, source_place_id, -quantity from leg where source_state = 8) e
join movement m on m.id = e.movement_id group by 1, 3
"""
_SHELVES = """
insert into availability (seller_id, site_id, item_id, host_id, on_hand)
select $2, $3, item_id, $2, sum(quantity) from position where rights_id = $1 group by item_id
"""


async def grow(db, trade, items, bins, movements, began):
    """Give SHOP a past of so many movements: the first half comes in, the second is sold."""
    shop, site = trade.ids["SHOP"], trade.ids["SHOP/SITE"]
    rights = await db.fetchval(
        "insert into rights (owner_id, custodian_id, disposer_id, seller_id) values ($1, $1, $1, $1) returning id", shop
    )
    supplier = await trade.store.catalogue.virtual(shop, "SUPPLIER")
    customer = await trade.store.catalogue.virtual(shop, "CUSTOMER")
    last = await db.fetchval("select coalesce(max(id), 0) from movement")
    items, bins = [trade.ids[item] for item in items], [trade.ids[place] for place in bins]
    await db.execute(_JOURNAL, items, bins, last, movements, shop, supplier, customer, rights, began)
    await db.execute("select setval(pg_get_serial_sequence('movement', 'id'), $1)", last + movements)
    await db.execute(_POSITIONS, rights, shop, site)
    await db.execute(_SHELVES, rights, shop, site)
