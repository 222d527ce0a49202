"""How a command comes to a database: the one named, the embedded one, or that of a server beside it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from stockbook.commands.saying import stop
from stockbook.settings import Settings
from stockbook.store.database import Database, TooOldError
from stockbook.store.embedded import EmbeddedError, embedded, running
from stockbook.store.migrate import migrate


@contextmanager
def started(settings: Settings) -> Iterator[str]:
    """Yield the address of the database: the one named, else the embedded one, started for as long as needed."""
    if settings.database_url:
        yield settings.database_url
        return
    try:
        with embedded(settings.home) as dsn:
            yield dsn
    except EmbeddedError as error:
        stop(str(error))


def brought_up(dsn: str) -> None:
    """Bring the database to this version, or say why that can't be."""
    try:
        asyncio.run(_brought_up(dsn))
    except TooOldError as error:
        stop(str(error))
    except (OSError, asyncpg.PostgresError) as error:
        stop(f"the database does not answer: {error}")


async def _brought_up(dsn: str) -> None:
    await (await Database.open(dsn, size=1)).close()
    await migrate(dsn)


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """Yield the address of the database, beside a server that has it open or, when none has, on its own."""
    beside = None if settings.database_url else running(settings.home)
    if beside:
        yield beside
        return
    with started(settings) as dsn:
        brought_up(dsn)
        yield dsn
