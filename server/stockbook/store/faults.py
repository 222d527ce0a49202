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

AWAY = (
    TimeoutError,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
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
