"""Brings a database to this version: revisions by Alembic, then the functions.

A revision is a pair in `migrations/versions`: NAME.py says what it follows,
NAME.sql does it. Tables change by revisions only, and a test holds them equal
to `store/tables`. Functions are code: the schema `posting` is made anew whenever
its text differs from the one the database has.
"""

import hashlib
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from stockbook.store.migrations import run

HERE = Path(__file__).parent
POSTING = HERE / "posting" / "post.sql"
ONE_AT_A_TIME = 5_707_101
"""Advisory lock: of two processes that start together one waits for the other."""


async def migrate(dsn: str) -> None:
    """Bring the database at `dsn` to this version in one transaction; changes nothing when it is there."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    connection.exec_driver_sql(f"select pg_advisory_xact_lock({ONE_AT_A_TIME})")
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    version = hashlib.sha256(POSTING.read_bytes()).hexdigest()
    asked = "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'posting'"
    if connection.exec_driver_sql(asked).scalar() != version:
        run(connection, POSTING)
        connection.exec_driver_sql(f"comment on schema posting is '{version}'")
