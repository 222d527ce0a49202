"""The clock on PostgreSQL: what is past its time is found, posted once, and the books say so."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from stockbook.domain.stock.states import State
from stockbook.flows.clock import strike
from stockbook.store.database import Database
from stockbook.store.work.overdue import overdue
from tests.postgres import Postgres
from tests.trade import NOON, Trade

TODAY = NOON.date()


@pytest.fixture
async def db(fresh):
    """A database of the test's own: the clock sees everybody's goods."""
    database = await Database.open(await fresh(), size=4, cap_seconds=None)
    yield database
    await database.close()


@pytest.fixture
async def trade(db):
    trade = Trade(Postgres(db))
    await trade.organisations("SHOP", "GROWER")
    for name in ("SHOP", "GROWER"):
        await trade.site(name, "SHELF")
    await trade.item("APPLE")
    return trade


async def struck(db, trade):
    return await strike(trade.posting, await overdue(db, trade.clock), trade.clock)


async def states(trade):
    found = {}
    for position, quantity in (await trade.store.positions()).items():
        name = State(position.state).name + ("/held" if position.holds else "")
        found[name] = found.get(name, 0) + quantity
    return found


async def test_a_promise_whose_time_is_over_ends_expired_and_gives_back_what_it_held(db, trade):
    await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
    line = {"item": "APPLE", "site": "SHOP/SITE", "expires_at": NOON + timedelta(hours=1)}
    soft = (await trade.do("SHOP", "RESERVE", quantity=2, **line)).claims
    hard = (await trade.do("SHOP", "RESERVE", quantity=3, place="SHOP/SHELF", **line)).claims
    firm = (await trade.do("SHOP", "RESERVE", quantity=1, **line)).claims
    await trade.do("SHOP", "COMMIT", claim=f"gid://stockbook/Claim/{firm[0]}")
    later = {**line, "expires_at": NOON + timedelta(hours=9)}
    stays = (await trade.do("SHOP", "RESERVE", quantity=1, **later)).claims
    back = (await trade.do("SHOP", "RESERVE", quantity=1, **later)).claims
    assert await struck(db, trade) == 0
    trade.later(hours=2)
    await trade.do("SHOP", "RELEASE", claim=f"gid://stockbook/Claim/{back[0]}")
    assert await struck(db, trade) == 3
    claims = await trade.store.claims()
    lapsed = {claims[each][1:] for each in (*soft, *hard, *firm)}
    assert lapsed == {(Decimal(0), "EXPIRED")}
    assert (claims[stays[0]][1:], claims[back[0]][1:]) == ((Decimal(1), "OPEN"), (Decimal(0), "RELEASED"))
    assert (await trade.tally("SHOP", "APPLE")).reserved == 1
    assert await struck(db, trade) == 0


async def test_a_promise_partly_used_expires_for_the_rest(db, trade):
    await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
    line = {"item": "APPLE", "site": "SHOP/SITE", "quantity": 5, "expires_at": NOON + timedelta(hours=1)}
    (claim,) = (await trade.do("SHOP", "RESERVE", **line)).claims
    await trade.do("SHOP", "SELL", item="APPLE", quantity=2, place="SHOP/SHELF", claim=f"gid://stockbook/Claim/{claim}")
    trade.later(hours=1)
    assert await struck(db, trade) == 1, "the moment itself is over"
    assert (await trade.store.claims())[claim][1:] == (Decimal(0), "EXPIRED")
    assert await trade.tally("SHOP", "APPLE") == (8, 0, 0, 0)


async def test_a_lot_is_good_on_its_last_day_and_expired_on_the_next(db, trade):
    await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="L1", expiry=TODAY)
    await trade.stock("SHOP", "APPLE", 4, "SHOP/SHELF", lot="L2", expiry=date(2027, 1, 1))
    await trade.stock("SHOP", "APPLE", 1, "SHOP/SHELF")
    assert await struck(db, trade) == 0
    trade.later(days=1)
    assert await struck(db, trade) == 1
    assert await states(trade) == {"SELLABLE": 5, "EXPIRED": 10}
    assert (await trade.tally("SHOP", "APPLE")).on_hand == 5
    assert await struck(db, trade) == 0


async def test_goods_expire_where_they_lie_whoever_may_dispose_of_them(db, trade):
    """A grower's goods on a shop's shelf: the shop keeps them, the grower disposes of them."""
    rights = {"owner": "GROWER", "disposer": "GROWER", "seller": "SHOP", "expiry": TODAY, "lot": "L1"}
    await trade.stock("SHOP", "APPLE", 6, "SHOP/SHELF", **rights)
    trade.later(days=1)
    assert await struck(db, trade) == 1
    assert await states(trade) == {"EXPIRED": 6}
    assert await struck(db, trade) == 0


async def test_goods_that_are_held_expire_too(db, trade):
    await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="L1", expiry=TODAY)
    await trade.do("SHOP", "HOLD", overlay="FROZEN", item="APPLE", lot="L1", place="SHOP/SHELF", quantity=4)
    await trade.stock("GROWER", "APPLE", 3, "GROWER/SHELF", lot="G1", expiry=TODAY)
    await trade.do("GROWER", "HOLD", overlay="RECALLED", item="APPLE", lot="G1", place="GROWER/SHELF", quantity=3)
    trade.later(days=1)
    await struck(db, trade)
    assert await states(trade) == {"EXPIRED": 6, "EXPIRED/held": 7}
    assert await struck(db, trade) == 0


async def test_goods_in_a_state_of_ones_own_expire_when_it_may_become_so(db, trade):
    await trade.state("SHOP", "RIPENING", "QUARANTINED", "SELLABLE", "EXPIRED")
    ageing = await trade.state("SHOP", "AGEING", "QUARANTINED", "SELLABLE")
    for lot, state in (("L1", "RIPENING"), ("L2", "AGEING"), ("L3", "DAMAGED")):
        await trade.stock("SHOP", "APPLE", 2, "SHOP/SHELF", lot=lot, expiry=TODAY)
        line = {"item": "APPLE", "lot": lot, "place": "SHOP/SHELF", "from_state": "SELLABLE", "to_state": state}
        await trade.do("SHOP", "CHANGE_STATE", quantity=2, **line)
    trade.later(days=1)
    assert await struck(db, trade) == 2
    assert sorted(position.state for position in await trade.store.positions()) == [
        State.EXPIRED,
        State.EXPIRED,
        ageing,
    ]
    assert await struck(db, trade) == 0


async def test_promised_goods_expire_and_the_seller_is_told_what_falls_short(db, trade):
    await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="L1", expiry=TODAY)
    await trade.do("SHOP", "RESERVE", item="APPLE", quantity=8, site="SHOP/SITE")
    trade.later(days=1)
    assert await struck(db, trade) == 1
    tally = await trade.tally("SHOP", "APPLE")
    assert (tally.on_hand, tally.reserved) == (0, 8)
    assert [topic for *_, topic in await trade.store.signals()].count("SHORTFALL") == 1


async def test_two_clocks_post_once(db, trade):
    await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="L1", expiry=TODAY)
    trade.later(days=1)
    found = await overdue(db, trade.clock)
    before = len(await trade.store.movements())
    assert [await strike(trade.posting, found, trade.clock) for _ in range(2)] == [1, 0]
    assert len(await trade.store.movements()) == before + 1
