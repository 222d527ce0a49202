"""What goes on beside requests: numbering signals, learning from sales, and the clock.

`serve` runs it too; `work` runs more of it. Of all that run, one numbers
(elected by an advisory lock, so another takes over when it dies); learning and
the clock need no election: what both post carries the same idempotency key, and
a lesson learnt twice is void.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from multiprocessing import get_context
from typing import TypeVar

import asyncpg
import structlog

from stockbook.access.actions import verbs
from stockbook.api import logs
from stockbook.api.metrics import NUMBERED_TOTAL
from stockbook.flows import clock
from stockbook.flows.demand.book import Overtaken
from stockbook.flows.demand.growing import Grown, grown
from stockbook.flows.ports import Fault
from stockbook.flows.trials.problem import NothingSold
from stockbook.flows.trials.trying import Tried, tried
from stockbook.parts import Parts, assembled
from stockbook.settings import Settings
from stockbook.store import streams
from stockbook.store.database import Database
from stockbook.store.demand import growths, influences, past, proposals, trials
from stockbook.store.demand.leases import Leases
from stockbook.store.faults import AWAY

LOG = structlog.get_logger()
_T = TypeVar("_T")
POLL_SECONDS = 0.25
ELECTION_SECONDS = 1.0
GATHER_SECONDS = 0.05
"""How long sales gather before they are learnt; whoever was idle learns at once, whoever is behind does not wait."""
LEASE_SECONDS = 1.0
"""How often a learner looks whether its part of the partitions is fair."""
SETTLE_SECONDS = 0.01
"""How long signals gather: whoever was idle is woken at once."""
TRIALS_SECONDS, GROWTH_SECONDS = 1.0, 60.0
PROPOSE_SECONDS, PROPOSE_SHARE, EVERYTHING_SECONDS = 1.0, 0.05, 60.0
"""How often one looks for what is short where something happened, the share of the time that it takes at most, and how
often one looks everywhere: terms, clearances and rests that end stir no shelf."""
SWEPT_EVERY, STRAY_AFTER = timedelta(hours=1), timedelta(days=1)
"""How often files are looked at, and after how long one that no row names is deleted."""
RETRY_SECONDS = 0.25
RETRY_SECONDS_MAX = 2.0
LOST = (*AWAY, asyncpg.PostgresError, Fault, Overtaken)
"""The world failed: try again."""


async def work(settings: Settings) -> None:
    """Run one more worker until SIGINT or SIGTERM."""
    logs.configure()
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with assembled(settings) as parts:
        running = asyncio.create_task(run(parts))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def run(parts: Parts) -> None:
    """Run everything until cancelled; what fails with the world goes on when it is back."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_again("numbering", lambda: _number(parts.dsn)))
        group.create_task(_again("learning", lambda: _learn(parts)))
        group.create_task(_again("proposals", lambda: _propose(parts)))
        group.create_task(_again("trials", lambda: _try(parts)))
        if parts.settings.trees_hour >= 0 and find_spec("lightgbm"):
            group.create_task(_again("trees", lambda: _grow(parts)))
        if parts.settings.clock_seconds:
            group.create_task(_again("clock", lambda: _clock(parts)))


async def _again(what: str, once: Callable[[], Awaitable[None]]) -> None:
    """Do it again whenever it ends or fails, soon at first and then more slowly; a bug is told, and stops no other."""
    pause = RETRY_SECONDS
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        try:
            await once()
        except LOST as error:
            LOG.warning("worker_interrupted", task=what, error=type(error).__name__)
        except Exception:
            LOG.exception("worker_failed", task=what)
        pause = RETRY_SECONDS if loop.time() - begun > RETRY_SECONDS_MAX else min(pause * 2, RETRY_SECONDS_MAX)
        await asyncio.sleep(pause)


async def _number(dsn: str) -> None:
    """Give signals their numbers as long as this session lasts.

    The session that holds the lock is the one that numbers: if it is lost, so
    is the lock, and whatever it was in the middle of is rolled back.
    """
    wake, now, woken = asyncio.Event(), asyncio.get_running_loop().time, -POLL_SECONDS
    async with _elected(dsn, "sequencer", streams.elected, ELECTION_SECONDS) as connection:
        connection.add_termination_listener(lambda _: wake.set())
        await connection.add_listener(streams.WAKE, lambda *_: wake.set())
        await connection.execute("set synchronous_commit = off")
        LOG.info("numbering")
        while True:
            wake.clear()
            begun = now()
            done = await streams.number(connection)
            NUMBERED_TOTAL.inc(done)
            if done == streams.BATCH:
                continue
            # what woke us can be read only when every transaction begun before it has ended
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), SETTLE_SECONDS if now() - woken < POLL_SECONDS else POLL_SECONDS)
                woken = now()
            await asyncio.sleep(begun + SETTLE_SECONDS - now())


@contextlib.asynccontextmanager
async def _elected(
    dsn: str, what: str, elected: Callable[[asyncpg.Connection], Awaitable[bool]], pause_seconds: float
) -> AsyncIterator[asyncpg.Connection]:
    """Yield a session that is the one to do something, once no other process does it."""
    connection = await asyncpg.connect(
        dsn, timeout=10, command_timeout=60, server_settings={"application_name": f"stockbook {what}"}
    )
    try:
        while not await elected(connection):  # noqa: ASYNC110 - the other is another process
            await asyncio.sleep(pause_seconds)
        yield connection
    finally:
        connection.terminate()


