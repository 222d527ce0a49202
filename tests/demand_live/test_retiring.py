"""A series that nobody keeps up any more has an end: forecasts do without it, what it said stays."""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from stockbook.domain.demand.retirement import Retirement, over
from stockbook.store.demand.influences import extend_calendars
from tests.demand_live.shop import MONDAY, SITE, TOMATO, Shop, said, week

ASKED = """query I($id: ID!) { influence(id: $id) { name stale retired retiredAt retirementReason retiredBy { name }
  points { totalCount } } }"""
FORECAST = """query F($item: ID!, $site: ID!) { forecast(item: $item, location: $site) { mean shares
  influences { name } staleInfluences { name } retiredInfluences { name retirementReason }
  zh: explanation { text } en: explanation(language: EN) { text changes } } }"""
WEEKS = 31
PROMOTIONS = {"externalReference": "PROMO", "name": "Promotions", "kind": "PROMOTION", "site": SITE}
FAIR = {"externalReference": "FAIR", "name": "Visitors of the fair", "kind": "SENTIMENT", "site": SITE}


async def influence(shop: Shop, number: str, by: str = "SHOP", role: str = "buyer") -> dict:
    answer = await shop.trade.ask(ASKED, {"id": number}, by, role)
    assert "errors" not in answer, answer
    return answer["data"]["influence"]


async def forecast(shop: Shop) -> dict:
    answer = await shop.trade.ask(FORECAST, {"item": TOMATO, "site": SITE}, "SHOP", "buyer")
    assert "errors" not in answer, answer
    return answer["data"]["forecast"]


async def codes(shop: Shop, name: str, line: dict, **who: str) -> list[tuple[str, str]]:
    payload = await shop.tell(name, line, **who)
    return [(each["code"], each["path"][-1]) for each in payload["errors"]]


async def test_it_is_stale_until_somebody_retires_it_and_then_says_who_and_why(shop: Shop):
    (number,) = await shop.told("registerInfluences", FAIR)
    await shop.told("recordInfluences", {"influence": "FAIR", "at": said(week(0)), "value": "0.9"})
    before = await influence(shop, number)
    assert (before["stale"], before["retired"], before["retiredAt"], before["retiredBy"]) == (True, False, None, None)
    line = {"influence": "FAIR", "reason": "The fair has closed"}
    assert await shop.told("retireInfluences", line) == [number]
    found = await influence(shop, number)
    assert (found["stale"], found["retired"], found["retirementReason"]) == (False, True, "The fair has closed")
    assert found["retiredBy"] == {"name": "Boss"}
    assert datetime.fromisoformat(found["retiredAt"]) <= datetime.now(UTC)
    assert found["points"]["totalCount"] == 1, "what it said stays"
    again = await shop.tell("retireInfluences", line)
    assert [(each["outcome"], each["id"]) for each in again["results"]] == [("KNOWN", number)]
    live = await shop.trade.ask(
        "{ influences(filter: {retired: {eq: false}}) { nodes { name } } }", {}, "SHOP", "buyer"
    )
    assert "Visitors of the fair" not in {each["name"] for each in live["data"]["influences"]["nodes"]}


async def test_what_is_wrong_with_an_end_is_said_and_nothing_is_written(shop: Shop):
    await shop.told("registerInfluences", FAIR)
    before = await shop.trade.count()
    line = {"influence": "FAIR", "reason": "closed"}
    for wrong, code, field in (
        ({"reason": " "}, "BAD_INPUT", "reason"),
        ({"influence": "NONE-SUCH"}, "REFERENCE_UNKNOWN", "influence"),
        ({"at": "1066-10-14T00:00:00Z"}, "BAD_TIME", "at"),
        ({"at": "2099-01-01T00:00:00Z"}, "BAD_TIME", "at"),
    ):
        assert await codes(shop, "retireInfluences", {**line, **wrong}) == [(code, field)], wrong
    assert await codes(shop, "retireInfluences", line, by="SHOP-2") == [("REFERENCE_UNKNOWN", "influence")]
    for role in ("storekeeper", "shop_staff", "finance", "auditor"):
        payload = await shop.tell("retireInfluences", line, role=role)
        assert [each["code"] for each in payload["errors"]] == ["ACTION_DENIED"], role
    assert await shop.trade.count() == before


async def test_a_retired_series_takes_no_points_until_it_is_registered_again(shop: Shop):
    (number,) = await shop.told("registerInfluences", FAIR)
    point = {"influence": "FAIR", "at": said(week(0)), "value": "0.9"}
    await shop.told("retireInfluences", {"influence": number, "reason": "closed"})
    assert await codes(shop, "recordInfluences", point) == [("INFLUENCE_RETIRED", "influence")]
    other = {"influence": number, "reason": "another word"}
    assert await codes(shop, "retireInfluences", other) == [("INFLUENCE_RETIRED", "influence")]
    assert await codes(shop, "registerInfluences", {**FAIR, "name": "Other"}) == [("BAD_INPUT", "0")]
    assert (await influence(shop, number))["retired"], "another series under its name brings nothing back"
    back = await shop.tell("registerInfluences", FAIR)
    assert [(each["outcome"], each["id"]) for each in back["results"]] == [("REGISTERED", number)]
    found = await influence(shop, number)
    assert (found["retired"], found["retiredAt"], found["retirementReason"]) == (False, None, None)
    assert len(await shop.told("recordInfluences", point)) == 1
    again = await shop.tell("registerInfluences", FAIR)
    assert [each["outcome"] for each in again["results"]] == ["KNOWN"]


