"""The facts that change seldom, each registered in its own way."""

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
    PrincipalEntry,
    Registry,
    RevocationEntry,
)
from stockbook.flows.templates import TemplateEntry
from stockbook.graph.mutations.way import Way

WAYS: dict[str, Way[Registry]] = {
    "registerOrganisations": Way(
        OrganisationEntry,
        "Organisation",
        "Make parties known to the network.",
        lambda registry, author, entries: registry.register_organisations(author, entries),
    ),
    "registerItems": Way(
        ItemEntry,
        "Item",
        "Make items and their units known to the network.",
        lambda registry, author, entries: registry.register_items(author, entries),
    ),
    "recordCodes": Way(
        CodeEntry,
        "Item",
        "Record barcodes of items: several an item and unit; one that means something else is refused.",
        lambda registry, author, entries: registry.record_codes(author, entries),
    ),
    "registerPlaces": Way(
        PlaceEntry,
        "Place",
        "Register sites, bins, vehicles, pallets, shipments, production orders.",
        lambda registry, author, entries: registry.register_places(author, entries),
    ),
    "registerPrincipals": Way(
        PrincipalEntry,
        "Principal",
        "Register persons, devices and programs, and appoint them to roles.",
        lambda registry, author, entries: registry.register_principals(author, entries),
    ),
    "revokeMemberships": Way(
        RevocationEntry,
        "Membership",
        "End roles: tokens that carry them open nothing any more, and streams are closed, within a second.",
        lambda registry, author, entries: registry.revoke_memberships(author, entries),
    ),
    "makeAgreements": Way(
        AgreementEntry,
        "Agreement",
        "Agree which right passes to whom when, or who may view whose goods.",
        lambda registry, author, entries: registry.make_agreements(author, entries),
    ),
    "recordListings": Way(
        ListingEntry,
        "Listing",
        "Record your own number, price and cost of items.",
        lambda registry, author, entries: registry.record_listings(author, entries),
    ),
    "openDocuments": Way(
        DocumentEntry,
        "Document",
        "Open orders, deliveries, receipts, counts and production orders.",
        lambda registry, author, entries: registry.open_documents(author, entries),
    ),
    "setDevices": Way(
        DeviceSettingEntry,
        "DeviceSetting",
        "Set what devices may keep offline and what they must be at least: all of yours, or one that differs.",
        lambda registry, author, entries: registry.set_devices(author, entries),
    ),
    "reportDevice": Way(
        DeviceReportEntry,
        "Device",
        "What a device says of itself: its versions, and what it has still to send.",
        lambda registry, author, entries: registry.report_device(author, entries),
    ),
    "closePeriod": Way(
        PeriodEntry,
        "Organisation",
        "Close a period: nothing that occurred before is posted any more.",
        lambda registry, author, entries: registry.close_period(author, entries),
    ),
    "defineStates": Way(
        StateEntry,
        "State",
        "Define states of your own; each has the traits of a built-in one, as which everybody else sees it.",
        lambda registry, author, entries: registry.define_states(author, entries),
    ),
    "defineOverlays": Way(
        OverlayEntry,
        "Overlay",
        "Define overlays of your own, that block or not; `hold` and `unhold` lay them on and take them off.",
        lambda registry, author, entries: registry.define_overlays(author, entries),
    ),
    "adoptTemplates": Way(
        TemplateEntry,
        "Organisation",
        "Define the states, overlays and guards that an industry is used to, as far as yours are not defined.",
        lambda registry, author, entries: registry.adopt_templates(author, entries),
    ),
    "defineGuards": Way(
        GuardEntry,
        "Guard",
        "Define what must hold, besides what everybody must meet, before your organisation brings goods into a state.",
        lambda registry, author, entries: registry.define_guards(author, entries),
    ),
}