async def _learn(parts: Parts) -> None:
    """Learn from sales, of a fair part of the partitions; forecasts follow the stream."""
    learning, wake, now = parts.learning, asyncio.Event(), asyncio.get_running_loop().time
    learning.follow(())  # what was saved may be lost with the database, for lessons wait for no disk
    leases = await Leases.open(parts.dsn, parts.settings.partitions, wake.set, streams.WAKE)
    looked = woken = -LEASE_SECONDS
    try:
        while True:
            if now() - looked >= LEASE_SECONDS:
                learning.follow(await leases.look())
                looked = now()
            wake.clear()
            begun = now()
            read = await learning.step() if leases.held else 0
            if read and not learning.behind:
                await asyncio.sleep(begun + GATHER_SECONDS - now())
            if not read:
                # what woke us can be read only when every transaction begun before it has ended
                pause = SETTLE_SECONDS if now() - woken < POLL_SECONDS else POLL_SECONDS
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), pause)
                    woken = now()
    finally:
        leases.close()


async def _propose(parts: Parts) -> None:
    """Propose what is short as long as this session lasts; the more there is to look at, the longer between looks."""
    now = asyncio.get_running_loop().time
    since, everything = None, -EVERYTHING_SECONDS
    async with _elected(parts.dsn, "proposals", proposals.elected, ELECTION_SECONDS) as connection:
        while not connection.is_closed():
            begun = now()
            if begun - everything >= EVERYTHING_SECONDS:
                since, everything = None, begun
            done = await parts.proposing.round(since)
            since = done.until
            if done.opened or done.superseded or done.posted or done.withdrawn:
                LOG.info(
                    "proposals",
                    opened=done.opened,
                    superseded=done.superseded,
                    posted=done.posted,
                    withdrawn=done.withdrawn,
                )
            for proposal, refusal in done.refused:
                LOG.warning("proposal_not_expected", id=proposal, code=refusal.code.name)
            await asyncio.sleep(max(PROPOSE_SECONDS, (now() - begun) / PROPOSE_SHARE))


async def _try(parts: Parts) -> None:
    """Run trials of the sandbox one after the other, each in a process of its own that gives way to all others."""
    async with _elected(parts.dsn, "trials", trials.elected, TRIALS_SECONDS) as connection:
        while True:
            waiting = await trials.take(connection)
            if waiting is None:
                await asyncio.sleep(TRIALS_SECONDS)
                continue
            try:
                found = await _tried(parts.beside, waiting)
            except NothingSold as nothing:
                await trials.fail(connection, waiting.id, nothing.facts)
            except ValueError as error:
                await trials.fail(connection, waiting.id, {"fault": str(error)})
            else:
                await trials.finish(connection, waiting.id, found)
            LOG.info("trial", id=waiting.id)


async def _tried(database: Database, waiting: trials.Waiting) -> Tried:
    panel, policy = await past.panel(database, waiting.asked), await past.policy(database, waiting.asked)
    return await _aside(lambda pool: pool.submit(tried, panel, waiting.heading, waiting.variant, policy))


async def _aside(submit: Callable[[ProcessPoolExecutor], Future[_T]]) -> _T:
    """Run something in a process of its own that gives way to all others; whoever is cancelled ends it."""
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=os.nice, initargs=(10,))
    running = asyncio.wrap_future(submit(pool))
    children = tuple(pool._processes.values())
    try:
        return await running
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in children if not running.done() or running.cancelled() else ():
            child.kill()


async def _grow(parts: Parts) -> None:
    """Grow trees once a night, one partition after the other; what is cut off is grown again within the minute."""
    settings, failed = parts.settings, set[tuple[date, int]]()
    async with _elected(parts.dsn, "trees", growths.elected, GROWTH_SECONDS) as connection:
        while True:
            tonight = growths.night(datetime.now(UTC), settings.trees_hour)
            for partition in await growths.due(connection, settings.partitions, tonight):
                if (tonight, partition) not in failed and not await _grown(parts, partition, tonight):
                    failed.add((tonight, partition))
            await asyncio.sleep(GROWTH_SECONDS)


async def _grown(parts: Parts, partition: int, tonight: date) -> bool:
    """Grow the trees of a partition; tell whether there is anything to hope of trying again tonight."""
    period = parts.learning.period
    series = await growths.lived(parts.beside, partition, parts.settings.partitions, period)
    try:
        came = await _aside(lambda pool: pool.submit(grown, period, series)) if series else Grown()
    except BrokenExecutor:
        LOG.warning("trees_cut_off", partition=partition)
        return True
    except Exception:
        LOG.exception("trees_failed", partition=partition)
        return False
    await growths.keep(parts.beside, partition, tonight, series, came)
    if came.guests:
        LOG.info("trees", partition=partition, series=len(series), examples=came.examples)
    return True


async def _clock(parts: Parts) -> None:
    """Once a minute: lots whose expiry has passed, promises that lapse, scans that waited too long, old samples."""
    swept = datetime.now(UTC)
    while True:
        await asyncio.sleep(parts.settings.clock_seconds)
        if forgotten := await parts.forget_samples(datetime.now(UTC)):
            LOG.info("samples_deleted", count=forgotten)
        if datetime.now(UTC) - swept >= SWEPT_EVERY:
            swept = datetime.now(UTC)
            await parts.sweep_files(swept - STRAY_AFTER)
        if done := await clock.strike(parts.posting, await parts.overdue()):
            LOG.info("clock", posted=done)
        if given_up := await parts.capture.give_up(lambda role: verbs(parts.policies.mask(frozenset({role})))):
            LOG.warning("scans_out_of_order", posted=given_up)
        await influences.extend_calendars(parts.beside, datetime.now(UTC))
