"""What thresholds hear beside forecasts, and what is said of it where goods sell too seldom to learn from it."""

from tests.demand_live.shop import SITE, TOMATO, WEEKS, Shop, said, week


async def test_what_moves_a_threshold_is_named_though_the_forecast_is_too_young_to_hear_it(short: Shop):
    await short.told(
        "registerInfluences",
        {"externalReference": "ROAD", "name": "Road", "kind": "LOGISTICS", "site": SITE, "freshHours": 500},
        {"externalReference": "LATE", "name": "Punctuality", "kind": "STABILITY", "site": SITE, "freshHours": 24},
        {"externalReference": "NEWS", "name": "News", "kind": "SENTIMENT", "site": SITE},
    )
    at = said(week(WEEKS - 0.7))
    await short.told(
        "recordInfluences",
        {"influence": "ROAD", "at": at, "value": "48"},
        {"influence": "LATE", "at": said(week(WEEKS - 4)), "value": "0.9"},
        {"influence": "NEWS", "at": at, "value": "0.5"},
    )
    await short.learn()
    forecast = await short.forecast()
    assert forecast["learner"] == "tsb" and forecast["threshold"]["horizon"] == (48 + 168) / 168
    assert [each["name"] for each in forecast["influences"]] == ["Road"]
    assert [each["name"] for each in forecast["staleInfluences"]] == ["Punctuality"]
    assert "signals from outside" in forecast["en"]["text"] and "外部信号" in forecast["zh"]["text"]
    await short.told("retireInfluences", {"influence": "NEWS", "reason": "Nobody writes it any more"})
    assert "signals from outside" not in (await short.forecast())["en"]["text"]


async def test_a_peak_is_ordered_for_before_it_begins_and_not_earlier_than_an_order_takes(short: Shop):
    plain = (await short.forecast())["threshold"]
    await short.told(
        "registerInfluences", {"externalReference": "FEAST", "name": "Feast", "kind": "PEAK", "item": TOMATO}
    )
    for weeks, peak in ((3, 1.0), (1, 2.0)):  # of the open week, two are lead time and review
        await short.told("recordInfluences", {"influence": "FEAST", "at": said(week(WEEKS - 1 + weeks)), "value": "2"})
        await short.learn()
        found = await short.forecast()
        assert round(found["threshold"]["peak"], 9) == peak
    assert round(found["threshold"]["safetyStock"] / plain["safetyStock"], 6) == 2.0
    assert [each["name"] for each in found["influences"]] == ["Feast"]
    assert "signals from outside" not in found["en"]["text"], "there are none but those that thresholds hear"


async def test_it_is_said_of_goods_that_sell_seldom_too_what_would_change_their_forecast(short: Shop):
    forecast = await short.forecast(horizon=4)
    assert forecast["learner"] == "tsb" and "The 4 weeks from 2024-02-26 are expected" in forecast["en"]["text"]
    changes = {each["input"]: each["quantity"] for each in forecast["en"]["parts"]}
    without = f"{forecast['mean'] - changes['recent']:.3g} kg"
    assert f"Had nothing been sold of late, it would be about {without}." in forecast["en"]["changes"]
    assert any("若近期没有销售" in each for each in forecast["zh"]["changes"])
