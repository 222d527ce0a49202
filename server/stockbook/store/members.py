"""Who is there to ask, and who has lost the role in which he might."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from stockbook.store.database import Database

_THERE = """
select exists (select 1 from organisation where id = $1 and id <> 0)
  and exists (select 1 from principal where id = $2)
"""
_MARK = """
select count(*), sum(id), max(revoked_at), (select sum(epoch) from device)
from membership where revoked_at is not null
"""
_REVOKED = "select organisation_id, principal_id, role from membership where revoked_at is not null"


class Revoked(NamedTuple):
    """A role that a principal no longer has in an organisation."""

    organisation: int
    principal: int
    role: str


_EPOCHS = "select principal_id, epoch from device where epoch > 1"


async def there(db: Database, organisation: int, principal: int) -> bool:
    """Return whether both are registered."""
    found: bool = await db.fetchval(_THERE, organisation, principal)
    return found


async def mark(db: Database) -> Hashable:
    """Return what changes when a membership is revoked, or given again."""
    (row,) = await db.fetch(_MARK)
    return tuple(row)


async def revoked(db: Database) -> Sequence[Revoked]:
    """Return all memberships that are revoked now."""
    return [Revoked(*row) for row in await db.fetch(_REVOKED)]


async def epochs(db: Database) -> dict[int, int]:
    """Return the epoch in force of each device that was enrolled anew, by its principal."""
    return dict(map(tuple, await db.fetch(_EPOCHS)))
