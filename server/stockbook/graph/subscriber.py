"""One reader of a stream: served at once while it keeps up, else at its own pace."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable

Send = Callable[[str, int], bool]
"""Give a payload and its number (0: it has none) to the transport; False when it takes none at the moment."""


class Slow(Exception):
    """More waits than may; `after` is the last event that the reader has."""

    def __init__(self, after: int) -> None:
        super().__init__(f"resume from {after}")
        self.after = after


class Subscriber:
    """What waits for one client.

    Parameters
    ----------
    send
        Takes a payload, or says that it can't at the moment.
    overflow
        Called once when more waits than `queue_max`, with the last event sent.
    """

    def __init__(self, send: Send, overflow: Callable[[Slow], None], queue_max: int) -> None:
        self._send = send
        self._overflow = overflow
        self._queue_max = queue_max
        self._events: deque[tuple[int, str]] = deque()
        self._latest: OrderedDict[int, str] = OrderedDict()
        self._drained = asyncio.Event()
        self._drained.set()
        self.cursor = 0
        """The last event handed to the transport."""
        self.closed = False
        self.conflated = 0

    @property
    def waiting(self) -> int:
        """How many payloads wait."""
        return len(self._events) + len(self._latest)

    def event(self, sequence: int, payload: str) -> None:
        """Tell an event: all of them arrive, in order, or the reader is told where to resume."""
        if self.closed:
            return
        if not self._events and self._send(payload, sequence):
            self.cursor = sequence
            return
        if len(self._events) >= self._queue_max:
            self.close(Slow(self.cursor))
            return
        self._events.append((sequence, payload))
        self._drained.clear()

    def state(self, row: int, payload: str) -> None:
        """Tell the state of a row: of several that wait only the latest arrives."""
        if self.closed or (not self._latest and self._send(payload, 0)):
            return
        if row in self._latest:
            self.conflated += 1
        self._latest[row] = payload
        self._drained.clear()

    def flush(self) -> None:
        """Send what waits; the transport calls it when it takes payloads again."""
        while self._events and self._send(self._events[0][1], self._events[0][0]):
            self.cursor, _ = self._events.popleft()
        while self._latest:
            row, payload = next(iter(self._latest.items()))
            if not self._send(payload, 0):
                break
            del self._latest[row]
        if not self.waiting:
            self._drained.set()

    async def drained(self) -> None:
        """Wait until nothing waits, or nobody reads any more."""
        await self._drained.wait()

    def close(self, why: Slow | None = None) -> None:
        """Tell nothing more."""
        if self.closed:
            return
        self.closed = True
        self._events.clear()
        self._latest.clear()
        self._drained.set()
        if why is not None:
            self._overflow(why)
