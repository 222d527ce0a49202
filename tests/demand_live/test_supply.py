"""Suppliers' deliveries, stock-outs and fill rates, from the real mutations to the graph."""

from datetime import timedelta

import pytest
import pytest_asyncio

from stockbook.domain.demand.service import Service
from stockbook.flows.demand.lesson import Class, KeptLevel, Lesson
from stockbook.store.demand import lessons
from tests.demand_live.shop import SHELF, SITE, TOMATO, Shop, said, week

DELIVERIES = """{ deliveryStabilities(sort: [RECEIPTS_DESC]) { nodes { supplier { externalReference } item {
  externalReference } receipts leadTimeHours leadTimeDeviationHours promised onTime lateHours receivedAt } } }"""
LEVELS = "{ serviceLevels { nodes { often fillRate score asked filled achieved revisedAt } } }"
WEEKS = 16


async def receive(shop: Shop, number: int, ordered, due, at, quantity: str = "50", item: str = TOMATO) -> None:
    """Order of the farm and receive what comes."""
    order = f"ORDER-{item}-{number}"
    document = {"externalReference": order, "kind": "ORDER", "counterparty": "FARM", "orderedAt": said(ordered)}
    await shop.trade.register("openDocuments", [document | ({"dueAt": said(due)} if due else {})], "SHOP")
    line = {"item": item, "quantity": quantity, "place": SITE}
    came = await shop.trade.post("receive", f"{order}-in", line, document=order, occurredAt=said(at))
    assert not came["errors"], came
    away = {"item": item, "quantity": quantity, "source": SITE, "place": SHELF}
    put = await shop.trade.post("putAway", f"{order}-away", away, occurredAt=said(at + timedelta(minutes=5)))
    assert not put["errors"], put


async def nodes(shop: Shop, query: str, role: str = "buyer") -> list[dict]:
    answer = await shop.trade.ask(query, {}, "SHOP", role)
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))["nodes"]


@pytest_asyncio.fixture(scope="module")
async def supplied(shop: Shop) -> Shop:
    """Sixteen weeks of tomatoes; the farm promises three days, and takes two or six in turn."""
    await shop.told("recordReplenishment", {"leadTimeHours": "72", "reviewHours": "168"})
    for number in range(WEEKS):
        ordered = week(number) + timedelta(hours=2)
        came = ordered + timedelta(days=2 if number % 2 else 6)
        await receive(shop, number, ordered, ordered + timedelta(days=3), came)
        for day in (0, 2, 5):
            await shop.sell(3, week(number) + timedelta(days=day, hours=9))
    await shop.learn()
    return shop


async def test_deliveries_are_learnt_from_receipts_and_shown(supplied: Shop):
    (row,) = await nodes(supplied, DELIVERIES)
    assert (row["supplier"]["externalReference"], row["item"]["externalReference"]) == ("FARM", TOMATO)
    assert (row["receipts"], row["promised"], row["onTime"]) == (WEEKS, WEEKS, WEEKS // 2)
    assert row["leadTimeHours"] == pytest.approx(96, abs=8)
    assert row["leadTimeDeviationHours"] == pytest.approx(48, abs=6)
    assert row["lateHours"] == pytest.approx(24, abs=10)


async def test_a_threshold_follows_how_the_supplier_delivers_not_what_he_said(supplied: Shop):
    threshold = (await supplied.forecast())["threshold"]
    found = await supplied.trade.ask(
        "{ thresholds { nodes { leadTimeHours leadTimeDeviationHours } } }", {}, "SHOP", "buyer"
    )
    (lead,) = found["data"]["thresholds"]["nodes"]
    assert 72 < lead["leadTimeHours"] < 100 and lead["leadTimeDeviationHours"] > 40
    assert threshold["horizon"] == pytest.approx((lead["leadTimeHours"] + 168) / 168)


async def test_who_does_not_plan_sees_no_supplier_judged(supplied: Shop):
    answer = await supplied.trade.ask(DELIVERIES, {}, "SHOP", "storekeeper")
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"FIELD_FORBIDDEN"}


