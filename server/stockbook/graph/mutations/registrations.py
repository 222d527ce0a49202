"""Registering: facts that change seldom, idempotent by their external reference."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from stockbook.access.actions import FOR_OTHERS, denied
from stockbook.access.masks import Mask
from stockbook.access.policies import Policies
from stockbook.access.principal import Principal
from stockbook.flows.registrations import (
    AgreementEntry,
    Author,
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
    RevocationEntry,
    StateEntry,
    Verdicts,
)
from stockbook.flows.wiping import WipeEntry
from stockbook.graph.mutations import answers
from stockbook.graph.mutations.insights import Telling
from stockbook.graph.mutations.postings import miscounted, said
from stockbook.graph.mutations.recognition import Teaching
from stockbook.graph.mutations.text import unfit


@dataclass(frozen=True, slots=True)
class Registration:
    """The input of a registration, whatever it registers."""

    lines: tuple[Any, ...] = field(
        metadata=said("What to register, 1 to 250 entries; all of them are registered or none.")
    )


@dataclass(frozen=True, slots=True)
class Way:
    """A registration mutation: its entries, the type whose ids it answers with, and the port's method."""

    entry: type[Any]
    type_name: str
    words: str
    register: Callable[[Any, Author, Sequence[Any]], Awaitable[Verdicts]]


WAYS = {
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
        "Define states of your own; each has the traits of a built-in one.",
        lambda registry, author, entries: registry.define_states(author, entries),
    ),
}


WIPE = "wipeDevices"
WIPING = Way(
    WipeEntry,
    "Wipe",
    "Have devices erase all they keep: after they have handed over what waits, or at once; they are told at their"
    " next exchange, and their tokens open nothing any more.",
    lambda wiping, author, entries: wiping.wipe_devices(author, entries),
)


async def register(
    way: Way | Telling | Teaching,
    room: Any,
    policies: Policies,
    principal: Principal,
    mask: Mask,
    name: str,
    registration: Registration,
) -> answers.RegistrationPayload:
    """Run a registration mutation; `room` is the port that keeps what it registers."""
    refusal = denied(mask, name) or unfit(registration.lines, ("input", "lines")) or miscounted(registration.lines)
    if refusal is not None:
        return answers.RegistrationPayload(errors=[answers.explain(refusal)], results=[])
    author = Author(
        organisation=principal.organisation,
        principal=principal.id,
        everywhere=FOR_OTHERS in mask.actions,
        roles=appointable(policies, mask),
        sites=principal.sites,
    )
    return answers.registration(way.type_name, await way.register(room, author, registration.lines))


def appointable(policies: Policies, mask: Mask) -> frozenset[str]:
    """Return the roles that may be given by somebody with this mask: those that may do no more than he."""
    return frozenset(role for role in policies.roles if policies.mask(frozenset({role})).actions <= mask.actions)
