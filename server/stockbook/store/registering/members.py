"""Who is there to ask, and who has lost the role in which he might."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from stockbook.store.database import Database

_THERE = """
select exists (select 1 from organisation where id = $1 and id <> 0)
  and exists (select 1 from principal where id = $2)
"""
_MARK = """
select count(*), sum(id), max(revoked_at), (select sum(epoch) from device),
  (select max(id) from wipe), (select count(wiped_at) from wipe)
from membership where revoked_at is not null
"""
_REVOKED = "select organisation_id, principal_id, role from membership where revoked_at is not null"


class Revoked(NamedTuple):
    """A role that a principal no longer has in an organisation."""

    organisation: int
    principal: int
    role: str


_EPOCHS = """
select d.principal_id, d.epoch + (w.id is not null)::int from device d
left join lateral (
  select id from wipe where device_id = d.id and epoch = d.epoch and wiped_at is not null limit 1
) w on true
where d.epoch > 1 or w.id is not null
"""
_WIPES = """
select distinct d.principal_id, w.epoch from wipe w join device d on d.id = w.device_id
where w.wiped_at is null and (w.mode = 'AT_ONCE' or w.epoch < d.epoch)
"""


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
    """Return the least epoch that is good of each device that was enrolled anew or wiped, by its principal."""
    return dict(map(tuple, await db.fetch(_EPOCHS)))


async def wipes(db: Database) -> frozenset[tuple[int, int]]:
    """Return the enrolments (principal, epoch) that may do nothing any more but hear that they are to be wiped."""
    return frozenset(map(tuple, await db.fetch(_WIPES)))