async def test_an_order_that_is_due_before_it_is_placed_is_refused(supplied: Shop):
    line = {"externalReference": "ODD", "kind": "ORDER", "orderedAt": said(week(3)), "dueAt": said(week(2))}
    payload = await supplied.tell("openDocuments", line, role="org_admin")
    assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [("BAD_TIME", "dueAt")]


async def test_a_receipt_without_an_order_says_nothing_of_lead_times(supplied: Shop):
    before = await nodes(supplied, DELIVERIES)
    await supplied.fill("5")
    await supplied.sell(1, week(WEEKS - 1) + timedelta(days=6))
    await supplied.learn()
    assert await nodes(supplied, DELIVERIES) == before


async def test_a_shelf_that_ran_empty_is_noted_with_the_moment_and_so_is_its_filling(supplied: Shop):
    db = supplied.trade.parts.beside
    item = int(await db.fetchval("select id from item where external_reference = 'SOUP'"))
    await receive(supplied, 1, week(1), None, week(2), "4", "SOUP")
    await supplied.sell(1, week(2) + timedelta(days=1), "SOUP")
    await supplied.sell(3, week(2) + timedelta(days=2), "SOUP")
    await receive(supplied, 2, week(2), None, week(3), "40", "SOUP")
    rows = await db.fetch("select at, empty from stock_out where item_id = $1 order by id", item)
    assert [(row["at"], row["empty"]) for row in rows] == [
        (week(2) + timedelta(minutes=5), False),
        (week(2) + timedelta(days=2), True),
        (week(3) + timedelta(minutes=5), False),
    ]


async def test_a_stand_in_is_forecast_higher_while_the_other_is_out_of_stock(shop: Shop, supplied: Shop):
    """Soup stands for tomatoes; each time that there are none it sells thrice as much."""
    await supplied.told("declareSubstitutes", {"item": TOMATO, "substitute": "SOUP"})
    db = supplied.trade.parts.beside
    seller, tomato = supplied.trade.ids["SHOP"], int(await db.fetchval("select id from item where name = 'Tomato'"))
    site = int(await db.fetchval("select id from place where external_reference = $1", SITE))
    await supplied.fill("100000", "SOUP")
    first = WEEKS + 1
    for number in range(first, first + 40):
        gone = number % 5 == 0
        if gone or (number - 1) % 5 == 0:
            await db.execute(
                "insert into stock_out (seller_id, site_id, item_id, at, empty) values ($1, $2, $3, $4, $5)",
                *(seller, site, tomato, week(number), gone),
            )
        await supplied.sell(30 if gone else 10, week(number) + timedelta(days=3), "SOUP")
    await supplied.sell(1, week(first + 40) + timedelta(hours=1), "SOUP")
    await supplied.learn()
    before = await supplied.forecast("SOUP")
    await db.execute(
        "insert into stock_out (seller_id, site_id, item_id, at, empty) values ($1, $2, $3, $4, true)",
        *(seller, site, tomato, week(first + 40)),
    )
    await supplied.learn()
    after = await supplied.forecast("SOUP")
    assert after["mean"] > 1.6 * before["mean"]
    part = next(each for each in after["en"]["parts"] if each["input"] == "lack")
    assert part["quantity"] > 0 and part["words"] == "similar items out of stock"
    assert "同类商品缺货" in after["zh"]["text"]


