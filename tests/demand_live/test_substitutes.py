"""What is short proposes what may stand for it: with ratio and direction, where it is, and how long it lasts."""

from typing import Any

import orjson
import pytest
import pytest_asyncio

from stockbook.graph.execute import Request
from stockbook.store.demand.in_force import REORDER_POINT
from tests.demand_live.shop import SHELF, SITE, TOMATO, Shop, week
from tests.mutations.network import stock

FIELDS = """substitutes { item { externalReference } site { externalReference } near ratio direction quantity covers
  coverDays short forItem { externalReference } forSite { externalReference } }"""
SHELVES = f"query A($f: AvailabilityFilter) {{ availabilities(filter: $f) {{ nodes {{ onHand {FIELDS} }} }} }}"
ANNEX = "SHOP/ANNEX"


async def asked(shop: Shop, item: str, by: str = "SHOP", role: str = "buyer", sites: tuple[int, ...] = ()) -> list[Any]:
    """Return the substitutes of each shelf of an item that somebody sees."""
    who, mask = shop.trade.asker(by, role, sites=sites)
    answer = await shop.trade.parts.door.execute(Request(SHELVES, None, {"f": {"item": {"eq": item}}}), who, mask)
    found = orjson.loads(answer)
    assert "errors" not in found, found
    return [each["substitutes"] for each in found["data"]["availabilities"]["nodes"]]


@pytest_asyncio.fixture(scope="module")
async def stocked(shop: Shop) -> Shop:
    """Three tomatoes are left where ten a week go; soup stands for them two for one, here and in the annex."""
    for number in range(5):
        await shop.sell(10, week(number + 0.3))
    await shop.learn()
    await shop.trade.register(
        "registerPlaces",
        [
            {"externalReference": ANNEX, "name": "Annex", "kind": "SITE", "organisation": "SHOP"},
            {
                "externalReference": f"{ANNEX}/BIN",
                "name": "Bin",
                "kind": "BIN",
                "organisation": "SHOP",
                "parent": ANNEX,
            },
        ],
    )
    await shop.fill("40", "SOUP")
    for verb, line in (
        ("receive", {"item": "SOUP", "quantity": "100", "place": ANNEX}),
        ("putAway", {"item": "SOUP", "quantity": "100", "source": ANNEX, "place": f"{ANNEX}/BIN"}),
        ("reserve", {"item": "SOUP", "quantity": "10", "site": SITE}),
        ("dispose", {"item": TOMATO, "quantity": "99947", "place": SHELF, "state": "SELLABLE"}),
    ):
        posted = await shop.trade.post(verb, f"annex-{verb}", line)
        assert not posted["errors"], posted
    await stock(shop.trade, "rival", "500", "SHOP-2", "SOUP")
    await shop.told("declareSubstitutes", {"item": TOMATO, "substitute": "SOUP", "ratio": "2", "bothWays": True})
    return shop


async def test_what_is_short_proposes_substitutes_here_first_and_at_other_sites_of_ones_own(stocked: Shop):
    ((here, there),) = await asked(stocked, TOMATO)
    assert (here["item"]["externalReference"], here["site"]["externalReference"], here["near"]) == ("SOUP", SITE, True)
    assert (here["ratio"], here["direction"], here["quantity"], here["covers"]) == (2, "FORWARD", "30", 15)
    assert (there["site"]["externalReference"], there["near"], there["quantity"], there["covers"]) == (
        *(ANNEX, False, "100"),
        50,
    ), "what SHOP-2 has is no business of SHOP's"
    assert here["short"] and there["coverDays"] == pytest.approx(here["coverDays"] * 50 / 15)
    assert 15 / (10 / 7) < here["coverDays"] < 2 * 15 / (10 / 7), "a series of five weeks is not trusted all the way"


async def test_the_other_way_round_counts_where_it_is_said_to_hold_both_ways(stocked: Shop):
    for (back,) in await asked(stocked, "SOUP"):
        assert (back["item"]["externalReference"], back["direction"], back["ratio"]) == (TOMATO, "BACKWARD", 0.5)
        assert (back["quantity"], back["covers"], back["short"]) == ("3", 6, False)
    await stocked.told("declareSubstitutes", {"item": "SOUP", "substitute": TOMATO, "ratio": "1"})
    for (own,) in await asked(stocked, "SOUP"):
        assert (own["direction"], own["ratio"]) == ("FORWARD", 1), "a declaration of its own counts before the reverse"
    await stocked.trade.parts.beside.execute("delete from substitution where ratio = 1")
    await stocked.told("declareSubstitutes", {"item": TOMATO, "substitute": "SOUP", "ratio": "2"})
    assert await asked(stocked, "SOUP") == [[], []], "one way only"
    await stocked.told("declareSubstitutes", {"item": TOMATO, "substitute": "SOUP", "ratio": "2", "bothWays": True})


