"""A process that stands still in the middle of a posting, and an answer that is lost: posted once, and said so."""

import asyncio
import itertools
import threading

import asyncpg
import pytest
import pytest_asyncio

from stockbook.flows.ports import Fault
from stockbook.store.posting import ledger as posting
from tests.store.network import Network, settle

WAITS = "select 1 -- its answer waits to be read"
UNDER_WAY = "select count(*) from pg_stat_activity where pid = $1 and state = 'idle in transaction' and query = $2"
THERE = "select count(*) from pg_stat_activity where pid = $1"
NAMES = itertools.count()


@pytest_asyncio.fixture
async def shop(db) -> Network:
    shop = await settle(db, f"STILL-{next(NAMES)}")
    assert await shop.codes(shop.receive("r", 5)) == ["POSTED"]
    return shop


async def books(shop):
    """Return what lies there and how much was posted."""
    lies = await shop.db.fetchval("select sum(quantity) from position where item_id = $1", shop.item)
    return lies, await shop.db.fetchval("select count(*) from movement where organisation_id = $1", shop.shop)


def end(dsn, pid):
    """End a session as its cap does: while it waits for the next statement of its transaction."""

    async def ending():
        connection = await asyncpg.connect(dsn)
        try:
            while not await connection.fetchval(UNDER_WAY, pid, WAITS):
                await asyncio.sleep(0.01)
            await connection.execute("select pg_terminate_backend($1)", pid)
            while await connection.fetchval(THERE, pid):
                await asyncio.sleep(0.01)
        finally:
            await connection.close()

    asyncio.run(ending())


async def test_a_transaction_that_ended_while_we_stood_still_is_tried_again(shop, dsn, monkeypatch):
    locked, lock, met = [], posting.lock, []

    async def stalled(connection, sheet, entries):
        locked.append(connection)
        if len(locked) == 1:
            asked = asyncio.ensure_future(connection.execute(WAITS))
            await asyncio.sleep(0)  # it is asked
            ending = threading.Thread(target=end, args=(dsn, connection.get_server_pid()))
            ending.start()
            ending.join()  # nothing of this loop runs meanwhile, as when the machine takes its time
            await asked
        try:
            return await lock(connection, sheet, entries)
        except Exception as error:
            met.append(type(error))
            raise

    monkeypatch.setattr(posting, "lock", stalled)
    assert await shop.codes(shop.sell("much", 9), shop.sell("some", 2)) == ["INSUFFICIENT_STOCK", "POSTED"]
    assert met == [asyncpg.InternalClientError], "asyncpg's word for a connection that is gone and not yet closed"
    assert await books(shop) == (3, 2)


async def test_a_posting_whose_answer_was_lost_is_known_by_its_key(shop, monkeypatch):
    execute, lost = asyncpg.Connection.execute, []

    async def cut(self, query, *args, **more):
        said = await execute(self, query, *args, **more)
        if query == posting.POST and not lost:
            lost.append(query)
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return said

    monkeypatch.setattr(asyncpg.Connection, "execute", cut)
    assert await shop.codes(shop.sell("lost", 2)) == ["DUPLICATE"]
    assert lost
    assert await books(shop) == (3, 2)


async def test_a_database_that_stays_away_is_not_asked_for_ever(shop, monkeypatch):
    asked = []

    async def gone(self, query, *args, **more):
        asked.append(query)
        raise asyncpg.InterfaceError("connection is closed")

    monkeypatch.setattr(asyncpg.Connection, "execute", gone)
    with pytest.raises(Fault):
        await shop.post(shop.sell("away", 2))
    assert asked == [posting.POST] * 2
    monkeypatch.undo()
    assert await books(shop) == (5, 1)
