"""Rights rows: made once, known from then on, and committed in the order of their ids."""

import asyncio

from stockbook.domain.rights.holders import Rights
from stockbook.store.posting.rights import IN_TURN, KnownRights

FIRST, SECOND = Rights(1, 1, 1, 0), Rights(1, 0, 1, 1)


async def test_whoever_sees_a_row_sees_all_before_it(db):
    known = KnownRights(db)
    async with db.connection() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(f"select pg_advisory_xact_lock({IN_TURN})")
        await slow.execute("insert into rights (owner_id, custodian_id, disposer_id, seller_id) values (1, 1, 1, 0)")
        making = asyncio.create_task(known.make([SECOND]))
        done, _ = await asyncio.wait({making}, timeout=0.3)
        assert not done, "a row that was numbered later waits for the one before"
        await transaction.commit()
    await making
    await known.make([FIRST])
    assert known.ids[FIRST] < known.ids[SECOND]


async def test_many_who_meet_the_same_rights_make_one_row(db):
    readers = [KnownRights(db) for _ in range(3)]
    await asyncio.gather(*(each.make([Rights(0, 1, 1, 1)]) for each in readers))
    assert len({each.ids[Rights(0, 1, 1, 1)] for each in readers}) == 1
