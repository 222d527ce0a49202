"""From a forecast to an order: proposed where goods fall short, decided by people or the system, expected at once."""

import asyncio
from decimal import Decimal

import orjson
import pytest

from stockbook import worker
from stockbook.flows.author import Author
from stockbook.flows.clock import SYSTEM
from stockbook.flows.demand.proposal_book import AcceptanceEntry
from stockbook.flows.demand.proposing import Proposing
from stockbook.graph.execute import Request
from stockbook.graph.hub import Hub
from stockbook.graph.streams import Streams
from stockbook.graph.subscriber import Subscriber
from tests.demand_live.shop import SITE, TOMATO, WEEKS, Shop, week

ASKED = """query P($state: String = "OPEN") { proposals(filter: {state: {eq: $state}}, sort: [OPENED_AT_ASC]) { nodes {
  id state quantity position expected serviceLevel reorderPoint ceiling cleared accepted reason decidedAt secondsOpen
  item { externalReference } site { externalReference } supplier { externalReference } actor { name } unattended
  forecast { mean shares pastError quantiles } threshold { reorderPoint } supersededBy { id state }
  order { id externalReference kind counterparty { externalReference } } place { externalReference }
  movement { verb reason legs { quantity target { state place { externalReference boundFor { externalReference } } } } }
} } }"""


async def proposals(shop: Shop, state: str = "OPEN", role: str = "buyer", by: str = "SHOP") -> list[dict]:
    answer = await shop.trade.ask(ASKED, {"state": state}, by, role)
    assert "errors" not in answer, answer
    return answer["data"]["proposals"]["nodes"]


async def shelf(shop: Shop, item: str = TOMATO) -> dict:
    asked = "query A($f: AvailabilityFilter) { availabilities(filter: $f) { nodes { onHand inbound } } }"
    found = {"item": {"eq": item}, "site": {"eq": SITE}}
    answer = await shop.trade.ask(asked, {"f": found}, "SHOP", "buyer")
    return answer["data"]["availabilities"]["nodes"][0]


def proposing(shop: Shop) -> Proposing:
    return shop.trade.parts.proposing


async def terms(shop: Shop, **more) -> None:
    await shop.told("recordReplenishment", {"leadTimeHours": "168", "reviewHours": "168", **more})


async def test_nothing_is_proposed_before_somebody_says_how_long_orders_take(short: Shop):
    assert (await proposing(short).round()).opened == 0
    await terms(short)
    assert (await proposing(short).round()).opened == 1
    (found,) = await proposals(short)
    assert (found["item"]["externalReference"], found["site"]["externalReference"]) == (TOMATO, SITE)
    threshold = found["threshold"]
    assert found["reorderPoint"] == threshold["reorderPoint"] > float(found["position"]) == 12
    missing = Decimal(repr(found["ceiling"])) - Decimal(found["position"])
    assert 0 <= Decimal(found["quantity"]) - missing < Decimal("0.001"), "up to the ceiling, in the item's steps"
    assert found["expected"] == pytest.approx(20, rel=0.4) and found["serviceLevel"] == 0.95
    assert sum(found["forecast"]["shares"].values()) == pytest.approx(1), "with the inputs that it stands on"
    assert not found["cleared"] and found["order"] is None
    assert (await proposing(short).round()).opened == 0, "once"


async def test_what_one_customer_took_at_once_is_not_ordered_a_second_time(short: Shop):
    """A hundred left the shelf on Friday, twelve are there; two weeks will ask for some forty, not for those too."""
    await short.fill("100")
    await short.sell(100, week(WEEKS - 0.4))
    await short.learn()
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    forecast = await short.forecast()
    assert forecast["mean"] > 110 and forecast["shares"]["sold"] > 0.9, "the week itself has sold them"
    assert found["position"] == "12" and found["expected"] < 60 and float(found["quantity"]) < 90


