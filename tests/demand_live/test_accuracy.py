"""How far forecasts were off, as a dashboard asks."""

import pytest

from tests.demand_live.shop import SITE, Shop, week


async def test_accuracy_is_a_figure_of_each_site_and_category(shop: Shop):
    """Two series of one site: their errors, weighed by what is expected of each."""
    await shop.fill("400", "SOUP")
    for number in range(6):
        await shop.sell(9, week(number + 0.2))
        await shop.sell(3 + number % 3, week(number + 0.3), "SOUP")
    await shop.learn()
    text = """{ forecasts(filter: {horizon: {eq: 1}}) { nodes { mean pastError } aggregate { sum { pastError } }
      groups(by: [SITE, CATEGORY]) { site { externalReference } category count sum { pastError } } } }"""
    answer = await shop.trade.ask(text, {}, "SHOP", "buyer")
    assert "errors" not in answer, answer
    found = answer["data"]["forecasts"]
    known = [each for each in found["nodes"] if each["pastError"] is not None]
    assert len(known) == 2
    whole = sum(each["pastError"] * each["mean"] for each in known) / sum(each["mean"] for each in known)
    assert found["aggregate"]["sum"]["pastError"] == pytest.approx(whole)
    assert {(each["site"]["externalReference"], each["category"]) for each in found["groups"]} == {
        *((SITE, "MADE"), (SITE, "")),
    }
    assert sorted(each["sum"]["pastError"] for each in found["groups"]) == pytest.approx(
        sorted(each["pastError"] for each in known)
    )
