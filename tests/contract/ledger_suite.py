"""What every ledger does, whatever keeps it: the suite that memory and PostgreSQL both pass.

`trade` (conftest) is a small network over the store under test. A refusal
leaves nothing: `Trade.refused` compares all there is before and after.
"""

from datetime import timedelta
from decimal import Decimal

from stockbook.domain.refusal import Code
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.movement import Tally
from stockbook.domain.stock.states import State


def rights(trade, *holders):
    return Rights(*(trade.ids[holder] for holder in holders))


async def held(trade, item):
    """Return {(place, state, rights): quantity} of an item."""
    return {
        (position.place, position.state, position.rights): quantity
        for position, quantity in (await trade.store.positions()).items()
        if position.item == trade.ids[item]
    }


class TestComingIn:
    async def test_goods_come_from_outside_and_lie_received(self, trade):
        await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=10, place="SHOP/DOCK")
        shop = rights(trade, "SHOP", "SHOP", "SHOP", "SHOP")
        assert await held(trade, "APPLE") == {(trade.ids["SHOP/DOCK"], State.RECEIVED, shop): 10}
        assert await trade.tally("SHOP", "APPLE") == Tally(held=Decimal(10))

    async def test_put_away_goods_sell(self, trade):
        await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=10, place="SHOP/DOCK")
        await trade.do("SHOP", "PUT_AWAY", item="APPLE", quantity=4, source="SHOP/DOCK", place="SHOP/SHELF")
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(4), held=Decimal(6))

    async def test_expected_goods_are_received_where_they_were_expected(self, trade):
        await trade.do("SHOP", "EXPECT", item="APPLE", quantity=10, place="SHOP/DOCK", owner="FARM")
        assert await trade.tally("SHOP", "APPLE") == Tally()
        await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=7, source="SHOP/DOCK", place="SHOP/DOCK")
        assert await trade.there("APPLE", "SHOP/DOCK", "EXPECTED") == 3
        owned = rights(trade, "FARM", "SHOP", "SHOP", "SHOP")
        assert (await held(trade, "APPLE"))[trade.ids["SHOP/DOCK"], State.RECEIVED, owned] == 7

    async def test_goods_announced_without_their_lot_are_received_with_it(self, trade):
        await trade.do("SHOP", "EXPECT", item="APPLE", quantity=10, place="SHOP/DOCK")
        await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=10, lot="L1", source="SHOP/DOCK", place="SHOP/DOCK")
        [position] = await trade.store.positions()
        assert position.lot
        assert position.state == State.RECEIVED

    async def test_more_than_was_expected_is_refused(self, trade):
        await trade.do("SHOP", "EXPECT", item="APPLE", quantity=10, place="SHOP/DOCK")
        line = {"item": "APPLE", "quantity": 11, "source": "SHOP/DOCK", "place": "SHOP/DOCK"}
        assert await trade.refused("SHOP", "RECEIVE", **line) is Code.INSUFFICIENT_STOCK

    async def test_a_receipt_that_names_its_order_takes_what_the_order_announced_wherever_that_is(self, trade):
        await trade.document("SHOP", "PO-1")
        await trade.document("SHOP", "PO-2")
        here = {"item": "APPLE", "place": "SHOP/DOCK"}
        for order, quantity in (("PO-1", 10), ("PO-2", 6)):
            await trade.post("SHOP", "EXPECT", {**here, "quantity": quantity}, document=order)
        [outcome] = await trade.post("SHOP", "RECEIVE", {**here, "quantity": 7}, document="PO-1")
        assert outcome.refusal is None
        assert (await trade.there("APPLE", "SHOP/DOCK", "EXPECTED"), await trade.there("APPLE", "SHOP/DOCK")) == (9, 16)
        await trade.post("SHOP", "RECEIVE", {**here, "quantity": 5}, document="PO-1")
        assert await trade.there("APPLE", "SHOP/DOCK", "EXPECTED") == 6, "what came beyond it is not the other order's"
        assert await trade.there("APPLE", "SHOP/DOCK", "RECEIVED") == 12
        await trade.post("SHOP", "RECEIVE", {**here, "quantity": 1})
        assert await trade.there("APPLE", "SHOP/DOCK", "EXPECTED") == 6, "a receipt that names none is of none"

    async def test_lines_of_one_order_take_what_is_left_of_it_one_after_another(self, trade):
        await trade.document("SHOP", "PO-1")
        here = {"item": "APPLE", "place": "SHOP/DOCK"}
        await trade.post("SHOP", "EXPECT", {**here, "quantity": 10}, document="PO-1")
        lines = [{**here, "quantity": quantity, "lot": lot} for quantity, lot in ((6, "L1"), (6, "L2"), (1, None))]
        outcomes = await trade.post("SHOP", "RECEIVE", *lines, document="PO-1")
        assert [outcome.refusal for outcome in outcomes] == [None] * 3
        assert await trade.there("APPLE", "SHOP/DOCK", "EXPECTED") == 0
        assert await trade.there("APPLE", "SHOP/DOCK", "RECEIVED") == 13
        assert sum(position.lot != 0 for position in await trade.store.positions()) == 2, "each under its lot"
        for outcome in reversed(outcomes):
            await trade.do("SHOP", "REVERSE", movement=f"gid://stockbook/Movement/{outcome.movement}")
        assert (await trade.there("APPLE", "SHOP/DOCK"), await trade.there("APPLE", "SHOP/DOCK", "EXPECTED")) == (
            10,
            10,
        )

    async def test_a_receipt_says_whose_the_goods_are_though_the_order_had_announced_it_otherwise(self, trade):
        await trade.document("SHOP", "PO-1")
        here = {"item": "APPLE", "place": "SHOP/DOCK"}
        await trade.post("SHOP", "EXPECT", {**here, "quantity": 10}, document="PO-1")
        await trade.post("SHOP", "RECEIVE", {**here, "quantity": 4, "owner": "FARM"}, document="PO-1")
        owned = rights(trade, "FARM", "SHOP", "SHOP", "SHOP")
        assert (await held(trade, "APPLE"))[trade.ids["SHOP/DOCK"], State.RECEIVED, owned] == 4
        assert await trade.there("APPLE", "SHOP/DOCK", "EXPECTED") == 6

    async def test_inspected_goods_are_put_away_only_when_they_passed(self, trade):
        await trade.do("SHOP", "RECEIVE", item="TOMATO", quantity=5, lot="T1", place="SHOP/DOCK")
        away = {"item": "TOMATO", "quantity": 5, "lot": "T1", "source": "SHOP/DOCK", "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "PUT_AWAY", **away) is Code.GUARD_NOT_MET
        here = {"item": "TOMATO", "quantity": 5, "lot": "T1", "place": "SHOP/DOCK"}
        await trade.do("SHOP", "INSPECT", **here)
        assert await trade.refused("SHOP", "PUT_AWAY", **away) is Code.STATE_FORBIDS
        await trade.do("SHOP", "INSPECT", **here, passed=True)
        await trade.do("SHOP", "PUT_AWAY", **away)
        assert await trade.there("TOMATO", "SHOP/SHELF", "SELLABLE") == 5

    async def test_goods_that_fail_are_quarantined(self, trade):
        here = {"item": "TOMATO", "quantity": 5, "lot": "T1", "place": "SHOP/DOCK"}
        await trade.do("SHOP", "RECEIVE", **here)
        await trade.do("SHOP", "INSPECT", **here)
        await trade.do("SHOP", "INSPECT", **here, passed=False)
        assert await trade.there("TOMATO", "SHOP/DOCK", "QUARANTINED") == 5
        away = {"item": "TOMATO", "quantity": 5, "lot": "T1", "source": "SHOP/DOCK", "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "PUT_AWAY", **away) is Code.STATE_FORBIDS


class TestCarrying:
    async def test_custody_goes_to_the_carrier_and_the_sale_right_to_the_shop_as_agreed(self, trade):
        await trade.agree("FARM", "CARRIER", "DISPATCH", "CUSTODY")
        await trade.agree("FARM", "SHOP", "DISPATCH", "SALE", place="SHOP/SITE")
        await trade.agree("CARRIER", "SHOP", "ARRIVE", "CUSTODY", place="SHOP/SITE")
        await trade.stock("FARM", "APPLE", 10, "FARM/STORE")
        await trade.do("FARM", "DISPATCH", item="APPLE", quantity=10, source="FARM/STORE", place="VAN/SHOP")
        on_the_way = rights(trade, "FARM", "CARRIER", "FARM", "SHOP")
        assert await held(trade, "APPLE") == {(trade.ids["VAN/SHOP"], State.IN_TRANSIT, on_the_way): 10}
        assert await trade.tally("SHOP", "APPLE") == Tally(inbound=Decimal(10))
        assert await trade.tally("FARM", "APPLE") == Tally()
        await trade.do("SHOP", "ARRIVE", item="APPLE", quantity=10, source="VAN/SHOP", place="SHOP/DOCK")
        arrived = rights(trade, "FARM", "SHOP", "FARM", "SHOP")
        assert await held(trade, "APPLE") == {(trade.ids["SHOP/DOCK"], State.RECEIVED, arrived): 10}

    async def test_no_agreement_no_passing(self, trade):
        await trade.stock("FARM", "APPLE", 10, "FARM/STORE")
        await trade.do("FARM", "DISPATCH", item="APPLE", quantity=10, source="FARM/STORE", place="VAN/SHOP")
        farm = rights(trade, "FARM", "FARM", "FARM", "FARM")
        assert await held(trade, "APPLE") == {(trade.ids["VAN/SHOP"], State.IN_TRANSIT, farm): 10}

    async def test_the_most_specific_agreement_wins_and_a_tie_is_refused(self, trade):
        await trade.agree("FARM", "OTHER", "DISPATCH", "SALE")
        await trade.agree("FARM", "CARRIER", "DISPATCH", "SALE", place="VAN")
        await trade.agree("FARM", "SHOP", "DISPATCH", "SALE", category="FRUIT")
        await trade.agree("FARM", "KITCHEN", "DISPATCH", "SALE", item="FLOUR")
        again = await trade.agree("FARM", "SHOP", "DISPATCH", "SALE", item="FLOUR")
        assert again.code is Code.AGREEMENT_AMBIGUOUS
        for item, seller in (("APPLE", "SHOP"), ("FLOUR", "KITCHEN"), ("SOUP", "CARRIER")):
            await trade.stock("FARM", item, 1, "FARM/STORE")
            await trade.do("FARM", "DISPATCH", item=item, quantity=1, source="FARM/STORE", place="VAN/SHOP")
            [(_, _, held_by)] = await held(trade, item)
            assert held_by.seller == trade.ids[seller], item

    async def test_moving_a_box_moves_no_right_and_granting_one_moves_no_box(self, trade):
        await trade.stock("SHOP", "APPLE", 100, "SHOP/SHELF")
        await trade.do("SHOP", "MOVE", item="APPLE", quantity=40, source="SHOP/SHELF", place="SHOP/DOCK")
        shop = rights(trade, "SHOP", "SHOP", "SHOP", "SHOP")
        assert {holders for _, _, holders in await held(trade, "APPLE")} == {shop}
        before = {place for place, _, _ in await held(trade, "APPLE")}
        await trade.do(
            "SHOP", "GRANT", right="SALE", organisation="OTHER", place="SHOP/SHELF", item="APPLE", quantity=30
        )
        assert {place for place, _, _ in await held(trade, "APPLE")} == before
        assert await trade.tally("OTHER", "APPLE", "SHOP/SITE") == Tally(on_hand=Decimal(30))
        await trade.do("OTHER", "SELL", item="APPLE", quantity=30, place="SHOP/SHELF")
        selling = {"item": "APPLE", "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "SELL", quantity=31, **selling) is Code.INSUFFICIENT_STOCK

    async def test_a_pallet_moves_with_what_it_holds(self, trade):
        await trade.place("SHOP/SITE2", "SHOP", "SITE")
        await trade.place("SHOP/DOCK2", "SHOP", "BIN", parent="SHOP/SITE2")
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        await trade.do("SHOP", "MOVE", item="APPLE", quantity=10, source="SHOP/SHELF", place="PALLET")
        await trade.do("SHOP", "MOVE", unit_place="PALLET", place="SHOP/DOCK2")
        assert await trade.there("APPLE", "PALLET", "SELLABLE") == 10
        assert await trade.tally("SHOP", "APPLE") == Tally()
        assert await trade.tally("SHOP", "APPLE", "SHOP/SITE2") == Tally(on_hand=Decimal(10))
        await trade.do("SHOP", "SELL", item="APPLE", quantity=3, place="PALLET")
        assert await trade.tally("SHOP", "APPLE", "SHOP/SITE2") == Tally(on_hand=Decimal(7))

    async def test_a_pallet_is_not_put_into_itself(self, trade):
        await trade.place("TOTE", "SHOP", "TOTE", parent="PALLET")
        assert await trade.refused("SHOP", "MOVE", unit_place="PALLET", place="TOTE") is Code.BAD_INPUT

    async def test_goods_of_differing_rights_do_not_share_a_pallet(self, trade):
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF")
        await trade.stock("SHOP", "FLOUR", 5, "SHOP/SHELF", owner="FARM")
        await trade.do("SHOP", "MOVE", item="APPLE", quantity=5, source="SHOP/SHELF", place="PALLET")
        flour = {"item": "FLOUR", "quantity": 5, "source": "SHOP/SHELF", "place": "PALLET"}
        assert await trade.refused("SHOP", "MOVE", **flour) is Code.RIGHTS_DIFFER
        part = {"right": "SALE", "organisation": "OTHER", "place": "PALLET", "item": "APPLE", "quantity": 2}
        assert await trade.refused("SHOP", "GRANT", **part) is Code.RIGHTS_DIFFER


class TestGranting:
    async def test_a_grant_reaches_what_lies_within_and_skips_what_has_its_own(self, trade):
        await trade.place("SHOP/BOX", "SHOP", "TOTE", parent="PALLET")
        await trade.place("SHOP/CRATE", "SHOP", "TOTE", parent="PALLET")
        for place in ("PALLET", "SHOP/BOX", "SHOP/CRATE"):
            await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF")
            await trade.do("SHOP", "MOVE", item="APPLE", quantity=5, source="SHOP/SHELF", place=place)
        await trade.do("SHOP", "GRANT", right="SALE", organisation="OTHER", place="SHOP/BOX")
        await trade.do("SHOP", "GRANT", right="SALE", organisation="KITCHEN", place="PALLET")
        sellers = {place: holders.seller for place, _, holders in await held(trade, "APPLE")}
        assert sellers == {
            trade.ids["PALLET"]: trade.ids["KITCHEN"],
            trade.ids["SHOP/BOX"]: trade.ids["OTHER"],
            trade.ids["SHOP/CRATE"]: trade.ids["KITCHEN"],
        }

    async def test_a_grant_on_a_lot_reaches_its_packages(self, trade):
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF", lot="A")
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF", lot="B")
        await trade.do("SHOP", "MOVE", item="APPLE", quantity=2, lot="A", source="SHOP/SHELF", place="PALLET")
        await trade.do(
            "SHOP", "GRANT", right="DISPOSAL", organisation="KITCHEN", place="SHOP/SITE", item="APPLE", lot="A"
        )
        granted = {
            position.lot
            for position in await trade.store.positions()
            if position.rights.disposer == trade.ids["KITCHEN"]
        }
        assert len(granted) == 1
        assert await trade.there("APPLE", "PALLET") == 2

    async def test_only_the_holder_or_owner_passes_a_right_on(self, trade):
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF")
        line = {"right": "SALE", "organisation": "OTHER", "place": "SHOP/SHELF", "item": "APPLE", "quantity": 1}
        assert await trade.refused("OTHER", "GRANT", **{**line, "organisation": "FARM"}) is Code.PLACE_UNKNOWN
        await trade.do("SHOP", "GRANT", **line)
        assert await trade.refused("SHOP", "GRANT", **{**line, "quantity": 5}) is Code.INSUFFICIENT_STOCK


class TestMaking:
    async def ready(self, trade):
        await trade.stock("KITCHEN", "APPLE", 10, "KITCHEN/STORE", lot="A")
        line = {"source": "KITCHEN/STORE", "place": "KITCHEN/LINE", "state": "AWAITING_PROCESSING"}
        await trade.do("KITCHEN", "MOVE", item="APPLE", quantity=10, lot="A", **line)

    def work(self, quantity="8", loss="1", lot="S1"):
        return {
            "place": "KITCHEN/LINE",
            "inputs": [{"item": "APPLE", "quantity": quantity, "lot": "A", "source": "KITCHEN/LINE"}],
            "outputs": [{"item": "SOUP", "quantity": "2.5", "lot": lot, "place": "KITCHEN/STORE", "state": "SELLABLE"}],
            "losses": [{"item": "APPLE", "quantity": loss, "lot": "A"}] if loss else [],
        }

    async def test_ingredients_become_products_and_loss(self, trade):
        await self.ready(trade)
        outcome = await trade.do("KITCHEN", "TRANSFORM", **self.work())
        assert await trade.there("APPLE", "KITCHEN/LINE") == 2
        assert await trade.there("SOUP", "KITCHEN/STORE", "SELLABLE") == Decimal("2.5")
        legs = (await trade.store.movements())[outcome.movement]
        balance = {}
        for leg in legs:
            balance.setdefault(leg.item, []).append(leg.quantity)
        assert balance[trade.ids["APPLE"]] == [8, 1]

    async def test_a_product_is_a_new_lot(self, trade):
        await self.ready(trade)
        await trade.do("KITCHEN", "TRANSFORM", **self.work("4"))
        assert await trade.refused("KITCHEN", "TRANSFORM", **self.work("4")) is Code.BAD_INPUT

    async def test_demand_is_summed_before_it_is_checked(self, trade):
        await self.ready(trade)
        work = self.work("6", loss=None)
        work["inputs"] = work["inputs"] * 2
        assert await trade.refused("KITCHEN", "TRANSFORM", **work) is Code.INSUFFICIENT_STOCK

    async def test_no_more_is_lost_than_went_in(self, trade):
        await self.ready(trade)
        assert await trade.refused("KITCHEN", "TRANSFORM", **self.work("4", loss="5")) is Code.INSUFFICIENT_STOCK

    async def test_without_the_right_of_disposal_nothing_is_made(self, trade):
        goods = {"item": "APPLE", "quantity": 10, "lot": "A"}
        await trade.do("KITCHEN", "RECEIVE", **goods, place="KITCHEN/STORE", owner="FARM", disposer="FARM")
        await trade.do("KITCHEN", "PUT_AWAY", **goods, source="KITCHEN/STORE", place="KITCHEN/STORE")
        work = self.work()
        work["inputs"][0]["source"] = "KITCHEN/STORE"
        assert await trade.refused("KITCHEN", "TRANSFORM", **work) is Code.RIGHT_NOT_HELD

    async def test_products_are_the_owners_in_toll_processing_else_the_makers(self, trade):
        goods = {"item": "APPLE", "quantity": 10, "lot": "A"}
        await trade.do("KITCHEN", "RECEIVE", **goods, place="KITCHEN/STORE", owner="FARM")
        await trade.do("KITCHEN", "PUT_AWAY", **goods, source="KITCHEN/STORE", place="KITCHEN/STORE")
        work = self.work("4")
        work["inputs"][0]["source"] = "KITCHEN/STORE"
        await trade.do("KITCHEN", "TRANSFORM", **work)
        await trade.agree("KITCHEN", "FARM", "TRANSFORM", "OWNERSHIP")
        work = {**work, "outputs": [{**work["outputs"][0], "lot": "S2"}]}
        await trade.do("KITCHEN", "TRANSFORM", **work)
        owners = sorted(holders.owner for _, _, holders in await held(trade, "SOUP"))
        assert owners == sorted([trade.ids["KITCHEN"], trade.ids["FARM"]])

    async def test_what_the_work_promised_is_kept_by_what_comes_out(self, trade):
        await self.ready(trade)
        await trade.place("ORDER", "KITCHEN", "PRODUCTION", parent="KITCHEN/SITE", bound_for="SHOP/SITE")
        await trade.do("KITCHEN", "EXPECT", item="SOUP", quantity="3", place="ORDER", seller="SHOP")
        assert (await trade.tally("SHOP", "SOUP")).sellable_now == 3
        await trade.do("KITCHEN", "TRANSFORM", **{**self.work(), "place": "ORDER"})
        assert await trade.there("SOUP", "ORDER", "EXPECTED") == Decimal("0.5")


class TestPromising:
    async def test_what_is_promised_is_not_sold_to_others(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        made = await trade.do("SHOP", "RESERVE", item="APPLE", quantity=7, site="SHOP/SITE")
        assert (await trade.tally("SHOP", "APPLE")).sellable == 3
        line = {"item": "APPLE", "quantity": 4, "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "SELL", **line) is Code.EXCEEDS_AVAILABLE
        claim = f"gid://stockbook/Claim/{made.claims[0]}"
        await trade.do("SHOP", "SELL", **line, claim=claim)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(6), reserved=Decimal(3))

    async def test_a_promise_without_stock_is_refused_even_by_a_loose_place(self, trade):
        line = {"item": "APPLE", "quantity": 1, "site": "SHOP/SITE"}
        assert await trade.refused("SHOP", "RESERVE", **line) is Code.EXCEEDS_AVAILABLE

    async def test_goods_on_their_way_are_promised_only_when_asked_for(self, trade):
        await trade.agree("FARM", "SHOP", "DISPATCH", "SALE")
        await trade.stock("FARM", "APPLE", 10, "FARM/STORE")
        await trade.do("FARM", "DISPATCH", item="APPLE", quantity=10, source="FARM/STORE", place="VAN/SHOP")
        line = {"item": "APPLE", "quantity": 10, "site": "SHOP/SITE"}
        assert await trade.refused("SHOP", "RESERVE", **line) is Code.EXCEEDS_AVAILABLE
        await trade.do("SHOP", "RESERVE", **line, against="INBOUND")
        assert (await trade.tally("SHOP", "APPLE")).sellable_now == 0

    async def test_these_very_goods(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="A")
        line = {"item": "APPLE", "site": "SHOP/SITE", "place": "SHOP/SHELF", "lot": "A"}
        made = await trade.do("SHOP", "RESERVE", quantity=6, **line)
        assert await trade.refused("SHOP", "RESERVE", quantity=5, **line) is Code.INSUFFICIENT_STOCK
        move = {"item": "APPLE", "quantity": 5, "source": "SHOP/SHELF", "place": "SHOP/DOCK"}
        assert await trade.refused("SHOP", "MOVE", **move) is Code.INSUFFICIENT_STOCK
        claim = f"gid://stockbook/Claim/{made.claims[0]}"
        await trade.do("SHOP", "SELL", item="APPLE", quantity=6, place="SHOP/SHELF", claim=claim)
        assert await trade.there("APPLE", "SHOP/SHELF") == 4

    async def test_commit_release_and_the_end(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        made = await trade.do("SHOP", "RESERVE", item="APPLE", quantity=7, site="SHOP/SITE")
        claim = f"gid://stockbook/Claim/{made.claims[0]}"
        firm = await trade.do("SHOP", "COMMIT", claim=claim, quantity=3)
        assert (await trade.store.claims())[firm.claims[0]][1:] == (3, "COMMITTED")
        assert (await trade.tally("SHOP", "APPLE")).reserved == 7
        await trade.do("SHOP", "RELEASE", claim=claim, quantity=1)
        await trade.do("SHOP", "RELEASE", claim=claim)
        assert (await trade.store.claims())[made.claims[0]][1:] == (0, "RELEASED")
        assert (await trade.tally("SHOP", "APPLE")).reserved == 3
        assert await trade.refused("SHOP", "RELEASE", claim=claim) is Code.CLAIM_ENDED
        assert await trade.refused("OTHER", "RELEASE", claim=claim) is Code.CLAIM_UNKNOWN

    async def test_a_promise_lapses(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "quantity": 7, "site": "SHOP/SITE", "expires_at": trade.clock + timedelta(minutes=5)}
        made = await trade.do("SHOP", "RESERVE", **line)
        claim = f"gid://stockbook/Claim/{made.claims[0]}"
        trade.later(minutes=5)
        assert await trade.refused("SHOP", "COMMIT", claim=claim) is Code.CLAIM_ENDED
        await trade.do("SHOP", "RELEASE", claim=claim)
        assert (await trade.store.claims())[made.claims[0]][1:] == (0, "EXPIRED")

    async def test_a_promise_that_is_over_before_it_is_made_is_refused(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "quantity": 7, "site": "SHOP/SITE", "expires_at": trade.clock}
        assert await trade.refused("SHOP", "RESERVE", **line) is Code.BAD_TIME
        assert not await trade.store.claims()


class TestSelling:
    async def test_first_expired_first_out(self, trade):
        for lot, expiry in (("LATE", "2027-01-01"), ("SOON", "2026-12-01")):
            await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=5, place="SHOP/DOCK", lot=lot, expiry=expiry)
            line = {"item": "APPLE", "quantity": 5, "source": "SHOP/DOCK", "place": "SHOP/SHELF", "lot": lot}
            await trade.do("SHOP", "PUT_AWAY", **line)
        await trade.do("SHOP", "SELL", item="APPLE", quantity=6, place="SHOP/SHELF")
        assert list((await trade.store.positions()).values()) == [4]
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/SHELF", "lot": "SOON"}
        assert await trade.refused("SHOP", "SELL", **line) is Code.INSUFFICIENT_STOCK

    async def test_an_expired_lot_is_not_sold_but_expired(self, trade):
        await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=5, place="SHOP/SHELF", lot="A", expiry="2026-11-26")
        await trade.do("SHOP", "PUT_AWAY", item="APPLE", quantity=5, source="SHOP/SHELF", place="SHOP/SHELF")
        lot = {"item": "APPLE", "lot": "A", "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "EXPIRE", **lot) is Code.GUARD_NOT_MET
        await trade.do("SHOP", "SELL", item="APPLE", quantity=1, place="SHOP/SHELF")
        trade.later(days=2)
        sale = {"item": "APPLE", "quantity": 1, "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "SELL", **sale) is Code.LOT_EXPIRED
        await trade.do("SHOP", "EXPIRE", **lot)
        assert await trade.there("APPLE", "SHOP/SHELF", "EXPIRED") == 4
        await trade.do("SHOP", "DISPOSE", item="APPLE", quantity=4, place="SHOP/SHELF", state="EXPIRED")
        assert await trade.store.positions() == {}

    async def test_consigned_goods_pass_when_sold_and_leave_a_charge(self, trade):
        await trade.agree("FARM", "SHOP", "SELL", "OWNERSHIP", charges=True, place="SHOP/SITE")
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF", owner="FARM")
        sold = await trade.do("SHOP", "SELL", item="APPLE", quantity=2, place="SHOP/SHELF")
        farm, shop, apple = trade.ids["FARM"], trade.ids["SHOP"], trade.ids["APPLE"]
        assert await trade.store.charges() == [(apple, shop, farm, 2)]
        back = f"gid://stockbook/Movement/{sold.movement}"
        await trade.do("SHOP", "RETURN", item="APPLE", quantity=1, place="SHOP/DOCK", movement=back)
        assert (await trade.store.charges())[1:] == [(apple, farm, shop, 1)]
        owned = {place: holders.owner for place, _, holders in await held(trade, "APPLE")}
        assert owned[trade.ids["SHOP/DOCK"]] == farm

    async def test_only_who_has_the_right_of_sale_sells(self, trade):
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF", seller="OTHER")
        sale = {"item": "APPLE", "quantity": 1, "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "SELL", **sale) is Code.RIGHT_NOT_HELD
        assert await trade.refused("FARM", "SELL", **sale) is Code.PLACE_UNKNOWN
        await trade.do("OTHER", "SELL", **sale)

    async def test_a_strict_place_refuses_with_both_figures(self, trade):
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF")
        sale = {"item": "APPLE", "quantity": Decimal(6), "place": "SHOP/SHELF"}
        [outcome] = await trade.post("SHOP", "SELL", sale)
        assert outcome.refusal.code is Code.INSUFFICIENT_STOCK
        assert outcome.refusal.figures == {"requested": "6", "available": "5"}
        assert outcome.refusal.path == ("lines", "0", "quantity")

    async def test_a_loose_place_sells_what_was_there_through_its_discrepancy(self, trade):
        await trade.stock("SHOP", "APPLE", 2, "SHOP/TILL")
        sold = await trade.do("SHOP", "SELL", item="APPLE", quantity=5, place="SHOP/TILL")
        assert await trade.there("APPLE", "SHOP/TILL") == 0
        assert sum(leg.quantity for leg in (await trade.store.movements())[sold.movement]) == 3 + 5
        assert await trade.store.tasks() == [(trade.ids["SHOP"], "DISCREPANCY")]


class TestCaring:
    async def test_a_hold_takes_goods_out_of_sale_and_signals_what_was_promised(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        await trade.do("SHOP", "RESERVE", item="APPLE", quantity=8, site="SHOP/SITE")
        held_back = {"overlay": "FROZEN", "item": "APPLE", "place": "SHOP/SHELF"}
        frozen = await trade.do("SHOP", "HOLD", **held_back, quantity=5)
        assert await trade.tally("SHOP", "APPLE") == Tally(Decimal(5), Decimal(0), Decimal(5), Decimal(8))
        assert (trade.ids["SHOP"], frozen.movement, "SHORTFALL") in await trade.store.signals()
        assert (trade.ids["SHOP"], "SHORTFALL") in await trade.store.tasks()
        await trade.do("SHOP", "UNHOLD", **held_back)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(10), reserved=Decimal(8))
        assert await trade.refused("SHOP", "UNHOLD", **held_back) is Code.INSUFFICIENT_STOCK

    async def test_very_goods_that_were_promised_can_be_frozen(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        await trade.do("SHOP", "RESERVE", item="APPLE", quantity=8, site="SHOP/SITE", place="SHOP/SHELF")
        await trade.do("SHOP", "HOLD", overlay="RECALLED", item="APPLE", place="SHOP/SHELF")
        assert (await trade.tally("SHOP", "APPLE")).sellable == -8

    async def test_held_goods_are_not_sold(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        await trade.do("SHOP", "HOLD", overlay="RECALLED", item="APPLE", place="SHOP/SHELF", quantity=4)
        sale = {"item": "APPLE", "quantity": 7, "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "SELL", **sale) is Code.OVERLAY_HOLDS
        await trade.do("SHOP", "SELL", **{**sale, "quantity": 6})

    async def test_holds_add_up(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "place": "SHOP/SHELF"}
        await trade.do("SHOP", "HOLD", overlay="FROZEN", **line)
        await trade.do("SHOP", "HOLD", overlay="RECALLED", **line, quantity=4)
        await trade.do("SHOP", "UNHOLD", overlay="FROZEN", **line)
        assert (await trade.tally("SHOP", "APPLE")) == Tally(on_hand=Decimal(6), held=Decimal(4))

    async def test_state_changes_follow_the_table(self, trade):
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "quantity": 2, "place": "SHOP/SHELF"}
        await trade.do("SHOP", "CHANGE_STATE", **line, from_state="SELLABLE", to_state="DAMAGED")
        up = {**line, "from_state": "DAMAGED", "to_state": "SELLABLE"}
        assert await trade.refused("SHOP", "CHANGE_STATE", **up) is Code.STATE_FORBIDS
        late = {**line, "from_state": "SELLABLE", "to_state": "EXPIRED"}
        assert await trade.refused("SHOP", "CHANGE_STATE", **late) is Code.GUARD_NOT_MET
        await trade.do("SHOP", "DISPOSE", **line, state="DAMAGED")
        assert await trade.there("APPLE", "SHOP/SHELF") == 8

    async def test_a_state_of_ones_own_has_its_base_traits(self, trade):
        await trade.state("SHOP", "RIPENING", "QUARANTINED", "SELLABLE")
        await trade.state("SHOP", "SHOP_WINDOW", "SELLABLE", "SELLABLE")
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {"item": "APPLE", "quantity": 4, "place": "SHOP/SHELF"}
        await trade.do("SHOP", "CHANGE_STATE", **line, from_state="SELLABLE", to_state="RIPENING")
        await trade.do("SHOP", "CHANGE_STATE", **line, from_state="SELLABLE", to_state="SHOP_WINDOW")
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(6), held=Decimal(4))
        broken = {**line, "from_state": "RIPENING", "to_state": "DAMAGED"}
        assert await trade.refused("SHOP", "CHANGE_STATE", **broken) is Code.STATE_FORBIDS
        await trade.do("SHOP", "CHANGE_STATE", **line, from_state="RIPENING", to_state="SELLABLE")
        await trade.do("SHOP", "SELL", item="APPLE", quantity=10, place="SHOP/SHELF")
