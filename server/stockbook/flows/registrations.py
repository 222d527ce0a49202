"""What can be registered: the facts that change seldom, one entry a fact.

An entry is named by its external reference within its kind (an agreement
by all it says): the same entry again is known and fine, another one
under the same name is refused with BAD_INPUT. References to other facts are
global ids or external references and may name an earlier entry of the same
request. All entries of a request stand or fall together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol

from stockbook.domain.capture.labels import Unknown
from stockbook.domain.capture.udi import RiskClass
from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.references import ItemRef, OrganisationRef, PlaceRef, Ref
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.definitions import GuardEntry, OverlayEntry, StateEntry
from stockbook.flows.templates import TemplateEntry

PrincipalRef = Annotated[str, Ref("Principal")]
DeviceRef = Annotated[str, Ref("Device")]


class PlaceKind(StrEnum):
    """What kind of place an organisation may register; the virtual ones are made by postings."""

    SITE = "SITE"
    BIN = "BIN"
    VEHICLE = "VEHICLE"
    PALLET = "PALLET"
    TOTE = "TOTE"
    SHIPMENT = "SHIPMENT"
    PRODUCTION = "PRODUCTION"


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """A party of the network."""

    external_reference: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A packaging or other unit of an item: `factor` base units."""

    unit: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class BarcodeEntry:
    """A barcode of an item: of its base unit, or of `unit` (a case has a number of its own)."""

    code: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """A kind of goods, known to the whole network. `decimals`: digits after the point a quantity may have.

    `udi`: a medical device, which comes in with its production identifier or not at
    all. Its class, and since when devices like it are made with one, can be said later.
    `brand`, `style` (the product line) and `size` (net content, size or variant), which
    tell look-alikes, can be said later as well; empty takes back what was said.
    """

    external_reference: str
    name: str
    base_unit: str
    category: str = ""
    decimals: int = 0
    inspected: bool = False
    gtin: str | None = None
    units: tuple[UnitEntry, ...] = ()
    udi: bool = False
    codes: tuple[BarcodeEntry, ...] = ()
    risk_class: RiskClass | None = None
    udi_from: date | None = None
    brand: str | None = None
    style: str | None = None
    size: str | None = None


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """A barcode of an item. `own`: it means this to one's own organisation only. `withdrawn`: it means it no more."""

    item: ItemRef
    code: str
    unit: str | None = None
    own: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """Where goods can be. `organisation` left out is one's own."""

    external_reference: str
    name: str
    kind: PlaceKind
    organisation: OrganisationRef | None = None
    parent: PlaceRef | None = None
    bound_for: PlaceRef | None = None
    public: bool = False
    strict: bool = True


