"""A copy that follows the feed equals the tables, whatever the pages and however transactions overlap."""

import random

import asyncpg
import pytest

from stockbook.access.masks import Mask, Relation
from stockbook.graph.execute import Graph
from stockbook.graph.schema import schema
from stockbook.settings import Settings
from stockbook.store import streams
from stockbook.store.database import Database
from tests.graph.askers import FIELDS, principal
from tests.replica.reader import Reader, Shop, gid, said, state


@pytest.fixture
async def shop(fresh):
    """A fresh database with a shop, a graph over it, and connections that stay open."""
    dsn = await fresh()
    db = await Database.open(dsn, cap_seconds=None)
    several = [await asyncpg.connect(dsn) for _ in range(4)]
    made = Shop(random.Random(1))
    await made.open(several[0])
    made.graph, made.db, made.several = Graph(schema, db, Settings()), db, several
    yield made
    for each in several:
        await each.close()
    await db.close()


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 60))])
async def test_any_paging_and_any_interleaving_of_commits_comes_to_the_tables(shop, seed):
    chance = shop.chance = random.Random(seed)
    sites = (await shop.db.fetchval("select id from place where organisation_id = 2 and kind = 'SITE'"),)
    readers = [Reader(shop.graph), Reader(shop.graph), Reader(shop.graph, sites=sites)]
    running: dict[int, asyncpg.transaction.Transaction] = {}
    for _ in range(150):
        at = chance.randrange(len(shop.several))
        connection, turn = shop.several[at], chance.random()
        if turn < 0.35:
            await chance.choice(readers).page(chance.choice([1, 2, 5, 40]))
        elif at not in running and turn < 0.5:
            await streams.number(connection, 5)
        elif at not in running:
            running[at] = connection.transaction()
            await running[at].start()
        elif turn < 0.85:
            await _alone(connection, chance.choice(shop.deeds))
        else:
            transaction = running.pop(at)
            await (transaction.commit() if chance.random() < 0.9 else transaction.rollback())
    for transaction in running.values():
        await transaction.commit()
    await streams.number(shop.several[0], 1000)
    late = Reader(shop.graph)
    for reader in (*readers, late):
        await reader.catch_up(chance.choice([1, 3, 50]))
        assert reader.restarts == 1
    for reader, limit in ((readers[0], ()), (readers[1], ()), (readers[2], sites), (late, ())):
        assert said(reader) == await state(shop.db, limit)


async def _alone(connection, deed):
    """Do it unless another transaction holds the row: then it isn't done."""
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        await connection.execute("set local lock_timeout = '20ms'")
        await deed(connection)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        await savepoint.rollback()
    else:
        await savepoint.commit()


async def test_what_commits_late_is_told_though_later_ones_were_told_before(shop):
    reader = Reader(shop.graph)
    await reader.catch_up()
    slow, quick = shop.several[:2]
    late = slow.transaction()
    await late.start()
    await shop.item(slow)  # has its number before the quick one
    await shop.item(quick)
    await reader.catch_up()
    known = len(reader.kept["items"])
    await late.commit()
    await reader.catch_up()
    assert len(reader.kept["items"]) >= known + 1
    assert said(reader) == await state(shop.db)


@pytest.mark.parametrize("pages", range(10, 22, 2))
async def test_goods_that_commit_while_everything_is_read_are_not_passed_by(shop, pages):
    """The reading by ids has gone past the rows when their transaction commits and its movements get their numbers."""
    quick, slow = shop.several[:2]
    for _ in range(3):
        await shop.move(quick)
    late = slow.transaction()
    await late.start()
    for _ in range(4):
        await _alone(slow, shop.move)
    for _ in range(20):
        await _alone(quick, shop.move)
    await streams.number(quick, 1000)
    reader = Reader(shop.graph)
    for _ in range(pages):
        await reader.page(1)
    await late.commit()
    await streams.number(quick, 1000)
    await reader.catch_up(3)
    assert said(reader) == await state(shop.db)


async def test_a_cursor_of_another_sight_begins_anew_and_what_is_not_seen_any_more_goes(shop):
    for _ in range(8):
        await shop.move(shop.several[0])
    await streams.number(shop.several[0], 1000)
    reader = Reader(shop.graph)
    await reader.catch_up()
    assert reader.kept["positions"]
    narrow = Mask(71, {**FIELDS, "Position.id": Relation.CUSTODIAN}, frozenset())
    reader.asker = (principal(2), narrow)
    await reader.catch_up()
    assert reader.restarts == 2
    assert said(reader) == await state(shop.db)
    closed = Mask(72, {name: shown for name, shown in FIELDS.items() if not name.startswith("Position.")}, frozenset())
    reader.asker, reader.forbidden = (principal(2), closed), {"FIELD_FORBIDDEN"}
    await reader.catch_up()
    assert reader.kept["positions"] == {}


