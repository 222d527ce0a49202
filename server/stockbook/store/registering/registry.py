"""Registers facts in PostgreSQL: `flows.registrations.Registry`.

A request is one transaction. What deciding reads (agreements, states, closed
periods) changes under the exclusive lock on facts, and moves their version.
"""

from collections.abc import Sequence
from typing import TypeVar

from stockbook.domain.refusal import Code
from stockbook.domain.stock.facts import VIRTUAL
from stockbook.flows.author import Author, Registered, Verdicts
from stockbook.flows.definitions import GuardEntry, OverlayEntry, StateEntry
from stockbook.flows.registrations import (
    AgreementEntry,
    CodeEntry,
    DeviceReportEntry,
    DeviceSettingEntry,
    DocumentEntry,
    ItemEntry,
    ListingEntry,
    OrganisationEntry,
    PeriodEntry,
    PlaceEntry,
    PlaceKind,
    PrincipalEntry,
    RevocationEntry,
)
from stockbook.flows.templates import TemplateEntry
from stockbook.store.catalogue import VIRTUAL_MADE, virtual_reference
from stockbook.store.database import Database
from stockbook.store.devices import settings as device_settings
from stockbook.store.devices import wipes
from stockbook.store.registering import appointments, codes, definitions, terms
from stockbook.store.registering.desk import Desk, One, RefusedError, all_or_none

DECIMALS_MAX = 6
MOVABLE = (PlaceKind.VEHICLE, PlaceKind.PALLET, PlaceKind.TOTE, PlaceKind.SHIPMENT)

_E = TypeVar("_E")


class PostgresRegistry:
    """Registers facts; each call stands or falls whole."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def register_organisations(self, author: Author, entries: Sequence[OrganisationEntry]) -> Verdicts:
        """Register parties."""
        return await self._register(author, entries, _organisation)

    async def register_items(self, author: Author, entries: Sequence[ItemEntry]) -> Verdicts:
        """Register items with their units and barcodes."""
        return await self._register(author, entries, _item)

    async def record_codes(self, author: Author, entries: Sequence[CodeEntry]) -> Verdicts:
        """Record barcodes of items; the id is the item's."""
        return await self._register(author, entries, codes.record)

    async def register_places(self, author: Author, entries: Sequence[PlaceEntry]) -> Verdicts:
        """Register places."""
        return await self._register(author, entries, _place)

    async def register_principals(self, author: Author, entries: Sequence[PrincipalEntry]) -> Verdicts:
        """Register principals; memberships not named any more are revoked."""
        return await self._register(author, entries, appointments.principal)

    async def revoke_memberships(self, author: Author, entries: Sequence[RevocationEntry]) -> Verdicts:
        """Revoke memberships; the id is the membership's."""
        return await self._register(author, entries, appointments.revocation)

    async def make_agreements(self, author: Author, entries: Sequence[AgreementEntry]) -> Verdicts:
        """Make agreements; a tie with another is refused with AGREEMENT_AMBIGUOUS."""
        return await self._register(author, entries, terms.agreement, facts=True)

    async def record_listings(self, author: Author, entries: Sequence[ListingEntry]) -> Verdicts:
        """Record the own organisation's listings."""
        return await self._register(author, entries, _listing)

    async def open_documents(self, author: Author, entries: Sequence[DocumentEntry]) -> Verdicts:
        """Open documents of the own organisation."""
        return await self._register(author, entries, _document)

    async def set_devices(self, author: Author, entries: Sequence[DeviceSettingEntry]) -> Verdicts:
        """Set the own organisation's devices."""
        return await self._register(author, entries, device_settings.put)

    async def report_device(self, author: Author, entries: Sequence[DeviceReportEntry]) -> Verdicts:
        """Take down what a device says of itself."""
        return await self._register(author, entries, _report)

    async def close_period(self, author: Author, entries: Sequence[PeriodEntry]) -> Verdicts:
        """Close periods; the id is the organisation's."""
        return await self._register(author, entries, terms.period, facts=True)

    async def define_states(self, author: Author, entries: Sequence[StateEntry]) -> Verdicts:
        """Define states of one's own."""
        return await self._register(author, entries, definitions.states(entries), facts=True)

    async def define_overlays(self, author: Author, entries: Sequence[OverlayEntry]) -> Verdicts:
        """Define overlays of one's own."""
        return await self._register(author, entries, definitions.overlay, facts=True)

    async def define_guards(self, author: Author, entries: Sequence[GuardEntry]) -> Verdicts:
        """Define guards of one's own; one of a name that is there replaces it."""
        return await self._register(author, entries, definitions.guard, facts=True)

    async def adopt_templates(self, author: Author, entries: Sequence[TemplateEntry]) -> Verdicts:
        """Define what templates define, as far as it is not defined; the id is the organisation's."""
        return await self._register(author, entries, definitions.template, facts=True)

    async def _register(self, author: Author, entries: Sequence[_E], one: One[_E], *, facts: bool = False) -> Verdicts:
        return await all_or_none(self._db, author, entries, one, facts=facts)


