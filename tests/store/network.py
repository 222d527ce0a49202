"""A small network for tests of the store: two shops, a bin each, one item; entries laid by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.movement import ClaimChange, End, Entry, Leg, Position, Shelf, Tally
from stockbook.domain.stock.verbs import Verb
from stockbook.store.catalogue import PostgresCatalogue
from stockbook.store.posting.ledger import PostgresLedger

SELLABLE = 8
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Network:
    """Ids of what there is, and the ledger over it."""

    db: object
    ledger: PostgresLedger
    catalogue: PostgresCatalogue
    shop: int
    site: int
    bin: int
    item: int
    supplier: int
    customer: int
    version: int

    @property
    def shelf(self):
        return Shelf(self.shop, self.site, self.item)

    @property
    def held(self):
        return Rights(self.shop, self.shop, self.shop, self.shop)

    @property
    def position(self):
        return Position(self.item, 0, self.bin, SELLABLE, 0, self.held)

    @property
    def end(self):
        return End(self.bin, SELLABLE, 0, self.held)

    def entry(self, key, line=0, **facts):
        given = {
            "organisation": self.shop,
            "verb": Verb.RECEIVE,
            "digest": b"d",
            "chain": hash((key, line)),
            "occurred_at": NOON,
            "actor": 1,
        }
        return Entry(key=key, line=line, **{**given, **facts})

    def receive(self, key, quantity, **facts):
        quantity = Decimal(quantity)
        return self.entry(
            key,
            legs=(Leg(self.item, 0, quantity, End(self.supplier), self.end),),
            tallies=((self.shelf, Tally(on_hand=quantity)),),
            **facts,
        )

    def sell(self, key, quantity, **facts):
        quantity = Decimal(quantity)
        return self.entry(
            key,
            verb=Verb.SELL,
            legs=(Leg(self.item, 0, quantity, self.end, End(self.customer)),),
            tallies=((self.shelf, Tally(on_hand=-quantity)),),
            **facts,
        )

    def reserve(self, key, quantity, claim=-1, hard=False, **facts):
        quantity = Decimal(quantity)
        change = ClaimChange(claim, self.shelf, quantity, "OPEN", position=self.position if hard else None)
        return self.entry(
            key,
            verb=Verb.RESERVE,
            claims=(change,),
            tallies=((self.shelf, Tally(reserved=quantity)),),
            promises=(self.shelf,),
            **facts,
        )

    def release(self, key, claim, quantity, state="RELEASED", hard=False, **facts):
        quantity = Decimal(quantity)
        position = self.position if hard else None
        return self.entry(
            key,
            verb=Verb.RELEASE,
            claims=(ClaimChange(claim, self.shelf, -quantity, state, position=position),),
            tallies=((self.shelf, Tally(reserved=-quantity)),),
            **facts,
        )

    async def post(self, *entries):
        return await self.ledger.post(self.version, entries)

    async def codes(self, *entries):
        """Post and tell each outcome in a word."""
        told = []
        for outcome in await self.post(*entries):
            if outcome.refusal:
                told.append(outcome.refusal.code.name)
            else:
                told.append("DUPLICATE" if outcome.duplicate else "POSTED")
        return told


async def settle(db, name="A"):
    """Register the network's rows and return it."""
    shop = await db.fetchval(
        "insert into organisation (external_reference, name, kind) values ($1, $1, 'SHOP') returning id", f"SHOP-{name}"
    )
    item = await db.fetchval(
        "insert into item (external_reference, name, category, base_unit, decimals, inspected, registrar_id)"
        " values ($1, $1, '', 'piece', 3, false, $2) returning id",
        f"ITEM-{name}",
        shop,
    )
    site = await db.fetchval(
        "insert into place (organisation_id, external_reference, name, kind, public, strict)"
        " values ($1, $2, $2, 'SITE', false, true) returning id",
        shop,
        f"SITE-{name}",
    )
    await db.execute("update place set site_id = id where id = $1", site)
    shelf = await db.fetchval(
        "insert into place (organisation_id, external_reference, name, kind, parent_id, site_id, public, strict)"
        " values ($1, $2, $2, 'BIN', $3, $3, false, true) returning id",
        shop,
        f"BIN-{name}",
        site,
    )
    catalogue = PostgresCatalogue(db)
    ledger = PostgresLedger(db, catalogue)
    supplier = await catalogue.virtual(shop, "SUPPLIER")
    customer = await catalogue.virtual(shop, "CUSTOMER")
    return Network(db, ledger, catalogue, shop, site, shelf, item, supplier, customer, await catalogue.version())
