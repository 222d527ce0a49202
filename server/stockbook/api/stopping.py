"""Stopping gracefully: tell those who listen before the server closes on them.

Uvicorn closes sockets by itself as soon as it is told to end, and without a
word. So we hear of the signal first, say where to resume, and pass it on.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any

Farewell = Callable[[], Awaitable[None]]


class Stopping:
    """Runs farewells once, at the first signal to end."""

    def __init__(self) -> None:
        self.begun = False
        self._farewells: tuple[Farewell, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._before: dict[int, Any] = {}

    def heed(self, *farewells: Farewell) -> None:
        """Run `farewells` when SIGINT or SIGTERM comes, then what was set to run before."""
        self._farewells = farewells
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            before = self._before[number] = signal.getsignal(number)

            def heard(received: int, frame: Any, before: Any = before) -> None:
                with contextlib.suppress(RuntimeError):  # the loop is gone already
                    loop.call_soon_threadsafe(self._start)
                if callable(before):
                    before(received, frame)

            if callable(before):
                signal.signal(number, heard)

    def _start(self) -> None:
        if self._task is None:
            self.begun = True
            self._task = asyncio.create_task(self._farewell())

    async def begin(self) -> None:
        """Run the farewells, if no signal did, and wait for them."""
        self._start()
        if self._task:
            await self._task
        for number, before in self._before.items():
            signal.signal(number, before)

    async def _farewell(self) -> None:
        for farewell in self._farewells:
            await farewell()
