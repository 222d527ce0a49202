"""PostgreSQL for tests: the embedded server once a session, a fresh database a module.

`dsn` and `db` are the module's own database, cloned from a migrated template;
`fresh()` makes another. Everything is real: the server, its files, its fsync.
"""

import itertools
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import hypothesis
import pytest
import pytest_asyncio

from stockbook.store.database import Database
from stockbook.store.embedded import Server
from stockbook.store.migrate import migrate

# `make test` draws the same examples each time, and no busy machine fails it; `make soak` draws others, and more
PATIENT = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow], "print_blob": True}
hypothesis.settings.register_profile("default", derandomize=True, **PATIENT)
hypothesis.settings.register_profile("deep", max_examples=1000, **PATIENT)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

TEMPLATE = "stockbook"
_numbers = itertools.count(1)

Fresh = Callable[[], Awaitable[str]]


@pytest.fixture(scope="session")
def server():
    """The address of the embedded server, in a short folder: socket paths end at 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="sb", ignore_cleanup_errors=True) as home:
        server = Server(Path(home))
        server.start({"shared_buffers": "128MB"})
        yield server.dsn
        server.kill()  # nobody needs its files any more


@pytest_asyncio.fixture(scope="session")
async def fresh(server) -> Fresh:
    """A maker of databases, each a clone of the migrated template."""
    await migrate(server)

    async def make() -> str:
        name = f"test_{next(_numbers)}"
        connection = await asyncpg.connect(server.replace("/stockbook?", "/postgres?"))
        try:
            await connection.execute(f"create database {name} template {TEMPLATE}")
        finally:
            await connection.close()
        return server.replace("/stockbook?", f"/{name}?")

    return make


@pytest_asyncio.fixture(scope="module")
async def dsn(fresh) -> str:
    """The address of this module's own database."""
    return await fresh()


@pytest_asyncio.fixture(scope="module")
async def db(dsn):
    """This module's own database, open; no cap on time, since test machines are slow."""
    database = await Database.open(dsn, cap_seconds=None)
    yield database
    await database.close()
