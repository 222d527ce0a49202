"""The ledger in PostgreSQL: what is written, what is refused, and that a refused entry leaves nothing."""

import itertools
from decimal import Decimal

import pytest

from stockbook.domain.stock.movement import Tally
from stockbook.flows.ports import Want
from tests.store.network import NOON, settle

_names = itertools.count()


@pytest.fixture
async def shop(db):
    return await settle(db, f"T{next(_names)}")


async def books(shop):
    return await shop.ledger.load(
        Want(
            stock=frozenset({(shop.item, shop.bin)}),
            shelves=frozenset({shop.shelf}),
            keys=frozenset({(shop.shop, "r")}),
            timed=True,
        )
    )


async def test_what_is_received_lies_on_the_shelf(shop):
    assert await shop.codes(shop.receive("r", 5)) == ["POSTED"]
    loaded = await books(shop)
    assert loaded.positions == {shop.position: 5}
    assert loaded.tallies == {shop.shelf: Tally(on_hand=Decimal(5))}
    assert loaded.keys[shop.shop, "r", 0][0] == b"d"
    assert loaded.moved_at == {shop.position: NOON}


async def test_the_running_balance_decides_not_the_sum(shop):
    said = await shop.codes(shop.sell("s1", 3), shop.receive("r", 5), shop.sell("s2", 3), shop.sell("s3", 3))
    assert said == ["INSUFFICIENT_STOCK", "POSTED", "POSTED", "INSUFFICIENT_STOCK"]
    assert (await books(shop)).positions == {shop.position: 2}


async def test_a_refused_entry_leaves_nothing(shop, db):
    before = [await db.fetchval(f"select count(*) from {t}") for t in ("position", "availability", "movement", "leg")]
    [outcome] = await shop.post(shop.sell("s", 3))
    assert outcome.refusal.figures == {"requested": "3", "available": "0"}
    after = [await db.fetchval(f"select count(*) from {t}") for t in ("position", "availability", "movement", "leg")]
    assert before == after


async def test_a_chain_stands_or_falls_whole(shop):
    chain = [shop.receive("a", 5, chain=1), shop.sell("b", 9, chain=1), shop.receive("c", 1, chain=1)]
    assert await shop.codes(*chain, shop.receive("d", 2)) == [
        "CHAIN_FAILED",
        "INSUFFICIENT_STOCK",
        "CHAIN_FAILED",
        "POSTED",
    ]
    assert (await books(shop)).positions == {shop.position: 2}


async def test_the_same_key_again_is_answered_with_the_first_posting(shop):
    [first] = await shop.post(shop.receive("r", 5))
    [again] = await shop.post(shop.receive("r", 5))
    assert (again.movement, again.duplicate) == (first.movement, True)
    assert await shop.codes(shop.receive("r", 5)._replace(digest=b"other")) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await shop.codes(shop.receive("x", 1), shop.receive("x", 1)) == ["POSTED", "DUPLICATE"]
    assert (await books(shop)).positions == {shop.position: 6}


async def test_a_refused_line_may_be_tried_again(shop):
    assert await shop.codes(shop.sell("s", 3)) == ["INSUFFICIENT_STOCK"]
    assert await shop.codes(shop.receive("r", 5), shop.sell("s", 3)) == ["POSTED", "POSTED"]


async def test_promises_end_where_the_stock_does(shop):
    await shop.post(shop.receive("r", 5))
    assert await shop.codes(shop.reserve("c1", 3), shop.reserve("c2", 3, claim=-2)) == ["POSTED", "EXCEEDS_AVAILABLE"]
    [made] = await shop.post(shop.reserve("c3", 2))
    [claim] = made.claims
    assert await shop.codes(shop.release("x", claim, 2), shop.release("y", claim, 1)) == ["POSTED", "CLAIM_ENDED"]
    assert (await books(shop)).tallies[shop.shelf].reserved == 3
    [again] = await shop.post(shop.reserve("c3", 2))
    assert (again.duplicate, again.claims) == (True, made.claims)


async def test_what_is_claimed_of_a_position_goes_to_nobody_else(shop, db):
    await shop.post(shop.receive("r", 5))
    [made] = await shop.post(shop.reserve("c", 4, hard=True))
    assert await shop.codes(shop.sell("s", 2)) == ["INSUFFICIENT_STOCK"]
    assert await db.fetchval("select claimed from position where place_id = $1", shop.bin) == 4
    named = shop.sell("s", 2)._replace(
        claims=shop.release("_", made.claims[0], 2, state="FULFILLED", hard=True).claims,
        tallies=((shop.shelf, Tally(on_hand=Decimal(-2), reserved=Decimal(-2))),),
    )
    assert await shop.codes(named) == ["POSTED"]
    assert tuple(await db.fetchrow("select quantity, state from claim where id = $1", made.claims[0])) == (2, "OPEN")


async def test_falling_below_what_is_reserved_is_told_to_the_seller(shop, db):
    await shop.post(shop.receive("r", 5), shop.reserve("c", 4))
    [sold] = await shop.post(shop.sell("s", 3))
    rows = await db.fetch(
        "select organisation_id, topic, relations from movement_party where movement_id = $1", sold.movement
    )
    assert sorted(map(tuple, rows)) == [(shop.shop, "MOVED", 95), (shop.shop, "SHORTFALL", 8)]
    assert await db.fetchval("select kind from task where movement_id = $1", sold.movement) == "SHORTFALL"


async def test_a_closed_period_takes_nothing(shop, db):
    await db.execute("insert into period_close values ($1, $2)", shop.shop, NOON)
    early = shop.receive("e", 1)._replace(occurred_at=NOON.replace(hour=11))
    assert await shop.codes(early, shop.receive("r", 1)) == ["PERIOD_CLOSED", "POSTED"]


async def test_a_movement_is_reversed_once(shop):
    [received] = await shop.post(shop.receive("r", 5))
    undo = shop.sell("u", 5)._replace(reverses=received.movement)
    assert await shop.codes(undo, undo._replace(key="v", chain=2)) == ["POSTED", "ALREADY_REVERSED"]
    assert await shop.codes(shop.receive("r2", 9), undo._replace(key="w", chain=3)) == ["POSTED", "ALREADY_REVERSED"]


async def test_changed_facts_are_decided_again(shop, db):
    await db.execute("update facts_version set version = version + 1")
    assert await shop.codes(shop.receive("r", 5)) == ["CONFLICT"]
    old = (await books(shop)).version
    assert (old, (await books(shop)).version) == (shop.version, shop.version + 1)
    shop.version += 1
    assert await shop.codes(shop.receive("r", 5)) == ["POSTED"]


async def test_a_batch_of_more_legs_than_a_call_carries(shop):
    entries = [shop.receive(f"r{n}", 1) for n in range(300)] + [shop.sell("s", 301), shop.sell("t", 300)]
    said = await shop.codes(*entries)
    assert said == ["POSTED"] * 300 + ["INSUFFICIENT_STOCK", "POSTED"]
