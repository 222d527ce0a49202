"""Wakes the readers of the outbox after a commit: outside its transaction, many commits at once.

NOTIFY inside a posting's transaction takes a lock that all commits share, which
costs five to twelve times the rate. Sent apart it may be lost with the process;
readers look by themselves now and then.
"""

import asyncio
import contextlib

from stockbook.flows.ports import Fault
from stockbook.store.database import Database
from stockbook.store.faults import faults

CHANNEL = "stock"
GATHER_SECONDS = 0.005
"""How long commits are gathered after a notification; the first after a pause is told at once."""
_NOTIFY = f"select set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', '')"
"""What may be lost with the process waits for no disk."""


class Wake:
    """At most one notification under way or just sent; commits meanwhile share the next."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._due = False
        self._task: asyncio.Task[None] | None = None

    def up(self) -> None:
        """Say that something was posted."""
        self._due = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def close(self) -> None:
        """Send what is due."""
        if self._task is not None:
            await self._task

    async def _send(self) -> None:
        while self._due:
            self._due = False
            with contextlib.suppress(Fault):
                async with faults():
                    await self._db.execute(_NOTIFY)
            await asyncio.sleep(GATHER_SECONDS)
