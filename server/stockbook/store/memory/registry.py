"""Registrations in dictionaries: the same entry twice is one, another under its name is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.agreement import Pact, tie
from stockbook.domain.rights.holders import NONE
from stockbook.domain.stock.facts import Item, Place
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
from stockbook.store.memory.definitions import Definitions
from stockbook.store.memory.store import MemoryStore

_Entry = TypeVar("_Entry")
_One = Callable[[Author, Any], Registered | Refusal]
_DENIED = Refusal(Code.ACTION_DENIED, "that is another organisation's to register", ("organisation",))


@dataclass(slots=True)
class MemoryRegistry:
    """`flows.registrations.Registry` over a `MemoryStore`."""

    store: MemoryStore
    _known: dict[tuple[str, object], tuple[int, object]] = field(default_factory=dict)
    """(kind, name) -> (id, entry)."""

    @property
    def definitions(self) -> Definitions:
        """What organisations define for themselves."""
        return Definitions(self.store)

    async def register_organisations(self, author: Author, entries: Sequence[OrganisationEntry]) -> Verdicts:
        """Register parties."""
        return self._all(author, entries, self._organisation)

    async def register_items(self, author: Author, entries: Sequence[ItemEntry]) -> Verdicts:
        """Register items with their units."""
        return self._all(author, entries, self._item)

    async def record_codes(self, author: Author, entries: Sequence[CodeEntry]) -> Verdicts:
        """Record barcodes; reading them is not the ledger's matter."""
        return self._all(author, entries, self._code)

    async def register_places(self, author: Author, entries: Sequence[PlaceEntry]) -> Verdicts:
        """Register places."""
        return self._all(author, entries, self._place)

    async def register_principals(self, author: Author, entries: Sequence[PrincipalEntry]) -> Verdicts:
        """Register principals; who may do what is not the ledger's matter."""
        return self._all(author, entries, lambda _, entry: self._named("Principal", entry.external_reference, entry))

    async def revoke_memberships(self, author: Author, entries: Sequence[RevocationEntry]) -> Verdicts:
        """Revoke memberships; who may do what is not the ledger's matter."""
        return self._all(author, entries, lambda _, entry: self._named("Revocation", entry, entry))

    async def make_agreements(self, author: Author, entries: Sequence[AgreementEntry]) -> Verdicts:
        """Make agreements; a tie with another is refused."""
        return self._all(author, entries, self._agreement)

    async def record_listings(self, author: Author, entries: Sequence[ListingEntry]) -> Verdicts:
        """Record the own organisation's listings."""
        return self._all(
            author, entries, lambda who, entry: self._named("Listing", (who.organisation, entry.item), entry)
        )

    async def open_documents(self, author: Author, entries: Sequence[DocumentEntry]) -> Verdicts:
        """Open documents of the own organisation."""
        return self._all(author, entries, self._document)

    async def set_devices(self, author: Author, entries: Sequence[DeviceSettingEntry]) -> Verdicts:
        """Set devices; they are not the ledger's matter."""
        return self._all(
            author, entries, lambda who, entry: self._named("DeviceSetting", (who.organisation, entry.device), entry)
        )

    async def report_device(self, author: Author, entries: Sequence[DeviceReportEntry]) -> Verdicts:
        """Take down what a device says of itself; it is not the ledger's matter."""
        return self._all(author, entries, lambda who, entry: self._named("DeviceReport", who.principal, entry))

    async def close_period(self, author: Author, entries: Sequence[PeriodEntry]) -> Verdicts:
        """Close periods; the id is the organisation's."""
        return self._all(author, entries, self._period)

    async def define_states(self, author: Author, entries: Sequence[StateEntry]) -> Verdicts:
        """Define states of one's own."""
        return self._all(author, entries, self.definitions.states(entries))

    async def define_overlays(self, author: Author, entries: Sequence[OverlayEntry]) -> Verdicts:
        """Define overlays of one's own."""
        return self._all(author, entries, self.definitions.overlay)

    async def define_guards(self, author: Author, entries: Sequence[GuardEntry]) -> Verdicts:
        """Define guards of one's own; one of a name that is there replaces it."""
        return self._all(author, entries, self.definitions.guard)

    async def adopt_templates(self, author: Author, entries: Sequence[TemplateEntry]) -> Verdicts:
        """Define what templates define, as far as it is not defined; the id is the organisation's."""
        return self._all(author, entries, self.definitions.template)

    def _all(self, author: Author, entries: Sequence[_Entry], one: _One) -> Verdicts:
        """Register all or none."""
        store = self.store
        before = (
            dict(store.items_by_id),
            dict(store.places_by_id),
            {kind: dict(named) for kind, named in store.references.items()},
            dict(store.documents),
            store.agreements,
            dict(store.views),
            store.added_states,
            store.added_overlays,
            store.added_guards,
            dict(store.books.closed_before),
            dict(self._known),
        )
        verdicts = [one(author, entry) for entry in entries]
        if not any(isinstance(verdict, Refusal) for verdict in verdicts):
            store.changed()
            return verdicts
        (
            store.items_by_id,
            store.places_by_id,
            store.references,
            store.documents,
            store.agreements,
            store.views,
            store.added_states,
            store.added_overlays,
            store.added_guards,
            store.books.closed_before,
            self._known,
        ) = before
        fallen = Refusal(Code.CHAIN_FAILED, "another entry of this request was refused")
        return [verdict if isinstance(verdict, Refusal) else fallen for verdict in verdicts]

    def _named(self, kind: str, name: object, entry: object, reference: str | None = None) -> Registered | Refusal:
        known = self._known.get((kind, name))
        if known is not None:
            if known[1] != entry:
                return Refusal(Code.BAD_INPUT, "something else is registered under that name", ("externalReference",))
            return known[0], True
        id_ = self.store.fresh()
        self._known[kind, name] = (id_, entry)
        self.store.references.setdefault(kind, {})[reference or str(name)] = id_
        return id_, False

    def _find(self, kind: str, reference: str | None) -> int | Refusal | None:
        if reference is None:
            return None
        named = self.store.references.get(kind, {})
        id_ = named.get(reference)
        if id_ is None:
            number = reference.removeprefix(f"gid://stockbook/{kind}/")
            id_ = int(number) if number.isdigit() and int(number) in named.values() else None
        return id_ or Refusal(Code.REFERENCE_UNKNOWN, f"there is no such {kind.lower()}", (kind.lower(),))

    def _organisation(self, _: Author, entry: OrganisationEntry) -> Registered | Refusal:
        return self._named("Organisation", entry.external_reference, entry)

    def _item(self, _: Author, entry: ItemEntry) -> Registered | Refusal:
        made = self._named("Item", entry.external_reference, entry)
        if not isinstance(made, Refusal):
            units = {unit.unit: unit.factor for unit in entry.units}
            self.store.items_by_id[made[0]] = Item(
                made[0], entry.category, entry.base_unit, entry.decimals, entry.inspected, units, entry.udi
            )
        return made

    def _code(self, author: Author, entry: CodeEntry) -> Registered | Refusal:
        item = self._find("Item", entry.item)
        if isinstance(item, Refusal):
            return item
        whose = author.organisation if entry.own else NONE
        taken = self._known.get(("Code", (NONE, entry.code)))
        if taken is not None and taken[1] != replace(entry, own=False):
            return Refusal(Code.BARCODE_TAKEN, "this barcode means something else already", ("code",))
        made = self._named("Code", (whose, entry.code), entry)
        return made if isinstance(made, Refusal) else (item or NONE, made[1])

    def _place(self, author: Author, entry: PlaceEntry) -> Registered | Refusal:
        owner, parent, bound_for = (
            self._find("Organisation", entry.organisation),
            self._find("Place", entry.parent),
            self._find("Place", entry.bound_for),
        )
        for found in (owner, parent, bound_for):
            if isinstance(found, Refusal):
                return found
        assert not isinstance(owner, Refusal)
        assert not isinstance(parent, Refusal)
        assert not isinstance(bound_for, Refusal)
        if not author.everywhere and owner not in {None, author.organisation}:
            return _DENIED
        made = self._named("Place", entry.external_reference, replace(entry, organisation=str(owner)))
        if isinstance(made, Refusal) or made[1]:
            return made
        id_ = made[0]
        above = self.store.places_by_id[parent] if parent is not None else None
        self.store.places_by_id[id_] = Place(
            id_,
            owner or author.organisation,
            entry.kind.value,
            parent,
            id_ if entry.kind is PlaceKind.SITE else above.site if above else None,
            bound_for,
            entry.strict,
            (*(above.path if above else ()), id_),
        )
        return made

    def _agreement(self, author: Author, entry: AgreementEntry) -> Registered | Refusal:
        found = [
            self._find("Organisation", entry.giver),
            self._find("Organisation", entry.taker),
            self._find("Item", entry.item),
            self._find("Place", entry.place),
        ]
        for each in found:
            if isinstance(each, Refusal):
                return each
        giver, taker, item, place = (each if isinstance(each, int) else None for each in found)
        giver = giver or author.organisation
        if not author.everywhere and giver != author.organisation:
            return _DENIED
        made = self._named("Agreement", (giver, entry), entry)
        if isinstance(made, Refusal) or made[1]:
            return made
        assert taker is not None
        if entry.views:
            self.store.views[giver] = (*self.store.views.get(giver, ()), taker)
            return made
        if entry.verb is None or entry.right is None:
            return Refusal(Code.BAD_INPUT, "an agreement names a verb and a right, or is a view", ("verb",))
        pact = Pact(
            made[0],
            giver,
            taker,
            entry.verb,
            entry.right,
            item,
            entry.category,
            place,
            entry.charges,
            entry.since,
            entry.until,
        )
        if no := tie(self.store.agreements, pact):
            return no
        self.store.agreements = (*self.store.agreements, pact)
        return made

    def _document(self, author: Author, entry: DocumentEntry) -> Registered | Refusal:
        counterparty = self._find("Organisation", entry.counterparty)
        if isinstance(counterparty, Refusal):
            return counterparty
        name = (author.organisation, entry.external_reference)
        made = self._named("Document", name, entry, f"{author.organisation} {entry.external_reference}")
        if not isinstance(made, Refusal):
            self.store.documents[made[0]] = (author.organisation, counterparty or NONE)
            self.store.document_kinds[made[0]] = entry.kind
        return made

    def _period(self, author: Author, entry: PeriodEntry) -> Registered | Refusal:
        found = self._find("Organisation", entry.organisation)
        if isinstance(found, Refusal):
            return found
        organisation = found or author.organisation
        if not author.everywhere and organisation != author.organisation:
            return _DENIED
        before = self.store.books.closed_before.get(organisation)
        if before is not None and entry.closed_before < before:
            return Refusal(Code.BAD_INPUT, "a closed period is not opened again", ("closedBefore",))
        self.store.books.closed_before[organisation] = entry.closed_before
        return organisation, before == entry.closed_before
