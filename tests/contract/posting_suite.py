"""What every ledger does with keys, lists, late entries, units and many at once: the other half of the suite."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from stockbook.domain.refusal import Code
from stockbook.domain.stock.movement import Shelf, Tally
from tests.trade import NOON, snapshot


class TestSettling:
    async def test_a_count_sets_the_books_right_both_ways(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        count = {"item": "APPLE", "place": "SHOP/SHELF"}
        await trade.do("SHOP", "COUNT", **count, counted=7, expected=10)
        assert await trade.there("APPLE", "SHOP/SHELF") == 7
        await trade.do("SHOP", "COUNT", **count, counted=9, expected=7)
        assert (await trade.tally("SHOP", "APPLE")).on_hand == 9
        await trade.do("SHOP", "COUNT", **count, counted=9, expected=9)

    async def test_a_count_that_moved_since_is_refused_with_both_figures(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        await trade.do("SHOP", "SELL", item="APPLE", quantity=1, place="SHOP/SHELF")
        count = {"item": "APPLE", "place": "SHOP/SHELF", "counted": Decimal(8), "expected": Decimal(10)}
        [outcome] = await trade.post("SHOP", "COUNT", count)
        assert (outcome.refusal.code, outcome.refusal.figures) == (
            Code.STALE_QUANTITY,
            {"expected": "10", "actual": "9"},
        )

    async def test_a_movement_is_undone_by_its_exact_opposite_once(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        before = await trade.store.positions(), await trade.store.tallies()
        sold = await trade.do("SHOP", "SELL", item="APPLE", quantity=4, place="SHOP/SHELF")
        back = f"gid://stockbook/Movement/{sold.movement}"
        assert await trade.refused("OTHER", "REVERSE", movement=back) is Code.MOVEMENT_UNKNOWN
        await trade.do("SHOP", "REVERSE", movement=back)
        assert (await trade.store.positions(), await trade.store.tallies()) == before
        assert await trade.refused("SHOP", "REVERSE", movement=back) is Code.ALREADY_REVERSED

    async def test_what_has_gone_on_is_not_undone(self, trade):
        got = await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=4, place="SHOP/DOCK")
        await trade.do("SHOP", "PUT_AWAY", item="APPLE", quantity=1, source="SHOP/DOCK", place="SHOP/SHELF")
        back = f"gid://stockbook/Movement/{got.movement}"
        assert await trade.refused("SHOP", "REVERSE", movement=back) is Code.INSUFFICIENT_STOCK

    async def test_a_promise_reversed_is_released(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        made = await trade.do("SHOP", "RESERVE", item="APPLE", quantity=4, site="SHOP/SITE")
        await trade.do("SHOP", "REVERSE", movement=f"gid://stockbook/Movement/{made.movement}")
        assert (await trade.tally("SHOP", "APPLE")).reserved == 0
        assert (await trade.store.claims())[made.claims[0]][1] == 0

    async def test_nothing_is_posted_into_a_closed_period(self, trade):
        await trade.close("SHOP", NOON - timedelta(days=1))
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK"}
        assert await trade.refused("SHOP", "RECEIVE", at=NOON - timedelta(days=2), **line) is Code.PERIOD_CLOSED
        [outcome] = await trade.post("SHOP", "RECEIVE", line, at=NOON - timedelta(days=1))
        assert outcome.refusal is None


class TestT4LateEntries:
    async def test_t4_a_late_entry_that_would_make_the_future_negative_is_refused_in_a_strict_place(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        trade.later(hours=1)
        await trade.do("SHOP", "SELL", item="APPLE", quantity=10, place="SHOP/SHELF")
        trade.later(hours=1)
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        sale = {"item": "APPLE", "quantity": 1, "place": "SHOP/SHELF"}
        between = NOON + timedelta(minutes=30)
        assert await trade.refused("SHOP", "SELL", at=between, **sale) is Code.FUTURE_NEGATIVE
        [outcome] = await trade.post("SHOP", "SELL", sale)
        assert outcome.refusal is None

    async def test_t4_a_late_entry_that_the_future_bears_is_posted(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        trade.later(hours=1)
        await trade.do("SHOP", "SELL", item="APPLE", quantity=6, place="SHOP/SHELF")
        line = {"item": "APPLE", "place": "SHOP/SHELF"}
        between = NOON + timedelta(minutes=30)
        [outcome] = await trade.post("SHOP", "SELL", {**line, "quantity": 4}, at=between)
        assert outcome.refusal is None
        assert await trade.there("APPLE", "SHOP/SHELF") == 0

    async def test_t4_a_loose_place_takes_it(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/TILL")
        trade.later(hours=1)
        await trade.do("SHOP", "SELL", item="APPLE", quantity=10, place="SHOP/TILL")
        await trade.stock("SHOP", "APPLE", 10, "SHOP/TILL")
        between = NOON + timedelta(minutes=30)
        [outcome] = await trade.post("SHOP", "SELL", {"item": "APPLE", "quantity": 1, "place": "SHOP/TILL"}, at=between)
        assert outcome.refusal is None


class TestT23Keys:
    async def test_a_retry_with_the_same_key_gets_the_same_answer(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "quantity": 4, "site": "SHOP/SITE"}
        [first] = await trade.post("SHOP", "RESERVE", line, key="k")
        before = await snapshot(trade.store)
        [again] = await trade.post("SHOP", "RESERVE", line, key="k")
        assert (again.movement, again.claims, again.duplicate) == (first.movement, first.claims, True)
        assert await snapshot(trade.store) == before

    async def test_the_same_key_with_other_input_is_refused(self, trade):
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK"}
        await trade.post("SHOP", "RECEIVE", line, key="k")
        [other] = await trade.post("SHOP", "RECEIVE", {**line, "quantity": 2}, key="k")
        assert other.refusal.code is Code.IDEMPOTENCY_KEY_REUSED
        [elsewhere] = await trade.post("OTHER", "RECEIVE", {**line, "place": "OTHER/SHELF"}, key="k")
        assert elsewhere.movement

    async def test_a_refused_line_may_be_tried_again(self, trade):
        sale = {"item": "APPLE", "quantity": 1, "place": "SHOP/SHELF"}
        [no] = await trade.post("SHOP", "SELL", sale, key="k")
        assert no.refusal.code is Code.INSUFFICIENT_STOCK
        await trade.stock("SHOP", "APPLE", 1, "SHOP/SHELF")
        [yes] = await trade.post("SHOP", "SELL", sale, key="k")
        assert yes.movement

    async def test_the_same_command_twice_at_once_is_posted_once(self, trade):
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK"}
        outcomes = await asyncio.gather(*(trade.post("SHOP", "RECEIVE", line, key="k") for _ in range(5)))
        assert len({outcome.movement for [outcome] in outcomes}) == 1
        assert sorted(outcome.duplicate for [outcome] in outcomes) == [False, True, True, True, True]
        assert await trade.there("APPLE", "SHOP/DOCK") == 1


class TestLists:
    async def test_reject_all_stands_or_falls_whole(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        before = await snapshot(trade.store)
        sale = {"item": "APPLE", "quantity": 6, "place": "SHOP/SHELF"}
        outcomes = await trade.post("SHOP", "SELL", {**sale, "quantity": 1}, sale, sale)
        assert [outcome.refusal.code for outcome in outcomes] == [
            Code.CHAIN_FAILED,
            Code.CHAIN_FAILED,
            Code.INSUFFICIENT_STOCK,
        ]
        assert await snapshot(trade.store) == before

    async def test_reject_failed_posts_the_others(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        sale = {"item": "APPLE", "quantity": 6, "place": "SHOP/SHELF"}
        outcomes = await trade.post("SHOP", "SELL", sale, sale, {**sale, "quantity": 4}, policy="REJECT_FAILED")
        assert [outcome.refusal and outcome.refusal.code for outcome in outcomes] == [
            None,
            Code.INSUFFICIENT_STOCK,
            None,
        ]
        assert await trade.there("APPLE", "SHOP/SHELF") == 0

    async def test_t2_two_lines_of_one_request_share_what_there_is(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "quantity": 6, "site": "SHOP/SITE"}
        codes = [outcome.refusal.code for outcome in await trade.post("SHOP", "RESERVE", line, line)]
        assert codes == [Code.CHAIN_FAILED, Code.EXCEEDS_AVAILABLE]
        assert (await trade.tally("SHOP", "APPLE")).reserved == 0

    async def test_two_lines_may_make_one_lot(self, trade):
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK", "lot": "A"}
        outcomes = await trade.post("SHOP", "RECEIVE", line, line)
        assert all(outcome.movement for outcome in outcomes)
        [(position, quantity)] = (await trade.store.positions()).items()
        assert (position.lot > 0, quantity) == (True, 2)


class TestTogether:
    async def test_t1_fifty_parallel_promises_of_ten_units_keep_ten(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "quantity": 1, "site": "SHOP/SITE"}
        outcomes = await asyncio.gather(*(trade.post("SHOP", "RESERVE", line) for _ in range(50)))
        codes = [outcome.refusal and outcome.refusal.code for [outcome] in outcomes]
        assert codes.count(None) == 10
        assert codes.count(Code.EXCEEDS_AVAILABLE) == 40
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(10), reserved=Decimal(10))

    async def test_thirty_receipts_of_an_order_of_twenty_at_once_take_each_of_its_goods_once(self, trade):
        await trade.document("SHOP", "PO-1")
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK"}
        await trade.post("SHOP", "EXPECT", {**line, "quantity": 20}, document="PO-1")
        posts = (trade.post("SHOP", "RECEIVE", line, key=f"scan-{number}", document="PO-1") for number in range(30))
        outcomes = await asyncio.gather(*posts)
        assert all(outcome.movement for [outcome] in outcomes)
        assert await trade.there("APPLE", "SHOP/DOCK", "EXPECTED") == 0
        assert await trade.there("APPLE", "SHOP/DOCK", "RECEIVED") == 30

    async def test_t3_reserving_and_releasing_over_and_over_leaves_nothing(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        before = await trade.tally("SHOP", "APPLE")
        for _ in range(1000):
            made = await trade.do("SHOP", "RESERVE", item="APPLE", quantity=3, site="SHOP/SITE")
            await trade.do("SHOP", "RELEASE", claim=f"gid://stockbook/Claim/{made.claims[0]}")
        assert await trade.tally("SHOP", "APPLE") == before
        open_ = [quantity for _, quantity, state in (await trade.store.claims()).values() if state == "OPEN"]
        assert sum(open_) == before.reserved == 0

    async def test_t8_each_change_tells_each_party_once(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="A", owner="FARM", expiry=trade.now().date())
        here = {"item": "APPLE", "lot": "A"}
        posted = {
            "order": await trade.do("SHOP", "SELL", **here, quantity=1, place="SHOP/SHELF"),
            "transfer": await trade.do("SHOP", "MOVE", **here, quantity=1, source="SHOP/SHELF", place="SHOP/DOCK"),
            "count": await trade.do("SHOP", "COUNT", **here, place="SHOP/SHELF", counted=7, expected=8),
            "carriage": await trade.do("SHOP", "DISPATCH", **here, quantity=1, source="SHOP/SHELF", place="VAN/SHOP"),
        }
        promise = await trade.do("SHOP", "RESERVE", item="APPLE", quantity=1, site="SHOP/SITE")
        trade.later(days=2)
        posted["expiry"] = await trade.do("SHOP", "EXPIRE", **here, place="SHOP/SHELF")
        signals = await trade.store.signals()
        for change, outcome in posted.items():
            told = [who for who, movement, topic in signals if movement == outcome.movement and topic == "MOVED"]
            known = [trade.ids["SHOP"], trade.ids["FARM"], *([trade.ids["CARRIER"]] if change == "carriage" else [])]
            assert sorted(told) == sorted(known), change
        assert [who for who, movement, _ in signals if movement == promise.movement] == [trade.ids["SHOP"]]


class TestT24Units:
    @pytest.mark.parametrize(
        ("item", "quantity", "unit", "kept"),
        [
            ("APPLE", "5", "box", "60"),
            ("FLOUR", "0.125", None, "0.125"),
            ("FLOUR", "2", "lb", "0.907"),
            ("FLOUR", "3", "lb", "1.361"),
        ],
    )
    async def test_quantities_are_kept_in_the_base_unit(self, trade, item, quantity, unit, kept):
        await trade.do("SHOP", "RECEIVE", item=item, quantity=quantity, unit=unit, place="SHOP/DOCK")
        assert await trade.there(item, "SHOP/DOCK") == Decimal(kept)

    async def test_promises_are_rounded_down(self, trade):
        await trade.stock("SHOP", "FLOUR", 5, "SHOP/SHELF")
        await trade.do("SHOP", "RESERVE", item="FLOUR", quantity=3, unit="lb", site="SHOP/SITE")
        assert (await trade.tally("SHOP", "FLOUR")).reserved == Decimal("1.360")

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ({"quantity": "0"}, Code.BAD_QUANTITY),
            ({"quantity": "-1"}, Code.BAD_QUANTITY),
            ({"quantity": "0.5"}, Code.BAD_QUANTITY),
            ({"quantity": "NaN"}, Code.BAD_QUANTITY),
            ({"quantity": "Infinity"}, Code.BAD_QUANTITY),
            ({"quantity": "1e30"}, Code.BAD_QUANTITY),
            ({"quantity": "1E+12"}, Code.BAD_QUANTITY),
            ({"quantity": "1", "unit": "barrel"}, Code.BAD_UNIT),
            ({"quantity": "1", "item": "NOTHING"}, Code.ITEM_UNKNOWN),
            ({"quantity": "1", "place": "NOWHERE"}, Code.PLACE_UNKNOWN),
            ({"quantity": "1", "place": "OTHER/SHELF"}, Code.PLACE_UNKNOWN),
            ({"quantity": "1", "owner": "NOBODY"}, Code.ORGANISATION_UNKNOWN),
            ({"quantity": "1", "expiry": date(2026, 12, 1)}, Code.BAD_INPUT),
            ({"quantity": "1", "lot": "\0"}, Code.BAD_INPUT),
        ],
    )
    async def test_what_can_not_be_read_is_refused(self, trade, line, code):
        assert await trade.refused("SHOP", "RECEIVE", **{"item": "APPLE", "place": "SHOP/DOCK", **line}) is code

    async def test_a_time_without_its_offset_or_ahead_is_refused(self, trade):
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK"}
        for at in (datetime(2026, 11, 25, 12), NOON + timedelta(days=2), datetime(1999, 1, 1, tzinfo=UTC)):
            assert await trade.refused("SHOP", "RECEIVE", at=at, **line) is Code.BAD_TIME


class TestDocuments:
    async def test_a_movement_belongs_to_its_document(self, trade):
        await trade.document("SHOP", "PO-1", counterparty="FARM")
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK"}
        [outcome] = await trade.post("SHOP", "RECEIVE", line, document="PO-1")
        assert outcome.movement
        [other] = await trade.post("OTHER", "RECEIVE", {**line, "place": "OTHER/SHELF"}, document="PO-1")
        assert other.refusal.code is Code.DOCUMENT_UNKNOWN


async def test_availability_is_the_sum_of_positions_and_claims(trade):
    await trade.agree("FARM", "SHOP", "DISPATCH", "SALE")
    await trade.stock("FARM", "APPLE", 30, "FARM/STORE")
    await trade.do("FARM", "DISPATCH", item="APPLE", quantity=12, source="FARM/STORE", place="VAN/SHOP")
    await trade.do("SHOP", "ARRIVE", item="APPLE", quantity=5, source="VAN/SHOP", place="SHOP/DOCK")
    await trade.do("FARM", "HOLD", overlay="FROZEN", item="APPLE", place="FARM/STORE", quantity=3)
    await trade.do("FARM", "RESERVE", item="APPLE", quantity=2, site="FARM/SITE")
    apple, farm, shop = trade.ids["APPLE"], trade.ids["FARM"], trade.ids["SHOP"]
    assert await trade.store.tallies() == {
        Shelf(farm, trade.ids["FARM/SITE"], apple): Tally(Decimal(15), Decimal(0), Decimal(3), Decimal(2)),
        Shelf(shop, trade.ids["SHOP/SITE"], apple): Tally(inbound=Decimal(7), held=Decimal(5)),
    }
