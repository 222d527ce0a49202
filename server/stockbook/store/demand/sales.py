"""What counts as a sale among movements, said once in SQL: `m` is a movement, `l` one of its legs.

A leg to a customer sold; one from a customer, or what takes a sale back, counts
below zero and belongs to the moment of the sale, as far as that is known.
"""

COLUMNS = """shelf.site_id, l.item_id,
    case when target.kind = 'CUSTOMER' then l.quantity else -l.quantity end::float8 as quantity,
    least(coalesce(o.occurred_at, m.occurred_at), m.recorded_at) as at"""
SOLD = "m.verb in ('SELL', 'RETURN', 'REVERSE') and (source.kind = 'CUSTOMER') <> (target.kind = 'CUSTOMER')"


def joined(*, each: bool) -> str:
    """Return what joins a leg with its places and with `r`, the rights of the goods on the shelf, whose seller sells.

    `each` looks them up leg by leg, for few legs: the planner, which takes a
    table of forty places for empty, would go through all of them for each leg.
    Else they are joined as it sees fit, for many.
    """

    def by_id(table: str, name: str, number: str) -> str:
        if each:
            return f"join lateral (select * from {table} where id = {number} offset 0) {name} on true"
        return f"join {table} {name} on {name}.id = {number}"

    return f"""{by_id("place", "source", "l.source_place_id")}
  {by_id("place", "target", "l.target_place_id")}
  cross join lateral (
    select case when sells then coalesce(source.bound_for_id, source.site_id)
        else coalesce(target.bound_for_id, target.site_id) end as site_id,
      case when sells then l.source_rights_id else l.target_rights_id end as rights_id
    from (select target.kind = 'CUSTOMER' as sells) way
  ) shelf
  {by_id("rights", "r", "shelf.rights_id")}
  left join movement o on o.id = m.reverses_id"""
