"""The PostgreSQL store as tests look at it."""

from stockbook.domain.rights.holders import Rights
from stockbook.domain.rights.sellable import Tally
from stockbook.domain.stock.movement import End, Leg, Position, Shelf
from stockbook.store.catalogue import PostgresCatalogue
from stockbook.store.posting.ledger import PostgresLedger
from stockbook.store.registering.registry import PostgresRegistry

_NAMED = ("organisation", "item", "place", "principal")


async def emptied(db):
    """Return a store that looks empty: what other tests left keeps its rows and loses its names."""
    for table in _NAMED:
        await db.execute(
            f"update {table} set external_reference = 'gone/' || id"
            " where external_reference !~ '^gone/' and external_reference not in ('NONE', 'OPERATOR', 'SYSTEM')"
        )
    await db.execute("update facts_version set version = version + 1")
    item, movement = await db.fetchrow("select max(i.id), (select coalesce(max(id), 0) from movement) from item i")
    return Postgres(db, item, movement)


class Postgres:
    """`tests.trade.Store` over PostgreSQL: shows what is newer than the marks."""

    def __init__(self, db, item=0, movement=0):
        self._db = db
        self._item = item
        self._movement = movement
        self.catalogue = PostgresCatalogue(db)
        self.ledger = PostgresLedger(db, self.catalogue)
        self.registry = PostgresRegistry(db)

    async def positions(self):
        rows = await self._db.fetch(
            "select item_id, lot_id, place_id, state, holds, owner_id, custodian_id, disposer_id, seller_id, quantity"
            " from position p join rights r on r.id = p.rights_id where item_id > $1 and quantity <> 0 order by p.id",
            self._item,
        )
        return {Position(*row[:5], Rights(*row[5:9])): row[9] for row in map(tuple, rows)}

    async def tallies(self):
        rows = await self._db.fetch(
            "select seller_id, site_id, item_id, on_hand, inbound, held, reserved from availability where item_id > $1"
            " order by id",
            self._item,
        )
        return {Shelf(*row[:3]): Tally(*row[3:]) for row in map(tuple, rows) if any(row[3:])}

    async def claims(self):
        rows = await self._db.fetch(
            "select id, seller_id, site_id, item_id, quantity, state from claim where item_id > $1 order by id",
            self._item,
        )
        return {row[0]: (Shelf(*row[1:4]), row[4], row[5]) for row in map(tuple, rows)}

    async def movements(self):
        rows = await self._db.fetch(
            "select m.id, l.item_id, l.lot_id, l.quantity, l.source_place_id, l.source_state, l.source_holds,"
            " s.owner_id, s.custodian_id, s.disposer_id, s.seller_id, l.target_place_id, l.target_state,"
            " l.target_holds, t.owner_id, t.custodian_id, t.disposer_id, t.seller_id"
            " from movement m left join leg l on l.movement_id = m.id left join rights s on s.id = l.source_rights_id"
            " left join rights t on t.id = l.target_rights_id where m.id > $1 order by m.id, l.number",
            self._movement,
        )
        found = {}
        for row in map(tuple, rows):
            legs = found.setdefault(row[0], ())
            if row[1] is not None:
                source, target = End(*row[4:7], Rights(*row[7:11])), End(*row[11:14], Rights(*row[14:18]))
                found[row[0]] = (*legs, Leg(row[1], row[2], row[3], source, target))
        return found

    async def signals(self):
        rows = await self._db.fetch(
            "select organisation_id, movement_id, topic from movement_party where movement_id > $1 order by id",
            self._movement,
        )
        return [tuple(row) for row in rows]

    async def tasks(self):
        rows = await self._db.fetch(
            "select organisation_id, kind from task where movement_id > $1 order by id", self._movement
        )
        return [tuple(row) for row in rows]

    async def charges(self):
        rows = await self._db.fetch(
            "select item_id, debtor_id, creditor_id, quantity from charge where movement_id > $1 order by id",
            self._movement,
        )
        return [tuple(row) for row in rows]
