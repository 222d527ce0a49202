"""What lies over goods and blocks nothing: a promotion of today, an expiry that is near."""

from datetime import UTC, datetime, timedelta

from tests.demand_live.shop import SHELF, SITE, TOMATO, Shop, said

LYING = """query L($item: ID!) { item(id: $item) { positions(first: 50) { nodes {
  state overlays holds quantity lot { code } } } } }"""


async def lying(shop: Shop, by: str = "SHOP") -> dict[str | None, list[str]]:
    """Return the overlays of what lies on the shelf, by lot."""
    answer = await shop.trade.ask(LYING, {"item": TOMATO}, by, "storekeeper")
    assert "errors" not in answer, answer
    nodes = answer["data"]["item"]["positions"]["nodes"]
    return {each["lot"] and each["lot"]["code"]: each["overlays"] for each in nodes if each["state"] == "SELLABLE"}


async def receive(shop: Shop, lot: str, days: int) -> None:
    goods = {"item": TOMATO, "quantity": "5", "lot": lot}
    expiry = (datetime.now(UTC).date() + timedelta(days=days)).isoformat()
    received = await shop.trade.post("receive", f"in-{lot}", {**goods, "place": SITE, "expiry": expiry})
    put = await shop.trade.post("putAway", f"up-{lot}", {**goods, "source": SITE, "place": SHELF})
    assert not received["errors"] and not put["errors"], (received, put)


async def test_an_expiry_that_is_near_is_told_and_one_that_is_far_is_not(shop: Shop):
    await receive(shop, "SOON", 1)
    await receive(shop, "LATER", 60)
    found = await lying(shop)
    assert (found["SOON"], found["LATER"], found[None]) == (["NEAR_EXPIRY"], [], [])


async def test_what_is_promoted_today_says_so_until_it_is_taken_back(shop: Shop):
    series = {"externalReference": "OFFER", "name": "Offers", "kind": "PROMOTION", "item": TOMATO}
    other = {"externalReference": "OFFER-B", "name": "Offers of soups", "kind": "PROMOTION", "category": "MADE"}
    await shop.told("registerInfluences", series, other)
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    points = [{"influence": "OFFER", "at": said(noon + timedelta(days=day)), "text": "S"} for day in (-3, 3)]
    await shop.told("recordInfluences", *points, {"influence": "OFFER-B", "at": said(noon), "text": "S"})
    assert not any("PROMOTED" in each for each in (await lying(shop)).values()), "another day, or other goods"
    await shop.told("recordInfluences", {"influence": "OFFER", "at": said(noon), "text": "A"})
    assert all("PROMOTED" in each for each in (await lying(shop)).values())
    await shop.told("recordInfluences", {"influence": "OFFER", "at": said(noon), "value": "0"})
    assert not any("PROMOTED" in each for each in (await lying(shop)).values())
    await shop.told("recordInfluences", {"influence": "OFFER", "at": said(noon), "value": "0.5"})
    assert all("PROMOTED" in each for each in (await lying(shop)).values())
    await shop.told("retireInfluences", {"influence": "OFFER", "reason": "The offers have ended"})
    assert not any("PROMOTED" in each for each in (await lying(shop)).values())
    await shop.told("registerInfluences", series)
    assert all("PROMOTED" in each for each in (await lying(shop)).values()), "brought back, with what it had said"
