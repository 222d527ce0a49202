"""When PostgreSQL is away: one exception of ours, and what is worth trying again."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg

from stockbook.flows.ports import Fault

AGAIN = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
)
"""Two postings met: the same one decided again sees what the other wrote."""

GONE = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
)
"""The connection is closed, another may serve: the server ends a transaction that lasts too long, even where it is our
own process that stood still. asyncpg reads of that only when it comes to, along with the last answer, and calls the
next statement an internal error."""

AWAY = (
    TimeoutError,
    OSError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidTransactionStateError,
    *GONE,
)
"""The database is away, going, or took too long: the same again may succeed."""


@contextlib.asynccontextmanager
async def faults() -> AsyncIterator[None]:
    """Turn every failure of the world into `Fault`; what is our own mistake stays what it is."""
    try:
        yield
    except (*AWAY, *AGAIN) as error:
        if isinstance(error, ValueError):  # an argument that can't be encoded is our mistake
            raise
        raise Fault(f"the database is away or busy ({type(error).__name__})") from error
