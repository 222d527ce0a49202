"""Rights are few and a row of `rights` never changes: each is read, or made, when first met and known from then on.

Rows are made by one at a time, so they are committed in the order of their ids:
whoever sees one sees all before it, and the newest id says what there is (`graph/viewer.py`).
"""

from collections.abc import Iterable

from stockbook.domain.rights.holders import NOBODY, Rights
from stockbook.store.database import Database

IN_TURN = 5_707_104
"""Advisory lock."""
_MADE = """
insert into rights (owner_id, custodian_id, disposer_id, seller_id)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) on conflict do nothing
"""
_NAMED = """
select r.id, r.owner_id, r.custodian_id, r.disposer_id, r.seller_id
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as w(owner_id, custodian_id, disposer_id, seller_id)
join rights r using (owner_id, custodian_id, disposer_id, seller_id)
"""
_NUMBERED = "select id, owner_id, custodian_id, disposer_id, seller_id from rights where id = any($1)"


class KnownRights:
    """Both ways: `ids` by who holds what, `of` by id."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.ids: dict[Rights, int] = {NOBODY: 0}
        self.of: dict[int, Rights] = {0: NOBODY}

    async def read(self, ids: Iterable[int]) -> None:
        """Come to know the rows of these ids."""
        if missing := set(ids) - self.of.keys():
            self._learn(await self._db.fetch(_NUMBERED, sorted(missing)))

    async def make(self, wanted: Iterable[Rights]) -> None:
        """See that there are rows of these, and come to know them."""
        if missing := sorted({each for each in wanted if each not in self.ids}):
            columns = [list(column) for column in zip(*missing, strict=True)]
            async with self._db.connection() as connection, connection.transaction():
                await connection.execute(f"select pg_advisory_xact_lock({IN_TURN})")
                await connection.execute(_MADE, *columns)
            self._learn(await self._db.fetch(_NAMED, *columns))

    def _learn(self, rows: Iterable[Iterable[int]]) -> None:
        for id_, *holders in rows:
            held = Rights(*holders)
            self.ids[held], self.of[id_] = id_, held
