"""The world of the simulation: PostgreSQL and the server as processes that may be killed at any moment."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from stockbook.access.tokens import Tokens
from stockbook.store.embedded import Server
from stockbook.store.migrate import migrate

ROOT = Path(__file__).parents[2]
SECRET = "a secret that is only good enough for simulations"
UP_SECONDS_MAX = 60


class World:
    """A database server, a Stockbook server, and somebody who starts again whichever ended."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Server(home)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.kills = {"postgres": 0, "server": 0}
        self._server: subprocess.Popen | None = None
        self._keeper: asyncio.Task | None = None
        self._log = (home / "server.log").open("ab")

    async def __aenter__(self) -> "World":
        await asyncio.to_thread(self.postgres.start, {"shared_buffers": "64MB"})
        await migrate(self.postgres.dsn)
        self._keeper = asyncio.create_task(self._keep())
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeper
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            await asyncio.to_thread(self._server.wait, 30)
        self.postgres.kill()
        self._log.close()

    @property
    def dsn(self) -> str:
        return self.postgres.dsn

    def token(self, organisation: int = 1) -> str:
        return Tokens(SECRET).issue(
            principal=1, organisation=organisation, roles={"network_admin"}, lifetime_seconds=86_400
        )

    async def up(self) -> None:
        """Wait until the server says that it is ready."""
        async with asyncio.timeout(UP_SECONDS_MAX), httpx.AsyncClient() as http:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(f"{self.address}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.1)

    async def kill_postgres(self) -> None:
        """Cut the database's power, and start it again on the same files."""
        self.kills["postgres"] += 1
        self.postgres.kill()
        await asyncio.to_thread(self.postgres.start, {"shared_buffers": "64MB"})

    async def kill_server(self) -> None:
        """Kill the server where it stands; the keeper starts it again."""
        self.kills["server"] += 1
        if self._server is not None:
            self._server.kill()

    async def _keep(self) -> None:
        """Start the server whenever it isn't running, as an init system does."""
        while True:
            if self._server is None or self._server.poll() is not None:
                self._server = subprocess.Popen(
                    [sys.executable, "-m", "stockbook", "serve", "--port", str(self.port)],
                    cwd=ROOT,
                    stdout=self._log,
                    stderr=self._log,
                    env={
                        **os.environ,
                        "PYTHONPATH": "server",
                        "DATABASE_URL": self.dsn,
                        "STOCKBOOK_SECRET": SECRET,
                        "STOCKBOOK_HOME": str(self.home),
                        "STOCKBOOK_POLICIES": str(ROOT / "policies"),
                        "STOCKBOOK_CLOCK_SECONDS": "0",
                    },
                )
            await asyncio.sleep(0.2)
