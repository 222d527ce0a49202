"""Connections to PostgreSQL: a free list, nothing else.

asyncpg's own pool sends a RESET on every release, which costs more than most
of our statements. So a connection goes back as it is: sessions set nothing,
and one that may be in the middle of something is closed instead.
"""

import asyncio
from typing import Any

import asyncpg

from stockbook.store.posting.wire import taught

OLDEST = 170_000
"""`transaction_timeout` came with PostgreSQL 17."""
STATEMENTS_MAX = 1000
"""Prepared statements a connection keeps; as many as there are plans."""


class TooOldError(Exception):
    """The server is older than PostgreSQL 17."""


class Database:
    """At most `size` connections, made when needed.

    json values come back as bytes. `cap_seconds` is the longest a transaction
    may last (the application's role; None for migrations and bulk loads).
    """

    def __init__(self, dsn: str, size: int, cap_seconds: float | None) -> None:
        self._dsn = dsn
        self._settings = {
            "application_name": "stockbook",
            "timezone": "UTC",
            "transaction_timeout": f"{int((cap_seconds or 0) * 1000)}ms",
            # Planned once a session, for planning anew each time costs more than most of our statements; and by
            # index where there is one, for a plan made while a table is still empty stays when it has grown.
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
        }
        self._free: list[asyncpg.Connection] = []
        self._slots = asyncio.Semaphore(size)
        self._closed = False

    @classmethod
    async def open(cls, dsn: str, size: int = 8, cap_seconds: float | None = 1.0) -> "Database":
        """Connect once to see that the server is there and new enough."""
        database = cls(dsn, size, cap_seconds)
        async with database.connection():
            pass
        return database

    async def close(self) -> None:
        """Close the free connections; those in use close on release."""
        self._closed = True
        while self._free:
            await self._free.pop().close(timeout=5)

    def connection(self) -> "Loan":
        """Lend a connection, for as long as an `async with` lasts."""
        return Loan(self)

    async def fetchval(self, statement: str, *args: Any) -> Any:
        """Return the first column of the first row."""
        async with self.connection() as connection:
            return await connection.fetchval(statement, *args)

    async def fetchrow(self, statement: str, *args: Any) -> asyncpg.Record | None:
        """Return the first row."""
        async with self.connection() as connection:
            return await connection.fetchrow(statement, *args)

    async def fetch(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        async with self.connection() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement, *args)
            return found

    async def execute(self, statement: str, *args: Any) -> str:
        """Run a statement and return its tag."""
        async with self.connection() as connection:
            tag: str = await connection.execute(statement, *args)
            return tag

    async def borrow(self) -> asyncpg.Connection:
        """Wait for a connection; it must be given back, or dropped."""
        await self._slots.acquire()
        try:
            return await self._take()
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, connection: asyncpg.Connection, *, sound: bool) -> None:
        """Take a connection back; one that is not `sound` is closed, for nobody knows what it would say next."""
        if sound and not (self._closed or connection.is_closed() or connection.is_in_transaction()):
            self._free.append(connection)
        else:
            connection.terminate()
        self._slots.release()

    async def _take(self) -> asyncpg.Connection:
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        return await self._connect()

    async def _connect(self) -> asyncpg.Connection:
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=10,
                server_settings=self._settings,
                statement_cache_size=STATEMENTS_MAX,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
            )
        except asyncpg.UndefinedObjectError as error:
            # it does not even know our settings
            raise TooOldError(f"this PostgreSQL is too old: Stockbook needs 17 or newer ({error})") from error
        version = connection.get_server_version()
        if version.major * 10_000 < OLDEST:
            await connection.close()
            raise TooOldError(f"PostgreSQL {version.major} is too old: Stockbook needs 17 or newer")
        await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")
        await taught(connection)
        return connection


class Loan:
    """A connection lent. Written out, since a generator made into a context manager costs a tenth of a read."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __aenter__(self) -> asyncpg.Connection:
        """Borrow it."""
        self._connection = await self._database.borrow()
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Give it back, unless whoever had it was stopped in the middle of something."""
        self._database.give_back(self._connection, sound=kind is None or issubclass(kind, asyncpg.PostgresError))