async def test_nobody_else_learns_what_stands_for_what_or_where_it_is(stocked: Shop):
    assert [each for each in await asked(stocked, "SOUP", by="SHOP-2") if each] == []
    site = await stocked.trade.parts.beside.fetchval("select id from place where external_reference = $1", SITE)
    ((only,),) = await asked(stocked, TOMATO, role="shop_staff", sites=(site,))
    assert only["site"]["externalReference"] == SITE, "whose role is limited to a site sees none of another"
    text = "{ substitutes { nodes { id } } }"
    for by, role, count in (("SHOP", "buyer", 4), ("SHOP", "storekeeper", 4), ("SHOP-2", "buyer", 0)):
        answer = await stocked.trade.ask(text, {}, by, role)
        assert len(answer["data"]["substitutes"]["nodes"]) == count
    hidden = await stocked.trade.ask(text, {}, "SHOP", "supplier")
    assert not (hidden["data"]["substitutes"] or {}).get("nodes")


async def test_a_promise_that_is_refused_says_nothing_and_the_shelf_says_what_may_stand_for_it(stocked: Shop):
    line = {"item": TOMATO, "quantity": "5", "site": SITE}
    refused = await stocked.trade.post("reserve", "too-many", line, role="shop_staff")
    (error,) = refused["errors"]
    assert error["code"] == "EXCEEDS_AVAILABLE" and "SOUP" not in str(refused) and "oup" not in error["message"]
    ((here, _),) = await asked(stocked, TOMATO, role="shop_staff")
    assert float(here["covers"]) >= 5


async def test_what_is_short_goes_by_what_people_expect_as_proposals_do(stocked: Shop):
    """Three tomatoes are short by the model; who expects none for a month is not short of them."""
    line = {"item": TOMATO, "site": SITE, "reason": "We rebuild"}
    ((here, _),) = await asked(stocked, TOMATO)
    assert here["short"]
    await stocked.told("overrideForecasts", {**line, "quantity": "0", "until": week(12).isoformat()})
    ((here, _),) = await asked(stocked, TOMATO)
    assert not here["short"]
    text = "{ substitutes(filter: {short: {eq: true}}) { totalCount } }"
    assert (await stocked.trade.ask(text, {}, "SHOP", "buyer"))["data"]["substitutes"]["totalCount"] == 0
    await stocked.told("overrideForecasts", {**line, "quantity": None, "reason": "We do not"})
    assert (await stocked.trade.ask(text, {}, "SHOP", "buyer"))["data"]["substitutes"]["totalCount"] == 2


@pytest.mark.parametrize("hours", [(24, 24), (60, 100), (168, 168), (400, 168)])
async def test_rows_are_chosen_by_the_very_reorder_point_that_is_shown(stocked: Shop, hours: tuple[int, int]):
    terms = {"leadTimeHours": str(hours[0]), "reviewHours": str(hours[1]), "item": TOMATO}
    await stocked.told("recordReplenishment", terms)
    await stocked.sell(0.001, week(5 + sum(hours) / 1000))
    await stocked.learn()
    db, seen = stocked.trade.parts.beside, set()
    for quantity, until in (("0", 6), ("80", 5.5), ("80", 6.5), ("25", 9), ("1000000", 30), (None, None)):
        line = {"item": TOMATO, "site": SITE, "quantity": quantity, "reason": "So they say"}
        await stocked.told("overrideForecasts", line | ({"until": week(until).isoformat()} if until else {}))
        shown = (await stocked.forecast())["threshold"]["reorderPoint"], await in_force(stocked)
        (row,) = await db.fetch(f"select {REORDER_POINT.format(p='t')} as point from threshold t where t.item_id = ("
                                "select id from item where external_reference = $1)", TOMATO)  # fmt: skip
        assert row["point"] == pytest.approx(shown[1]), (hours, quantity, until)
        seen.add(round(shown[1], 6))
    assert shown[0] == shown[1] and len(seen) > 3, "they did move it, and it came back"


async def in_force(shop: Shop) -> float:
    """Return the reorder point that counts, as the graph shows it."""
    answer = await shop.trade.ask(
        "query T($item: ID!) { thresholds(filter: {item: {eq: $item}}) { nodes { inForce { reorderPoint } } } }",
        {"item": TOMATO}, "SHOP", "buyer",
    )  # fmt: skip
    return answer["data"]["thresholds"]["nodes"][0]["inForce"]["reorderPoint"]


async def test_a_proposal_shows_them_too_and_what_is_short_is_one_list(stocked: Shop):
    await stocked.told("recordReplenishment", {"leadTimeHours": "168", "reviewHours": "168"})
    await stocked.trade.parts.proposing.round()
    text = f"{{ proposals {{ nodes {{ item {{ externalReference }} {FIELDS} }} }} }}"
    answer = await stocked.trade.ask(text, {}, "SHOP", "buyer")
    (proposal,) = answer["data"]["proposals"]["nodes"]
    assert proposal["item"]["externalReference"] == TOMATO
    assert [each["quantity"] for each in proposal["substitutes"]] == ["30", "100"]
    text = "{ substitutes(filter: {short: {eq: true}}) { nodes { forItem { externalReference } covers } } }"
    answer = await stocked.trade.ask(text, {}, "SHOP", "shop_staff")
    assert [each["covers"] for each in answer["data"]["substitutes"]["nodes"]] == [50, 15], "the longest first"
