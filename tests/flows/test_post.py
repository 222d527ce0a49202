"""Commands that come together: gathered, answered each for itself, none harmed by another."""

import asyncio
from decimal import Decimal

import pytest

from stockbook.domain.refusal import Code
from stockbook.domain.stock import ledger
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.ports import Fault
from tests.memory import Memory
from tests.trade import Trade, snapshot

LINE = {"item": "APPLE", "quantity": 1, "place": "SHOP/SHELF"}


@pytest.fixture
async def trade():
    trade = Trade(Memory())
    await trade.organisations("SHOP")
    await trade.site("SHOP", "SHELF", "STORE")
    await trade.item("APPLE")
    await trade.stock("SHOP", "APPLE", 100, "SHOP/SHELF")
    return trade


class Slow:
    """A ledger that counts its calls and gives way, so that others may come meanwhile."""

    def __init__(self, inner, fails=()):
        self.inner, self.fails = inner, list(fails)
        self.loads, self.batches = 0, []

    async def load(self, want):
        self.loads += 1
        return await self.inner.load(want)

    async def post(self, version, entries):
        self.batches.append(len(entries))
        await asyncio.sleep(0.01)
        if self.fails:
            raise self.fails.pop(0)
        return await self.inner.post(version, entries)


def slowed(trade, *fails):
    slow = Slow(trade.store.inner, fails)
    trade.posting._ledger = trade.posting._loading._ledger = slow
    return slow


async def test_what_comes_while_a_batch_commits_is_the_next_batch(trade):
    slow = slowed(trade)
    first = asyncio.create_task(trade.post("SHOP", "SELL", LINE))
    while not slow.batches:
        await asyncio.sleep(0)
    others = await asyncio.gather(*(trade.post("SHOP", "SELL", LINE) for _ in range(20)))
    await first
    assert slow.batches == [1, 20]
    assert slow.loads == 2
    assert len({outcome.movement for [outcome] in others}) == 20


async def test_who_touches_other_goods_does_not_wait(trade):
    await trade.stock("SHOP", "APPLE", 100, "SHOP/STORE")
    slow = slowed(trade)
    shelf = asyncio.create_task(trade.post("SHOP", "SELL", LINE))
    while not slow.batches:
        await asyncio.sleep(0)
    store = asyncio.create_task(trade.post("SHOP", "SELL", {**LINE, "place": "SHOP/STORE"}))
    while len(slow.batches) < 2:
        await asyncio.sleep(0)
    assert not shelf.done()
    third = asyncio.create_task(trade.post("SHOP", "SELL", LINE))
    await asyncio.sleep(0)
    assert slow.batches == [1, 1]
    await asyncio.gather(shelf, store, third)
    assert slow.batches == [1, 1, 1]


async def test_who_could_touch_anything_goes_alone(trade):
    slow = slowed(trade)
    count = {"item": "APPLE", "place": "SHOP/STORE", "counted": 0, "expected": 0}
    first = asyncio.create_task(trade.post("SHOP", "SELL", LINE))
    while not slow.batches:
        await asyncio.sleep(0)
    second = asyncio.create_task(trade.post("SHOP", "COUNT", count))
    await asyncio.sleep(0.005)
    assert slow.loads == 1
    await asyncio.gather(first, second)


async def test_a_batch_has_an_end(trade):
    slow = slowed(trade)
    trade.posting._lines_max = 8
    await asyncio.gather(*(trade.post("SHOP", "SELL", LINE, LINE, LINE) for _ in range(6)))
    assert max(slow.batches) <= 8
    assert sum(slow.batches) == 18


async def test_each_gets_its_own_verdict_in_the_order_they_came(trade):
    many = {**LINE, "quantity": 60}
    answers = await asyncio.gather(*(trade.post("SHOP", "SELL", line) for line in (many, many, LINE)))
    assert [answer[0].refusal and answer[0].refusal.code for answer in answers] == [None, Code.INSUFFICIENT_STOCK, None]
    assert await trade.there("APPLE", "SHOP/SHELF") == 39


async def test_a_bug_met_by_one_command_is_not_the_others(trade, monkeypatch):
    sell = ledger.VERBS[Verb.SELL]

    def broken(line, draft):
        if line.quantity == 13:
            raise ZeroDivisionError
        return sell(line, draft)

    monkeypatch.setitem(ledger.VERBS, Verb.SELL, broken)
    answers = await asyncio.gather(
        trade.post("SHOP", "SELL", LINE),
        trade.post("SHOP", "SELL", LINE, {**LINE, "quantity": 13}),
        trade.post("SHOP", "SELL", LINE),
        return_exceptions=True,
    )
    assert isinstance(answers[1], ZeroDivisionError)
    assert answers[0][0].movement
    assert answers[2][0].movement
    assert await trade.there("APPLE", "SHOP/SHELF") == 98


async def test_when_a_batch_breaks_the_store_each_is_tried_alone(trade):
    slowed(trade, RuntimeError("one of them was poison"))
    answers = await asyncio.gather(*(trade.post("SHOP", "SELL", LINE) for _ in range(3)))
    assert all(answer[0].movement for answer in answers)


async def test_a_fault_is_told_to_everybody_and_leaves_nothing(trade):
    before = await snapshot(trade.store)
    slowed(trade, Fault("away"))
    answers = await asyncio.gather(*(trade.post("SHOP", "SELL", LINE) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Fault] * 3
    assert await snapshot(trade.store) == before
    [again] = await trade.post("SHOP", "SELL", LINE)
    assert again.movement


async def test_when_the_world_moved_it_is_decided_again(trade):
    inner = trade.store.inner
    load = inner.load
    moved = []

    class Moving:
        """Between the first load and its posting somebody else takes nearly all."""

        post = inner.post

        async def load(self, want):
            books = await load(want)
            if not moved:
                moved.append(True)
                other = Trade(trade.store, ids=trade.ids)
                await other.post("SHOP", "SELL", {**LINE, "quantity": 99}, key="other")
            return books

    trade.posting._ledger = trade.posting._loading._ledger = Moving()
    answers = await asyncio.gather(
        trade.post("SHOP", "SELL", {**LINE, "quantity": 50}), trade.post("SHOP", "SELL", LINE)
    )
    [no], [yes] = answers
    assert no.refusal.figures == {"requested": "50", "available": "0"}, "what stood the first time is kept"
    assert yes.movement
    assert not yes.duplicate
    assert await trade.there("APPLE", "SHOP/SHELF") == Decimal(0)


async def test_a_shut_down_lane_leaves_nobody_waiting(trade):
    slow = slowed(trade)
    waiting = asyncio.create_task(trade.post("SHOP", "SELL", LINE))
    while not slow.batches:
        await asyncio.sleep(0)
    for task in trade.posting._under_way:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_facts_that_change_while_they_are_asked_for_are_all_asked_for_again(trade):
    """Else a batch could be decided on places of one version and books of the next, and the store would not notice."""
    await trade.organisations("FARM")
    inner, asked = trade.store.inner, []

    class Changing:
        def __getattr__(self, name):
            return getattr(inner, name)

        async def places(self, ids):
            asked.append(ids)
            return await inner.places(ids)

        async def virtual(self, organisation, kind):
            if len(asked) == 1:
                await trade.agree("SHOP", "FARM", "DISPATCH", "SALE")
            return await inner.virtual(organisation, kind)

    trade.posting._loading._catalogue = Changing()
    [outcome] = await trade.post("SHOP", "SELL", LINE)
    assert outcome.movement
    assert len(asked) == 2