async def test_an_end_that_is_said_ahead_comes_then_and_can_be_said_anew(shop: Shop):
    (number,) = await shop.told("registerInfluences", FAIR)
    ends = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=30)
    line = {"influence": "FAIR", "reason": "The contract ends", "at": said(ends)}
    await shop.told("retireInfluences", line)
    assert [each["outcome"] for each in (await shop.tell("retireInfluences", line))["results"]] == ["KNOWN"]
    found = await influence(shop, number)
    assert (found["retired"], datetime.fromisoformat(found["retiredAt"])) == (False, ends)
    await shop.told("recordInfluences", {"influence": "FAIR", "at": said(week(0)), "value": "0.9"})
    later = {**line, "at": said(ends + timedelta(days=30))}
    await shop.told("retireInfluences", later)
    assert datetime.fromisoformat((await influence(shop, number))["retiredAt"]) == ends + timedelta(days=30)
    await shop.told("registerInfluences", FAIR)
    assert (await influence(shop, number))["retiredAt"] is None, "it goes on after all"


async def test_what_tells_everybody_is_ended_by_who_may_tell_everybody(shop: Shop):
    news = {"externalReference": "NEWS", "name": "News", "kind": "SENTIMENT", "network": True}
    (number,) = await shop.told("registerInfluences", news, role="network_admin", by="OPERATOR")
    line = {"influence": number, "reason": "closed"}
    assert await codes(shop, "retireInfluences", line, by="OPERATOR") == [("ACTION_DENIED", "influence")]
    assert await codes(shop, "retireInfluences", line) == [("REFERENCE_UNKNOWN", "influence")]
    await shop.told("retireInfluences", line, role="network_admin", by="OPERATOR")
    assert (await influence(shop, number))["retired"], "and everybody sees that it is"


@pytest_asyncio.fixture
async def sold(shop: Shop) -> Shop:
    """Weeks of tomatoes; the last is open, and promoted as each sixth is."""
    await shop.told("registerInfluences", PROMOTIONS)
    await shop.promote(0, WEEKS)
    await shop.weeks(0, WEEKS)
    await shop.learn()
    return shop


async def test_a_forecast_does_without_it_says_so_and_hears_it_again(sold: Shop):
    before = await forecast(sold)
    assert before["influences"] == [{"name": "Promotions"}] and "promotion" in before["shares"]
    await sold.told("retireInfluences", {"influence": "PROMO", "reason": "Nobody keeps it up"})
    await sold.learn()
    found = await forecast(sold)
    assert found["influences"] == found["staleInfluences"] == [] and "promotion" not in found["shares"]
    assert found["retiredInfluences"] == [{"name": "Promotions", "retirementReason": "Nobody keeps it up"}]
    assert "Retired of late, and used no more: Promotions." in found["en"]["text"]
    assert "近期已停用，不再采用：Promotions。" in found["zh"]["text"]
    assert not any("newer points" in each for each in found["en"]["changes"])
    await sold.told("registerInfluences", PROMOTIONS)
    await sold.learn()
    back = await forecast(sold)
    assert back["influences"] == [{"name": "Promotions"}] and back["retiredInfluences"] == []
    assert back["shares"] == pytest.approx(before["shares"]) and back["mean"] == pytest.approx(before["mean"])


async def test_learnt_anew_each_sale_hears_what_was_retired_before_it(sold: Shop):
    """A week that closes while it is retired teaches that nothing was promoted; so it does in whatever order."""
    await sold.told("retireInfluences", {"influence": "PROMO", "reason": "Nobody keeps it up"})
    await sold.weeks(WEEKS, WEEKS + 2)
    await sold.learn()
    db = sold.trade.parts.beside
    states = "select s.id, encode(s.state, 'hex') from series s order by 1"
    before = [tuple(row) for row in await db.fetch(states)]
    assert before
    await sold.told("registerInfluences", PROMOTIONS)
    for table in ("series", "forecast", "threshold", "learner_state", "stream_offset"):
        await db.execute(f"delete from {table}")
    sold.learning = sold.learner()
    await sold.learn()
    found = [tuple(row) for row in await db.fetch(states)]
    assert [state for _, state in found] == [state for _, state in before]


async def test_a_retired_calendar_is_not_extended(shop: Shop):
    days = {"externalReference": "CN-DAYS", "name": "假日", "kind": "CALENDAR", "region": "CN"}
    await shop.told("registerInfluences", days)
    db = shop.trade.parts.beside
    far = datetime.now(UTC) + timedelta(days=900)
    assert await extend_calendars(db, far) == 1
    await shop.told("retireInfluences", {"influence": "CN-DAYS", "reason": "We count our own"})
    assert await extend_calendars(db, far + timedelta(days=900)) == 0


MOMENTS = st.integers(-20, 20).map(lambda days: MONDAY + timedelta(days=days))
ENDS = st.builds(Retirement, st.integers(1, 99), MOMENTS, st.none() | MOMENTS)
TOLD = st.lists(ENDS, max_size=8).map(lambda told: sorted(told, key=lambda each: each.recorded))


@given(told=TOLD, late=TOLD, moment=MOMENTS)
def test_an_end_that_is_told_later_changes_no_earlier_forecast(told, late, moment):
    whole = [*told, *(each._replace(recorded=each.recorded + 99) for each in late)]
    assert over(whole, 100, moment) == over(told, 100, moment)


@given(told=TOLD, moment=MOMENTS, later=MOMENTS)
def test_what_is_over_stays_over_as_long_as_nobody_says_otherwise(told, moment, later):
    since = over(told, 100, moment)
    if since is not None and later >= moment:
        assert over(told, 100, later) == since
