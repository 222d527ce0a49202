"""T5: an entry that comes late is posted as fast as any, however long the past: no row keeps a running value."""

import time
from datetime import timedelta
from statistics import median

import pytest

from stockbook.domain.refusal import Code
from stockbook.store.database import Database
from stockbook.store.verify import verify
from tests.postgres import Postgres
from tests.store.history import grow
from tests.trade import NOON, Trade

ITEMS = [f"ITEM-{number}" for number in range(41)]
BINS = [f"SHOP/BIN-{number}" for number in range(20)]
SECONDS_MAX = 1.0


async def late(dsn, movements):
    db = await Database.open(dsn, cap_seconds=None)
    trade = Trade(Postgres(db))
    await trade.organisations("SHOP")
    await trade.site("SHOP", *(name.removeprefix("SHOP/") for name in BINS))
    for item in ITEMS:
        await trade.item(item)
    began = NOON - timedelta(seconds=movements + 60)
    await grow(db, trade, ITEMS, BINS, movements, began)
    line = {"item": "ITEM-1", "place": "SHOP/BIN-1"}
    there = await trade.there("ITEM-1", "SHOP/BIN-1")
    took = []
    for number in range(5):
        moment = began + timedelta(seconds=movements * (number + 1) // 7)
        start = time.perf_counter()
        [outcome] = await trade.post("SHOP", "SELL", {**line, "quantity": 1}, at=moment)
        took.append(time.perf_counter() - start)
        assert outcome.refusal is None, outcome.refusal
    print(f"\nlate entries on {movements} movements: {max(took):.3f} s at most")
    assert await trade.there("ITEM-1", "SHOP/BIN-1") == there - 5
    halfway = began + timedelta(seconds=movements // 2)
    [outcome] = await trade.post("SHOP", "SELL", {**line, "quantity": there}, at=halfway)
    assert outcome.refusal.code in {Code.INSUFFICIENT_STOCK, Code.FUTURE_NEGATIVE}
    await trade.store.ledger.close()
    assert await verify(db) == []
    await db.close()
    return median(took)  # one of five may meet a moment in which the machine stands still


async def test_t5_a_late_entry_on_fifty_thousand_movements(fresh):
    assert await late(await fresh(), 50_000) < SECONDS_MAX


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_t5_a_late_entry_on_a_million_movements(fresh):
    assert await late(await fresh(), 1_000_000) < SECONDS_MAX
