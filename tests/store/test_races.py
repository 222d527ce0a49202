"""T1: however many ask at once, what is there goes out once."""

import asyncio

import pytest

from stockbook.store.catalogue import PostgresCatalogue
from stockbook.store.database import Database
from stockbook.store.posting.ledger import PostgresLedger
from stockbook.store.verify import verify
from tests.store.network import settle

ASKING = 50
UNITS = 10
LANES = 5


@pytest.fixture(scope="module")
async def lanes(dsn):
    """Ledgers that share nothing but the database, as processes do."""
    databases = [await Database.open(dsn, 2, cap_seconds=None) for _ in range(LANES)]
    yield [PostgresLedger(db, PostgresCatalogue(db)) for db in databases]
    for db in databases:
        await db.close()


async def once(db, lanes, name, ask):
    """Let fifty ask for one of ten units, each by itself; return how many got it."""
    shop = await settle(db, name)
    await shop.post(shop.receive("r", UNITS))
    asked = [lanes[number % LANES].post(shop.version, [ask(shop, number)]) for number in range(ASKING)]
    outcomes = [outcome for [outcome] in await asyncio.gather(*asked)]
    refused = {outcome.refusal.code.name for outcome in outcomes if outcome.refusal}
    return sum(1 for outcome in outcomes if outcome.movement), refused


def reserving(shop, number):
    return shop.reserve(f"claim {number}", 1)


def selling(shop, number):
    return shop.sell(f"sale {number}", 1)


async def race(db, lanes, times):
    for number in range(times):
        assert await once(db, lanes, f"R{number}", reserving) == (UNITS, {"EXCEEDS_AVAILABLE"})
        assert await once(db, lanes, f"S{number}", selling) == (UNITS, {"INSUFFICIENT_STOCK"})


async def test_t1_of_fifty_who_reserve_ten_units_ten_succeed(db, lanes):
    await race(db, lanes, 10)
    assert await verify(db) == []


@pytest.mark.slow
async def test_t1_a_hundred_times(fresh, lanes):
    dsn = await fresh()
    db = await Database.open(dsn, cap_seconds=None)
    databases = [await Database.open(dsn, 2, cap_seconds=None) for _ in range(LANES)]
    await race(db, [PostgresLedger(each, PostgresCatalogue(each)) for each in databases], 100)
    assert await verify(db) == []
    for each in (db, *databases):
        await each.close()


async def test_crossing_transfers_never_deadlock_for_good(db, lanes):
    """Batches that take the same rows in opposite order wait for each other, or are decided again."""
    first, second = await settle(db, "X"), await settle(db, "Y")
    await first.post(first.receive("r", 1000), second.receive("r", 1000))

    async def go(lane, number):
        pair = [first.sell(f"x {lane} {number}", 1), second.sell(f"y {lane} {number}", 1)]
        if lane % 2:
            pair.reverse()
        return await lanes[lane].post(first.version, pair)

    said = await asyncio.gather(*(go(lane, number) for number in range(20) for lane in range(LANES)))
    assert all(outcome.movement for outcomes in said for outcome in outcomes)
    left = await db.fetch("select quantity from position where place_id = any($1)", [first.bin, second.bin])
    assert [row[0] for row in left] == [900, 900]


async def test_the_same_key_at_once_is_posted_once(db, lanes):
    shop = await settle(db, "K")
    said = await asyncio.gather(*(lane.post(shop.version, [shop.receive("same", 5)]) for lane in lanes))
    outcomes = [outcome for [outcome] in said]
    assert len({outcome.movement for outcome in outcomes}) == 1
    assert sorted(outcome.duplicate for outcome in outcomes) == [False] + [True] * (LANES - 1)
