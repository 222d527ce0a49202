"""A small network whose sales are written to the journal as the posting function writes them."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
SELLERS = (11, 12)
ITEMS = (21, 22, 23, 24, 25)
RATES = dict(zip(ITEMS, (2.0, 1.2, 0.5, 0.1, 0.03), strict=True))
"""Sales a day, of item by item: two sell every week, one most weeks, two seldom."""


@dataclass(frozen=True)
class Sale:
    seller: int
    item: int
    quantity: float
    at: datetime
    verb: str = "SELL"
    reverses: int = 0


async def settle(db) -> None:
    """Write organisations, items, places and rights."""
    await db.execute(
        "insert into organisation (id, external_reference, name, kind) overriding system value"
        " select s, 'SHOP-' || s, 'Shop', 'SHOP' from unnest($1::bigint[]) s",
        list(SELLERS),
    )
    await db.execute(
        "insert into item (id, external_reference, name, category, base_unit, decimals, inspected, registrar_id)"
        " overriding system value select i, 'ITEM-' || i, 'Item', '', 'kg', 3, false, 1 from unnest($1::bigint[]) i",
        list(ITEMS),
    )
    for seller in SELLERS:
        await db.execute(
            "insert into place"
            " (id, organisation_id, external_reference, name, kind, parent_id, site_id, public, strict)"
            " overriding system value values"
            " ($1 * 10, $1, 'SITE-' || $1, 'Site', 'SITE', null, $1 * 10, true, true),"
            " ($1 * 10 + 1, $1, 'SHELF-' || $1, 'Shelf', 'BIN', $1 * 10, $1 * 10, false, true),"
            " ($1 * 10 + 2, $1, 'CUSTOMER-' || $1, 'Customers', 'CUSTOMER', null, null, false, false)",
            seller,
        )
        await db.execute(
            "insert into rights (id, owner_id, custodian_id, disposer_id, seller_id) overriding system value"
            " values ($1, 1, $1, $1, $1)",
            seller,
        )


async def post(db, sales: list[Sale], first: int = 1) -> None:
    """Write each sale as a movement of one leg with two parties, the owner first, numbered from `first`."""
    for number, sale in enumerate(sales, first):
        shelf, customer = (sale.seller * 10 + 1, 8, sale.seller), (sale.seller * 10 + 2, 0, 0)
        taken_back = sale.quantity < 0
        source, target = (customer, shelf) if taken_back else (shelf, customer)
        async with db.connection() as connection, connection.transaction():
            await connection.execute(
                "insert into movement"
                " (id, organisation_id, verb, key, line, digest, occurred_at, actor_id, reverses_id, reason)"
                " overriding system value"
                " values ($1, $2, $3, $1::bigint::text, 0, '', $4, 1, nullif($5::bigint, 0), '')",
                number,
                sale.seller,
                sale.verb,
                sale.at,
                sale.reverses,
            )
            await connection.execute(
                "insert into leg (movement_id, number, item_id, lot_id, quantity, source_place_id, source_state,"
                " source_holds, source_rights_id, source_host_id, target_place_id, target_state, target_holds,"
                " target_rights_id, target_host_id)"
                " values ($1, 0, $2, 0, $3::float8::numeric, $4, $5, 0, $6, 0, $7, $8, 0, $9, 0)",
                number,
                sale.item,
                abs(sale.quantity),
                *source,
                *target,
            )
            await connection.execute(
                "insert into movement_party (organisation_id, movement_id, topic, relations, occurred_at)"
                " values (1, $1, 'MOVED', 1, $3), ($2, $1, 'MOVED', 14, $3)",
                number,
                sale.seller,
                sale.at,
            )


def sales(weeks: int, seed: int = 1) -> list[Sale]:
    """Sales of every seller and item in time's order, with returns, reversals and some that come late."""
    rng = random.Random(seed)
    found: list[Sale] = []
    for day in range(weeks * 7):
        for seller in SELLERS:
            for item, rate in RATES.items():
                if rng.random() < min(rate, 0.9):
                    at = MONDAY + timedelta(days=day, seconds=rng.randrange(86_400))
                    found.append(Sale(seller, item, float(rng.randrange(1, 6)), at))
    found.sort(key=lambda sale: sale.at)
    for at in rng.sample(range(len(found) // 2, len(found)), len(found) // 15):
        kind, sale = rng.randrange(3), found[at]
        if kind == 0:
            found[at] = Sale(sale.seller, sale.item, sale.quantity, sale.at - timedelta(days=rng.randrange(1, 30)))
        elif kind == 1:
            found[at] = Sale(sale.seller, sale.item, -sale.quantity, sale.at, "RETURN")
        else:
            number = rng.randrange(1, at + 1)
            before = found[number - 1]
            if before.verb == "SELL" and not any(other.reverses == number for other in found):
                found[at] = Sale(before.seller, before.item, -before.quantity, sale.at, "REVERSE", number)
    return found
