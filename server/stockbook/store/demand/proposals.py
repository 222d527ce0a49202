"""Keeps proposals in PostgreSQL: `flows.demand.proposing.ProposalBook`."""

from collections.abc import Iterable, Sequence

import asyncpg

from stockbook.domain.demand.proposal import Shelf
from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.states import State
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.demand.book import SeriesKey
from stockbook.flows.demand.proposing import AcceptanceEntry, Accepted, DismissalEntry, Need, Opening
from stockbook.store.database import Database
from stockbook.store.demand.orders import Acceptance, dismiss
from stockbook.store.demand.trials import CLEARED
from stockbook.store.faults import faults
from stockbook.store.registering.desk import all_or_none

PROPOSER = 5_707_114
"""Advisory lock of the one session that proposes."""
_COMING_IN = ", ".join(str(int(each)) for each in (State.RECEIVED, State.IN_INSPECTION, State.AWAITING_PUTAWAY))

# What nobody said terms of is not proposed: lead time and review would be guesses. Of what seems short, goods that
# came in and are not on the shelf yet count too, and orders that nobody expects yet.
_NEEDS = f"""
with short as materialized (
  select t.organisation_id, t.site_id, t.item_id, t.reorder_point, t.ceiling,
    coalesce(a.on_hand + a.inbound - a.reserved, 0) as position, p.id as open, p.quantity as proposed
  from threshold t
  left join availability a on (a.seller_id, a.site_id, a.item_id) = (t.organisation_id, t.site_id, t.item_id)
  left join proposal p on (p.organisation_id, p.site_id, p.item_id) = (t.organisation_id, t.site_id, t.item_id)
    and p.state = 'OPEN'
  where t.organisation_id in (select organisation_id from replenishment)
    and (coalesce(a.on_hand + a.inbound - a.reserved, 0) < t.reorder_point or p.id is not null)
)
select s.organisation_id, s.site_id, s.item_id, s.reorder_point, s.ceiling, s.open, s.proposed, i.decimals,
  s.position + coalesce(came.quantity, 0) + coalesce(ordered.quantity, 0) as position,
  exists (
    select 1 from proposal d
    where (d.organisation_id, d.site_id, d.item_id) = (s.organisation_id, s.site_id, s.item_id)
      and d.state = 'DISMISSED' and d.decided_at > now() - make_interval(secs => terms.review_hours * 3600)
  ) as resting,
  terms.unattended and {CLEARED.format(p="s")} as unattended
from short s
join item i on i.id = s.item_id
cross join lateral (
  select r.review_hours, r.unattended from replenishment r
  where r.organisation_id = s.organisation_id and (r.site_id is null or r.site_id = s.site_id)
    and (r.item_id is null or r.item_id = s.item_id)
  order by r.item_id nulls last, r.site_id nulls last limit 1
) terms
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
_ENDED = """
update proposal set state = 'SUPERSEDED', decided_at = now(), changed = pg_current_xact_id()
where id = any($1::bigint[]) and state = 'OPEN' returning id
"""
_OPENED = """
insert into proposal (organisation_id, site_id, item_id, quantity, position, horizon, service_level, expected,
  safety_stock, reorder_point, ceiling, supplier_id)
select t.organisation_id, t.site_id, t.item_id, n.quantity, n.position, t.horizon, t.service_level, t.expected,
  t.safety_stock, t.reorder_point, t.ceiling, (
    select d.supplier_id from delivery_stability d
    where d.organisation_id = t.organisation_id and d.item_id = t.item_id order by d.receipts desc, d.id limit 1)
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::numeric[], $5::numeric[])
  as n(organisation_id, site_id, item_id, quantity, position)
join threshold t using (organisation_id, site_id, item_id)
on conflict do nothing returning id, organisation_id, site_id, item_id
"""
_IN_PLACE = """
update proposal o set superseded_by_id = n.id, changed = pg_current_xact_id()
from proposal n where o.id = any($1::bigint[]) and n.id = any($2::bigint[])
  and (n.organisation_id, n.site_id, n.item_id) = (o.organisation_id, o.site_id, o.item_id)
"""
_ACCEPTED = """
select id, organisation_id, coalesce(actor_id, 1) as actor_id, document_id, place_id, item_id, accepted, reason,
  movement_id is not null as posted
from proposal where id = any($1::bigint[]) and state = 'ACCEPTED' order by id
"""
_EXPECTED = "update proposal set movement_id = $2, changed = pg_current_xact_id() where id = $1 and state = 'ACCEPTED'"
_REOPENED = """
update proposal p set decided_at = null, actor_id = null, accepted = null, document_id = null, place_id = null,
  reason = '', changed = pg_current_xact_id(),
  state = case when exists (
    select 1 from proposal o where (o.organisation_id, o.site_id, o.item_id) = (p.organisation_id, p.site_id, p.item_id)
      and o.state = 'OPEN') then 'SUPERSEDED' else 'OPEN' end
