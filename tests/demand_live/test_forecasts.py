"""What influences, people and terms make of a live forecast."""

import math
from datetime import datetime, timedelta

import orjson
import pytest
import pytest_asyncio

from tests.demand_live.shop import SITE, TOMATO, Shop, said, week

WEEKS = 48


@pytest_asyncio.fixture(scope="module")
async def sold(shop: Shop) -> Shop:
    """Most of a year of tomatoes with promotions known ahead, rain that grew stale, and news of something else."""
    await shop.told(
        "registerInfluences",
        {"externalReference": "PROMO", "name": "Promotions", "kind": "PROMOTION", "site": SITE},
        {"externalReference": "RAIN", "name": "Rain", "kind": "WEATHER", "site": SITE},
        {"externalReference": "ELSEWHERE", "name": "Of soup", "kind": "SENTIMENT", "item": "SOUP"},
    )
    await shop.promote(0, WEEKS + 1)
    await shop.told("recordInfluences", {"influence": "RAIN", "at": said(week(3)), "value": "0.5"})
    await shop.weeks(0, WEEKS)
    await shop.learn()
    return shop


async def test_a_forecast_says_which_influences_it_used_and_which_are_stale(sold: Shop):
    forecast = await sold.forecast()
    assert forecast["learner"] != "tsb"
    assert forecast["influences"] == [], "no promotion runs in the open week"
    assert forecast["staleInfluences"] == [{"name": "Rain", "kind": "WEATHER"}]


async def test_a_forecast_of_several_weeks_names_what_is_told_of_any_of_them(sold: Shop):
    near, far = await sold.forecast(), await sold.forecast(horizon=4)
    assert any(part["input"] == "promotion" for part in far["en"]["parts"])
    assert near["influences"] == [] and [each["name"] for each in far["influences"]] == ["Promotions"]
    assert "Promotions" in far["zh"]["text"] and "Promotions" not in near["zh"]["text"]


async def test_the_parts_sum_to_the_forecast_in_both_languages(sold: Shop):
    for horizon in (1, 4):
        forecast = await sold.forecast(horizon=horizon)
        for language in ("zh", "en"):
            told = forecast[language]
            assert math.fsum(p["quantity"] for p in told["parts"]) == pytest.approx(forecast["mean"], rel=1e-9)
            assert math.fsum(p["share"] for p in told["parts"]) == pytest.approx(1, rel=1e-9)
        assert "预计销售" in forecast["zh"]["text"] and "kg" in forecast["zh"]["text"]
        assert "expected to sell" in forecast["en"]["text"]
        assert "Rain" in forecast["en"]["text"] and "%" in forecast["en"]["text"]


async def test_a_promotion_told_today_raises_the_forecast_without_a_sale(sold: Shop):
    before = await sold.forecast()
    days = [{"influence": "PROMO", "at": said(week(WEEKS - 1) + timedelta(days=day)), "text": "S"} for day in range(7)]
    state = await sold.trade.parts.beside.fetch("select id, state from series order by id")
    await sold.told("recordInfluences", *days)
    assert (await sold.forecast())["mean"] == before["mean"], "what was made before stays until it is made anew"
    await sold.learn()
    after = await sold.forecast()
    assert after["mean"] > before["mean"] * 1.3
    assert after["influences"] == [{"name": "Promotions", "kind": "PROMOTION", "scope": "SITE", "unit": "grade"}]
    assert any(part["input"] == "promotion" and part["quantity"] > 0 for part in after["en"]["parts"])
    assert any("Without promotion" in each for each in after["en"]["changes"])
    assert await sold.trade.parts.beside.fetch("select id, state from series order by id") == state


