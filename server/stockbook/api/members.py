"""Who may pass the gate at all: a token's signature proves who wrote it, not that whom it names is there."""

from stockbook.access.principal import Principal
from stockbook.store import members
from stockbook.store.database import Database


class Members:
    """The organisations and principals that are registered; each pair is looked up once, since none ever goes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._there: set[tuple[int, int]] = set()

    async def knows(self, principal: Principal) -> bool:
        """Return whether the principal and its organisation are registered."""
        pair = (principal.organisation, principal.id)
        if pair in self._there:
            return True
        if not await members.there(self._db, *pair):
            return False
        self._there.add(pair)
        return True