async def test_who_orders_every_day_by_weekly_forecasts_is_told_on_any_day_of_the_week(short: Shop):
    await short.told("recordReplenishment", {"leadTimeHours": "24", "reviewHours": "24"})
    await short.sell(1, week(WEEKS - 0.1))
    await short.learn()
    threshold = (await short.forecast())["threshold"]
    assert threshold["horizon"] == pytest.approx(2 / 7) and 1 < threshold["reorderPoint"] < 12


async def test_terms_move_the_threshold_of_goods_that_nobody_buys_meanwhile(short: Shop):
    await terms(short)
    await short.learn()
    before = (await short.forecast())["threshold"]
    await short.told("recordReplenishment", {"leadTimeHours": "504", "reviewHours": "168", "item": "SOUP"})
    await short.learn()
    assert (await short.forecast())["threshold"] == before, "another item's terms are none of its business"
    await short.told("recordReplenishment", {"leadTimeHours": "504", "reviewHours": "168", "item": TOMATO})
    await short.learn()
    after = (await short.forecast())["threshold"]
    assert (before["horizon"], after["horizon"]) == (2.0, 4.0) and after["reorderPoint"] > 1.5 * before["reorderPoint"]
    await proposing(short).round()
    (found,) = await proposals(short)
    assert found["reorderPoint"] == after["reorderPoint"], "and of what is proposed"