async def test_learning_anew_hears_what_was_heard_then_and_not_what_came_since(sold: Shop):
    """Nothing depends on when a lesson is learnt: late points change no state that was reached before them."""
    db = sold.trade.parts.beside
    before = await db.fetch("select seller_id, site_id, item_id, state from series order by 1, 2, 3")
    late = [{"influence": "PROMO", "at": said(week(number)), "text": "A"} for number in (7, 8, 9)]
    await sold.told("recordInfluences", *late)
    await db.execute("truncate series, forecast, threshold, learner_state, stream_offset restart identity cascade")
    sold.learning = sold.learner()
    await sold.learn()
    assert await db.fetch("select seller_id, site_id, item_id, state from series order by 1, 2, 3") == before
    await sold.learn()


async def test_an_override_stands_beside_the_model_and_is_judged_when_the_week_closes(sold: Shop):
    model = (await sold.forecast())["mean"]
    line = {"item": TOMATO, "site": SITE, "quantity": "25", "reason": "The school opens"}
    (made,) = await sold.told("overrideForecasts", line)
    again = await sold.tell("overrideForecasts", line)
    assert [(each["outcome"], each["id"]) for each in again["results"]] == [("KNOWN", made)]
    forecast = await sold.forecast()
    assert (forecast["mean"], forecast["inForce"]) == (model, 25.0)
    assert forecast["override"]["reason"] == "The school opens" and forecast["override"]["actor"]["name"] == "Boss"
    assert "The school opens" in forecast["en"]["text"]
    far = await sold.forecast(horizon=4)
    assert far["override"] is None and far["inForce"] == far["mean"]

    await sold.sell(6, week(WEEKS) - timedelta(hours=5))
    await sold.sell(1, week(WEEKS) + timedelta(hours=1))
    await sold.learn()
    later = await sold.forecast()
    assert later["override"] is None, "it was for one week"
    asked = await sold.trade.ask(
        "query Q($id: ID!) { forecastOverride(id: $id) { ownError modelError scores { said promised came } } }",
        {"id": made},
        "SHOP",
        "buyer",
    )
    judged = asked["data"]["forecastOverride"]
    (score,) = judged["scores"]
    assert (score["said"], score["came"]) == (25.0, pytest.approx(16.0, abs=0.01))
    assert judged["ownError"] == pytest.approx(9.0, abs=0.01)
    assert judged["modelError"] == pytest.approx(abs(score["promised"] - score["came"]))


async def test_an_override_can_be_withdrawn_and_replaced(sold: Shop):
    line = {"item": TOMATO, "site": SITE, "quantity": "40", "reason": "First thought"}
    (first,) = await sold.told("overrideForecasts", line)
    (second,) = await sold.told("overrideForecasts", {**line, "quantity": "50", "reason": "Second thought"})
    assert first != second and (await sold.forecast())["inForce"] == 50.0
    await sold.told("overrideForecasts", {**line, "quantity": None, "reason": "Never mind"})
    forecast = await sold.forecast()
    assert forecast["override"] is None and forecast["inForce"] == forecast["mean"]
    payload = await sold.tell("overrideForecasts", {**line, "quantity": None, "reason": "Again"})
    assert [each["code"] for each in payload["errors"]] == ["BAD_INPUT"]


