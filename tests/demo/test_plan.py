"""A night's postings, walked by a stock-keeper who knows nothing of how they were planned."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from stockbook.demo.network import Network
from stockbook.demo.plan import LINES_MAX, Order, chance, night
from stockbook.demo.recipes import recipe
from stockbook.demo.sales import Basket, Line, Product, Trade

START = datetime(2026, 11, 23, 5, tzinfo=UTC)
PRODUCTS = {
    1: Product(1, "VEGETABLES - ALL OTHERS", "CABBAGE", "1 CT"),
    2: Product(2, "CARROTS", "CARROTS - BULK", ""),
    3: Product(3, "SALAD MIX", "COLESLAW", "16 OZ"),
    4: Product(4, "CARROTS", "CARROTS - BULK", "5 LB"),
}


@pytest.fixture
def network():
    baskets = [Basket(n, shop, START, (Line(p, 1),)) for n, (shop, p) in enumerate([(7, 1), (7, 2), (7, 3), (9, 3)])]
    return Network(Trade((7, 9), PRODUCTS, tuple(baskets)))


class Keeper:
    """Keeps (place, item, lot, state) -> units, and says no when something is not there."""

    def __init__(self):
        self.units = Counter()
        self.gone = Counter()

    def take(self, place, item, lot, quantity, *states):
        for state in states:
            if self.units[place, item, lot, state] >= quantity:
                self.units[place, item, lot, state] -= quantity
                return
        raise AssertionError(f"no {quantity} of {item} {lot} at {place} in {states}")

    def put(self, place, item, lot, quantity, state):
        self.units[place, item, lot, state] += quantity

    def post(self, posting):
        for line in posting.lines:
            getattr(self, posting.verb)(line)

    def goods(self, line):
        return line["item"], line["lot"], int(line["quantity"])

    def expect(self, line):
        self.put(line["place"], *self.goods(line), "EXPECTED")

    def receive(self, line):
        if "source" in line:
            self.take(line["source"], *self.goods(line), "EXPECTED")
        self.put(line["place"], *self.goods(line), "RECEIVED")

    def inspect(self, line):
        became = {None: "IN_INSPECTION", True: "AWAITING_PUTAWAY", False: "QUARANTINED"}[line.get("passed")]
        self.take(line["place"], *self.goods(line), "RECEIVED" if became == "IN_INSPECTION" else "IN_INSPECTION")
        self.put(line["place"], *self.goods(line), became)

    def putAway(self, line):
        self.take(line["source"], *self.goods(line), "AWAITING_PUTAWAY", "RECEIVED")
        self.put(line["place"], *self.goods(line), line.get("state", "SELLABLE"))

    def changeState(self, line):
        self.take(line["place"], *self.goods(line), line["fromState"])
        self.put(line["place"], *self.goods(line), line["toState"])

    def dispose(self, line):
        self.take(line["place"], *self.goods(line), line["state"])
        self.gone[line["item"]] += int(line["quantity"])

    def dispatch(self, line):
        self.take(line["source"], *self.goods(line), "SELLABLE")
        self.put(line["place"], *self.goods(line), "IN_TRANSIT")

    def arrive(self, line):
        self.take(line["source"], *self.goods(line), "IN_TRANSIT")
        self.put(line["place"], *self.goods(line), "RECEIVED")

    def move(self, line):
        self.take(line["source"], *self.goods(line), "AWAITING_PROCESSING")
        self.put(line["place"], *self.goods(line), line["state"])

    def transform(self, line):
        for part in line["inputs"]:
            self.take(part["source"], *self.goods(part), "IN_PROCESSING")
        for made in line["outputs"]:
            self.put(made["place"], *self.goods(made), made["state"])
        for lost in line["losses"]:
            self.gone[lost["item"]] += int(lost["quantity"])


def walk(phases):
    keeper = Keeper()
    for phase in phases:
        for posting in phase:
            keeper.post(posting)
    return keeper


def test_everything_ordered_ends_on_the_shelf_and_nothing_is_left_on_the_way(network):
    orders = [Order(7, 1, 8), Order(7, 3, 16), Order(9, 3, 8), Order(9, 2, 0)]
    keeper = walk(night(network, orders, START))
    assert {key: units for key, units in keeper.units.items() if units} == {
        ("SHOP-7/SHELF", "CJ-1", "1-20261123", "SELLABLE"): 8,
        ("SHOP-7/SHELF", "CJ-3", "3-20261123", "SELLABLE"): 16,
        ("SHOP-9/SHELF", "CJ-3", "3-20261123", "SELLABLE"): 8,
    }
    assert keeper.gone["CJ-1"] >= 3, "a cabbage a crate of coleslaw is lost"


def test_what_fails_its_inspection_goes_no_further(network):
    starts = (START + timedelta(days=day) for day in range(400))
    start = next(s for s in starts if chance("spoiled", 2, s.date(), one_in=40))
    keeper = walk(night(network, [Order(7, 2, 8)], start))
    assert sum(keeper.units.values()) == 8
    assert keeper.gone["CJ-2"] == 8


def test_phases_are_in_order_of_time_and_keys_are_unique(network):
    phases = list(night(network, [Order(7, 1, 8), Order(9, 3, 8)], START))
    times = [posting.at for phase in phases for posting in phase]
    assert times == sorted(times)
    names = [(posting.organisation, posting.key) for phase in phases for posting in phase]
    assert len(names) == len(set(names))
    assert all(len(posting.lines) <= LINES_MAX for phase in phases for posting in phase)


def test_a_night_without_orders_posts_nothing(network):
    assert [posting for phase in night(network, [], START) for posting in phase] == []


def test_the_recipe_is_made_of_the_produce_sold_most(network):
    assert [part.kind for part in recipe("COLESLAW")] == ["CABBAGE", "CARROTS - BULK"]
    assert network.ingredients(3) == ((1, 3), (2, 2))
