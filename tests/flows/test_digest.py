"""The same key with the same input posts once, however the input was written; with another one it is refused (T23)."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from stockbook.domain.refusal import Code
from stockbook.domain.stock.lines import Ingredient, Product, Receive, Reserve, Transform
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.posting.command import Command
from stockbook.flows.posting.digest import digest, heading
from tests.memory import Memory
from tests.trade import NOON, Trade

BERLIN = timezone(timedelta(hours=1))


@pytest.fixture
async def trade():
    trade = Trade(Memory())
    await trade.organisations("SHOP")
    await trade.site("SHOP", "SHELF")
    await trade.item("APPLE", decimals=3)
    return trade


@pytest.mark.parametrize("again", ["2.5", "2.50", "2.500000"])
async def test_a_quantity_written_otherwise_is_the_same_input(trade, again):
    line = {"item": "APPLE", "place": "SHOP/SHELF"}
    [first] = await trade.post("SHOP", "RECEIVE", {**line, "quantity": Decimal("2.5")}, key="key")
    [second] = await trade.post("SHOP", "RECEIVE", {**line, "quantity": Decimal(again)}, key="key")
    assert (second.movement, second.duplicate) == (first.movement, True)
    [other] = await trade.post("SHOP", "RECEIVE", {**line, "quantity": Decimal("2.51")}, key="key")
    assert other.refusal.code is Code.IDEMPOTENCY_KEY_REUSED


async def test_the_same_moment_in_another_offset_is_the_same_input(trade):
    line = {"item": "APPLE", "place": "SHOP/SHELF", "quantity": 1}
    [first] = await trade.post("SHOP", "RECEIVE", line, key="key", at=NOON)
    [second] = await trade.post("SHOP", "RECEIVE", line, key="key", at=NOON.astimezone(BERLIN))
    assert (second.movement, second.duplicate) == (first.movement, True)
    [other] = await trade.post("SHOP", "RECEIVE", line, key="key", at=NOON - timedelta(seconds=1))
    assert other.refusal.code is Code.IDEMPOTENCY_KEY_REUSED


def digests(*lines, verb=Verb.RECEIVE):
    return {digest(heading(Command(7, 1, verb, "key", (line,))), line) for line in lines}


def test_moments_within_a_line_and_parts_of_it_count_too():
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))
    assert len(digests(*(Reserve("A", Decimal(1), "S", expires_at=at) for at in (NOON, NOON.astimezone(BERLIN))))) == 1
    assert len(digests(*(Reserve("A", Decimal(1), "S", expires_at=at) for at in (NOON, last, None)))) == 3
    made = [
        Transform("P", (Ingredient("A", Decimal(text), "S"),), (Product("B", Decimal(1), "S"),))
        for text in ("2.5", "2.50", "2.5000000000000000000000000000001")
    ]
    assert len(digests(*made, verb=Verb.TRANSFORM)) == 2


def test_what_is_said_elsewhere_in_a_line_is_another_input():
    assert (
        len(digests(Receive("A", Decimal(1), "B"), Receive("A", Decimal(1), "C"), Receive("B", Decimal(1), "A"))) == 3
    )
    assert len(digests(*(Receive("A", Decimal(1), "B", lot=lot) for lot in (None, "1", "2.5", "2.50")))) == 4