async def test_who_corrects_one_week_of_several_leaves_the_others_as_they_were_said(sold: Shop):
    opened = datetime.fromisoformat((await sold.forecast())["startsAt"])
    line = {"item": TOMATO, "site": SITE, "reason": "Harvest"}

    async def standing() -> list[tuple[int, int, float, str]]:
        asked = "{ forecastOverrides(sort: [SINCE_ASC]) { nodes { since until quantity reason endedAt } } }"
        rows = (await sold.trade.ask(asked, {}, "SHOP", "buyer"))["data"]["forecastOverrides"]["nodes"]
        return [
            (*((datetime.fromisoformat(each[name]) - opened).days // 7 for name in ("since", "until")),
             each["quantity"], each["reason"])
            for each in rows if each["endedAt"] is None and datetime.fromisoformat(each["until"]) > opened
        ]  # fmt: skip

    def weeks(first: int, last: int) -> dict[str, str]:
        return {"since": said(opened + timedelta(weeks=first)), "until": said(opened + timedelta(weeks=last))}

    await sold.told("overrideForecasts", {**line, "quantity": "20", **weeks(0, 5)})
    await sold.told("overrideForecasts", {**line, "quantity": "50", "reason": "Feast", **weeks(2, 3)})
    assert await standing() == [(0, 2, 20.0, "Harvest"), (2, 3, 50.0, "Feast"), (3, 5, 20.0, "Harvest")]
    await sold.told("overrideForecasts", {**line, "quantity": None, **weeks(1, 4)})
    assert await standing() == [(0, 1, 20.0, "Harvest"), (4, 5, 20.0, "Harvest")]
    await sold.told("overrideForecasts", {**line, "quantity": None, "reason": "Never mind"})
    assert await standing() == [(4, 5, 20.0, "Harvest")], "without moments it is of what stands for the open week"
    await sold.told("overrideForecasts", {**line, "quantity": None, **weeks(4, 5)})
    assert await standing() == []


async def test_overrides_that_make_no_sense_are_refused(sold: Shop):
    line = {"item": TOMATO, "site": SITE, "quantity": "40", "reason": "Why"}
    before = await sold.trade.count()
    for wrong, code in (
        ({"reason": " "}, "BAD_INPUT"),
        ({"quantity": "-1"}, "BAD_QUANTITY"),
        ({"since": said(week(2))}, "BAD_TIME"),
        ({"until": said(week(2))}, "BAD_TIME"),
        ({"until": said(week(WEEKS + 80))}, "BAD_TIME"),
        ({"item": "SOUP"}, "REFERENCE_UNKNOWN"),
        ({"site": "SHOP-2/SITE"}, "PLACE_UNKNOWN"),
        ({"site": "SHOP/SHELF"}, "BAD_INPUT"),
    ):
        payload = await sold.tell("overrideForecasts", {**line, **wrong})
        assert [each["code"] for each in payload["errors"]] == [code], (wrong, payload)
    denied = await sold.tell("overrideForecasts", line, role="shop_staff")
    assert [each["code"] for each in denied["errors"]] == ["ACTION_DENIED"]
    assert await sold.trade.count() == before


async def test_a_threshold_is_a_moving_range_that_follows_sales_terms_roads_and_peaks(sold: Shop):
    first = (await sold.forecast())["threshold"]
    assert first["low"] <= first["reorderPoint"] <= first["high"] < first["ceiling"] + first["high"]
    assert first["reorderPoint"] == pytest.approx(first["expected"] + first["safetyStock"])
    assert first["horizon"] == 2.0, "a week's lead time and a week's review where nothing is agreed"
    await sold.sell(40, week(WEEKS) + timedelta(days=1))
    await sold.learn()
    moved = (await sold.forecast())["threshold"]
    assert moved["reorderPoint"] > first["reorderPoint"] and moved["high"] >= moved["reorderPoint"] >= moved["low"]

    await sold.told(
        "recordReplenishment",
        {"item": TOMATO, "site": SITE, "leadTimeHours": "504", "reviewHours": "168", "serviceLevel": "0.99"},
        {"leadTimeHours": "1", "reviewHours": "1"},
    )
    await sold.sell(1, week(WEEKS) + timedelta(days=1, hours=1))
    await sold.learn()
    longer = (await sold.forecast())["threshold"]
    assert (longer["horizon"], longer["serviceLevel"]) == (4.0, 0.99), "the most specific terms count"
    assert longer["reorderPoint"] > moved["reorderPoint"]

    await sold.told(
        "registerInfluences",
        {"externalReference": "ROAD", "name": "Road", "kind": "LOGISTICS", "site": SITE, "freshHours": 500},
        {"externalReference": "PEAK", "name": "Feast", "kind": "PEAK", "item": TOMATO},
    )
    day = week(WEEKS) + timedelta(days=1)
    await sold.told(
        "recordInfluences",
        {"influence": "ROAD", "at": said(day), "value": "168"},
        {"influence": "PEAK", "at": said(day), "value": "1.8"},
    )
    await sold.sell(1, week(WEEKS) + timedelta(days=1, hours=2))
    await sold.learn()
    peak = (await sold.forecast())["threshold"]
    assert (peak["horizon"], peak["peak"]) == (2.0, pytest.approx(1.8))


@pytest.mark.parametrize("role", ["buyer", "finance"])
async def test_a_dashboard_shows_cover_and_slow_moving_stock(sold: Shop, role: str):
    asked = await sold.trade.ask(
        "{ thresholds { nodes { onHand dailyDemand coverDays slowOnHand }"
        " groups(by: [SITE]) { site { externalReference } sum { onHand dailyDemand slowOnHand } }"
        " aggregate { sum { onHand dailyDemand slowOnHand } } } serviceLevels { nodes { achieved } } }",
        {},
        "SHOP",
        role,
    )
    assert "errors" not in asked, asked
    (row,), total = asked["data"]["thresholds"]["nodes"], asked["data"]["thresholds"]["aggregate"]["sum"]
    assert row["coverDays"] == pytest.approx(row["onHand"] / row["dailyDemand"])
    assert row["slowOnHand"] == row["onHand"] > 90_000, "a shelf for years"
    assert total["onHand"] == row["onHand"] and total["slowOnHand"] == row["slowOnHand"]
    assert asked["data"]["thresholds"]["groups"] == [{"site": {"externalReference": SITE}, "sum": total}]


async def test_finance_reads_how_long_stock_lasts_and_not_how_it_is_ordered(sold: Shop):
    asked = await sold.trade.ask("{ thresholds { nodes { coverDays reorderPoint } } }", {}, "SHOP", "finance")
    assert asked["data"]["thresholds"]["nodes"][0]["reorderPoint"] is None
    assert {each["extensions"]["code"] for each in asked["errors"]} == {"FIELD_FORBIDDEN"}


async def test_a_rival_that_is_promoted_takes_from_the_forecast(sold: Shop):
    payload = await sold.tell("declareSubstitutes", {"item": TOMATO, "substitute": TOMATO})
    assert [each["code"] for each in payload["errors"]] == ["BAD_INPUT"]
    line = {"item": TOMATO, "substitute": "SOUP", "ratio": "0.5", "bothWays": True, "rivals": True}
    await sold.told("declareSubstitutes", line)
    asked = await sold.trade.ask(
        "{ substitutions { nodes { item { name } substitute { name } ratio bothWays rivals } } }", {}, "SHOP", "buyer"
    )
    assert asked["data"]["substitutions"]["nodes"] == [
        {"item": {"name": "Tomato"}, "substitute": {"name": "Soup"}, "ratio": 0.5, "bothWays": True, "rivals": True}
    ]
    await sold.told(
        "registerInfluences",
        {"externalReference": "SOUPS", "name": "Soup promotions", "kind": "PROMOTION", "item": "SOUP"},
    )
    first = WEEKS + 1
    await sold.told(
        "recordInfluences",
        *(
            {"influence": "SOUPS", "at": said(week(number) + timedelta(days=2)), "text": "S"}
            for number in range(first, first + 20)
            if number % 2
        ),
    )
    for number in range(first, first + 20):
        for day in (0, 3, 5):
            await sold.sell(1.0 if number % 2 else 4.0, week(number) + timedelta(days=day, hours=9))
    await sold.learn()
    state = orjson.loads(await sold.trade.parts.beside.fetchval("select state from series order by id limit 1"))
    assert state["series"]["lags"][-3:] in ([3.0, 12.0, 3.0], [12.0, 3.0, 12.0])
    plain = (await sold.forecast())["mean"]
    await sold.sell(0.001, week(first + 20) + timedelta(minutes=1))
    await sold.learn()
    other = await sold.forecast()
    assert other["mean"] != plain
    pieces = await sold.trade.parts.beside.fetch("select state from learner_state")
    assert any(b"rival" in row["state"] for row in pieces) or b"rival" in orjson.dumps(state)
