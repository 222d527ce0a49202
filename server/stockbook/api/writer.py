"""Writing to a client without waiting for it.

An ASGI `send` mostly ends without waiting for anything; only a client that
does not read makes it wait. So it is begun here and now, and only when it does
wait is a task made of the rest. That spares a task and two turns of the loop a
message, which is most of what a message costs.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Coroutine[Any, Any, None]]
BACKLOG_MAX = 1000


class _Rest:
    """The rest of a coroutine that was begun by hand and waits for `first`."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], first: Any) -> None:
        self._coroutine = coroutine
        self._first = first

    def __await__(self) -> Generator[Any, None, None]:
        try:
            yield self._first
            yield from self._coroutine.__await__()
        finally:
            self._coroutine.close()


class Writer:
    """Gives messages to one client, one after another.

    `free` is called whenever a client that was slow takes messages again,
    `gone` when it turned out that there is nobody any more.
    """

    def __init__(self, send: Any, free: Callable[[], None], gone: Callable[[], None]) -> None:
        self._send: Send = send
        self._free = free
        self._gone = gone
        self._backlog: deque[Message] = deque()
        self._task: asyncio.Task[None] | None = None
        self.closed = False

    @property
    def busy(self) -> bool:
        """Whether the client must read before it is sent more."""
        return self._task is not None

    def offer(self, message: Message) -> bool:
        """Send a message unless the client is slow; return whether it was taken."""
        if self._task is not None:
            return False
        if not self.closed:
            self._begin(message)
        return True

    def say(self, message: Message) -> None:
        """Send a message, after what is under way when the client is slow."""
        if not self.offer(message) and len(self._backlog) < BACKLOG_MAX:
            self._backlog.append(message)

    async def settled(self) -> None:
        """Wait until the client has taken everything, or is gone."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def close(self) -> None:
        """Write no more."""
        self.closed = True
        self._backlog.clear()
        if self._task is not None:
            self._task.cancel()

    def _begin(self, message: Message) -> None:
        coroutine = self._send(message)
        try:
            first = coroutine.send(None)
        except StopIteration:
            return
        except (OSError, RuntimeError):
            self._lost()
            return
        self._task = asyncio.get_running_loop().create_task(self._finish(_Rest(coroutine, first)))

    async def _finish(self, rest: _Rest) -> None:
        try:
            await rest
            while self._backlog and not self.closed:
                await self._send(self._backlog.popleft())
        except (OSError, RuntimeError):
            self._lost()
        finally:
            self._task = None
        if not self.closed:
            self._free()

    def _lost(self) -> None:
        if not self.closed:
            self.closed = True
            self._backlog.clear()
            self._gone()
