"""Who may pass the gate at all: a token's signature proves who wrote it, not that what it says is still so."""

import asyncio
from collections.abc import Callable, Hashable

import asyncpg
import structlog

from stockbook.access.principal import Principal
from stockbook.store.database import Database
from stockbook.store.faults import AWAY
from stockbook.store.registering import members

LOG = structlog.get_logger()


class Members:
    """Which organisations and principals are registered, and which roles were revoked.

    A pair of them is looked up once, since none ever goes. Revoked memberships
    are looked for now and then (`watch`), so that a request costs a look into a
    dictionary.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._there: set[tuple[int, int]] = set()
        self._mark: Hashable = None
        self._revoked: dict[tuple[int, int], frozenset[str]] = {}
        self._epochs: dict[int, int] = {}
        self._wipes: frozenset[tuple[int, int]] = frozenset()
        self._heed: list[Callable[[], None]] = []

    async def knows(self, principal: Principal) -> bool:
        """Return whether the principal and its organisation are registered."""
        pair = (principal.organisation, principal.id)
        if pair in self._there:
            return True
        if not await members.there(self._db, *pair):
            return False
        self._there.add(pair)
        return True

    def revoked(self, principal: Principal) -> bool:
        """Return whether the principal has lost a role it speaks in, or is a device enrolled anew or wiped since."""
        if self.condemned(principal):
            return True
        if principal.epoch and principal.epoch < self._epochs.get(principal.id, 0):
            return True
        lost = self._revoked.get((principal.organisation, principal.id))
        return lost is not None and not lost.isdisjoint(principal.roles)

    def condemned(self, principal: Principal) -> bool:
        """Return whether the principal is a device that is to be wiped and may do nothing else any more."""
        return (principal.id, principal.epoch) in self._wipes

    def on_change(self, heed: Callable[[], None]) -> None:
        """Have `heed` called whenever memberships were revoked."""
        self._heed.append(heed)

    async def look(self) -> None:
        """Look which memberships are revoked now."""
        mark = await members.mark(self._db)
        if mark == self._mark:
            return
        found: dict[tuple[int, int], frozenset[str]] = {}
        for each in await members.revoked(self._db):
            pair = (each.organisation, each.principal)
            found[pair] = found.get(pair, frozenset()) | {each.role}
        self._epochs, self._wipes = await members.epochs(self._db), await members.wipes(self._db)
        self._mark, self._revoked = mark, found
        for heed in self._heed:
            heed()

    async def watch(self, seconds: float) -> None:
        """Look again and again; while the database is away, what was revoked before stays so."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.look()
            except (*AWAY, asyncpg.PostgresError) as error:
                LOG.warning("memberships_unknown", error=type(error).__name__)
