"""Who and what is meant by the references that an operator types?"""

from typing import NamedTuple

from stockbook.store.database import Database


class Named(NamedTuple):
    """What was found, and what it is called."""

    id: int
    name: str


async def organisation(database: Database, reference: str | None) -> Named | None:
    """Return an organisation by its external reference."""
    return await _found(database, "organisation", reference)


async def place(database: Database, reference: str | None) -> Named | None:
    """Return a place by its external reference."""
    return await _found(database, "place", reference)


async def principal(database: Database, reference: str) -> Named | None:
    """Return a principal by its external reference."""
    return await _found(database, "principal", reference)


class Membership(NamedTuple):
    """To which sites a role is limited (none: not limited), and whether it has ended."""

    sites: tuple[int, ...]
    revoked: bool


async def membership(database: Database, principal: int, organisation: int, role: str) -> Membership | None:
    """Return a principal's role in an organisation, when it was ever given."""
    query = (
        "select sites, revoked_at is not null from membership"
        " where principal_id = $1 and organisation_id = $2 and role = $3"
    )
    row = await database.fetchrow(query, principal, organisation, role)
    return Membership(tuple(row[0]), row[1]) if row else None


async def administered(database: Database) -> int | None:
    """Return the first organisation that has an administrator."""
    found: int | None = await database.fetchval(
        "select min(organisation_id) from membership where role = 'org_admin' and revoked_at is null"
    )
    return found


async def _found(database: Database, table: str, reference: str | None) -> Named | None:
    query = f"select id, name from {table} where external_reference = $1 and id > 0"
    row = await database.fetchrow(query, reference)
    return Named(row["id"], row["name"]) if row else None
