"""The demo's trade, counted a second time with pandas, which the demo doesn't use."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from stockbook.demo.agreements import agreements
from stockbook.demo.network import Network, items, organisations, places
from stockbook.demo.recipes import CRATE, KITCHENS
from stockbook.demo.sales import DROPPED, folder, load

UNTIL = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def trade():
    return load(172, 53, UNTIL)


@pytest.fixture(scope="module")
def network(trade):
    return Network(trade)


@pytest.fixture(scope="module")
def counted():
    """Every line that may count, by pandas."""
    products = pd.read_parquet(folder() / "products.parquet")
    sold = pd.read_parquet(folder() / "transactions.parquet")
    rows = sold.merge(products[products.department.isin(["PRODUCE", "SALAD BAR"])], on="product_id")
    return rows[rows.quantity.between(1, 99)]


def test_the_busiest_172_shops_and_every_line_of_theirs(trade, counted):
    lines = counted.store_id.value_counts()
    assert sorted(lines[list(trade.shops)]) == sorted(lines.head(172))
    kept = counted[counted.store_id.isin(trade.shops) & ~counted.product_category.isin(DROPPED)]
    assert len(kept) == sum(len(basket.lines) for basket in trade.baskets) == 151_875
    assert int(kept.quantity.sum()) == sum(line.quantity for basket in trade.baskets for line in basket.lines)
    assert kept.basket_id.nunique() == len({basket.id for basket in trade.baskets}) == len(trade.baskets)


def test_days_are_moved_by_whole_weeks_to_end_now(trade, counted):
    shift = trade.baskets[-1].at - counted[counted.store_id.isin(trade.shops)].transaction_timestamp.max().tz_localize(
        UTC
    )
    assert shift % timedelta(weeks=1) == timedelta(0)
    assert timedelta(0) <= UNTIL - trade.baskets[-1].at < timedelta(weeks=1)
    assert [basket.at for basket in trade.baskets] == sorted(basket.at for basket in trade.baskets)


def test_a_part_is_the_last_weeks_of_the_busiest(trade):
    part = load(3, 4, UNTIL)
    assert part.shops == trade.shops[:3]
    since = trade.baskets[-1].at - timedelta(weeks=4)
    assert {b.id for b in part.baskets} == {b.id for b in trade.baskets if b.shop in part.shops and b.at > since}


def test_208_organisations_of_four_kinds(network):
    kinds = Counter(entry["kind"] for entry in organisations(network))
    assert kinds == {"COOPERATIVE": 23, "CARRIER": 8, "KITCHEN": 5, "SHOP": 172}
    references = [entry["externalReference"] for entry in organisations(network)]
    assert len(set(references)) == 208


def test_every_item_is_somebodys_and_what_is_made_has_ingredients_that_are_not(network):
    registered = {entry["externalReference"] for entry in items(network)}
    assert len(registered) == len(network.products) == 2_166
    for product in network.sold:
        assert network.made(product) == (network.trade.products[product].category in KITCHENS)
        if network.made(product):
            assert network.ingredients(product)
            assert all(not network.made(raw) and f"CJ-{raw}" in registered for raw, _ in network.ingredients(product))


def test_places_follow_their_parents_and_shipments_are_bound_for_a_site(network):
    seen = {}
    for place in places(network):
        assert place.get("parent", next(iter(seen), None)) in {*seen, None}
        assert place.get("boundFor") is None or seen[place["boundFor"]] == "SITE"
        assert place["externalReference"] not in seen
        seen[place["externalReference"]] = place["kind"]
    assert Counter(seen.values())["SHIPMENT"] == 177


def test_agreements_name_what_is_registered_and_never_tie(network):
    known = {entry["externalReference"] for entry in organisations(network)}
    where = {entry["externalReference"] for entry in places(network)}
    scopes = Counter()
    for entry in agreements(network):
        assert {entry["giver"], entry["taker"]} <= known
        if "views" not in entry:
            assert entry["place"] in where
            scopes[entry["giver"], entry["verb"], entry["right"], entry["place"]] += 1
    assert set(scopes.values()) == {1}
    assert {right for _, _, right, _ in scopes} == {"OWNERSHIP", "CUSTODY", "DISPOSAL", "SALE"}


def test_a_crate_holds_more_than_most_series_sell_in_four_weeks(network):
    """Else the shops would be restocked more often than they sell."""
    series = [units for assortment in network.trade.ranges.values() for units in assortment.values()]
    assert sum(units / 13 <= CRATE for units in series) / len(series) > 0.98


def test_a_day_on_which_all_shops_are_closed_is_a_day(trade):
    days = list(trade.days())
    assert [day for day, _ in days] == [days[0][0] + timedelta(days=n) for n in range(len(days))]
    assert [len(baskets) for _, baskets in days].count(0) == 1, "Christmas"
    assert sum(len(baskets) for _, baskets in days) == len(trade.baskets)
