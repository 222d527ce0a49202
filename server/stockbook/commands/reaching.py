"""How a command comes to a database: the one named, the embedded one, or that of a server beside it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import httpx

from stockbook.commands.saying import stop
from stockbook.settings import Settings
from stockbook.store.database import Database, TooOldError
from stockbook.store.embedded import embedded, kept, running
from stockbook.store.folder import EmbeddedError
from stockbook.store.migrate import NewerError, Standing, migrate, standing
from stockbook.store.registering import naming


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
    with _said():
        asyncio.run(_brought_up(dsn))


async def _brought_up(dsn: str) -> None:
    await (await Database.open(dsn, size=1)).close()
    try:
        await migrate(dsn)
    except NewerError:
        stop(f"the database {Standing.NEWER.value}: bring the program to that version")


def current(dsn: str) -> None:
    """Stop unless the database is of this version; writes nothing."""
    with _said():
        found = asyncio.run(_found(dsn))
    if found is Standing.NEWER:
        stop(f"the database {found.value}: bring the program to that version")
    if found is not Standing.CURRENT:
        stop(f"the database {found.value}: `stockbook migrate`, or `stockbook serve`, brings it to this one")


async def _found(dsn: str) -> Standing:
    await (await Database.open(dsn, size=1)).close()
    return await standing(dsn)


@contextmanager
def _said() -> Iterator[None]:
    """Say what a database is that can't be used."""
    try:
        yield
    except TooOldError as error:
        stop(str(error))
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        stop(f"the database does not answer: {error}")


def serving(settings: Settings, address: str | None) -> str:
    """Return the address of the running server, the one named or the one set; stop when none answers there."""
    address = address or f"http://{settings.host}:{settings.port}"
    try:
        answers = httpx.get(f"{address}/healthz", timeout=5).is_success
    except httpx.HTTPError:
        answers = False
    if not answers:
        stop(f"no server answers at {address}: start one with `make demo` or `stockbook serve`, or name it (--address)")
    return address


def organisation(dsn: str, reference: str | None) -> int:
    """Return the organisation that is named, else the first that has an org_admin; stop when there is none."""
    found = asyncio.run(_organisation(dsn, reference))
    if found is None:
        stop("no organisation has an org_admin: name one (--organisation)" if reference is None
             else f"there is no organisation {reference}")  # fmt: skip
    return found


async def _organisation(dsn: str, reference: str | None) -> int | None:
    database = await Database.open(dsn, size=1)
    try:
        if reference is None:
            return await naming.administered(database)
        found = await naming.organisation(database, reference)
        return found and found.id
    finally:
        await database.close()


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """Yield the address of a database of this version, beside a server that has it open or on its own.

    Whoever asks a database makes and changes none: that is left to `serve` and `migrate`.
    """
    beside = None if settings.database_url else running(settings.home)
    if beside:
        current(beside)
        yield beside
        return
    if not settings.database_url and not kept(settings.home):
        stop(f"there is no database in {settings.home}: start `stockbook serve`, or set STOCKBOOK_HOME or DATABASE_URL")
    with started(settings) as dsn:
        current(dsn)
        yield dsn