async def _report(desk: Desk, entry: DeviceReportEntry) -> Registered:
    return await (device_settings.report if entry.wiped is None else wipes.carried_out)(desk, entry)


async def _organisation(desk: Desk, entry: OrganisationEntry) -> Registered:
    row = {"external_reference": entry.external_reference, "name": entry.name, "kind": entry.kind}
    organisation, known = await desk.put("organisation", "external_reference", row)
    if not known:  # later would be too late: a posting that is refused must leave nothing
        await desk.connection.executemany(
            VIRTUAL_MADE, [(organisation, virtual_reference(organisation, kind), kind) for kind in sorted(VIRTUAL)]
        )
    return organisation, known


async def _item(desk: Desk, entry: ItemEntry) -> Registered:
    if not 0 <= entry.decimals <= DECIMALS_MAX:
        raise RefusedError(Code.BAD_INPUT, f"from 0 to {DECIMALS_MAX} digits after the point", "decimals")
    if not entry.base_unit.strip():
        raise RefusedError(Code.BAD_INPUT, "an item has a base unit", "baseUnit")
    units = {unit.unit: unit.factor for unit in entry.units}
    if len(units) < len(entry.units) or entry.base_unit in units or any(factor <= 0 for factor in units.values()):
        raise RefusedError(Code.BAD_INPUT, "each other unit once, with a factor above zero", "units")
    row = {
        "external_reference": entry.external_reference,
        "gtin": entry.gtin,
        "name": entry.name,
        "category": entry.category,
        "base_unit": entry.base_unit,
        "decimals": entry.decimals,
        "inspected": entry.inspected,
        "udi": entry.udi,
        "registrar_id": desk.author.organisation,
    }
    item, known = await desk.put("item", "external_reference", row, ignoring=("registrar_id",))
    known = await _described(desk, item, entry) and known
    if known:
        rows = await desk.connection.fetch("select unit, factor from item_unit where item_id = $1", item)
        if dict(map(tuple, rows)) != units:
            raise RefusedError(Code.BAD_INPUT, "it is registered already, with other units", "units")
    elif units:
        await desk.connection.execute(
            "insert into item_unit (item_id, unit, factor) select $1, * from unnest($2::text[], $3::numeric[])",
            item,
            list(units),
            list(units.values()),
        )
    for number, each in enumerate(entry.codes):
        known = await _coded(desk, item, each.code, each.unit or "", "codes", str(number)) and known
    if entry.gtin is not None:
        known = await _coded(desk, item, entry.gtin, "", "gtin") and known
    return item, known


async def _described(desk: Desk, item: int, entry: ItemEntry) -> bool:
    """Say what can be said of an item later; return whether it was known. It is its registrar's to say."""
    asked = {
        "riskClass": entry.risk_class and entry.risk_class.value,
        "udiFrom": entry.udi_from,
        "brand": entry.brand,
        "style": entry.style,
        "size": entry.size,
    }
    if all(each is None for each in asked.values()):
        return True
    row = await desk.connection.fetchrow(
        "select registrar_id, risk_class, udi_from, brand, style, size from item where id = $1", item
    )
    other = [
        name
        for (name, each), was in zip(asked.items(), row[1:], strict=True)
        if each is not None and (each or None) != was
    ]
    if not other:
        return True
    if row["registrar_id"] != desk.author.organisation and not desk.author.everywhere:
        raise RefusedError(Code.ACTION_DENIED, "that is for the item's registrar to say", other[0])
    await desk.connection.execute(
        "update item set risk_class = coalesce($2, risk_class), udi_from = coalesce($3, udi_from),"
        " brand = nullif(coalesce($4, brand), ''), style = nullif(coalesce($5, style), ''),"
        " size = nullif(coalesce($6, size), '') where id = $1",
        item,
        *asked.values(),
    )
    return False


