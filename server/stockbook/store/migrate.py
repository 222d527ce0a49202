"""Brings a database to this version: revisions by Alembic, then the functions.

A revision is a pair in `migrations/versions`: NAME.py says what it follows,
NAME.sql does it. Tables change by revisions only, and a test holds them equal
to `store/tables`. Functions are code: the schema `posting` is made anew whenever
its text differs from the one the database has.
"""

import hashlib
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from stockbook.store.migrations import run

HERE = Path(__file__).parent
POSTING = HERE / "posting" / "post.sql"
ONE_AT_A_TIME = 5_707_101
"""Advisory lock: of two processes that start together one waits for the other."""
_T = TypeVar("_T")
_POSTING_KNOWN = "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'posting'"


class Standing(Enum):
    """How a database stands to this version of the program."""

    EMPTY = "has nothing of Stockbook in it"
    OLDER = "is of an older version of Stockbook"
    CURRENT = "is of this version"
    NEWER = "is of a newer version of Stockbook"


class NewerError(Exception):
    """The database knows revisions that this program does not."""


async def migrate(dsn: str) -> None:
    """Bring the database at `dsn` to this version in one transaction; changes nothing when it is there."""
    await _within(dsn, _upgrade)


async def standing(dsn: str) -> Standing:
    """Tell how the database stands to this version; writes nothing."""
    return await _within(dsn, _standing)


async def _within(dsn: str, what: Callable[[Connection], _T]) -> _T:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(what)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    connection.exec_driver_sql(f"select pg_advisory_xact_lock({ONE_AT_A_TIME})")
    if _standing(connection) is Standing.NEWER:
        raise NewerError
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    version = _posting_version()
    if connection.exec_driver_sql(_POSTING_KNOWN).scalar() != version:
        run(connection, POSTING)
        connection.exec_driver_sql(f"comment on schema posting is '{version}'")


def _standing(connection: Connection) -> Standing:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return Standing.EMPTY
    revisions = ScriptDirectory.from_config(_config())
    try:
        revisions.get_revision(revision)
    except CommandError:
        return Standing.NEWER
    there = revision == revisions.get_current_head()
    known = connection.exec_driver_sql(_POSTING_KNOWN).scalar() == _posting_version()
    return Standing.CURRENT if there and known else Standing.OLDER


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _posting_version() -> str:
    return hashlib.sha256(POSTING.read_bytes()).hexdigest()
