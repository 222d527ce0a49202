"""Following one organisation's stream for a group of equal subscriptions."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from stockbook.access.principal import Principal
from stockbook.graph.streams import Event, Prepared
from stockbook.graph.subscriber import Subscriber
from stockbook.store import streams
from stockbook.store.database import Database
from stockbook.store.demand import proposals

CHUNK = 200
"""Events read by one statement."""


class Heads(Protocol):
    """Says how far what a group reads has come, by organisation."""

    async def __call__(self, db: Database, organisations: Iterable[int]) -> dict[int, int]:
        """Return the head of each."""
        ...


class Group(ABC):
    """Those who are told the same."""

    heads: ClassVar[Heads] = staticmethod(streams.heads)

    def __init__(self, prepared: Prepared, principal: Principal, db: Database) -> None:
        self.organisation = principal.organisation
        self.position = 0
        self.subscribers: set[Subscriber] = set()
        self.joining = 0
        self.ready = False
        self.ended = False
        self._prepared = prepared
        self._principal = principal
        self._db = db
        self._lock = asyncio.Lock()

    async def started(self) -> None:
        """Find out where the stream is; done once."""
        async with self._lock:
            if not self.ready:
                heads = await self.heads(self._db, [self.organisation])
                await self._start(heads[self.organisation])
                self.position = heads[self.organisation]
                self.ready = True

    @abstractmethod
    async def _start(self, head: int) -> None: ...

    @abstractmethod
    async def admit(self, subscriber: Subscriber, after: int | None) -> None:
        """Let a subscriber join, after it has been told what it lacks."""

    async def _payloads(self, events: Sequence[Event]) -> list[str | None]:
        made = await self._prepared.payloads(self._principal, events)
        return [None if payload is None else payload.decode() for payload in made]


class Events(Group):
    """Every event. What the group does not see is passed over, and `previous` says what came before."""

    async def _start(self, head: int) -> None:
        self._previous = head

    async def admit(self, subscriber: Subscriber, after: int | None) -> None:
        """Tell what happened since `after`, at the reader's pace, until it is where the group is."""
        head = (await streams.heads(self._db, [self.organisation]))[self.organisation]
        subscriber.cursor = previous = head if after is None else after
        if previous > head:  # a cursor of a future that was lost, or of another organisation
            subscriber.event(head, await self._gap(previous, head))
            subscriber.cursor = previous = head
        at = previous
        while at < self.position and not subscriber.closed:
            read = await streams.events(self._db, self.organisation, at, self.position, CHUNK)
            told, previous = await self._told(read, previous)
            for sequence, payload in told:
                subscriber.event(sequence, payload)
            at = read[-1].sequence if read else self.position
            await subscriber.drained()
        if not subscriber.closed:
            subscriber.cursor = max(subscriber.cursor, at)
            self.subscribers.add(subscriber)

    async def advance(self, head: int) -> None:
        """Read on, a chunk at a time."""
        while self.position < head:
            read = await streams.events(self._db, self.organisation, self.position, head, CHUNK)
            told, previous = await self._told(read, self._previous)
            self._previous = previous
            self.position = read[-1].sequence if read else head
            for sequence, payload in told:
                for subscriber in list(self.subscribers):
                    if subscriber.cursor < sequence:
                        subscriber.event(sequence, payload)

    async def _told(self, read: Sequence[streams.StreamRow], previous: int) -> tuple[list[tuple[int, str]], int]:
        """Return the payloads of what is seen of some events, and the last of their numbers.

        All are thought to be seen at first; only when some are not, those after
        them must name another one as `previous`.
        """
        rows = list(read)
        while rows:
            numbers = [previous, *(row.sequence for row in rows)]
            events = [
                Event(row.movement, row.sequence, before, topic=row.topic)
                for row, before in zip(rows, numbers, strict=False)
            ]
            payloads = await self._payloads(events)
            told = [(row.sequence, text) for row, text in zip(rows, payloads, strict=True) if text is not None]
            if len(told) == len(rows):
                return told, rows[-1].sequence
            rows = [row for row, text in zip(rows, payloads, strict=True) if text is not None]
        return [], previous

    async def _gap(self, previous: int, head: int) -> str:
        (payload,) = await self._payloads([Event(None, head, previous, gap=True)])
        assert payload is not None
        return payload


class Latest(Group):
    """The latest state of some rows: all of them first, then each that changed."""

    async def _start(self, head: int) -> None:
        self._state: dict[int, str] = {}
        self._again = asyncio.Lock()
        await self._look(await self._all())

    @abstractmethod
    async def _all(self) -> list[int]:
        """Return the rows that a new reader is told of."""

    async def admit(self, subscriber: Subscriber, after: int | None) -> None:
        """Tell the whole state as it is known, then every change."""
        for row, payload in self._state.items():
            subscriber.state(row, payload)
        self.subscribers.add(subscriber)

    async def look(self, rows: Sequence[int], head: int) -> None:
        """Look at rows, which are all that may have changed up to `head`."""
        async with self._again:
            await self._look(rows)
            self.position = max(self.position, head)

    async def refresh(self) -> None:
        """Look at everything."""
        async with self._again:
            await self._look(await self._all())

    async def _look(self, rows: Sequence[int]) -> None:
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            for row, payload in zip(part, await self._payloads([Event(row) for row in part]), strict=True):
                if payload is None:
                    self._state.pop(row, None)
                elif self._state.get(row) != payload:
                    self._state[row] = payload
                    for subscriber in list(self.subscribers):
                        subscriber.state(row, payload)


class Shelves(Latest):
    """The shelves of a site."""

    @property
    def site(self) -> int:
        """Whose shelves they are."""
        site: int = self._prepared.arguments["site"]
        return site

    async def _all(self) -> list[int]:
        return await streams.site_shelves(self._db, self.site)


class Proposals(Latest):
    """What forecasts propose; of those decided one is told, and then they are forgotten."""

    heads: ClassVar[Heads] = staticmethod(proposals.heads)

    async def _all(self) -> list[int]:
        rows = await proposals.open_ones(self._db, self.organisation)
        for decided in self._state.keys() - set(rows):
            del self._state[decided]
        return rows

    async def advance(self, head: int) -> None:
        """Look at the proposals that may have changed."""
        await self.look(await proposals.changed(self._db, self.organisation, self.position, head), head)
