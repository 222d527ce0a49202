"""Goods that nobody buys for weeks: what is told of them is of the week that is open, as of all others."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.demand_live.shop import TOMATO, WEEKS, Shop, said, week

OVERRIDES = "{ forecastOverrides { nodes { since until endedAt ownError modelError scores { startsAt said came } } } }"
LINE = {"item": TOMATO, "site": "SHOP/SITE", "reason": "The school opens"}


async def idle(short: Shop, weeks: int) -> None:
    """Let soup sell for some weeks in which no tomato does; with one partition, both are of it."""
    short.partitions = 1
    db = short.trade.parts.beside
    await db.execute("truncate series, forecast, threshold, learner_state, stream_offset restart identity cascade")
    short.learning = short.learner()
    await short.fill("1000", "SOUP")
    for number in range(WEEKS, WEEKS + weeks):
        await short.sell(1, week(number + 0.5), "SOUP")
    await short.learn()


async def test_a_forecast_of_idle_goods_is_of_the_week_that_is_open_and_so_is_what_is_said_of_it(short: Shop):
    await idle(short, 30)
    forecast = await short.forecast()
    kept = await short.trade.parts.beside.fetchval(
        "select f.starts_at from forecast f join item i on i.id = f.item_id where i.name = 'Tomato' limit 1"
    )
    opened = week(WEEKS + 29)
    assert kept < opened, "nothing is closed for their sake"
    assert datetime.fromisoformat(forecast["startsAt"]) == opened and f"{opened:%Y-%m-%d}" in forecast["en"]["text"]
    before = forecast["threshold"]["reorderPoint"]

    await short.told("overrideForecasts", {**LINE, "quantity": "25"})
    forecast = await short.forecast()
    assert forecast["inForce"] == 25.0 and forecast["override"]["until"] == said(week(WEEKS + 30))
    asked = "{ thresholds { nodes { item { name } inForce { reorderPoint moved } } } }"
    rows = (await short.trade.ask(asked, {}, "SHOP", "buyer"))["data"]["thresholds"]["nodes"]
    (counts,) = [row["inForce"] for row in rows if row["item"]["name"] == "Tomato"]
    assert counts["reorderPoint"] > before and counts["moved"] > 10


async def test_idle_goods_that_hear_something_new_are_not_held_for_sold_out_with_a_week_long_past(short: Shop):
    await idle(short, 30)
    before = await short.forecast()
    await short.told("recordReplenishment", {"leadTimeHours": "168", "reviewHours": "168", "serviceLevel": "0.9"})
    await short.told("registerInfluences", {"externalReference": "PEAK", "name": "Feast", "kind": "PEAK"})
    await short.told("recordInfluences", {"influence": "PEAK", "at": said(week(WEEKS + 29)), "value": "2"})
    await short.learn()
    after = await short.forecast()
    assert after["threshold"]["serviceLevel"] == 0.9, "it was revised"
    assert 0.4 * before["mean"] < after["mean"] < before["mean"], "half of the week is still to come"
    assert after["quantiles"][-1] > after["mean"]
    assert after["threshold"]["peak"] == pytest.approx(2.0), "the peak of this week, not of one long past"


async def test_what_was_said_of_idle_goods_is_judged_when_the_week_closes_for_all(short: Shop):
    await idle(short, 30)
    await short.told("overrideForecasts", {**LINE, "quantity": "25", "until": said(week(WEEKS + 32))})
    for number in (30, 31):
        await short.sell(1, week(WEEKS + number + 0.5), "SOUP")
    await short.learn()
    (one,) = (await short.trade.ask(OVERRIDES, {}, "SHOP", "buyer"))["data"]["forecastOverrides"]["nodes"]
    starts = [said(week(WEEKS + number)) for number in (29, 30)]
    assert one["scores"] == [{"startsAt": each, "said": 25.0, "came": 0.0} for each in starts]
    assert one["ownError"] == 25.0 and one["modelError"] < 5

    # a till that was offline tells that some was sold after all
    await short.sell(4, week(WEEKS + 30.2))
    await short.learn()
    (one,) = (await short.trade.ask(OVERRIDES, {}, "SHOP", "buyer"))["data"]["forecastOverrides"]["nodes"]
    assert [each["came"] for each in one["scores"]] == [0.0, 4.0]


async def test_a_week_that_is_named_by_its_monday_somewhere_is_that_week(short: Shop):
    await short.told(
        "overrideForecasts",
        {**LINE, "quantity": "25", "since": "2024-03-04T00:00:00+08:00", "until": "2024-03-11T00:00:00+08:00"},
    )
    (one,) = (await short.trade.ask(OVERRIDES, {}, "SHOP", "buyer"))["data"]["forecastOverrides"]["nodes"]
    assert (one["since"], one["until"]) == (said(week(WEEKS)), said(week(WEEKS + 1)))


async def test_who_speaks_on_monday_before_the_first_sale_means_the_week_that_began(short: Shop):
    today = datetime.now(UTC)
    await short.fill("5", at=said(today - timedelta(days=7)))
    await short.sell(3, today - timedelta(days=7))
    await short.learn()
    monday = (today - timedelta(days=today.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    assert datetime.fromisoformat((await short.forecast())["startsAt"]) == monday - timedelta(days=7)
    await short.told("overrideForecasts", {**LINE, "quantity": "25"})
    (one,) = (await short.trade.ask(OVERRIDES, {}, "SHOP", "buyer"))["data"]["forecastOverrides"]["nodes"]
    assert (one["since"], one["until"]) == (said(monday), said(monday + timedelta(days=7)))
    await short.told("overrideForecasts", {**LINE, "quantity": None, "reason": "Never mind"})
    (one,) = (await short.trade.ask(OVERRIDES, {}, "SHOP", "buyer"))["data"]["forecastOverrides"]["nodes"]
    assert one["endedAt"]