@dataclass(frozen=True, slots=True)
class MembershipEntry:
    """A role in an organisation, limited to sites when any are named."""

    role: str
    organisation: OrganisationRef | None = None
    sites: tuple[PlaceRef, ...] = ()


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """A person, device or program with its memberships."""

    external_reference: str
    name: str
    kind: str = "PERSON"
    memberships: tuple[MembershipEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class RevocationEntry:
    """A role that a principal has in an organisation no longer. `organisation` left out is one's own."""

    principal: PrincipalRef
    role: str
    organisation: OrganisationRef | None = None


@dataclass(frozen=True, slots=True)
class AgreementEntry:
    """Says that `right` passes from `giver` to `taker` on `verb`; or, with `views`, that `taker` may look."""

    taker: OrganisationRef
    giver: OrganisationRef | None = None
    verb: Verb | None = None
    right: Right | None = None
    item: ItemRef | None = None
    category: str | None = None
    place: PlaceRef | None = None
    views: bool = False
    charges: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListingEntry:
    """What one's own organisation alone knows of an item; recorded anew it replaces what was."""

    item: ItemRef
    sku: str = ""
    price: Decimal | None = None
    cost: Decimal | None = None
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """An order, delivery, receipt, count or production order.

    `ordered_at` (left out: now) and `due_at`, when it was promised, are what a
    supplier's deliveries are judged by.
    """

    external_reference: str
    kind: str
    counterparty: OrganisationRef | None = None
    ordered_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceSettingEntry:
    """What devices are set to: all of one's organisation, or the one named.

    What is left out is as the organisation has it, and that as shipped. Offline
    one keeps `entries_max` events for `hours_max` hours, and with `cache` a
    replica; the least versions are of the app and of the system.
    """

    device: DeviceRef | None = None
    entries_max: int | None = None
    hours_max: int | None = None
    app_min: str | None = None
    android_min: str | None = None
    ios_min: str | None = None
    unknown_labels: Unknown | None = None
    cache: bool | None = None


@dataclass(frozen=True, slots=True)
class DeviceReportEntry:
    """What a device says of itself: what it runs, and how much it has still to send.

    `sequence` is the last number that it has sealed. `wiped` is the seal of the
    order by which it has erased itself.
    """

    app_version: str
    system_version: str
    waiting: int = 0
    oldest_at: datetime | None = None
    sequence: int | None = None
    wiped: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodEntry:
    """Nothing that occurred before `closed_before` is posted any more; it only moves on."""

    closed_before: datetime
    organisation: OrganisationRef | None = None


class Registry(Protocol):
    """Registers facts; `store` keeps them. A changed fact moves the version that deciding checks."""

    async def register_organisations(self, author: Author, entries: Sequence[OrganisationEntry]) -> Verdicts:
        """Register parties."""
        ...

    async def register_items(self, author: Author, entries: Sequence[ItemEntry]) -> Verdicts:
        """Register items with their units and barcodes."""
        ...

    async def record_codes(self, author: Author, entries: Sequence[CodeEntry]) -> Verdicts:
        """Record barcodes of items; the id is the item's. One that means something else is refused (BARCODE_TAKEN)."""
        ...

    async def register_places(self, author: Author, entries: Sequence[PlaceEntry]) -> Verdicts:
        """Register places."""
        ...

    async def register_principals(self, author: Author, entries: Sequence[PrincipalEntry]) -> Verdicts:
        """Register principals; memberships not named any more are revoked."""
        ...

    async def revoke_memberships(self, author: Author, entries: Sequence[RevocationEntry]) -> Verdicts:
        """Revoke memberships; tokens that carry such a role are worth nothing within a second."""
        ...

    async def make_agreements(self, author: Author, entries: Sequence[AgreementEntry]) -> Verdicts:
        """Make agreements; a tie with another is refused with AGREEMENT_AMBIGUOUS."""
        ...

    async def record_listings(self, author: Author, entries: Sequence[ListingEntry]) -> Verdicts:
        """Record the own organisation's listings."""
        ...

    async def open_documents(self, author: Author, entries: Sequence[DocumentEntry]) -> Verdicts:
        """Open documents of the own organisation."""
        ...

    async def set_devices(self, author: Author, entries: Sequence[DeviceSettingEntry]) -> Verdicts:
        """Set the own organisation's devices; what was set before is replaced whole."""
        ...

    async def report_device(self, author: Author, entries: Sequence[DeviceReportEntry]) -> Verdicts:
        """Take down what a device says of itself: only as that device."""
        ...

    async def close_period(self, author: Author, entries: Sequence[PeriodEntry]) -> Verdicts:
        """Close periods; the id is the organisation's."""
        ...

    async def define_states(self, author: Author, entries: Sequence[StateEntry]) -> Verdicts:
        """Define states of one's own."""
        ...

    async def define_overlays(self, author: Author, entries: Sequence[OverlayEntry]) -> Verdicts:
        """Define overlays of one's own."""
        ...

    async def adopt_templates(self, author: Author, entries: Sequence[TemplateEntry]) -> Verdicts:
        """Define what templates define, as far as it is not defined; the id is the organisation's."""
        ...

    async def define_guards(self, author: Author, entries: Sequence[GuardEntry]) -> Verdicts:
        """Define guards of one's own; one of a name that is there replaces it."""
        ...
