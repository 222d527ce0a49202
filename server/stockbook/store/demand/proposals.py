"""Keeps proposals in PostgreSQL: `flows.demand.proposing.ProposalBook`."""

from collections.abc import Iterable, Sequence

import asyncpg
import orjson

from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.states import State
from stockbook.domain.supply.in_force import Figures, in_force
from stockbook.domain.supply.packs import Packs
from stockbook.domain.supply.proposal import Shelf
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.demand.book import SeriesKey
from stockbook.flows.demand.proposal_book import (
    AcceptanceEntry,
    Accepted,
    DismissalEntry,
    Grounds,
    Look,
    Need,
    Opening,
    Withdrawn,
)
from stockbook.store.database import Database
from stockbook.store.demand import receiving
from stockbook.store.demand.in_force import PROMISE, SAID, promise, said
from stockbook.store.demand.orders import Acceptance, dismiss
from stockbook.store.demand.trials import CLEARED
from stockbook.store.faults import faults
from stockbook.store.registering.desk import all_or_none

PROPOSER = 5_707_114
"""Advisory lock of the one session that proposes."""
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
_ENDED = """
update proposal set state = 'SUPERSEDED', decided_at = now(), changed = pg_current_xact_id()
where id = any($1::bigint[]) and state = 'OPEN' returning id
"""
_OPENED = """
insert into proposal (organisation_id, site_id, item_id, quantity, needed, order_unit, multiple, minimum, position,
  horizon, service_level, expected, safety_stock, reorder_point, ceiling, moved, override_id, supplier_id)
select n.*, (
    select d.supplier_id from delivery_stability d
    where d.organisation_id = n.organisation_id and d.item_id = n.item_id order by d.receipts desc, d.id limit 1)
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::numeric[], $5::numeric[], $6::text[], $7::numeric[],
  $8::numeric[], $9::numeric[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[],
  $15::float8[], $16::float8[], $17::bigint[])
  as n(organisation_id, site_id, item_id, quantity, needed, order_unit, multiple, minimum, position, horizon,
    service_level, expected, safety_stock, reorder_point, ceiling, moved, override_id)
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
_EXPECTED = """
update proposal set movement_id = $2, changed = pg_current_xact_id()
where id = $1 and state = 'ACCEPTED' and movement_id is null
returning id, organisation_id, site_id, item_id, place_id, document_id, accepted, order_unit
"""
_WITHDRAWN = """
select id, organisation_id, coalesce(actor_id, 1) as actor_id, movement_id, reason, withdrawal_id is not null as posted
from proposal where id = any($1::bigint[]) and state = 'DISMISSED' and movement_id is not null order by id
"""
_WITHDRAWING = """
select id from proposal where state = 'DISMISSED' and movement_id is not null and withdrawal_id is null order by id
"""
_NO_MORE = """
update proposal set withdrawal_id = $2, changed = pg_current_xact_id()
where id = $1 and state = 'DISMISSED' and withdrawal_id is null returning task_line_id, actor_id, reason
"""
_STANDS = """
update proposal set state = 'ACCEPTED', changed = pg_current_xact_id()
where id = $1 and state = 'DISMISSED' and movement_id is not null and withdrawal_id is null
"""
_UNTIL = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_FORGOTTEN = "delete from threshold_revised where tx < $1::bigint::text::xid8"
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

    async def look(self, since: int | None = None) -> Look:
        """Return every shelf that is short, and every one of which something is proposed; or such as were stirred."""
        async with faults(), self._db.connection() as connection:
            until: int = await connection.fetchval(_UNTIL)  # before the look: what commits meanwhile is seen twice
            rows = await connection.fetch(_ALL) if since is None else await connection.fetch(_SOME, since)
            await connection.execute(_FORGOTTEN, until if since is None else since)
        return Look([_need(row) for row in rows], until)

    async def revise(self, openings: Sequence[Opening], ended: Sequence[int]) -> list[tuple[int, SeriesKey]]:
        """Open proposals and let others end; what was decided meanwhile stays as it is."""
        if not openings and not ended:
            return []
        async with faults(), self._db.connection() as connection, connection.transaction():
            over = {row["id"] for row in await connection.fetch(_ENDED, list(ended))} if ended else set()
            fit = [one for one in openings if one.instead is None or one.instead in over]
            if not fit:
                return []
            made = await connection.fetch(_OPENED, *map(list, zip(*map(_row, fit), strict=True)))
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
        """Take down that the goods of a proposal are expected, and open the task of receiving them."""
        async with faults(), self._db.connection() as connection, connection.transaction():
            row = await connection.fetchrow(_EXPECTED, proposal, movement)
            if row is not None:
                await receiving.announce(connection, row)

    async def withdrawn(self, ids: Iterable[int]) -> list[Withdrawn]:
        """Return proposals that were accepted and dismissed afterwards."""
        async with faults():
            rows = await self._db.fetch(_WITHDRAWN, list(ids))
        return [Withdrawn(*row) for row in rows]

    async def withdrawing(self) -> list[int]:
        """Return those of them whose goods are still expected."""
        async with faults():
            rows = await self._db.fetch(_WITHDRAWING)
        return [row["id"] for row in rows]

    async def no_more(self, proposal: int, movement: int) -> None:
        """Take down that the rest of a proposal's goods is expected no more."""
        async with faults(), self._db.connection() as connection, connection.transaction():
            row = await connection.fetchrow(_NO_MORE, proposal, movement)
            if row is not None and row["task_line_id"] is not None:
                await receiving.call_off(connection, *row)

    async def stand(self, proposal: int) -> None:
        """Take back that an accepted proposal was dismissed: there was nothing left to take back."""
        async with faults():
            await self._db.execute(_STANDS, proposal)

    async def reopen(self, proposal: int) -> None:
        """Take back that a proposal was accepted: its goods could not be expected."""
        async with faults():
            await self._db.execute(_REOPENED, proposal)


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


def _row(one: Opening) -> tuple[object, ...]:
    """Return a proposal as it is opened."""
    need, shelf, grounds = one.need, one.need.shelf, one.need.grounds
    assert grounds is not None, "a look tells what each need stands on"
    figures = grounds.in_force.figures
    return (
        *(*need.key, one.order.quantity, one.order.needed, grounds.order_unit),
        *(shelf.packs.multiple, shelf.packs.minimum, shelf.position, grounds.horizon, grounds.service_level),
        *(figures.expected, figures.safety_stock, figures.reorder_point, figures.ceiling),
        *(grounds.in_force.moved, grounds.in_force.override),
    )
