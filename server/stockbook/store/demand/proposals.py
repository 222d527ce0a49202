"""Keeps proposals in PostgreSQL: `flows.demand.proposing.ProposalBook`."""

from collections.abc import Iterable, Sequence

import asyncpg

from stockbook.flows.author import Author, Verdicts
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.flows.demand.proposal_book import (
    AcceptanceEntry,
    Accepted,
    DismissalEntry,
    Look,
    Opening,
    Withdrawn,
)
from stockbook.store.database import Database
from stockbook.store.demand import receiving, shortages
from stockbook.store.demand.orders import Acceptance, dismiss
from stockbook.store.faults import faults
from stockbook.store.registering.desk import all_or_none

PROPOSER = 5_707_114
"""Advisory lock of the one session that proposes."""
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
            return await shortages.look(connection, since)

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

    async def accept(self, author: Author, entries: Sequence[AcceptanceEntry], *, unattended: bool = False) -> Verdicts:
        """Take down that proposals are accepted, with the orders they become."""
        return await all_or_none(self._db, author, entries, Acceptance(unattended=unattended).accept)

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
