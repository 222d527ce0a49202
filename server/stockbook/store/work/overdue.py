"""What the clock looks for: goods past their expiry, promises past their time."""

from datetime import datetime

from stockbook.domain.stock.states import MAY_BECOME, State
from stockbook.flows.clock import LapsedClaim, Overdue, OverdueLot
from stockbook.store.database import Database

EACH_MAX = 2500
"""Of each kind at once; the rest is found next time."""

_LOTS = """
select min(p.id), w.organisation_id, 'gid://stockbook/Item/' || p.item_id, l.code,
  'gid://stockbook/Place/' || p.place_id
from lot l join position p on p.lot_id = l.id and p.item_id = l.item_id
join place w on w.id = p.place_id
where l.expiry < ($1::timestamptz at time zone 'UTC')::date and p.quantity > 0
  and (p.state = any($2::int[]) or p.state in (select s.code from state s where $3::int = any(s.may_become)))
group by w.organisation_id, p.item_id, l.code, p.place_id order by 1 limit $4
"""

_CLAIMS = """
select id, seller_id, 'gid://stockbook/Claim/' || id, expires_at from claim
where expires_at <= $1 and state in ('OPEN', 'COMMITTED') order by id limit $2
"""

EXPIRING = [state for state, after in MAY_BECOME.items() if State.EXPIRED in after]


async def overdue(db: Database, now: datetime) -> Overdue:
    """Return what is overdue now."""
    lots = await db.fetch(_LOTS, now, EXPIRING, State.EXPIRED, EACH_MAX)
    claims = await db.fetch(_CLAIMS, now, EACH_MAX)
    return Overdue([OverdueLot(*row) for row in lots], [LapsedClaim(*row) for row in claims])