async def _coded(desk: Desk, item: int, code: str, unit: str, *path: str) -> bool:
    """Give an item a barcode; return whether it had it."""
    try:
        return (await codes.put(desk, item, code, unit))[1]
    except RefusedError as error:
        raise RefusedError(error.refusal.code, error.refusal.message, *path) from error


async def _place(desk: Desk, entry: PlaceEntry) -> Registered:
    organisation = await desk.own(entry.organisation, "organisation")
    parent = await desk.maybe("Place", entry.parent, "parent")
    bound_for = await _bound(desk, entry.bound_for)
    above = await desk.connection.fetchrow("select organisation_id, site_id from place where id = $1", parent)
    if above and above["organisation_id"] != organisation and not desk.author.everywhere:
        raise RefusedError(Code.PLACE_UNKNOWN, "there is no such place", "parent")
    row = {
        "organisation_id": organisation,
        "external_reference": entry.external_reference,
        "name": entry.name,
        "kind": entry.kind.value,
        "parent_id": parent,
        "site_id": above and above["site_id"],
        "bound_for_id": bound_for,
        "public": entry.public,
        "strict": entry.strict,
    }
    moves = ("parent_id",) if entry.kind in MOVABLE else ()
    place, known = await desk.put("place", "external_reference", row, ignoring=("site_id", *moves))
    if entry.kind is PlaceKind.SITE and not known:
        await desk.connection.execute("update place set site_id = id where id = $1", place)
    return place, known


async def _bound(desk: Desk, reference: str | None) -> int | None:
    """Return the site that goods are bound for; one that its author doesn't see is as unknown as one that isn't."""
    goal = await desk.maybe("Place", reference, "boundFor")
    if goal is None:
        return None
    row = await desk.connection.fetchrow(
        "select p.kind, p.public or p.organisation_id = $2 or exists (select 1 from position x"
        " join rights r on r.id = x.rights_id where x.site_id = p.id"
        " and $2 in (r.owner_id, r.custodian_id, r.disposer_id, r.seller_id)) as seen from place p where p.id = $1",
        goal,
        desk.author.organisation,
    )
    assert row is not None
    if not row["seen"] and not desk.author.everywhere:
        raise RefusedError(Code.PLACE_UNKNOWN, "there is no such place", "boundFor")
    if row["kind"] != PlaceKind.SITE:
        raise RefusedError(Code.BAD_INPUT, "goods are bound for a site", "boundFor")
    return goal


async def _listing(desk: Desk, entry: ListingEntry) -> Registered:
    item = await desk.one("Item", entry.item, "item")
    if any(figure is not None and figure < 0 for figure in (entry.price, entry.cost)):
        raise RefusedError(Code.BAD_INPUT, "prices and costs are not below zero")
    made = await desk.connection.fetchval(
        "insert into listing as l (organisation_id, item_id, sku, price, cost, currency)"
        " values ($1, $2, $3, $4, $5, $6)"
        " on conflict (organisation_id, item_id) do update"
        " set sku = excluded.sku, price = excluded.price, cost = excluded.cost, currency = excluded.currency"
        " where (l.sku, l.price, l.cost, l.currency)"
        " is distinct from (excluded.sku, excluded.price, excluded.cost, excluded.currency) returning id",
        desk.author.organisation,
        item,
        entry.sku,
        entry.price,
        entry.cost,
        entry.currency,
    )
    if made is not None:
        return made, False
    known = await desk.connection.fetchval(
        "select id from listing where organisation_id = $1 and item_id = $2", desk.author.organisation, item
    )
    return known, True


async def _document(desk: Desk, entry: DocumentEntry) -> Registered:
    row = {
        "organisation_id": desk.author.organisation,
        "external_reference": entry.external_reference,
        "kind": entry.kind,
        "counterparty_id": await desk.maybe("Organisation", entry.counterparty, "counterparty"),
        "due_at": entry.due_at,
        **({"ordered_at": entry.ordered_at} if entry.ordered_at else {}),
    }
    if entry.due_at and entry.ordered_at and entry.due_at < entry.ordered_at:
        raise RefusedError(Code.BAD_TIME, "it is due after it is ordered", "dueAt")
    return await desk.put("document", "organisation_id, external_reference", row)
