"""What everything is measured on: one database, loaded; servers beside one another; tokens."""

import asyncio
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from stockbook.access.tokens import Tokens
from stockbook.store.embedded import Server as Embedded
from stockbook.store.embedded import embedded
from stockbook.store.migrate import migrate
from tests.bench.drive import Link, Request
from tests.bench.load import FIRST, FULL, TINY, Size, load

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-for-the-benchmark-alone-0123456789"
START_SECONDS_MAX = 60


@dataclass(slots=True)
class Stage:
    """Where the benchmark plays.

    `folder` keeps what is made once: the database, the peers. `dsn` is a copy
    of the loaded database, its own for this run.
    """

    folder: Path
    short: bool
    dsn: str
    database: int
    """Process id of PostgreSQL."""
    size: Size
    logs: Path

    def token(self, organisation: int, role: str = "storekeeper") -> str:
        """Return the Authorization header of a clerk of the organisation with this number."""
        tokens = Tokens(SECRET)
        return "Bearer " + tokens.issue(
            principal=FIRST + organisation * 10,
            organisation=FIRST + organisation,
            roles={role},
            lifetime_seconds=86_400,
        )

    async def copy(self, name: str, size: Size | None = None) -> str:
        """Return the address of a fresh copy of the loaded database of that size."""
        return await copied(self.dsn, loaded_name(size or self.size), name)


@contextlib.asynccontextmanager
async def stage(folder: Path, short: bool) -> AsyncIterator[Stage]:
    """Start PostgreSQL and load it, unless it has been for this schema and size."""
    size = TINY if short else FULL
    with embedded(folder) as dsn:
        await loaded(dsn, size)
        copy = await copied(dsn, loaded_name(size), "run")
        database = Embedded(folder).pid()
        assert database is not None
        logs = folder / "logs"
        logs.mkdir(exist_ok=True)
        yield Stage(folder, short, copy, database, size, logs)


def other(dsn: str, database: str) -> str:
    """Return the address of another database of the same server."""
    return urlunsplit(urlsplit(dsn)._replace(path="/" + database))


def loaded_name(size: Size) -> str:
    """Return the name of the database that keeps the data of that size."""
    return f"loaded_{size.movements}"


def stamp() -> str:
    """Return a hash of all that the loaded data depends on: the schema, the functions, the loader."""
    digest = hashlib.sha256((ROOT / "tests/bench/load.py").read_bytes())
    store = ROOT / "server/stockbook/store"
    for path in sorted(store.rglob("*")):
        if path.suffix in {".py", ".sql"} and {"migrations", "tables", "posting"} & set(path.parts):
            digest.update(path.read_bytes())
    return digest.hexdigest()


async def loaded(dsn: str, size: Size) -> None:
    """Make the database of that size, unless it is there and of this schema."""
    name = loaded_name(size)
    connection = await asyncpg.connect(other(dsn, "postgres"))
    try:
        said = await connection.fetchval(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = $1", name
        )
        if said == stamp():
            return
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"create database {name}")
        await migrate(other(dsn, name))
        await load(other(dsn, name), size)
        await connection.execute(f"comment on database {name} is '{stamp()}'")
    finally:
        await connection.close()


async def copied(dsn: str, template: str, name: str) -> str:
    """Return the address of a fresh copy of a database."""
    connection = await asyncpg.connect(other(dsn, "postgres"))
    try:
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"create database {name} template {template} strategy file_copy")
    finally:
        await connection.close()
    return other(dsn, name)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(slots=True)
class Served:
    """A server that runs."""

    name: str
    port: int
    pid: int


@contextlib.asynccontextmanager
async def served(
    stage: Stage, name: str, command: Sequence[str | Path], environment: Mapping[str, str], ready: Request
) -> AsyncIterator[Served]:
    """Run a server until it answers `ready`; `{port}` in command and environment is its port."""
    port = free_port()
    log = stage.logs / f"{name}.log"
    process = await asyncio.to_thread(
        _started,
        [str(each).replace("{port}", str(port)) for each in command],
        {**os.environ, **{key: value.replace("{port}", str(port)) for key, value in environment.items()}},
        log,
    )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not await _answers(port, ready):
            if process.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join((await asyncio.to_thread(log.read_text)).splitlines()[-15:])
                raise RuntimeError(f"{name} does not answer; the end of {log}:\n{tail}")
            await asyncio.sleep(0.1)
        yield Served(name, port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, 20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _started(command: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=ROOT
        )


async def _answers(port: int, ready: Request) -> bool:
    try:
        link = await Link.open(port)
        status, _ = await asyncio.wait_for(link.send(ready), 5)
        link.close()
    except (OSError, EOFError, TimeoutError):
        return False
    return status == 200


def stockbook(
    stage: Stage, dsn: str | None = None, name: str = "stockbook", **settings: str
) -> contextlib.AbstractAsyncContextManager[Served]:
    """Run Stockbook's own server, one process, as `stockbook serve` does."""
    return served(
        stage,
        name,
        [sys.executable, "-m", "stockbook", "serve"],
        {
            "DATABASE_URL": dsn or stage.dsn,
            "STOCKBOOK_HOME": str(stage.folder / "home"),
            "STOCKBOOK_PORT": "{port}",
            "STOCKBOOK_SECRET": SECRET,
            "PYTHONPATH": str(ROOT / "server"),
            **{f"STOCKBOOK_{key.upper()}": value for key, value in settings.items()},
        },
        Request("/readyz"),
    )
