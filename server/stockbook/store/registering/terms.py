"""Registering what deciding reads: agreements and closed periods."""

from stockbook.domain.refusal import Code
from stockbook.domain.rights.agreement import Pact, tie
from stockbook.domain.rights.holders import Right
from stockbook.flows.author import Registered
from stockbook.flows.registrations import AgreementEntry, PeriodEntry
from stockbook.store.catalogue import read_pact
from stockbook.store.registering.desk import Desk, RefusedError

_TERMS = ("taker_id", "views", "charges", "since", "until")
_ALIKE = """
select * from agreement
where giver_id = $1 and verb is not distinct from $2 and "right" is not distinct from $3
  and item_id is not distinct from $4 and category is not distinct from $5 and place_id is not distinct from $6
"""
_AGREE = """
insert into agreement (giver_id, verb, "right", item_id, category, place_id, taker_id, views, charges, since, until)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id
"""


async def agreement(desk: Desk, entry: AgreementEntry) -> Registered:
    """Make an agreement, unless another one says the same scope."""
    giver = await desk.own(entry.giver, "giver")
    taker = await desk.one("Organisation", entry.taker, "taker")
    if entry.views == (entry.verb is not None) or (entry.verb is None) != (entry.right is None):
        raise RefusedError(Code.BAD_INPUT, "an agreement passes a right on a verb, or lets the taker view")
    if entry.charges and entry.right is not Right.OWNERSHIP:
        raise RefusedError(Code.BAD_INPUT, "only the passing of ownership is charged", "charges")
    narrow = [entry.item, entry.category, entry.place]
    if entry.views and any(narrow):
        raise RefusedError(Code.BAD_INPUT, "a view is of all the giver's goods")
    if giver == taker or (entry.since and entry.until and entry.since >= entry.until):
        raise RefusedError(Code.BAD_INPUT, "two parties agree, for some time")
    item = await desk.maybe("Item", entry.item, "item")
    place = await desk.maybe("Place", entry.place, "place")
    scope = (giver, entry.verb and entry.verb.value, entry.right and entry.right.value, item, entry.category, place)
    terms = (taker, entry.views, entry.charges, entry.since, entry.until)
    alike = await desk.connection.fetch(_ALIKE, *scope)
    for made in alike:
        if tuple(made[name] for name in _TERMS) == terms:
            return made["id"], True
    if entry.verb is not None and entry.right is not None:
        span = (entry.charges, entry.since, entry.until)
        pact = Pact(0, giver, taker, entry.verb, entry.right, item, entry.category, place, *span)
        refusal = tie([read_pact(made) for made in alike], pact)
        if refusal is not None:
            raise RefusedError(refusal.code, refusal.message)
    return await desk.connection.fetchval(_AGREE, *scope, *terms), False


async def period(desk: Desk, entry: PeriodEntry) -> Registered:
    """Close the books before a moment; it only moves on, so a slip of the pen may not close them for years."""
    organisation = await desk.own(entry.organisation, "organisation")
    closed, ahead = await desk.connection.fetchrow(
        "select (select closed_before from period_close where organisation_id = $1), $2 > now() + interval '1 day'",
        organisation,
        entry.closed_before,
    )
    if ahead:
        raise RefusedError(Code.BAD_TIME, "that is more than a day ahead", "closedBefore")
    if closed is not None and entry.closed_before < closed:
        raise RefusedError(Code.BAD_INPUT, f"the books are closed already until {closed.isoformat()}", "closedBefore")
    await desk.connection.execute(
        "insert into period_close (organisation_id, closed_before) values ($1, $2)"
        " on conflict (organisation_id) do update set closed_before = excluded.closed_before",
        organisation,
        entry.closed_before,
    )
    return organisation, closed == entry.closed_before