async def test_accepted_it_is_an_order_whose_goods_are_expected_and_not_proposed_twice(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    line = {"proposal": found["id"], "reason": "We know these", "supplier": "FARM", "order": "PO-7"}
    (order,) = await short.told("acceptProposals", line)
    (made,) = await proposals(short, "ACCEPTED")
    assert (made["order"]["id"], made["order"]["externalReference"]) == (order, "PO-7")
    assert made["order"]["kind"] == "ORDER" and made["order"]["counterparty"]["externalReference"] == "FARM"
    assert (made["accepted"], made["reason"], made["actor"]["name"]) == (found["quantity"], "We know these", "Boss")
    assert made["decidedAt"] and made["secondsOpen"] >= 0
    (leg,) = made["movement"]["legs"]
    assert (made["movement"]["verb"], leg["quantity"], leg["target"]["state"]) == (
        "EXPECT",
        found["quantity"],
        "EXPECTED",
    )
    assert leg["target"]["place"]["boundFor"]["externalReference"] == SITE
    assert (await shelf(short))["inbound"] == found["quantity"]
    done = await proposing(short).round()
    assert (done.opened, done.superseded, done.posted) == (0, 0, 0)
    again = await short.tell("acceptProposals", line)
    assert [(each["outcome"], each["id"]) for each in again["results"]] == [("KNOWN", order)]
    assert (await shelf(short))["inbound"] == found["quantity"]
    for more in ({"quantity": "1"}, {"supplier": "SHOP-2"}, {"order": "PO-8"}, {"dueAt": "2099-01-01T00:00:00Z"}):
        other = await short.tell("acceptProposals", {**line, **more})
        assert [each["code"] for each in other["errors"]] == ["STALE_STATE"], "it does not change what was ordered"
    # it comes in the ordinary way, and counts on its way to the shelf
    given = {"item": TOMATO, "quantity": found["quantity"], "place": SITE, "source": made["place"]["externalReference"]}
    came = await short.trade.post("receive", "came", given, document="PO-7")
    assert not came["errors"], came
    assert (await shelf(short))["inbound"] == "0"
    assert (await proposing(short).round()).opened == 0, "received, and not on the shelf yet"


async def test_another_quantity_needs_a_reason_and_stands_beside_what_was_proposed(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    for line, code, field in (
        ({"proposal": found["id"]}, "GUARD_NOT_MET", "reason"),  # no trial was passed
        ({"proposal": found["id"], "quantity": "60"}, "GUARD_NOT_MET", "reason"),
        ({"proposal": found["id"], "quantity": "0", "reason": "x"}, "BAD_QUANTITY", "quantity"),
        ({"proposal": found["id"], "quantity": "1.0001", "reason": "x"}, "BAD_QUANTITY", "quantity"),
        ({"proposal": found["id"], "supplier": "NOBODY", "reason": "x"}, "ORGANISATION_UNKNOWN", "supplier"),
        ({"proposal": "gid://stockbook/Proposal/999", "reason": "x"}, "REFERENCE_UNKNOWN", "proposal"),
        ({"proposal": found["id"], "order": " ", "reason": "x"}, "BAD_INPUT", "order"),
        ({"proposal": found["id"], "dueAt": "2020-01-01T00:00:00Z", "reason": "x"}, "BAD_TIME", "dueAt"),
    ):
        payload = await short.tell("acceptProposals", line)
        assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [(code, field)], line
    assert len(await proposals(short)) == 1 and (await shelf(short))["inbound"] == "0", "nothing was written"
    await short.told("acceptProposals", {"proposal": found["id"], "quantity": "60", "reason": "The fair is in town"})
    (made,) = await proposals(short, "ACCEPTED")
    assert (made["quantity"], made["accepted"], made["reason"]) == (found["quantity"], "60", "The fair is in town")
    assert made["order"]["externalReference"].startswith("ORDER-")


async def test_a_quantity_far_above_the_ceiling_is_asked_about_and_ordered_where_it_is_meant(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    most = 3 * Decimal(repr(found["ceiling"])) - Decimal(found["position"])
    slip = {"proposal": found["id"], "quantity": "100000", "reason": "The fair is in town"}
    for line in (slip, {**slip, "confirm": False}, {**slip, "quantity": str(round(most + 1))}):
        document = """mutation A($input: AcceptProposalsInput!) { acceptProposals(input: $input) {
            errors { code path message requested expected } } }"""
        answer = await short.trade.ask(document, {"input": {"lines": [line]}}, "SHOP", "buyer")
        (error,) = answer["data"]["acceptProposals"]["errors"]
        assert (error["code"], error["path"][-1]) == ("EXCEEDS_CEILING", "quantity")
        assert (error["requested"], error["expected"]) == (line["quantity"], found["quantity"]), "what one had seen"
        assert "there or coming" in error["message"] and " kg" in error["message"]
    assert len(await proposals(short)) == 1 and (await shelf(short))["inbound"] == "0", "nothing was written"
    unreasoned = await short.tell("acceptProposals", {**slip, "reason": None, "confirm": True})
    assert [each["code"] for each in unreasoned["errors"]] == ["GUARD_NOT_MET"], "to confirm is to say no reason"
    (order,) = await short.told("acceptProposals", {**slip, "confirm": True})
    assert (await shelf(short))["inbound"] == "100000"
    again = await short.tell("acceptProposals", {**slip, "confirm": True})
    assert [(each["outcome"], each["id"]) for each in again["results"]] == [("KNOWN", order)]


async def test_up_to_three_times_the_ceiling_a_reason_will_do(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    most = int(3 * Decimal(repr(found["ceiling"])) - Decimal(found["position"]))
    await short.told("acceptProposals", {"proposal": found["id"], "quantity": str(most), "reason": "A feast"})
    assert (await shelf(short))["inbound"] == str(most)


async def test_who_may_not_accept_is_refused_and_others_learn_nothing(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    line = {"proposal": found["id"], "reason": "Mine"}
    for role in ("storekeeper", "shop_staff", "finance", "auditor", "program", "supplier"):
        payload = await short.tell("acceptProposals", line, role=role)
        assert [each["code"] for each in payload["errors"]] == ["ACTION_DENIED"], role
    payload = await short.tell("acceptProposals", line, by="SHOP-2")
    assert [each["code"] for each in payload["errors"]] == ["REFERENCE_UNKNOWN"], "as if there were none"
    assert await proposals(short, by="SHOP-2") == [] and len(await proposals(short)) == 1


async def test_dismissed_it_rests_until_the_next_review(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    payload = await short.tell("dismissProposals", {"proposal": found["id"], "reason": " "})
    assert [each["code"] for each in payload["errors"]] == ["BAD_INPUT"]
    line = {"proposal": found["id"], "reason": "We close for a week"}
    assert await short.told("dismissProposals", line) == [found["id"]]
    again = await short.tell("dismissProposals", line)
    assert [each["outcome"] for each in again["results"]] == ["KNOWN"]
    late = await short.tell("acceptProposals", {"proposal": found["id"], "reason": "After all"})
    assert [each["code"] for each in late["errors"]] == ["STALE_STATE"]
    assert (await proposing(short).round()).opened == 0
    (gone,) = await proposals(short, "DISMISSED")
    assert (gone["reason"], gone["actor"]["name"]) == ("We close for a week", "Boss")
    db = short.trade.parts.beside
    await db.execute("update proposal set decided_at = now() - interval '8 days'")
    assert (await proposing(short).round()).opened == 1, "a review later one is asked again"


async def test_a_need_that_moves_on_takes_the_place_of_what_nobody_decided(short: Shop):
    await terms(short)
    await proposing(short).round()
    (first,) = await proposals(short)
    await short.sell(9, week(WEEKS - 0.1))
    done = await proposing(short).round()
    assert (done.opened, done.superseded) == (1, 1)
    (second,) = await proposals(short)
    (old,) = await proposals(short, "SUPERSEDED")
    assert old["id"] == first["id"] and old["supersededBy"] == {"id": second["id"], "state": "OPEN"}
    assert Decimal(second["quantity"]) > Decimal(first["quantity"])
    late = await short.tell("acceptProposals", {"proposal": first["id"], "reason": "Too late"})
    assert [each["code"] for each in late["errors"]] == ["STALE_STATE"]
    await short.fill("500")
    assert (await proposing(short).round()).superseded == 1
    assert await proposals(short) == [] and len(await proposals(short, "SUPERSEDED")) == 2, "nothing is short any more"


async def test_the_system_accepts_where_terms_say_so_and_forecasts_are_cleared(short: Shop):
    await terms(short, unattended=True)
    assert (await proposing(short).round()).accepted == 0, "no trial, no hand"
    (number,) = await short.told("tryForecasts", {})
    db = short.trade.parts.beside
    await db.execute("update trial set state = 'DONE', passed = true")
    await short.told("clearForecasts", {"trial": number}, role="org_admin")
    done = await proposing(short).round()
    assert (done.accepted, done.posted, done.refused) == (1, 1, [])
    (made,) = await proposals(short, "ACCEPTED")
    assert made["cleared"] and made["unattended"] and made["reason"] == "" and made["actor"] is None
    assert (await shelf(short))["inbound"] == made["accepted"]


async def test_what_a_token_of_nobody_accepts_is_not_taken_for_the_system(short: Shop):
    """The command line makes tokens that name no person: who holds one decides, and did so by hand."""
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    nobody = Author(short.trade.ids["SHOP"], SYSTEM, everywhere=False, roles=frozenset())
    ((_, known),) = await proposing(short).accept(nobody, [AcceptanceEntry(found["id"], reason="By hand")])
    (made,) = await proposals(short, "ACCEPTED")
    assert not known and not made["unattended"] and made["reason"] == "By hand"


async def test_what_was_cut_off_between_accepting_and_expecting_is_finished_once(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    author = Author(short.trade.ids["SHOP"], short.trade.people["SHOP"], everywhere=False, roles=frozenset())
    entry = AcceptanceEntry(found["id"], reason="Cut off")
    await proposing(short)._book.accept(author, [entry])  # and the process ends here
    assert (await shelf(short))["inbound"] == "0"
    done = await proposing(short).round()
    assert (done.opened, done.posted) == (0, 1), "counted as ordered though nobody expects it yet"
    assert (await shelf(short))["inbound"] == found["quantity"]
    await asyncio.gather(*(proposing(short).round() for _ in range(3)))
    assert (await shelf(short))["inbound"] == found["quantity"]


async def test_of_a_buyer_and_a_second_the_first_is_right_and_a_third_may_call_it_off(short: Shop):
    await terms(short)
    await proposing(short).round()
    (found,) = await proposals(short)
    line = {"proposal": found["id"], "reason": "I do"}
    payloads = await asyncio.gather(
        short.tell("acceptProposals", line),
        short.tell("acceptProposals", {**line, "quantity": "50"}),
        short.tell("dismissProposals", line),
    )
    codes = [[each["code"] for each in payload["errors"]] for payload in payloads]
    stale = ["STALE_STATE"]
    assert all(each in ([], stale) for each in codes)
    assert [] in codes
    assert codes[:2].count([]) <= 1
    if codes[2] == []:  # before either, or of an order that is announced already
        assert len(await proposals(short, "DISMISSED")) == 1
        expected = "0"
    else:
        (made,) = await proposals(short, "ACCEPTED")
        expected = made["accepted"]
    assert (await shelf(short))["inbound"] == expected


async def test_several_proposals_for_one_supplier_make_one_order(short: Shop):
    await short.fill(str(14 + 12 * WEEKS), "SOUP")
    for number in range(WEEKS):
        await short.sell(12, week(number + 0.4), "SOUP")
    await short.learn()
    await terms(short)
    assert (await proposing(short).round()).opened == 2
    found = await proposals(short)
    lines = [{"proposal": each["id"], "reason": "As they say", "supplier": "FARM"} for each in found]
    bad = await short.tell("acceptProposals", lines[0], {**lines[1], "quantity": "0.5"})
    assert [each["code"] for each in bad["errors"]] == ["BAD_QUANTITY"] and len(await proposals(short)) == 2
    orders = await short.told("acceptProposals", *lines)
    assert len(set(orders)) == 1
    made = await proposals(short, "ACCEPTED")
    assert {each["order"]["id"] for each in made} == set(orders) and all(each["movement"] for each in made)


async def test_who_follows_proposals_is_told_each_change_and_a_storeman_nothing(short: Shop):
    parts = short.trade.parts
    hub, streams = Hub(parts.dsn, parts.beside), Streams(parts.graph)
    running = asyncio.create_task(hub.run())
    told: dict[str, asyncio.Queue] = {"buyer": asyncio.Queue(), "storekeeper": asyncio.Queue()}

    def hearing(role: str) -> Subscriber:
        return Subscriber(lambda payload, _: told[role].put_nowait(payload) or True, pytest.fail, 100)

    await terms(short)
    await proposing(short).round()
    (first,) = await proposals(short)
    try:
        for role in told:
            who, mask = short.trade.asker("SHOP", role)
            text = "subscription { proposals { proposal { id state reason } } }"
            prepared = await streams.prepare(Request(text, None, {}), who, mask)
            assert prepared.topic in mask.topics
            await hub.join(prepared, who, hearing(role), None)

        async def next_() -> dict:
            async with asyncio.timeout(60):
                return orjson.loads(await told["buyer"].get())["data"]["proposals"]["proposal"]

        assert await next_() == {"id": first["id"], "state": "OPEN", "reason": ""}, "first what there is"
        await short.told("dismissProposals", {"proposal": first["id"], "reason": "No"})
        assert await next_() == {"id": first["id"], "state": "DISMISSED", "reason": "No"}
        await parts.beside.execute("update proposal set decided_at = now() - interval '8 days'")
        await proposing(short).round()
        assert (await next_())["state"] == "OPEN"
        assert told["storekeeper"].empty()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_worker_looks_for_what_is_short(short: Shop):
    await terms(short)
    running = asyncio.create_task(worker._propose(short.trade.parts))
    try:
        async with asyncio.timeout(60):
            while not await proposals(short):
                await asyncio.sleep(0.1)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(await proposals(short)) == 1
