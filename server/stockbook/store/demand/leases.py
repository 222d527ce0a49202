"""Which partitions of demand a process follows: locks of one session, so they end with the process that held them.

Whoever follows any holds the members' lock, shared; so each sees how many there
are and takes its fair part, gives back what is more, and takes up what a dead
one left within a second. The offsets' fence keeps lessons single in any case:
this only keeps two from doing the same work.
"""

import math
from collections.abc import Callable

import asyncpg

MEMBERS, PARTITIONS = 5_707_110, 5_707_111
"""Classes of advisory locks."""

_MEMBERS = """
select count(*) from pg_locks where locktype = 'advisory' and classid = $1 and objid = 0 and objsubid = 2 and granted
  and database = (select oid from pg_database where datname = current_database())
"""


def fair(partitions: int, members: int) -> int:
    """Return how many partitions each of `members` takes at most.

    >>> fair(8, 1), fair(8, 3), fair(8, 20)
    (8, 3, 1)
    """
    return math.ceil(partitions / max(members, 1))


class Leases:
    """The partitions that this process holds; not for two tasks at once."""

    def __init__(self, connection: asyncpg.Connection, of: int) -> None:
        self._connection, self._of = connection, of
        self.held: frozenset[int] = frozenset()

    @classmethod
    async def open(cls, dsn: str, of: int, wake: Callable[[], None], channel: str) -> "Leases":
        """Become a member; `wake` is called whenever `channel` is notified, and when the session is lost."""
        connection = await asyncpg.connect(
            dsn, timeout=10, command_timeout=60, server_settings={"application_name": "stockbook learner"}
        )
        connection.add_termination_listener(lambda _: wake())
        await connection.add_listener(channel, lambda *_: wake())
        await connection.execute("select pg_advisory_lock_shared($1::int, 0)", MEMBERS)
        return cls(connection, of)

    async def look(self) -> frozenset[int]:
        """Take or give back partitions until one's part is fair; return those held."""
        most = fair(self._of, await self._connection.fetchval(_MEMBERS, MEMBERS))
        held = set(self.held)
        for partition in sorted(held)[most:]:
            await self._connection.execute("select pg_advisory_unlock($1::int, $2::int)", PARTITIONS, partition)
            held.discard(partition)
        for partition in range(self._of):
            if len(held) >= most:
                break
            if partition not in held and await self._connection.fetchval(
                "select pg_try_advisory_lock($1::int, $2::int)", PARTITIONS, partition
            ):
                held.add(partition)
        self.held = frozenset(held)
        return self.held

    def close(self) -> None:
        """End the session, and with it all its locks."""
        self._connection.terminate()