async def test_a_fill_rate_moves_the_level_and_is_shown(supplied: Shop):
    """Soup runs out in the middle of each week: what is believed to be filled falls, and the level rises."""
    terms = {"leadTimeHours": "72", "reviewHours": "168", "fillRate": "0.99"}
    await supplied.told("recordReplenishment", terms)
    db = supplied.trade.parts.beside
    seller, soup = supplied.trade.ids["SHOP"], int(await db.fetchval("select id from item where name = 'Soup'"))
    site = int(await db.fetchval("select id from place where external_reference = $1", SITE))
    first = WEEKS + 42
    for number in range(first, first + 4):
        await supplied.sell(10, week(number) + timedelta(days=1), "SOUP")
        for day, empty in ((3, True), (7, False)):
            await db.execute(
                "insert into stock_out (seller_id, site_id, item_id, at, empty) values ($1, $2, $3, $4, $5)",
                *(seller, site, soup, week(number) + timedelta(days=day), empty),
            )
    await supplied.sell(1, week(first + 4) + timedelta(hours=1), "SOUP")
    await supplied.learn()
    rows = await nodes(supplied, LEVELS)
    (row,) = [each for each in rows if each["often"] and each["asked"]]
    assert row["fillRate"] == 0.99 and 0.4 < row["achieved"] < 0.9 and row["score"] > 2.5
    threshold = (await supplied.forecast("SOUP"))["threshold"]
    assert threshold["serviceLevel"] > 0.99
    # the same again, by a learner that begins anew: nothing counts twice
    supplied.learning = supplied.learner()
    await supplied.learn()
    assert await nodes(supplied, LEVELS) == rows


async def test_a_level_is_kept_with_all_that_it_learnt_from(supplied: Shop):
    of = Class(supplied.trade.ids["SHOP"], 1, False, 0.97)
    kept = KeptLevel(Service(0.97, 3.25, 12.5, False, 40.5, 2.25), 100.0, 99.0, 5.0, 4.5, 10.0, 13.0)
    db = supplied.trade.parts.beside
    await lessons.keep(db, Lesson((), (), {}, levels=((of, kept, week(WEEKS)),)))
    assert (await lessons.levels(db, (1,)))[of] == kept


async def test_fill_rates_that_make_no_sense_are_refused(supplied: Shop):
    for rate in ("1", "0.2"):
        line = {"leadTimeHours": "72", "reviewHours": "168", "fillRate": rate}
        payload = await supplied.tell("recordReplenishment", line)
        assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [("BAD_INPUT", "fillRate")]


async def test_who_may_not_plan_declares_no_substitutes(supplied: Shop):
    payload = await supplied.tell("declareSubstitutes", {"item": "SOUP", "substitute": TOMATO}, role="storekeeper")
    assert [each["code"] for each in payload["errors"]] == ["ACTION_DENIED"]


async def test_a_new_item_begins_as_the_one_it_is_declared_to_follow(supplied: Shop):
    """Two new items, of which one is said to sell as tomatoes do, at half of that."""
    items = [
        {"externalReference": name, "name": name.title(), "baseUnit": "kg", "decimals": 3} for name in ("PLUM", "PEAR")
    ]
    await supplied.trade.register("registerItems", items)
    await supplied.told("declareSubstitutes", {"item": "PLUM", "substitute": TOMATO, "ratio": "2", "alike": True})
    asked = await supplied.trade.ask("{ substitutions { nodes { item { name } alike } } }", {}, "SHOP", "buyer")
    assert {(each["item"]["name"], each["alike"]) for each in asked["data"]["substitutions"]["nodes"]} >= {
        ("Plum", True)
    }
    begin = week(WEEKS - 1) + timedelta(days=3)
    for item in ("PLUM", "PEAR"):
        await supplied.fill("100", item)
        await supplied.sell(1, begin, item)
    await supplied.fill("1", "SOUP")
    await supplied.sell(1, week(WEEKS + 70), "SOUP")  # of one partition with pears: they have sold nothing since
    await supplied.learn()
    plum, pear = await supplied.forecast("PLUM", horizon=4), await supplied.forecast("PEAR", horizon=4)
    assert 10 < plum["mean"] < 26, "four weeks of nine kilograms, halved"
    assert plum["mean"] > 1.5 * pear["mean"]
