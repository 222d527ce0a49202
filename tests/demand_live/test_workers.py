"""Real worker processes: some come, some are killed, and everything is learnt once."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from stockbook.store.database import Database
from stockbook.store.demand.book import PostgresDemand
from stockbook.store.demand.leases import PARTITIONS, Leases
from tests.demand.test_learn_demand import learn, learnt
from tests.demand.world import post, sales, settle

OF = 4
WAIT = 120


async def worker(dsn: str, home: Path) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "DATABASE_URL": dsn,
        "STOCKBOOK_PARTITIONS": str(OF),
        "STOCKBOOK_CLOCK_SECONDS": "0",
        "STOCKBOOK_HOME": str(home),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stockbook", "work", env=environment, stdout=asyncio.subprocess.DEVNULL
    )


async def until(holds, seconds: float = WAIT) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.1)


async def holders(db) -> dict[int, int]:
    """Return which process of the database holds which partition."""
    rows = await db.fetch(
        "select objid::int, pid from pg_locks where locktype = 'advisory' and classid = $1 and granted"
        " and database = (select oid from pg_database where datname = current_database())",
        PARTITIONS,
    )
    return {row[0]: row[1] for row in rows}


async def spread(db, members: int) -> bool:
    held = await holders(db)
    return len(held) == OF and len(set(held.values())) == members


async def test_workers_come_and_are_killed_and_nothing_is_learnt_twice_or_never(fresh, tmp_path):
    dsn = await fresh()
    db = await Database.open(dsn, cap_seconds=None)
    await settle(db)
    lines = sales(6)
    thirds = [lines[at * len(lines) // 3 : (at + 1) * len(lines) // 3] for at in range(3)]
    started = [await worker(dsn, tmp_path) for _ in range(2)]
    try:
        await until(lambda: spread(db, 2))
        await post(db, thirds[0])
        victim = started.pop()
        victim.send_signal(signal.SIGKILL)  # in the middle of whatever it was doing
        await victim.wait()
        await post(db, thirds[1], first=len(thirds[0]) + 1)
        await until(lambda: spread(db, 1))
        started.append(await worker(dsn, tmp_path))
        await until(lambda: spread(db, 2))
        started[0].send_signal(signal.SIGKILL)
        await post(db, thirds[2], first=len(thirds[0]) + len(thirds[1]) + 1)
        await until(lambda: spread(db, 1))
        book = PostgresDemand(db)

        async def done() -> bool:
            return not await book.waiting()

        await until(done)
    finally:
        for each in started:
            with contextlib.suppress(ProcessLookupError):
                each.kill()
            await each.wait()
    found = await learnt(db)
    await db.execute("truncate series, forecast, threshold, learner_state, stream_offset restart identity cascade")
    await learn(db, partitions=range(OF), of=OF)
    assert found == await learnt(db), "as one learner alone would have learnt it, bit for bit"
    await db.close()


async def test_partitions_are_shared_fairly_and_a_dead_members_are_taken_up(dsn):
    def nothing() -> None:
        pass

    one = await Leases.open(dsn, 8, nothing, "stock")
    assert await one.look() == frozenset(range(8))
    two = await Leases.open(dsn, 8, nothing, "stock")
    assert await two.look() == frozenset()
    assert len(await one.look()) == 4
    assert await two.look() == frozenset(range(8)) - one.held
    three = await Leases.open(dsn, 8, nothing, "stock")
    assert (len(await one.look()), len(await two.look()), len(await three.look())) == (3, 3, 2)
    assert not one.held & two.held and not (one.held | two.held) & three.held
    two.close()  # as if its process were gone: nothing is given back

    async def shared() -> bool:
        return (len(await one.look()), len(await three.look())) == (4, 4)

    await until(shared)
    assert one.held | three.held == frozenset(range(8))
    one.close()
    three.close()
