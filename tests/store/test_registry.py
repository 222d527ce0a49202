"""Registering facts in PostgreSQL: the same entry twice is one, a request stands or falls whole."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stockbook.domain.refusal import Refusal
from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.author import Author
from stockbook.flows.definitions import StateEntry
from stockbook.flows.registrations import (
    AgreementEntry,
    DocumentEntry,
    ItemEntry,
    ListingEntry,
    MembershipEntry,
    OrganisationEntry,
    PeriodEntry,
    PlaceEntry,
    PlaceKind,
    PrincipalEntry,
    UnitEntry,
)
from stockbook.store.catalogue import PostgresCatalogue
from stockbook.store.registering.registry import PostgresRegistry

OPERATOR = Author(1, 1, everywhere=True, roles=frozenset({"storekeeper", "org_admin"}))
MAY = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def registry(db):
    return PostgresRegistry(db)


def told(verdicts):
    return [each.code.name if isinstance(each, Refusal) else ("KNOWN" if each[1] else "NEW") for each in verdicts]


async def shops(registry, *names):
    entries = [OrganisationEntry(name, name, "SHOP") for name in names]
    return [shop for shop, _ in await registry.register_organisations(OPERATOR, entries)]


async def test_the_same_entry_twice_is_one_and_another_under_its_name_is_refused(registry):
    first = OrganisationEntry("SHOP-1", "Corner", "SHOP")
    [(made, _)] = await registry.register_organisations(OPERATOR, [first])
    assert await registry.register_organisations(OPERATOR, [first]) == [(made, True)]
    assert told(await registry.register_organisations(OPERATOR, [replace(first, name="Square")])) == ["BAD_INPUT"]


async def test_a_request_stands_or_falls_whole(registry, db):
    entries = [
        OrganisationEntry("SHOP-2", "A", "SHOP"),
        OrganisationEntry("gid://stockbook/Organisation/9", "B", "SHOP"),
    ]
    assert told(await registry.register_organisations(OPERATOR, entries)) == ["CHAIN_FAILED", "BAD_INPUT"]
    assert not await db.fetchval("select count(*) from organisation where external_reference = 'SHOP-2'")


async def test_items_carry_their_units(registry, db):
    milk = ItemEntry("MILK", "Milk", "litre", decimals=3, units=(UnitEntry("crate", Decimal(12)),))
    assert told(await registry.register_items(OPERATOR, [milk])) == ["NEW"]
    assert told(await registry.register_items(OPERATOR, [milk])) == ["KNOWN"]
    other = replace(milk, units=(UnitEntry("crate", Decimal(10)),))
    assert told(await registry.register_items(OPERATOR, [other])) == ["BAD_INPUT"]
    catalogue = PostgresCatalogue(db)
    ids = await catalogue.resolve("Item", ["MILK", "CREAM"])
    [item] = (await catalogue.items(list(ids.values()))).values()
    assert (item.units, item.decimals, list(ids)) == ({"crate": Decimal(12)}, 3, ["MILK"])


@pytest.mark.parametrize(
    "bad",
    [
        ItemEntry("X", "X", "kg", decimals=7),
        ItemEntry("X", "X", "kg", units=(UnitEntry("kg", Decimal(2)),)),
        ItemEntry("X", "X", "kg", units=(UnitEntry("g", Decimal(0)),)),
        ItemEntry("X", "X", "kg", units=(UnitEntry("g", Decimal("0.0000001")),)),
        ItemEntry("X", "X", "kg", units=(UnitEntry("g", Decimal("NaN")),)),
        ItemEntry("X", "X\0", "kg"),
        ItemEntry(" ", "X", "kg"),
    ],
)
async def test_an_item_nobody_can_keep_is_refused(registry, bad):
    assert told(await registry.register_items(OPERATOR, [bad])) == ["BAD_INPUT"]


async def test_places_know_their_site_even_within_one_request(registry, db):
    [shop] = await shops(registry, "SHOP-3")
    entries = [
        PlaceEntry("SITE-3", "Shop", PlaceKind.SITE, organisation="SHOP-3"),
        PlaceEntry("ROOM-3", "Room", PlaceKind.BIN, organisation="SHOP-3", parent="SITE-3"),
        PlaceEntry("BIN-3", "Bin", PlaceKind.BIN, organisation="SHOP-3", parent="ROOM-3"),
        PlaceEntry("VAN-3", "Van", PlaceKind.SHIPMENT, organisation="SHOP-3", bound_for="SITE-3"),
    ]
    made = [place for place, _ in await registry.register_places(OPERATOR, entries)]
    places = await PostgresCatalogue(db).places(made)
    assert [places[each].site for each in made] == [made[0], made[0], made[0], None]
    assert places[made[2]].path == tuple(made[:3])
    assert places[made[3]].counts_for == made[0]
    stranger = Author(shop + 1000, 1, everywhere=False, roles=frozenset())
    assert told(await registry.register_places(stranger, entries[:1])) == ["ACTION_DENIED"]
    for hidden in ("SITE-3", "BIN-3", "SITE-NOWHERE"):  # alike, whether they are there or not
        van = PlaceEntry("VAN-4", "Van", PlaceKind.SHIPMENT, bound_for=hidden)
        assert told(await registry.register_places(stranger, [van])) == ["PLACE_UNKNOWN"]
    nowhere = [replace(entries[0], organisation="SHOP-NOWHERE")]
    assert told(await registry.register_places(stranger, nowhere)) == ["ACTION_DENIED"]


async def test_principals_lose_the_roles_that_are_not_named_any_more(registry, db):
    await shops(registry, "SHOP-4")
    entry = PrincipalEntry("LI", "Li", memberships=(MembershipEntry("storekeeper", "SHOP-4"),))
    assert told(await registry.register_principals(OPERATOR, [entry])) == ["NEW"]
    assert told(await registry.register_principals(OPERATOR, [entry])) == ["KNOWN"]
    promoted = replace(entry, memberships=(MembershipEntry("org_admin", "SHOP-4"),))
    assert told(await registry.register_principals(OPERATOR, [promoted])) == ["NEW"]
    held = await db.fetch(
        "select role from membership join principal p on p.id = principal_id"
        " where p.external_reference = 'LI' and revoked_at is null"
    )
    assert [row[0] for row in held] == ["org_admin"]
    beyond = replace(entry, memberships=(MembershipEntry("network_admin", "SHOP-4"),))
    assert told(await registry.register_principals(OPERATOR, [beyond])) == ["ACTION_DENIED"]


async def test_agreements_change_the_facts_and_never_tie(registry, db):
    await shops(registry, "SHOP-5", "SHOP-6", "SHOP-7")
    catalogue = PostgresCatalogue(db)
    version = await catalogue.version()
    before = await catalogue.pacts()
    assert await catalogue.pacts() is before
    sale = AgreementEntry("SHOP-6", giver="SHOP-5", verb=Verb.DISPATCH, right=Right.SALE)
    assert told(await registry.make_agreements(OPERATOR, [sale])) == ["NEW"]
    assert await db.fetchval("select version from facts_version") == version + 1
    assert told(await registry.make_agreements(OPERATOR, [sale])) == ["KNOWN"]
    assert await db.fetchval("select version from facts_version") == version + 1
    assert told(await registry.make_agreements(OPERATOR, [replace(sale, taker="SHOP-7")])) == ["AGREEMENT_AMBIGUOUS"]
    view = AgreementEntry("SHOP-7", giver="SHOP-5", views=True)
    assert told(await registry.make_agreements(OPERATOR, [view])) == ["NEW"]
    for bad in (replace(view, verb=Verb.SELL), replace(sale, right=None), replace(sale, charges=True)):
        assert told(await registry.make_agreements(OPERATOR, [bad])) == ["BAD_INPUT"]
    catalogue.at(version + 2)
    assert [pact.right for pact in await catalogue.pacts()] == [Right.SALE]
    [takers] = (await catalogue.views()).values()
    assert len(takers) == 1


async def test_a_period_only_moves_on(registry):
    close = PeriodEntry(MAY, organisation="OPERATOR")
    assert told(await registry.close_period(OPERATOR, [close])) == ["NEW"]
    assert told(await registry.close_period(OPERATOR, [close])) == ["KNOWN"]
    assert told(await registry.close_period(OPERATOR, [replace(close, closed_before=MAY.replace(year=2025))])) == [
        "BAD_INPUT"
    ]


async def test_listings_documents_and_states(registry, db):
    await registry.register_items(OPERATOR, [ItemEntry("TEA", "Tea", "box")])
    tea = ListingEntry("TEA", sku="T-1", price=Decimal("3.20"))
    assert told(await registry.record_listings(OPERATOR, [tea])) == ["NEW"]
    assert told(await registry.record_listings(OPERATOR, [tea])) == ["KNOWN"]
    assert told(await registry.record_listings(OPERATOR, [replace(tea, price=Decimal(4))])) == ["NEW"]
    order = DocumentEntry("PO-1", "ORDER")
    [(document, _)] = await registry.open_documents(OPERATOR, [order])
    assert await registry.open_documents(OPERATOR, [order]) == [(document, True)]
    catalogue = PostgresCatalogue(db)
    assert await catalogue.resolve("Document", ["PO-1"], organisation=1) == {"PO-1": document}
    assert await catalogue.resolve("Document", ["PO-1", f"gid://stockbook/Document/{document}"], organisation=2) == {}
    ripe = StateEntry("RIPENING", base="QUARANTINED", may_become=("SELLABLE",))
    assert told(await registry.define_states(OPERATOR, [ripe])) == ["NEW"]
    assert told(await registry.define_states(OPERATOR, [ripe])) == ["KNOWN"]
    assert told(await registry.define_states(OPERATOR, [replace(ripe, base="DAMAGED")])) == ["BAD_INPUT"]
    other = StateEntry("X", "QUARANTINED", may_become=("Y",))
    assert told(await registry.define_states(OPERATOR, [other])) == ["REFERENCE_UNKNOWN"]
    assert [state.name for state in await catalogue.states()] == ["RIPENING"]
