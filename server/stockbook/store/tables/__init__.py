"""The tables, one module a room. Migrations are generated from these.

Conventions: ids are bigint identities; id 0 is the NONE row of organisation and
lot; times are timestamptz; quantities are numeric(18, 6) in the item's base unit.
Rows of position, movement, leg, party and availability are written only by the
posting function (`store/posting/post.sql`).
"""

from stockbook.store.tables import access, capture, catalogue, demand, insight, proposal, recognition, stock, work

__all__ = ["access", "capture", "catalogue", "demand", "insight", "proposal", "recognition", "stock", "work"]
