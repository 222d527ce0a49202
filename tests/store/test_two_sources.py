"""A54: goods in one warehouse, more in work at a factory, many orders at once: no more is promised than there is."""

import asyncio
from dataclasses import replace

import pytest

from stockbook.domain.refusal import Code
from stockbook.store.database import Database
from stockbook.store.verify import verify
from tests.postgres import Postgres, emptied
from tests.trade import Trade

LANES, ORDERS = 4, 60
HERE, IN_WORK, READY = 10, 12, 5


@pytest.fixture
async def lanes(dsn, db):
    """The same distributor asked through several servers, which share nothing but the database."""
    first = Trade(await emptied(db))
    await first.organisations("MAKER")
    await first.item("PUMP")
    await first.place("SHANGHAI", "MAKER", "SITE")
    await first.place("SHANGHAI/SHELF", "MAKER", parent="SHANGHAI")
    await first.place("SUZHOU", "MAKER", "SITE")
    await first.place("SUZHOU/SHELF", "MAKER", parent="SUZHOU")
    await first.place("SUZHOU/ORDER", "MAKER", "PRODUCTION", parent="SUZHOU", bound_for="SUZHOU")
    databases = [await Database.open(dsn, 2, cap_seconds=None) for _ in range(LANES)]
    yield [replace(first, store=Postgres(database)) for database in databases]
    for database in databases:
        await database.close()


async def order(trade, number):
    """Promise one pump from the warehouse, else from what is in work; return where from."""
    line = {"item": "PUMP", "quantity": 1}
    for site, against in (("SHANGHAI", "ON_HAND"), ("SUZHOU", "INBOUND")):
        key = f"order {number} {site}"
        [outcome] = await trade.post("MAKER", "RESERVE", {**line, "site": site, "against": against}, key=key)
        if outcome.refusal is None:
            return site
        assert outcome.refusal.code is Code.EXCEEDS_AVAILABLE
    return None


async def test_parallel_orders_never_exceed_the_promise_while_work_in_progress_becomes_goods(db, lanes):
    first = lanes[0]
    await first.stock("MAKER", "PUMP", HERE, "SHANGHAI/SHELF")
    await first.do("MAKER", "EXPECT", item="PUMP", quantity=IN_WORK, place="SUZHOU/ORDER")
    assert (await first.tally("MAKER", "PUMP", "SUZHOU")).sellable_now == IN_WORK

    async def finished():
        line = {"item": "PUMP", "source": "SUZHOU/ORDER", "place": "SUZHOU/SHELF", "quantity": 1}
        for _ in range(READY):
            await lanes[1].do("MAKER", "RECEIVE", **line)
            await lanes[2].do("MAKER", "PUT_AWAY", **{**line, "source": "SUZHOU/SHELF"})

    *sources, _ = await asyncio.gather(*(order(lanes[n % LANES], n) for n in range(ORDERS)), finished())
    assert sources.count("SHANGHAI") == HERE
    promised = sources.count("SUZHOU")
    assert IN_WORK - READY <= promised <= IN_WORK  # what just lies between the dock and the shelf is neither
    later = [await order(first, ORDERS + n) for n in range(IN_WORK)]
    assert later.count("SUZHOU") == IN_WORK - promised
    for site, all_ in (("SHANGHAI", HERE), ("SUZHOU", IN_WORK)):
        tally = await first.tally("MAKER", "PUMP", site)
        assert (tally.sellable_now, tally.reserved) == (0, all_)
    assert await verify(db) == []
