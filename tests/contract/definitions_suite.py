"""What every store does with states, overlays and guards of an organisation's own.

Memory and PostgreSQL both pass it; a refusal leaves nothing.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.movement import Tally
from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.states import State
from stockbook.flows.definitions import GuardEntry, OverlayEntry, StateEntry
from stockbook.flows.templates import TemplateEntry, adopted, names
from tests.trade import condition_of as condition

APPLES = {"item": "APPLE", "place": "SHOP/SHELF"}


def said(verdicts):
    return [each.code if isinstance(each, Refusal) else "KNOWN" if each[1] else "NEW" for each in verdicts]


class TestStates:
    async def test_two_organisations_have_a_state_of_one_name_each(self, trade):
        mine = await trade.state("SHOP", "RIPENING", "QUARANTINED", "SELLABLE")
        others = await trade.state("FARM", "RIPENING", "DAMAGED")
        assert mine != others
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {**APPLES, "quantity": 4, "from_state": "SELLABLE", "to_state": "RIPENING"}
        await trade.do("SHOP", "CHANGE_STATE", **line)
        assert {position.state for position in await trade.store.positions()} == {State.SELLABLE, mine}

    async def test_states_of_one_request_may_become_one_another_in_a_circle(self, trade):
        registry, author = trade.store.registry, trade.author("SHOP")
        ripening = StateEntry("RIPENING", "QUARANTINED", may_become=("RIPE", "RIPENING"), code=140)
        entries = [ripening, StateEntry("RIPE", "QUARANTINED", may_become=("SELLABLE", "RIPENING"))]
        assert said(await registry.define_states(author, entries)) == ["NEW", "NEW"]
        assert said(await registry.define_states(author, entries[::-1])) == ["KNOWN", "KNOWN"]
        assert said(await registry.define_states(author, [replace(ripening, base="DAMAGED")])) == [Code.BAD_INPUT]
        assert said(await registry.define_states(author, [replace(ripening, may_become=())])) == [Code.BAD_INPUT]
        assert said(await registry.define_states(author, [StateEntry("OTHER", "DAMAGED", 140)])) == [Code.BAD_INPUT]
        after = StateEntry("AFTER", "QUARANTINED", may_become=("RIPE",))
        assert said(await registry.define_states(trade.author("FARM"), [after])) == [Code.REFERENCE_UNKNOWN]
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        for before, then in (("SELLABLE", "RIPENING"), ("RIPENING", "RIPE"), ("RIPE", "RIPENING")):
            await trade.do("SHOP", "CHANGE_STATE", **APPLES, quantity=4, from_state=before, to_state=then)
        kept = {
            (position.state, quantity) for position, quantity in (await trade.store.positions()).items() if quantity
        }
        [ripening, _] = await registry.define_states(author, entries)
        assert kept == {(State.SELLABLE, 6), (ripening[0], 4)}

    async def test_a_request_of_which_one_state_is_unfit_leaves_none(self, trade):
        registry, author = trade.store.registry, trade.author("SHOP")
        ripening = StateEntry("RIPENING", "QUARANTINED", may_become=("RIPE",))
        unfit = [StateEntry("RIPE", "RIPENING"), StateEntry("RIPE", "QUARANTINED", may_become=("SOFT",))]
        for entry, code in zip(unfit, (Code.BAD_INPUT, Code.REFERENCE_UNKNOWN), strict=True):
            assert said(await registry.define_states(author, [ripening, entry])) == [Code.CHAIN_FAILED, code]
            assert said(await registry.define_states(author, [ripening])) == [Code.REFERENCE_UNKNOWN]

    async def test_to_whoever_else_handles_the_goods_they_are_in_the_built_in_state(self, trade):
        await trade.state("SHOP", "RIPENING", "QUARANTINED", "SELLABLE")
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        ripening = {"quantity": 4, "from_state": "SELLABLE", "to_state": "RIPENING"}
        await trade.do("SHOP", "CHANGE_STATE", **APPLES, **ripening)
        await trade.do("SHOP", "GRANT", right="CUSTODY", organisation="FARM", place="SHOP/SHELF", item="APPLE")
        line = {**APPLES, "quantity": 4}
        named = {**line, "from_state": "RIPENING", "to_state": "IN_INSPECTION"}
        assert await trade.refused("FARM", "CHANGE_STATE", **named) is Code.BAD_INPUT
        loose = {**line, "from_state": "QUARANTINED", "to_state": "SELLABLE"}
        assert await trade.refused("FARM", "CHANGE_STATE", **loose) is Code.STATE_FORBIDS
        await trade.do("FARM", "CHANGE_STATE", **line, from_state="QUARANTINED", to_state="DAMAGED")
        assert await trade.there("APPLE", "SHOP/SHELF", "DAMAGED") == 4


class TestTemplates:
    @pytest.mark.parametrize("name", names())
    async def test_one_adopted_twice_defines_nothing_the_second_time(self, trade, name):
        registry, author = trade.store.registry, trade.author("SHOP")
        entry = TemplateEntry(name, "SHOP")
        assert await registry.adopt_templates(author, [entry]) == [(trade.ids["SHOP"], False)]
        assert await registry.adopt_templates(author, [entry]) == [(trade.ids["SHOP"], True)]
        given = adopted(entry)
        assert said(await registry.define_states(author, given.states)) == ["KNOWN"] * len(given.states)
        assert said(await registry.define_overlays(author, given.overlays)) == ["KNOWN"] * len(given.overlays)
        assert said(await registry.define_guards(author, given.guards)) == ["KNOWN"] * len(given.guards)
        assert all(each.label_en and each.label_zh for each in (*given.states, *given.overlays, *given.guards))

    async def test_what_an_organisation_has_defined_otherwise_is_not_overruled(self, trade):
        registry, author = trade.store.registry, trade.author("SHOP")
        await trade.guard("SHOP", "SAID_WHY", "DAMAGED", ("DOCUMENT_GIVEN",))
        assert said(await registry.adopt_templates(author, [TemplateEntry("food", "SHOP")])) == ["NEW"]
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {**APPLES, "quantity": 1, "from_state": "SELLABLE", "to_state": "DAMAGED"}
        assert await trade.refused("SHOP", "CHANGE_STATE", **line) is Code.GUARD_NOT_MET
        await trade.overlay("FARM", "CUSTOMS", blocks=False)
        assert said(await registry.adopt_templates(author, [TemplateEntry("food", "FARM")])) == [Code.BAD_INPUT]
        assert said(await registry.define_states(author, [StateEntry("RIPE", "DAMAGED", organisation="FARM")])) == [
            "NEW"
        ]

    async def test_what_is_marked_down_still_sells_and_what_ripens_does_not(self, trade):
        await trade.store.registry.adopt_templates(trade.author("SHOP"), [TemplateEntry("food", "SHOP")])
        expiry = trade.now().date() + timedelta(days=3)
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="A", expiry=expiry)
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF", lot="B", expiry=expiry + timedelta(days=1))
        line = {**APPLES, "quantity": 4, "from_state": "SELLABLE"}
        await trade.do("SHOP", "CHANGE_STATE", **line, lot="A", to_state="MARKED_DOWN")
        assert (
            await trade.refused("SHOP", "CHANGE_STATE", **line, lot="B", to_state="MARKED_DOWN") is Code.GUARD_NOT_MET
        )
        await trade.do("SHOP", "CHANGE_STATE", **line, lot="B", to_state="RIPENING")
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(16), held=Decimal(4))

    async def test_one_that_is_not_there_is_refused(self, trade):
        entries = [TemplateEntry(name) for name in ("steel", "", "../food", "food.toml")]
        for entry in entries:
            verdict = await trade.store.registry.adopt_templates(trade.author("SHOP"), [entry])
            assert said(verdict) == [Code.REFERENCE_UNKNOWN]


class TestOverlays:
    async def test_a_blocking_one_keeps_goods_from_sale_until_it_is_taken_off(self, trade):
        await trade.overlay("SHOP", "CUSTOMS", blocks=True)
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        await trade.do("SHOP", "HOLD", **APPLES, own="CUSTOMS", quantity=4)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(6), held=Decimal(4))
        assert await trade.refused("SHOP", "SELL", **APPLES, quantity=7) is Code.OVERLAY_HOLDS
        reserved = {"item": "APPLE", "quantity": 7, "site": "SHOP/SITE"}
        assert await trade.refused("SHOP", "RESERVE", **reserved) is Code.EXCEEDS_AVAILABLE
        await trade.do("SHOP", "UNHOLD", **APPLES, own="CUSTOMS", quantity=1)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(7), held=Decimal(3))
        assert await trade.refused("SHOP", "UNHOLD", **APPLES, own="CUSTOMS", quantity=4) is Code.INSUFFICIENT_STOCK

    async def test_one_that_does_not_block_coexists_with_sale_and_promise(self, trade):
        await trade.overlay("SHOP", "ON_DISPLAY", blocks=False)
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        await trade.do("SHOP", "HOLD", **APPLES, own="ON_DISPLAY", quantity=4)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(10))
        await trade.do("SHOP", "RESERVE", item="APPLE", quantity=2, site="SHOP/SITE")
        await trade.do("SHOP", "SELL", **APPLES, quantity=8)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(2), reserved=Decimal(2))

    async def test_several_lie_over_the_same_goods_beside_the_built_in_ones(self, trade):
        await trade.overlay("SHOP", "CUSTOMS", blocks=True)
        await trade.overlay("SHOP", "ON_DISPLAY", blocks=False)
        await trade.stock("SHOP", "APPLE", 4, "SHOP/SHELF")
        for line in ({"own": "ON_DISPLAY"}, {"overlay": "FROZEN"}, {"own": "CUSTOMS"}):
            await trade.do("SHOP", "HOLD", **APPLES, **line)
        [holds] = [position.holds for position in await trade.store.positions()]
        assert holds & BLOCKS
        for line in ({"overlay": "FROZEN"}, {"own": "CUSTOMS"}):
            assert await trade.tally("SHOP", "APPLE") == Tally(held=Decimal(4))
            await trade.do("SHOP", "UNHOLD", **APPLES, **line)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(4))
        await trade.do("SHOP", "UNHOLD", **APPLES, own="ON_DISPLAY")
        assert [position.holds for position in await trade.store.positions()] == [0]

    async def test_sets_met_for_the_first_time_in_one_request_are_posted_at_once(self, trade):
        for name in ("ONE", "TWO", "THREE"):
            await trade.overlay("SHOP", name, blocks=name == "TWO")
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        lines = [{**APPLES, "own": name, "quantity": 5} for name in ("ONE", "TWO", "THREE")]
        outcomes = await trade.post("SHOP", "HOLD", *lines)
        assert [outcome.refusal for outcome in outcomes] == [None, None, None]
        assert all(position.holds < 1 << 30 for position in await trade.store.positions())

    async def test_one_that_nobody_or_only_another_has_defined_is_unknown(self, trade):
        await trade.overlay("FARM", "CUSTOMS", blocks=True)
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        assert await trade.refused("SHOP", "HOLD", **APPLES, own="NOTHING") is Code.REFERENCE_UNKNOWN
        assert await trade.refused("SHOP", "HOLD", **APPLES, own="CUSTOMS") is Code.REFERENCE_UNKNOWN
        assert await trade.refused("SHOP", "HOLD", **APPLES, own="CUSTOMS", overlay="FROZEN") is Code.BAD_INPUT
        assert await trade.refused("SHOP", "HOLD", **APPLES) is Code.BAD_INPUT

    async def test_one_lies_over_no_state_that_it_may_not_meet(self, trade):
        await trade.overlay("SHOP", "ON_DISPLAY", "SELLABLE", blocks=False)
        await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=3, place="SHOP/SHELF")
        assert await trade.refused("SHOP", "HOLD", **APPLES, own="ON_DISPLAY") is Code.STATE_FORBIDS

    async def test_whoever_keeps_the_goods_sees_anothers_as_frozen_and_takes_it_off(self, trade):
        await trade.overlay("SHOP", "CUSTOMS", blocks=True)
        await trade.overlay("SHOP", "ON_DISPLAY", blocks=False)
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        for name in ("CUSTOMS", "ON_DISPLAY"):
            await trade.do("SHOP", "HOLD", **APPLES, own=name)
        await trade.do("SHOP", "GRANT", right="CUSTODY", organisation="FARM", place="SHOP/SHELF", item="APPLE")
        assert await trade.refused("FARM", "UNHOLD", **APPLES, own="CUSTOMS") is Code.REFERENCE_UNKNOWN
        await trade.do("FARM", "UNHOLD", **APPLES, overlay="FROZEN", quantity=4)
        assert await trade.tally("SHOP", "APPLE") == Tally(on_hand=Decimal(4), held=Decimal(6))
        assert await trade.refused("SHOP", "UNHOLD", **APPLES, overlay="FROZEN") is Code.INSUFFICIENT_STOCK
        await trade.do("SHOP", "UNHOLD", **APPLES, own="ON_DISPLAY")

    async def test_it_stays_what_it_was_defined_as(self, trade):
        registry, author = trade.store.registry, trade.author("SHOP")
        customs = OverlayEntry("CUSTOMS", blocks=True, meets=("SELLABLE",))
        assert said(await registry.define_overlays(author, [customs])) == ["NEW"]
        assert said(await registry.define_overlays(author, [customs])) == ["KNOWN"]
        assert said(await registry.define_overlays(author, [replace(customs, blocks=False)])) == [Code.BAD_INPUT]
        for bad in (
            OverlayEntry("FROZEN", blocks=True),
            OverlayEntry("a b", blocks=True),
            replace(customs, meets=("X",)),
        ):
            assert said(await registry.define_overlays(author, [bad])) == [Code.BAD_INPUT]
        other = replace(trade.author("FARM"), everywhere=False)
        assert said(await registry.define_overlays(other, [replace(customs, organisation="SHOP")])) == [
            Code.ACTION_DENIED
        ]


class TestGuards:
    async def test_goods_come_into_a_state_only_when_it_is_met(self, trade):
        await trade.guard("SHOP", "SHELF_LIFE", "SELLABLE", ("EXPIRY_KNOWN",), ("DAYS_LEFT_AT_LEAST", "5"))
        soon, late = (trade.clock.date().replace(day=day) for day in (28, 30))
        for lot, expiry in (("SOON", soon), ("LATE", late), ("NONE", None)):
            line = {"item": "APPLE", "quantity": 5, "lot": lot}
            await trade.do("SHOP", "RECEIVE", **line, expiry=expiry, place="SHOP/DOCK")
            away = {**line, "source": "SHOP/DOCK", "place": "SHOP/SHELF"}
            if lot == "LATE":
                await trade.do("SHOP", "PUT_AWAY", **away)
            else:
                assert await trade.refused("SHOP", "PUT_AWAY", **away) is Code.GUARD_NOT_MET
        await trade.guard("SHOP", "SHELF_LIFE", "SELLABLE", ("DAYS_LEFT_AT_LEAST", "2"))
        line = {"item": "APPLE", "quantity": 5, "lot": "SOON", "source": "SHOP/DOCK", "place": "SHOP/SHELF"}
        await trade.do("SHOP", "PUT_AWAY", **line)

    async def test_the_refusal_names_the_guard_and_what_is_missing(self, trade):
        await trade.guard("SHOP", "PAPER", "RECEIVED", ("DOCUMENT_KIND", "DELIVERY"), ("QUANTITY_AT_MOST", "5"))
        [outcome] = await trade.post("SHOP", "RECEIVE", {"item": "APPLE", "quantity": 6, "place": "SHOP/DOCK"})
        assert outcome.refusal.code is Code.GUARD_NOT_MET
        assert outcome.refusal.message == (
            "guard PAPER: RECEIVED only when the document is of kind DELIVERY, and the quantity is 5 or less"
        )

    async def test_a_document_of_the_kind_asked_for_is_enough(self, trade):
        await trade.guard("SHOP", "PAPER", "RECEIVED", ("DOCUMENT_KIND", "DELIVERY"))
        await trade.document("SHOP", "D-1", "DELIVERY")
        await trade.document("SHOP", "O-1", "ORDER")
        line = {"item": "APPLE", "quantity": 1, "place": "SHOP/DOCK"}
        for document, code in (("O-1", Code.GUARD_NOT_MET), (None, Code.GUARD_NOT_MET), ("D-1", None)):
            [outcome] = await trade.post("SHOP", "RECEIVE", line, document=document)
            assert (outcome.refusal and outcome.refusal.code) == code

    async def test_any_of_its_conditions_is_enough_where_it_says_so(self, trade):
        conditions = (("REASON_GIVEN",), ("QUANTITY_AT_MOST", "2"))
        await trade.guard("SHOP", "SMALL_OR_SAID", "DAMAGED", *conditions, match="ANY", from_state="SELLABLE")
        await trade.stock("SHOP", "APPLE", 10, "SHOP/SHELF")
        line = {**APPLES, "from_state": "SELLABLE", "to_state": "DAMAGED"}
        for quantity, reason, refused in ((3, "", True), (3, "fell", False), (2, "", False)):
            [outcome] = await trade.post("SHOP", "CHANGE_STATE", {**line, "quantity": quantity}, reason=reason)
            assert (outcome.refusal is not None) == refused

    async def test_it_never_weakens_what_is_asked_of_everybody(self, trade):
        await trade.guard("SHOP", "EASY", "SELLABLE", ("QUANTITY_AT_MOST", "1000"), match="ANY")
        await trade.item("MILK", inspected=True)
        await trade.do(
            "SHOP", "RECEIVE", item="MILK", quantity=1, place="SHOP/DOCK", lot="M", expiry=trade.clock.date()
        )
        away = {"item": "MILK", "quantity": 1, "lot": "M", "source": "SHOP/DOCK", "place": "SHOP/SHELF"}
        assert await trade.refused("SHOP", "PUT_AWAY", **away) is Code.GUARD_NOT_MET
        await trade.do("SHOP", "INSPECT", item="MILK", quantity=1, lot="M", place="SHOP/DOCK")
        await trade.do("SHOP", "INSPECT", item="MILK", quantity=1, lot="M", place="SHOP/DOCK", passed=True)
        trade.later(days=1)
        assert await trade.refused("SHOP", "PUT_AWAY", **away) is Code.LOT_EXPIRED
        never = {"item": "MILK", "quantity": 1, "place": "SHOP/DOCK"}
        again = {**never, "from_state": "AWAITING_PUTAWAY", "to_state": "RECEIVED"}
        assert await trade.refused("SHOP", "CHANGE_STATE", **again) is Code.STATE_FORBIDS

    async def test_it_is_asked_of_states_that_map_to_the_one_it_names(self, trade):
        await trade.state("SHOP", "WINDOW", "SELLABLE", "SELLABLE")
        await trade.guard("SHOP", "REASONED", "SELLABLE", ("REASON_GIVEN",))
        await trade.do("SHOP", "RECEIVE", item="APPLE", quantity=5, place="SHOP/DOCK")
        away = {"item": "APPLE", "quantity": 5, "source": "SHOP/DOCK", "place": "SHOP/SHELF", "state": "WINDOW"}
        assert await trade.refused("SHOP", "PUT_AWAY", **away) is Code.GUARD_NOT_MET
        [outcome] = await trade.post("SHOP", "PUT_AWAY", away, reason="for the window")
        assert outcome.refusal is None

    async def test_it_is_asked_of_its_own_organisation_only(self, trade):
        await trade.guard("FARM", "REASONED", "SELLABLE", ("REASON_GIVEN",))
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF")

    async def test_what_was_done_is_taken_back_and_what_is_found_is_counted_unasked(self, trade):
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF")
        line = {**APPLES, "quantity": 2, "from_state": "SELLABLE", "to_state": "DAMAGED"}
        broken = await trade.do("SHOP", "CHANGE_STATE", **line)
        await trade.guard("SHOP", "REASONED", "SELLABLE", ("REASON_GIVEN",))
        await trade.do("SHOP", "REVERSE", movement=f"gid://stockbook/Movement/{broken.movement}")
        await trade.do("SHOP", "COUNT", **APPLES, counted=9, expected=5)
        assert await trade.there("APPLE", "SHOP/SHELF", "SELLABLE") == 9

    async def test_what_can_not_be_asked_is_no_guard(self, trade):
        registry, author = trade.store.registry, trade.author("SHOP")
        await trade.guard("SHOP", "GOOD", "SELLABLE", ("REASON_GIVEN",))
        good = GuardEntry("GOOD", "SELLABLE", (condition("REASON_GIVEN"),))
        bad = [
            (replace(good, conditions=()), Code.BAD_INPUT),
            (replace(good, to_state="NOWHERE"), Code.REFERENCE_UNKNOWN),
            (replace(good, from_state="NOWHERE"), Code.REFERENCE_UNKNOWN),
            (replace(good, conditions=(condition("QUANTITY_AT_MOST"),)), Code.BAD_INPUT),
            (replace(good, conditions=(condition("DOCUMENT_KIND"),)), Code.BAD_INPUT),
            (replace(good, name="good"), Code.BAD_INPUT),
            (replace(good, name="OTHER", withdrawn=True), Code.REFERENCE_UNKNOWN),
        ]
        for entry, code in bad:
            assert said(await registry.define_guards(author, [entry])) == [code]
        assert said(await registry.define_guards(author, [good])) == ["KNOWN"]
        assert said(await registry.define_guards(author, [replace(good, withdrawn=True)])) == ["NEW"]
        await trade.stock("SHOP", "APPLE", 5, "SHOP/SHELF")
