"""The hub: reads each stream once for all who ask the same, and serves every reader at its own pace.

::

    Hub ── Group (same document, arguments, disclosure, organisation)   one statement, one payload
             ├─ Subscriber   takes payloads at once while its client keeps up,
             └─ Subscriber   else has them wait: the latest state of each shelf, or a bounded queue of events

A group is at a `position` of its organisation's stream. The sequencer's
notification (or a poll, should it be lost) makes it read on; only when
everything was read and handed out does it take the new position, so whatever
fails on the way is done again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial

import asyncpg
import structlog

from stockbook.access.principal import Principal
from stockbook.graph.follow import Events, Group, Heads, Latest, Proposals, Shelves
from stockbook.graph.streams import Prepared
from stockbook.graph.subscriber import Subscriber
from stockbook.store import streams
from stockbook.store.database import Database
from stockbook.store.faults import AWAY

LOG = structlog.get_logger()
POLL_SECONDS = 0.25
RETRY_SECONDS = 0.25
REFRESH_SECONDS = 30
"""How often the whole state of a site is compared with what was told: heals what no signal told."""
AT_ONCE = 4
"""Groups that read at the same time."""
LOST = (*AWAY, asyncpg.PostgresError)
_KINDS: dict[str, type[Group]] = {"sellableNow": Shelves, "proposals": Proposals, "stockEvents": Events}


class Hub:
    """Groups of equal subscriptions over one database."""

    def __init__(self, dsn: str, db: Database) -> None:
        self._dsn = dsn
        self._db = db
        self._groups: dict[Hashable, Group] = {}
        self._wake = asyncio.Event()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self.heads: dict[int, int] = {}
        """The last number of each stream that somebody follows."""
        self.joined = 0
        """How many have joined since the start."""

    @property
    def groups(self) -> int:
        """How many statements serve everybody."""
        return len(self._groups)

    @property
    def subscribers(self) -> int:
        """How many subscriptions there are."""
        return sum(len(group.subscribers) for group in self._groups.values())

    async def join(self, prepared: Prepared, principal: Principal, subscriber: Subscriber, after: int | None) -> None:
        """Follow a stream from `after`, or from now on; returns when the subscriber has caught up.

        A new subscriber of states is told the whole of them first.
        """
        key = (prepared.topic, prepared.key)
        group = self._groups.get(key)
        if group is None or group.ended:
            group = self._groups[key] = _KINDS[prepared.topic](prepared, principal, self._db)
        group.joining += 1
        try:
            await group.started()
            self.heads.setdefault(principal.organisation, group.position)
            await group.admit(subscriber, after)
            self.joined += 1
        finally:
            group.joining -= 1
            self._tidy(key, group)

    def leave(self, prepared: Prepared, subscriber: Subscriber) -> None:
        """Follow no longer."""
        key = (prepared.topic, prepared.key)
        group = self._groups.get(key)
        if group is not None:
            group.subscribers.discard(subscriber)
            self._tidy(key, group)

    def _tidy(self, key: Hashable, group: Group) -> None:
        """Forget a group that nobody follows."""
        if not group.subscribers and not group.joining and self._groups.get(key) is group:
            group.ended = True
            del self._groups[key]
            if not any(each.organisation == group.organisation for each in self._groups.values()):
                self.heads.pop(group.organisation, None)

    async def run(self) -> None:
        """Serve until cancelled; a lost database is waited for, and no bug silences the streams for good."""
        while True:
            try:
                await self._listen()
            except LOST as error:
                LOG.warning("hub_interrupted", error=type(error).__name__)
            except Exception:
                LOG.exception("hub_failed")
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(
            self._dsn, timeout=5, command_timeout=30, server_settings={"application_name": "stockbook hub"}
        )
        loop = asyncio.get_running_loop()
        refreshed = loop.time()
        try:
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(streams.NUMBERED, lambda *_: self._wake.set())
            while True:
                self._wake.clear()
                if connection.is_closed():
                    raise ConnectionResetError
                await self._advance()
                if loop.time() - refreshed > REFRESH_SECONDS:
                    refreshed = loop.time()
                    every = [group for group in self._groups.values() if isinstance(group, Latest)]
                    await self._each([(group, group.refresh) for group in every])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        finally:
            connection.terminate()

    async def _advance(self) -> None:
        """Let every group that is behind its stream read on."""
        organisations = {group.organisation for group in self._groups.values()}
        if not organisations:
            return
        told = await streams.heads(self._db, organisations)
        self.heads.update((each, head) for each, head in told.items() if each in self.heads)
        heads: dict[Heads, dict[int, int]] = {streams.heads: told}
        for read in {group.heads for group in self._groups.values()} - heads.keys():
            heads[read] = await read(self._db, organisations)
        behind = {  # a group that joined meanwhile has its turn next
            group: head
            for group in self._groups.values()
            if group.ready and (head := heads.get(group.heads, {}).get(group.organisation, 0)) > group.position
        }
        shelves = [group for group in behind if isinstance(group, Shelves)]
        changed = await streams.shelves(
            self._db,
            [streams.Reader(each.organisation, each.site, each.position, behind[each]) for each in shelves],
        )
        await self._each(
            [(each, partial(each.advance, behind[each])) for each in behind if isinstance(each, (Events, Proposals))]
            + [
                (each, partial(each.look, changed.get((each.organisation, each.site), ()), behind[each]))
                for each in shelves
            ]
        )

    async def _each(self, turns: Sequence[tuple[Group, Callable[[], Awaitable[None]]]]) -> None:
        """Let groups read on, some at a time."""

        async def one(group: Group, read: Callable[[], Awaitable[None]]) -> None:
            async with self._turn:
                if group.ready and not group.ended:
                    await read()

        failures = [
            each for each in await asyncio.gather(*(one(*turn) for turn in turns), return_exceptions=True) if each
        ]
        for failure in failures:
            if not isinstance(failure, LOST):
                LOG.error("stream_failed", exc_info=failure)
        if failures and isinstance(failures[0], LOST):
            raise failures[0]