where p.id = $1 and p.state = 'ACCEPTED' and p.movement_id is null
"""
_HEADS = """
select o.id, coalesce((
  select p.changed from proposal p
  where p.organisation_id = o.id and p.changed < pg_snapshot_xmin(pg_current_snapshot())
  order by p.changed desc limit 1)::text::bigint, 0)
from unnest($1::bigint[]) as o(id)
"""
_CHANGED = """
select id from proposal where organisation_id = $1 and changed > $2::bigint::text::xid8
  and changed <= $3::bigint::text::xid8 order by changed, id
"""
_OPEN = "select id from proposal where organisation_id = $1 and state = 'OPEN' order by id"


async def elected(connection: asyncpg.Connection) -> bool:
    """Become the one that proposes, as long as this session lasts."""
    won: bool = await connection.fetchval("select pg_try_advisory_lock($1)", PROPOSER)
    return won


async def heads(db: Database, organisations: Iterable[int]) -> dict[int, int]:
    """Return the last transaction that changed proposals of each organisation, of those that ended for all."""
    return dict(map(tuple, await db.fetch(_HEADS, list(organisations))))


async def changed(db: Database, organisation: int, after: int, until: int) -> list[int]:
    """Return the proposals that transactions after one changed last, `until` included."""
    return [row["id"] for row in await db.fetch(_CHANGED, organisation, after, until)]


async def open_ones(db: Database, organisation: int) -> list[int]:
    """Return the proposals of an organisation that nobody has decided."""
    return [row["id"] for row in await db.fetch(_OPEN, organisation)]


class PostgresProposals:
    """Opens proposals and takes down what is decided; whoever decides first is right."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def needs(self) -> list[Need]:
        """Return every shelf that is short of its reorder point, and every one of which something is proposed."""
        async with faults():
            rows = await self._db.fetch(_NEEDS)
        return [_need(row) for row in rows]

    async def revise(self, openings: Sequence[Opening], ended: Sequence[int]) -> list[tuple[int, SeriesKey]]:
        """Open proposals and let others end; what was decided meanwhile stays as it is."""
        if not openings and not ended:
            return []
        async with faults(), self._db.connection() as connection, connection.transaction():
            over = {row["id"] for row in await connection.fetch(_ENDED, list(ended))} if ended else set()
            fit = [one for one in openings if one.instead is None or one.instead in over]
            if not fit:
                return []
            columns = zip(*((*one.key, one.quantity, one.position) for one in fit), strict=True)
            made = await connection.fetch(_OPENED, *map(list, columns))
            if over:
                await connection.execute(_IN_PLACE, list(over), [row["id"] for row in made])
        return [(row["id"], SeriesKey(row["organisation_id"], row["site_id"], row["item_id"])) for row in made]

    async def accept(self, author: Author, entries: Sequence[AcceptanceEntry]) -> Verdicts:
        """Take down that proposals are accepted, with the orders they become."""
        return await all_or_none(self._db, author, entries, Acceptance().accept)

    async def dismiss(self, author: Author, entries: Sequence[DismissalEntry]) -> Verdicts:
        """Take down that proposals are dismissed."""
        return await all_or_none(self._db, author, entries, dismiss)

    async def accepted(self, ids: Iterable[int]) -> list[Accepted]:
        """Return proposals that were accepted."""
        async with faults():
            rows = await self._db.fetch(_ACCEPTED, list(ids))
        return [Accepted(*row) for row in rows]

    async def waiting(self) -> list[int]:
        """Return accepted proposals whose goods nobody expects yet."""
        async with faults():
            rows = await self._db.fetch(
                "select id from proposal where state = 'ACCEPTED' and movement_id is null order by id"
            )
        return [row["id"] for row in rows]

    async def expected(self, proposal: int, movement: int) -> None:
        """Take down that the goods of a proposal are expected."""
        async with faults():
            await self._db.execute(_EXPECTED, proposal, movement)

    async def reopen(self, proposal: int) -> None:
        """Take back that a proposal was accepted: its goods could not be expected."""
        async with faults():
            await self._db.execute(_REOPENED, proposal)


def _need(row: asyncpg.Record) -> Need:
    shelf = Shelf(row["position"], row["reorder_point"], row["ceiling"], row["decimals"], row["resting"])
    key = SeriesKey(row["organisation_id"], row["site_id"], row["item_id"])
    return Need(key, shelf, (row["open"], row["proposed"]) if row["open"] else None, row["unattended"])
