"""What an organisation's forecasts hear and say is its own: nobody else sees a row, by any way."""

import pytest
import pytest_asyncio

from stockbook.graph.declare import SHAPES
from tests.demand_live.shop import SITE, TOMATO, Shop, said, week

OWN = sorted(name for name, shape in SHAPES.items() if shape.cls.__module__.startswith("stockbook.graph.demand."))


@pytest_asyncio.fixture(scope="module")
async def told(shop: Shop) -> dict[str, str]:
    """Tell one of each kind; return a global id of each."""
    for day in range(3):
        await shop.sell(2, week(0) + day * (week(1) - week(0)))
    await shop.learn()
    weather = {"externalReference": "RAIN", "name": "Rain", "kind": "WEATHER", "site": SITE}
    ids = {"Influence": (await shop.told("registerInfluences", weather))[0]}
    point = {"influence": "RAIN", "at": said(week(1)), "value": "0.5"}
    ids["InfluencePoint"] = (await shop.told("recordInfluences", point))[0]
    swap = {"item": TOMATO, "substitute": "SOUP"}
    ids["Substitution"] = (await shop.told("declareSubstitutes", swap))[0]
    terms = {"leadTimeHours": "24", "reviewHours": "24"}
    ids["Replenishment"] = (await shop.told("recordReplenishment", terms))[0]
    override = {"item": TOMATO, "site": SITE, "quantity": "9", "reason": "So I say"}
    ids["ForecastOverride"] = (await shop.told("overrideForecasts", override))[0]
    await shop.sell(1, week(4))
    await shop.learn()
    ids["Trial"] = (await shop.told("tryForecasts", {}))[0]
    db = shop.trade.parts.beside
    await db.execute("update trial set state = 'DONE', passed = true")
    ids["Clearance"] = (await shop.told("clearForecasts", {"trial": ids["Trial"]}, role="org_admin"))[0]
    mine = shop.trade.ids["SHOP"]
    await db.execute(
        "insert into delivery_stability (organisation_id, supplier_id, item_id, receipts, weight, hours, variance,"
        " promised, on_time, late_hours, received_at) values ($1, $2, 1, 3, 2.8, 60, 100, 2, 1, 5, now())",
        mine,
        shop.trade.ids["FARM"],
    )
    await db.execute(
        "insert into service_level (organisation_id, partition, often, fill_rate, score, usual, haste, squared,"
        " lump, asked, filled, asked_since, filled_since, spanned_since, squared_since, revised_at)"
        " values ($1, 0, true, 0.99, 2, 10, 1, 20, 1, 100, 99, 0, 0, 0, 0, now())",
        mine,
    )
    await db.execute(
        "insert into proposal (organisation_id, site_id, item_id, quantity, needed, position, horizon, service_level,"
        " expected, safety_stock, reorder_point, ceiling) select organisation_id, site_id, item_id, 5, 5, 1, 2, 0.95,"
        " 3, 1, 4, 6 from threshold limit 1"
    )
    await shop.fill("40", "SOUP")
    shelf, other = await db.fetchrow(
        "select (select id from availability where item_id = s.item_id and seller_id = $1), (select id"
        " from availability where item_id = s.substitute_id and seller_id = $1) from substitution s",
        mine,
    )
    ids["Substitute"] = f"gid://stockbook/Substitute/{(shelf << 32) | other}"
    for name, table in (
        ("Forecast", "forecast"),
        ("Proposal", "proposal"),
        ("Threshold", "threshold"),
        ("OverrideScore", "override_score"),
        ("DeliveryStability", "delivery_stability"),
        ("ServiceLevel", "service_level"),
    ):
        ids[name] = f"gid://stockbook/{name}/{await db.fetchval(f'select min(id) from {table}')}"
    return ids


@pytest.mark.parametrize("name", OWN)
async def test_a_row_shows_to_its_organisation_and_to_nobody_else(shop: Shop, told: dict[str, str], name: str):
    document = f"query N($id: ID!) {{ node(id: $id) {{ id ... on {name} {{ __typename }} }} }}"
    seen = {}
    for organisation in ("SHOP", "SHOP-2", "FARM"):
        answer = await shop.trade.ask(document, {"id": told[name]}, organisation, "auditor")
        assert "errors" not in answer, answer
        seen[organisation] = answer["data"]["node"]
    assert seen["SHOP"]["id"] == told[name] and seen["SHOP-2"] is None and seen["FARM"] is None
    plural = SHAPES[name].plural
    for organisation, count in (("SHOP", True), ("SHOP-2", False)) if plural else ():
        answer = await shop.trade.ask(f"{{ {plural} {{ totalCount nodes {{ id }} }} }}", {}, organisation, "auditor")
        page = answer["data"][plural]
        assert bool(page["totalCount"]) is bool(page["nodes"]) is count


@pytest.mark.parametrize(
    "name", ["Trial", "Clearance", "Replenishment", "InfluencePoint", "DeliveryStability", "ServiceLevel", "Proposal"]
)
async def test_a_storeman_sees_no_row_of_what_is_for_those_who_plan(shop: Shop, told: dict[str, str], name: str):
    document = f"query N($id: ID!) {{ node(id: $id) {{ id ... on {name} {{ __typename }} }} }}"
    answer = await shop.trade.ask(document, {"id": told[name]}, "SHOP", "storekeeper")
    assert answer["data"]["node"] is None
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"FIELD_FORBIDDEN"}
