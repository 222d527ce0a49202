"""T26: 208 organisations trade through the real flows; each sees exactly its rows and fields."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.lines import Arrive, Dispatch, PutAway, Receive, Sell
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.author import Author
from stockbook.flows.posting.command import Command
from stockbook.flows.registrations import AgreementEntry, ItemEntry, OrganisationEntry, PlaceEntry, PlaceKind
from stockbook.parts import assembled
from stockbook.settings import Settings
from tests.oracle import worlds
from tests.oracle.oracle import Pick, World
from tests.oracle.test_disclosure import FOLDER, compare

GROWERS = [f"GROWER-{n}" for n in range(23)]
CARRIERS = [f"CARRIER-{n}" for n in range(8)]
KITCHENS = [f"KITCHEN-{n}" for n in range(5)]
SHOPS = [f"SHOP-{n}" for n in range(172)]
EVERYBODY = [*GROWERS, *CARRIERS, *KITCHENS, *SHOPS]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KILO = Decimal(1)


def grower_of(shop: str) -> str:
    return GROWERS[SHOPS.index(shop) % len(GROWERS)]


def carrier_of(shop: str) -> str:
    return CARRIERS[SHOPS.index(shop) % len(CARRIERS)]


class Trade:
    """Everybody registers and trades once."""

    def __init__(self, parts) -> None:
        self.parts = parts
        self.ids: dict[str, int] = {}

    async def registered(self, verdicts):
        found = [verdict for some in verdicts for verdict in await some]
        assert all(isinstance(verdict, tuple) for verdict in found), found
        return [number for number, _ in found]

    async def register(self) -> None:
        registry, author = self.parts.registry, Author(1, 1, everywhere=True, roles=frozenset())
        parties = [OrganisationEntry(name, name.title(), name.partition("-")[0]) for name in EVERYBODY]
        numbers = await self.registered([registry.register_organisations(author, parties)])
        self.ids = dict(zip(EVERYBODY, numbers, strict=True))
        items = [ItemEntry(f"FRUIT-{n}", f"Fruit {n}", "kg", decimals=3) for n in range(len(GROWERS))]
        await self.registered([registry.register_items(author, items)])
        sites = [PlaceEntry(f"{name}/SITE", "Site", PlaceKind.SITE, name) for name in EVERYBODY]
        await self.registered([registry.register_places(author, sites)])
        shelves = [PlaceEntry(f"{n}/SHELF", "Shelf", PlaceKind.BIN, n, f"{n}/SITE") for n in [*GROWERS, *SHOPS]]
        await self.registered([registry.register_places(author, shelves)])
        vans = [
            PlaceEntry(f"VAN/{shop}", "Van", PlaceKind.SHIPMENT, carrier_of(shop), bound_for=f"{shop}/SITE")
            for shop in SHOPS
        ]
        await self.registered([registry.register_places(author, vans)])
        pacts = [
            pact
            for shop in SHOPS
            for pact in (
                AgreementEntry(shop, grower_of(shop), Verb.DISPATCH, Right.SALE, place=f"{shop}/SITE"),
                AgreementEntry(carrier_of(shop), grower_of(shop), Verb.DISPATCH, Right.CUSTODY, place=f"VAN/{shop}"),
                AgreementEntry(shop, carrier_of(shop), Verb.ARRIVE, Right.CUSTODY, place=f"{shop}/SITE"),
            )
        ]
        for start in range(0, len(pacts), 250):
            await self.registered([registry.make_agreements(author, pacts[start : start + 250])])
        views = [AgreementEntry(taker=KITCHENS[n % 5], giver=GROWERS[n], views=True) for n in range(7)]
        await self.registered([registry.make_agreements(author, views)])

    async def post(self, verb: Verb, name: str, *lines) -> None:
        outcomes = await self.parts.posting.post(
            Command(self.ids[name], 1, verb, f"{verb}-{name}-{lines[0].place}", lines, occurred_at=NOON)
        )
        assert all(outcome.movement for outcome in outcomes), (verb, name, outcomes)

    async def trade(self) -> None:
        fruit = {name: f"FRUIT-{n}" for n, name in enumerate(GROWERS)}
        await self.everybody(
            GROWERS, Verb.RECEIVE, lambda g: Receive(fruit[g], 100 * KILO, f"{g}/SITE", lot=f"LOT-{g}")
        )
        await self.everybody(
            GROWERS, Verb.PUT_AWAY, lambda g: PutAway(fruit[g], 100 * KILO, f"{g}/SITE", f"{g}/SHELF", lot=f"LOT-{g}")
        )
        for shop in SHOPS:  # one command each, so that every van has its own key
            grower = grower_of(shop)
            line = Dispatch(fruit[grower], 5 * KILO, f"{grower}/SHELF", f"VAN/{shop}")
            await self.post(Verb.DISPATCH, grower, line)
        late = set(SHOPS[::9])  # their vans are still on the way
        there = [shop for shop in SHOPS if shop not in late]
        of = {shop: fruit[grower_of(shop)] for shop in SHOPS}
        await self.everybody(there, Verb.ARRIVE, lambda s: Arrive(of[s], 5 * KILO, f"VAN/{s}", f"{s}/SITE"))
        await self.everybody(there, Verb.PUT_AWAY, lambda s: PutAway(of[s], 5 * KILO, f"{s}/SITE", f"{s}/SHELF"))
        await self.everybody(there[::2], Verb.SELL, lambda s: Sell(of[s], 2 * KILO, f"{s}/SHELF"))

    async def everybody(self, names, verb, line) -> None:
        await asyncio.gather(*(self.post(verb, name, line(name)) for name in names))


def picks() -> list[Pick]:
    """Everything that an organisation has, with what leads to others' things."""
    whose = [Pick("id"), Pick("name")]
    thing = [Pick("id"), Pick("externalReference")]
    goods = ["state", "quantity", "claimed"]
    ends = [Pick("place", {}, thing), Pick("state"), *(Pick(each, {}, whose) for each in ("owner", "seller"))]
    legs = [Pick("id"), Pick("quantity"), Pick("source", {}, ends), Pick("target", {}, ends)]
    rights = [Pick(each, {}, whose) for each in ("owner", "custodian", "disposer", "seller", "host")]
    positions = [Pick("id"), Pick("place", {}, thing), Pick("lot", {}, [Pick("id"), Pick("code")]), *rights]
    totals = Pick("aggregate", {}, [Pick("count"), Pick("sum", {}, [Pick("quantity")])])
    everything = {"first": 100}
    return [
        Pick("positions", everything, [Pick("nodes", {}, [*positions, *map(Pick, goods)]), totals]),
        Pick(
            "availabilities",
            everything,
            [Pick("nodes", {}, [Pick("id"), *map(Pick, ("onHand", "inbound", "reserved", "sellableNow"))])],
        ),
        Pick("movements", everything, [Pick("totalCount"), Pick("nodes", {}, [Pick("id"), Pick("legs", {}, legs)])]),
        Pick("lots", everything, [Pick("nodes", {}, [Pick("id"), Pick("code"), Pick("producer", {}, whose)])]),
        Pick("places", {}, [Pick("totalCount"), Pick("nodes", {}, thing)]),
        Pick("agreements", {}, [Pick("totalCount")]),
    ]


async def test_t26_each_of_208_organisations_sees_exactly_its_rows_and_fields(fresh, tmp_path):
    settings = Settings(DATABASE_URL=await fresh(), home=tmp_path, policies=Path(FOLDER), cost_max=10**9)
    async with assembled(settings) as parts:
        trade = Trade(parts)
        await trade.register()
        await trade.trade()
        async with parts.writes.connection() as connection:
            world = World(await worlds.read(connection))
        assert len(trade.ids) == 208
        verdicts = []
        for number, name in enumerate(EVERYBODY):
            some = [{"auditor"}, {"org_admin"}, {"supplier"}, {"carrier_driver"}, {"finance"}]
            roles = {"auditor"} if number % 2 else some[number // 2 % len(some)]
            asker = (trade.ids[name], 1)
            verdicts.append(await compare(parts.graph, parts.policies, FOLDER, world, asker, roles, (), picks()))
        assert verdicts.count("seen") > 100
