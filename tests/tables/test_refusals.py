"""A row a refusal: met as the table says, by the code the table says, and nothing is left."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from stockbook.domain.refusal import Code
from stockbook.flows.author import Author
from stockbook.flows.registrations import PlaceEntry, PlaceKind
from tests.memory import Memory
from tests.scenarios.language import sentence
from tests.trade import NOON, Trade, snapshot

ROWS = re.findall(r"^([A-Z_]+) +(yes|no) +(.+)$", (Path(__file__).parent / "refusals.txt").read_text(), re.M)


@pytest.fixture
async def trade():
    """A shop with eight apples to sell (one old, two frozen), flour that is another's to sell, and a pallet."""
    trade = Trade(Memory())
    await trade.organisations("SHOP", "OTHER")
    await trade.site("SHOP", "DOCK", "SHELF")
    await trade.site("OTHER", "SHELF")
    await trade.place("PALLET", "SHOP", "PALLET", parent="SHOP/DOCK")
    await trade.item("APPLE")
    await trade.item("FLOUR", base_unit="kg", decimals=3)
    await trade.item("TOMATO", base_unit="kg", decimals=3, inspected=True)
    await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
    await trade.do("SHOP", "HOLD", overlay="FROZEN", item="APPLE", place="SHOP/SHELF", quantity=3)
    old = {"item": "APPLE", "quantity": 1, "lot": "OLD"}
    await trade.do("SHOP", "RECEIVE", **old, expiry=NOON.date(), place="SHOP/SHELF")
    await trade.do("SHOP", "PUT_AWAY", **old, source="SHOP/SHELF", place="SHOP/SHELF")
    await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=1, place="SHOP/DOCK")
    await trade.do("SHOP", "RECEIVE", item="TOMATO", quantity=5, lot="T", place="SHOP/DOCK")
    await trade.stock("SHOP", "FLOUR", 5, "SHOP/SHELF", seller="OTHER")
    await trade.stock("SHOP", "APPLE", 1, "PALLET")
    trade.later(days=1)
    return trade


def test_the_table_names_every_refusal_in_order_of_precedence():
    assert [(name, transient == "yes") for name, transient, _ in ROWS] == [(code.name, code.transient) for code in Code]


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, _, said in ROWS if said[0] not in "[{"])
async def test_said_so_it_is_refused(trade, name, said):
    line = sentence(said)
    assert (await trade.refused(line.who, line.verb, **line.line)).name == name


@pytest.mark.parametrize(("name", "way"), [(name, said[1:-1]) for name, _, said in ROWS if said.startswith("[")])
async def test_met_so_it_is_refused(trade, name, way):
    met = await WAYS[way](trade)
    assert met.code.name == name
    assert met.message


@pytest.mark.parametrize(("name", "file"), [(name, said[1:-1]) for name, _, said in ROWS if said[0] == "{"])
def test_met_in_other_tests(name, file):
    assert f'"{name}"' in (Path(__file__).parents[2] / file).read_text()


APPLES = {"item": "APPLE", "quantity": 1, "place": "SHOP/SHELF"}


async def ahead(trade):
    [outcome] = await trade.post("SHOP", "SELL", APPLES, at=trade.clock + timedelta(days=2))
    return outcome.refusal


async def too_many(trade):
    [outcome] = await trade.post("SHOP", "SELL", *[APPLES] * 251)
    return outcome.refusal


async def key_reused(trade):
    await trade.post("SHOP", "SELL", APPLES, key="key")
    before = await snapshot(trade.store)
    [outcome] = await trade.post("SHOP", "SELL", {**APPLES, "quantity": 2}, key="key")
    assert await snapshot(trade.store) == before
    return outcome.refusal


async def reversed_twice(trade):
    sold = await trade.do("SHOP", "SELL", **APPLES)
    movement = {"movement": f"gid://stockbook/Movement/{sold.movement}"}
    await trade.do("SHOP", "REVERSE", **movement)
    return (await trade.post("SHOP", "REVERSE", movement))[0].refusal


async def anothers_movement(trade):
    sold = await trade.do("SHOP", "SELL", **APPLES)
    return (await trade.post("OTHER", "REVERSE", {"movement": f"gid://stockbook/Movement/{sold.movement}"}))[0].refusal


async def reference_to_nothing(trade):
    entry = PlaceEntry("P", "p", PlaceKind.BIN, organisation="SHOP", parent="NOWHERE")
    return (await trade.store.registry.register_places(trade.author(), [entry]))[0]


async def for_another(trade):
    author: Author = replace(trade.author("OTHER"), everywhere=False)
    return (await trade.store.registry.register_places(author, [PlaceEntry("P", "p", PlaceKind.BIN, "SHOP")]))[0]


async def one_scope(trade):
    await trade.agree("SHOP", "OTHER", "MOVE", "SALE")
    return await trade.agree("SHOP", "OTHER", "MOVE", "SALE", charges=True)


async def closed_period(trade):
    await trade.close("SHOP", trade.clock)
    return (await trade.post("SHOP", "SELL", APPLES, at=trade.clock - timedelta(hours=1)))[0].refusal


async def released_twice(trade):
    made = await trade.do("SHOP", "RESERVE", item="APPLE", quantity=1, site="SHOP/SITE")
    claim = {"claim": f"gid://stockbook/Claim/{made.claims[0]}"}
    await trade.do("SHOP", "RELEASE", **claim)
    return (await trade.post("SHOP", "RELEASE", claim))[0].refusal


async def stale_count(trade):
    count = {"item": "APPLE", "place": "SHOP/SHELF", "counted": 8, "expected": 9}
    return (await trade.post("SHOP", "COUNT", count))[0].refusal


async def late(trade):
    await trade.do("SHOP", "SELL", item="APPLE", quantity=7, place="SHOP/SHELF")
    trade.later(hours=1)
    await trade.stock("SHOP", "APPLE", 7, "SHOP/SHELF")
    return (await trade.post("SHOP", "SELL", APPLES, at=trade.clock - timedelta(minutes=1)))[0].refusal


async def beside_a_refused_line(trade):
    return (await trade.post("SHOP", "SELL", APPLES, {**APPLES, "quantity": 100}))[0].refusal


async def ever_changing_facts(trade):
    load = trade.store.inner.load

    class Changing:
        """The facts change between every load and its posting."""

        async def load(self, want):
            books = await load(want)
            trade.store.inner.changed()
            return books

        post = trade.store.inner.post

    trade.posting._ledger = trade.posting._loading._ledger = Changing()
    return (await trade.post("SHOP", "SELL", APPLES))[0].refusal


WAYS = {
    "ahead of time": ahead,
    "more lines than a request has": too_many,
    "a key used for something else": key_reused,
    "reversed twice": reversed_twice,
    "reversing what another posted": anothers_movement,
    "registering with a reference to nothing": reference_to_nothing,
    "registering for another organisation": for_another,
    "two agreements of one scope": one_scope,
    "posting into a closed period": closed_period,
    "releasing what was released": released_twice,
    "counting what moved": stale_count,
    "a late entry that the future does not bear": late,
    "beside a refused line": beside_a_refused_line,
    "facts that change all the time": ever_changing_facts,
}


def test_declared_order_is_precedence():
    order = [code.precedence for code in Code]
    assert order == sorted(set(order))
