"""What counts as a sale among movements, said once in SQL: `m` is a movement, and each row one of its legs.

A leg to a customer sold; one from a customer, or what takes a sale back, counts
below zero and belongs to the moment of the sale, as far as that is known.
"""

COLUMNS = """coalesce(shelf.bound_for_id, shelf.site_id) as site_id, l.item_id,
    case when target.kind = 'CUSTOMER' then l.quantity else -l.quantity end::float8 as quantity,
    least(coalesce(o.occurred_at, m.occurred_at), m.recorded_at) as at"""
JOINED = """join leg l on l.movement_id = m.id
  join place source on source.id = l.source_place_id
  join place target on target.id = l.target_place_id
  join place shelf on shelf.id = case when target.kind = 'CUSTOMER' then source.id else target.id end
  join rights r on r.id = case when target.kind = 'CUSTOMER' then l.source_rights_id else l.target_rights_id end
  left join movement o on o.id = m.reverses_id"""
"""`r` are the rights of the goods on the shelf: their seller's is the sale."""
SOLD = "m.verb in ('SELL', 'RETURN', 'REVERSE') and (source.kind = 'CUSTOMER') <> (target.kind = 'CUSTOMER')"