async def test_goods_whose_custody_passes_away_are_withdrawn(shop):
    driver = Mask(73, {**FIELDS, "Position.id": Relation.CUSTODIAN}, frozenset())
    await shop.move(shop.several[0])
    await streams.number(shop.several[0], 1000)
    reader = Reader(shop.graph, mask=driver)
    while not reader.kept["positions"]:
        await shop.move(shop.several[0])
        await streams.number(shop.several[0], 1000)
        await reader.catch_up()
    (id_,) = list(reader.kept["positions"])[:1]
    row = int(id_.rpartition("/")[2])
    connection = shop.several[0]
    async with connection.transaction():
        await connection.execute(
            "insert into rights (id, owner_id, custodian_id, disposer_id, seller_id) overriding system value"
            " values (9, 2, 3, 2, 2)"
        )
        await connection.execute("update position set quantity = 0 where id = $1", row)
        other = await connection.fetchval(
            "insert into position (item_id, place_id, state, holds, rights_id, quantity, host_id, site_id)"
            " select item_id, place_id, state, holds, 9, 5, host_id, site_id from position where id = $1 returning id",
            row,
        )
        movement = await connection.fetchval(
            "insert into movement (organisation_id, verb, key, line, digest, occurred_at, actor_id, reason)"
            " values (2, 'GRANT', 'grant', 0, '', now(), 1, '') returning id"
        )
        await connection.execute(
            "insert into leg (movement_id, number, item_id, quantity, source_place_id, source_state, source_holds,"
            " source_rights_id, source_host_id, target_place_id, target_state, target_holds, target_rights_id,"
            " target_host_id) select $1, 0, item_id, 5, place_id, 8, 0, 2, 2, place_id, 8, 0, 9, 2 from position"
            " where id = $2",
            movement,
            row,
        )
        await connection.execute(
            "insert into movement_party (organisation_id, movement_id, topic, relations, occurred_at)"
            " values (2, $1, 'MOVED', 31, now())",
            movement,
        )
    await streams.number(connection, 1000)
    await reader.catch_up()
    assert id_ not in reader.kept["positions"]
    assert gid("Position", other) not in reader.kept["positions"]  # in another's custody: not a driver's to see


async def test_a_pallet_that_is_carried_to_another_site_takes_what_lies_on_it_along(shop):
    connection = shop.several[0]
    site, elsewhere = [row[0] for row in await connection.fetch("select id from place where kind = 'SITE' order by id")]
    await connection.execute("update place set organisation_id = 2 where id = $1", elsewhere)
    for _ in range(20):
        await shop.move(connection)
    await streams.number(connection, 1000)
    here, there = Reader(shop.graph, sites=(site,)), Reader(shop.graph, sites=(elsewhere,))
    await here.catch_up()
    await there.catch_up()
    bin_ = await connection.fetchval("select place_id from position where site_id = $1 and quantity > 0 limit 1", site)
    await connection.execute("update place set parent_id = $2, site_id = $2 where id = $1", bin_, elsewhere)
    await connection.execute("update position set site_id = $2 where place_id = $1", bin_, elsewhere)
    await here.catch_up()
    await there.catch_up()
    assert said(here)["positions"] == (await state(connection, (site,)))["positions"]
    assert said(there)["positions"] == (await state(connection, (elsewhere,)))["positions"]


@pytest.mark.parametrize(
    "cursor", ["x", "1.2.3", "ab.1.2.3.4.5.6.7.8.x", "ab." + "9" * 400, "ab.1.2.3.4.5.6.7.8." + "9" * 20]
)
async def test_what_is_no_cursor_is_refused(shop, cursor):
    reader = Reader(shop.graph)
    reader.cursor = cursor
    with pytest.raises(AssertionError, match="BAD_USER_INPUT"):
        await reader.page()


async def test_a_database_that_was_restored_from_before_begins_anew(shop):
    reader = Reader(shop.graph)
    await reader.catch_up()
    sight, *figures = reader.cursor.split(".")
    reader.cursor = ".".join([sight, "900000000000", *figures[1:]])
    assert not await reader.page()
    assert reader.cursor == ""
    await reader.catch_up()
    assert said(reader) == await state(shop.db)
