"""Who is there to ask: organisations and principals."""

from stockbook.store.database import Database

_THERE = """
select exists (select 1 from organisation where id = $1 and id <> 0)
  and exists (select 1 from principal where id = $2)
"""


async def there(db: Database, organisation: int, principal: int) -> bool:
    """Return whether both are registered."""
    found: bool = await db.fetchval(_THERE, organisation, principal)
    return found
