"""`verify` is green on what was posted, and each of these corruptions makes it say so."""

import pytest

from stockbook.store.streams import number
from stockbook.store.verify import check, verify
from tests.store.network import settle

CORRUPTIONS = {
    "a leg moves less than was posted": (
        "balances",
        "update leg set quantity = quantity - 1 where movement_id = {first}",
    ),
    "a leg moves nothing": ("conservation", "update leg set quantity = 0 where movement_id = {first}"),
    "a leg is lost": ("conservation", "delete from leg where movement_id = {first}"),
    "a balance is raised": ("balances", "update position set quantity = quantity + 1"),
    "a balance is below zero": (
        "negative",
        "alter table position drop constraint position_not_negative; update position set quantity = -1",
    ),
    "a shelf shows more than there is": ("availability", "update availability set on_hand = on_hand + 1"),
    "a reservation is forgotten": ("reserved", "update availability set reserved = reserved - 1"),
    "a hard claim is forgotten": ("reserved", "update position set claimed = 0"),
    "a claim is below zero": ("claims", "update claim set quantity = -1 where position_id is null"),
    "an ended claim still holds": ("claims", "update claim set state = 'RELEASED' where position_id is null"),
    "a stream has a gap": (
        "streams",
        "delete from movement_party where sequence = 2; update movement set reason = 'gap'",
    ),
    "a stream ends too soon": ("streams", "update stream set head = head - 1"),
    "a party was not told": ("parties", "delete from movement_party where sequence is null or sequence = 1"),
    "a party was told less than it is": ("parties", "update movement_party set relations = 64"),
    "a movement was posted twice": (
        "keys",
        "alter table movement drop constraint movement_organisation_id_key_line_key; update movement set key = 'same'",
    ),
    "a position lies at another's": ("places", "update position set host_id = 1"),
    "nobody posted it": ("references", "update movement set actor_id = 99999"),
}


@pytest.fixture(scope="module")
async def first(db):
    """The first movement of a database in which a little of everything was posted and numbered."""
    shop = await settle(db)
    said = await shop.codes(
        shop.receive("r", 9),
        shop.sell("s", 2),
        shop.reserve("soft", 2),
        shop.reserve("hard", 3, claim=-2, hard=True),
        shop.sell("t", 1),
    )
    assert said == ["POSTED"] * 5
    async with db.connection() as connection:
        assert await number(connection) == 5
    return await db.fetchval("select min(id) from movement")


async def test_books_in_order_are_green(first, db):
    assert await verify(db) == []


@pytest.mark.parametrize("corruption", CORRUPTIONS)
async def test_every_corruption_is_found(first, db, corruption):
    expected, damage = CORRUPTIONS[corruption]
    async with db.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(damage.format(first=first))
        findings = await check(connection)
        await transaction.rollback()
    assert expected in {finding.check for finding in findings}
