"""Trees grown at night: a process that gives way, figures that the learner hears, and nothing that depends on them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from stockbook import worker
from stockbook.domain.demand.period import Period
from stockbook.flows.demand.learning import Learning
from stockbook.parts import assembled
from stockbook.settings import Settings
from stockbook.store.demand import growths
from stockbook.store.demand.book import PostgresDemand
from tests.demand.world import ITEMS, MONDAY, SELLERS, Sale, post, settle
from tests.demand_live import night

pytest.importorskip("lightgbm")
ROOT = Path(__file__).parents[2]
TONIGHT = datetime(2026, 11, 28, tzinfo=UTC).date()
WEEKS = 30


async def falls(_) -> None:
    raise ValueError("a tree fell")


async def learn(db) -> None:
    learning = Learning(PostgresDemand(db), [0], 1)
    while await learning.step():
        pass


async def week_of(db, number: int, count: int) -> int:
    sales = [
        Sale(seller, item, 8.0 + number % 3, MONDAY + timedelta(weeks=number, hours=seller + item))
        for seller in SELLERS
        for item in ITEMS[:2]
    ]
    await post(db, sales, first=count + 1)
    return count + len(sales)


@pytest_asyncio.fixture(scope="module")
async def parts(fresh, tmp_path_factory):
    settings = Settings(
        DATABASE_URL=await fresh(), home=tmp_path_factory.mktemp("home"), policies=ROOT / "policies", partitions=1
    )
    async with assembled(settings) as made:
        await settle(made.beside)
        count = 0
        for number in range(WEEKS):
            count = await week_of(made.beside, number, count)
        await learn(made.beside)
        yield made


async def told(parts) -> list:
    return await parts.beside.fetch("select * from guest_forecast order by 1, 2, 3, 4")


async def test_one_that_is_killed_in_the_middle_leaves_nothing_and_is_grown_again(parts, monkeypatch):
    series = await parts.beside.fetch("select id, state from series order by id")
    monkeypatch.setattr(worker, "grown", night.killed)
    assert await worker._grown(parts, 0, TONIGHT), "it is worth trying again"
    assert await told(parts) == [] and await growths.due(parts.beside, 1, TONIGHT) == [0]
    assert await parts.beside.fetch("select id, state from series order by id") == series
    with monkeypatch.context() as patched:
        patched.setattr(worker, "_aside", falls)
        assert not await worker._grown(parts, 0, TONIGHT), "a bug is told once a night"
    monkeypatch.setattr(worker, "grown", night.small)
    assert await worker._grown(parts, 0, TONIGHT)
    rows = await told(parts)
    assert len(rows) == 4 and {row["starts_at"] for row in rows} == {MONDAY + timedelta(weeks=WEEKS - 1)}
    assert all(7 < row["figures"][0] < 11 and row["figures"][1:] == sorted(row["figures"][1:]) for row in rows)
    assert await growths.due(parts.beside, 1, TONIGHT) == []
    assert await growths.due(parts.beside, 1, TONIGHT + timedelta(days=1)) == [0]


async def test_what_was_said_of_a_period_is_never_said_anew(parts):
    before = await told(parts)
    assert await growths.lived(parts.beside, 0, 1, Period.WEEK) == {}
    assert await worker._grown(parts, 0, TONIGHT + timedelta(days=1))
    assert await told(parts) == before


async def test_the_learner_hears_the_guest_and_learning_anew_hears_the_same(parts):
    db = parts.beside
    count = int(await db.fetchval("select max(id) from movement"))
    for number in range(WEEKS, WEEKS + 3):
        count = await week_of(db, number, count)
    await learn(db)
    states = await db.fetch("select seller_id, site_id, item_id, state from series order by 1, 2, 3")
    near = orjson.loads(states[0]["state"])["learner"]["dense"]["near"]
    assert "e:trees" in near["heard"]["names"].split() and "trees" in near["ways"]["names"]
    assert all(len(row["state"]) < 0.9 * 8192 for row in states)
    await db.execute("truncate series, forecast, threshold, learner_state, stream_offset restart identity cascade")
    await learn(db)
    assert await db.fetch("select seller_id, site_id, item_id, state from series order by 1, 2, 3") == states
