"""What people say to proposals: accepted, they become orders with a place where their goods are expected."""

from datetime import UTC, datetime
from decimal import Decimal

import asyncpg

from stockbook.domain.language import Language, amount
from stockbook.domain.quantity import in_base, plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.supply.proposal import STARTLING, ProposalState, startles
from stockbook.flows.author import Registered
from stockbook.flows.demand.proposal_book import AcceptanceEntry, DismissalEntry
from stockbook.store.catalogue import number_of
from stockbook.store.demand.trials import CLEARED
from stockbook.store.registering.desk import Desk, RefusedError

_PROPOSAL = f"""
select p.*, i.base_unit, i.decimals, {CLEARED.format(p="p")} as cleared
from proposal p join item i on i.id = p.item_id where p.id = $1 and p.organisation_id = $2 for no key update of p
"""
_ACCEPTED = """
update proposal set state = 'ACCEPTED', decided_at = now(), actor_id = $2, accepted = $3, reason = $4,
  supplier_id = $5, document_id = $6, place_id = $7, changed = pg_current_xact_id() where id = $1
"""
_DISMISSED = """
update proposal set state = 'DISMISSED', decided_at = now(), actor_id = $2, reason = $3,
  changed = pg_current_xact_id() where id = $1
"""
_DECIDED = {
    ProposalState.ACCEPTED: "it is accepted already",
    ProposalState.DISMISSED: "it was dismissed",
    ProposalState.SUPERSEDED: "the need has changed since, and another may stand in its place",
}


class Acceptance:
    """One request's acceptances: proposals of one site for one supplier go into one order."""

    def __init__(self, *, unattended: bool) -> None:
        self._unattended = unattended
        self._orders: dict[tuple[int, int | None, str | None, datetime | None], tuple[int, int]] = {}

    async def accept(self, desk: Desk, entry: AcceptanceEntry) -> Registered:
        """Order what a proposal proposes, or another quantity with a reason."""
        row = await _mine(desk, entry.proposal)
        if row["state"] == ProposalState.ACCEPTED and await _says_the_same(desk, entry, row):
            return row["id"], True
        _still_open(row)
        if entry.due_at is not None and entry.due_at < datetime.now(UTC):
            raise RefusedError(Code.BAD_TIME, "it is due after it is ordered", "dueAt")
        quantity = _quantity(entry, row)
        reason = (entry.reason or "").strip()
        if not reason and quantity != row["quantity"]:
            raise RefusedError(Code.GUARD_NOT_MET, "say why it is another quantity than was proposed", "reason")
        if not reason and not row["cleared"]:
            said = "these forecasts passed no trial yet: say why they may be followed all the same"
            raise RefusedError(Code.GUARD_NOT_MET, said, "reason")
        if not entry.confirm:
            _meant(quantity, row)
        supplier = await desk.maybe("Organisation", entry.supplier, "supplier") or row["supplier_id"]
        document, place = await self._order(desk, entry, row, supplier)
        actor = None if self._unattended else desk.author.principal
        told = row["id"], actor, quantity, reason, supplier, document, place
        await desk.connection.execute(_ACCEPTED, *told)
        return row["id"], False

    async def _order(
        self, desk: Desk, entry: AcceptanceEntry, row: asyncpg.Record, supplier: int | None
    ) -> tuple[int, int]:
        """Return the order that a proposal goes into, and the place where its goods are expected."""
        alike = row["site_id"], supplier, entry.order, entry.due_at
        if alike in self._orders:
            return self._orders[alike]
        me, name = desk.author.organisation, entry.order or f"ORDER-{row['id']}"
        if not name.isprintable() or name != name.strip() or not name:
            raise RefusedError(Code.BAD_INPUT, "a reference is printable, with no space around it", "order")
        order = {"organisation_id": me, "external_reference": name, "kind": "ORDER", "counterparty_id": supplier}
        due = {"due_at": entry.due_at} if entry.due_at else {}
        document, _ = await desk.put("document", "organisation_id, external_reference", order | due)
        shipment = {
            "organisation_id": me,
            "external_reference": f"ORDER/{document}/{row['site_id']}",
            "name": name,
            "kind": "SHIPMENT",
            "bound_for_id": row["site_id"],
            "public": False,
            "strict": True,
        }
        place, _ = await desk.put("place", "external_reference", shipment)
        self._orders[alike] = document, place
        return document, place


async def _says_the_same(desk: Desk, entry: AcceptanceEntry, row: asyncpg.Record) -> bool:
    """Tell whether a proposal was accepted just so: that much, of that supplier, in that order, for that time."""
    named = "select external_reference, due_at from document where id = $1"
    order, due = await desk.connection.fetchrow(named, row["document_id"]) or (None, None)
    return (
        (entry.quantity or row["quantity"]) == row["accepted"]
        and await desk.maybe("Organisation", entry.supplier, "supplier") in {None, row["supplier_id"]}
        and entry.order in {None, order}
        and entry.due_at in {None, due}
    )


async def dismiss(desk: Desk, entry: DismissalEntry) -> Registered:
    """Order nothing of a proposal; of an accepted one what has not come is taken back afterwards."""
    row, reason = await _mine(desk, entry.proposal), entry.reason.strip()
    if not reason:
        raise RefusedError(Code.BAD_INPUT, "say why", "reason")
    if row["state"] == ProposalState.DISMISSED and row["reason"] == reason:
        return row["id"], True
    if row["state"] == ProposalState.ACCEPTED and row["movement_id"] is None:
        raise RefusedError(Code.STALE_STATE, "its goods are being announced: try again in a moment", "proposal")
    if row["state"] != ProposalState.ACCEPTED:
        _still_open(row)
    await desk.connection.execute(_DISMISSED, row["id"], desk.author.principal, reason)
    return row["id"], False


async def _mine(desk: Desk, reference: str) -> asyncpg.Record:
    number = number_of("Proposal", reference)
    row = await desk.connection.fetchrow(_PROPOSAL, number, desk.author.organisation)
    if row is None or (desk.author.sites and row["site_id"] not in desk.author.sites):
        raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such proposal", "proposal")
    return row


def _still_open(row: asyncpg.Record) -> None:
    if row["state"] != ProposalState.OPEN:
        raise RefusedError(Code.STALE_STATE, _DECIDED[ProposalState(row["state"])], "proposal")


def _meant(quantity: Decimal, row: asyncpg.Record) -> None:
    """Refuse a quantity that may be a slip of the hand."""
    if startles(quantity, row["quantity"], row["position"], row["ceiling"]):
        coming, ceiling = (
            amount(float(each), row["base_unit"], Language.EN) for each in (row["position"] + quantity, row["ceiling"])
        )
        said = f"{coming} would be there or coming, over {STARTLING} times the ceiling of {ceiling}: confirm if meant"
        figures = {"requested": plain(quantity), "expected": plain(row["quantity"])}
        raise RefusedError(Code.EXCEEDS_CEILING, said, "quantity", **figures)


def _quantity(entry: AcceptanceEntry, row: asyncpg.Record) -> Decimal:
    if entry.quantity is None:
        found: Decimal = row["quantity"]
        return found
    given = in_base(entry.quantity, None, row["base_unit"], {}, row["decimals"], down=True)
    if isinstance(given, Refusal):
        raise RefusedError(given.code, given.message, "quantity")
    return given
