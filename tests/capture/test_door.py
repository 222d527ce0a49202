"""The door: what is sealed is taken once, in its order, and each event is told what became of it."""

import json
from datetime import timedelta

from stockbook.access.actions import verbs
from stockbook.store.devices import door as devices


def of(answer, *names):
    return [tuple(each[name] for name in names) for each in answer["results"]]


async def test_one_scan_is_a_receipt_an_inspection_and_a_put_away(store, pda, dock, bin_):
    scan = pda.scan("inbound", item="TOMATO", quantity="2.5", batch="20250122A", place=dock, shelf=bin_, quality="pass")
    answer = await store.send(pda)
    assert answer["upto"] == 1
    assert answer["results"] == [
        {
            "sequence": 1,
            "outcome": "POSTED",
            "flags": [],
            "code": None,
            "message": None,
            "transient": None,
            "task": None,
        }
    ]
    assert await store.verbs(pda) == [(1, "RECEIVE"), (1, "INSPECT"), (1, "PUT_AWAY")]
    assert await store.there("TOMATO", bin_) == "2.5"
    assert await store.fates(pda, scan) == ["DUPLICATE"]
    assert await store.there("TOMATO", bin_) == "2.5"


async def test_a82_the_example_of_the_page_takes_its_item_from_the_code(store, pda, bin_):
    pda.scan("inbound", batch="20250122A", shelf=bin_, quality="pass", like={"code": "6921168509256"})
    assert await store.fates(pda) == ["POSTED"]
    assert await store.there("MILK", bin_) == "1"


async def test_a81_a_case_is_as_many_pieces_with_lot_and_expiry_from_its_code(store, pda, dock):
    await store.served.register(
        "recordCodes", {"item": "MILK", "code": "16921168509253", "unit": "case", "own": True}, organisation=store.id
    )
    pda.scan("inbound", place=dock, like={"code": "01169211685092531727123110LOT-7", "symbology": "]C1"})
    assert await store.fates(pda) == ["POSTED"]
    assert await store.there("MILK", dock) == "24"
    [lot] = await store.fetch("select code, expiry from lot where code = 'LOT-7'")
    assert (lot["code"], lot["expiry"].isoformat()) == ("LOT-7", "2027-12-31")


async def test_a84_several_actions_of_one_scan_stand_or_fall_together(store, pda, dock, bin_):
    pda.scan("inbound+sell", item="MILK", quantity="3", place=dock)
    [result] = (await store.send(pda))["results"]
    assert (result["outcome"], result["code"]) == ("REFUSED", "ACTION_DENIED")  # a storekeeper does not sell
    pda.scan("put_away+inbound", item="MILK", quantity="3", place=dock, shelf=bin_)
    assert await store.fates(pda, pda.queue[-1]) == ["POSTED"]
    assert await store.verbs(pda) == [(2, "RECEIVE"), (2, "PUT_AWAY")]


async def test_the_order_of_the_device_is_the_order_of_the_journal(store, pda, dock, bin_):
    for _ in range(5):
        pda.scan("inbound", item="MILK", quantity="2", place=dock)
        pda.scan("put_away", item="MILK", quantity="2", source=dock, shelf=bin_)
    answer = await store.send(pda, list(reversed(pda.queue)))
    assert [each["sequence"] for each in answer["results"]] == list(range(10, 0, -1))  # answered as it was asked
    assert [sequence for sequence, _ in await store.verbs(pda)] == list(range(1, 11))
    assert not await store.tasks()


async def test_what_comes_before_the_one_it_follows_is_held_until_it_comes(store, pda, dock):
    first, second, third = (pda.scan("inbound", item="MILK", quantity=str(n), place=dock) for n in (1, 2, 3))
    answer = await store.send(pda, [third, second])
    assert (answer["upto"], of(answer, "outcome")) == (0, [("HELD",), ("HELD",)])
    assert await store.fates(pda, second) == ["HELD"]
    assert await store.verbs(pda) == []
    answer = await store.send(pda, [first, second])
    assert (answer["upto"], of(answer, "outcome")) == (3, [("POSTED",), ("POSTED",)])
    assert [sequence for sequence, _ in await store.verbs(pda)] == [1, 2, 3]
    assert await store.fates(pda) == ["DUPLICATE"] * 3


async def test_a_gap_is_given_up_after_five_days_and_what_comes_later_is_still_taken(store, pda, dock):
    capture, policies = store.served.app.parts.capture, store.served.app.parts.policies
    first, lost, third, fourth = (pda.scan("inbound", item="MILK", place=dock) for _ in range(4))
    await store.send(pda, [first, third, fourth])

    async def strike():
        return await capture.give_up(lambda role: verbs(policies.mask(frozenset({role}))))

    await strike()
    assert [sequence for sequence, _ in await store.verbs(pda)] == [1]
    await store.fetch("update captured set received_at = received_at - interval '121 hours' where outcome = 'HELD'")
    assert await strike() == 2
    assert [sequence for sequence, _ in await store.verbs(pda)] == [1, 3, 4]
    [flags] = {tuple(row["flags"]) for row in await store.fetch(
        "select flags from captured where sequence in (3, 4) and organisation_id = $1", store.id)}  # fmt: skip
    assert flags == ("OUT_OF_ORDER",)
    assert (await store.send(pda, []))["upto"] == 4
    answer = await store.send(pda, [lost])
    assert of(answer, "outcome", "flags") == [("POSTED", ["OUT_OF_ORDER"])]
    assert await store.there("MILK", dock) == "4"


async def test_a_cloned_device_is_a_fork(store, pda, dock):
    pda.scan("inbound", item="MILK", place=dock)
    clone = type(pda)(pda.reference, pda.epoch, pda.secret, pda.token)
    clone.queue.append(pda.queue[0])
    clone._seal = pda._seal
    pda.scan("inbound", item="MILK", quantity="2", place=dock)
    clone.scan("inbound", item="MILK", quantity="9", place=dock)
    clone.scan("inbound", item="MILK", quantity="9", place=dock)
    assert await store.fates(pda) == ["POSTED", "POSTED"]
    answer = await store.send(clone)
    assert of(answer, "outcome") == [("DUPLICATE",), ("FORK",), ("FORK",)]
    assert "cloned" in answer["results"][1]["message"]
    assert await store.there("MILK", dock) == "3"
    assert len(await store.tasks()) == 1  # one, however often it comes
    again = await store.send(clone)
    assert of(again, "outcome") == of(answer, "outcome")
    assert len(await store.tasks()) == 1
    kept = await store.fetch(
        "select sequence, outcome from captured where organisation_id = $1 order by sequence, outcome", store.id
    )
    assert [tuple(row) for row in kept] == [(1, "POSTED"), (2, "FORK"), (2, "POSTED"), (3, "FORK")]


async def test_what_was_changed_on_the_way_is_tampered_and_the_rest_waits(store, pda, dock):
    first = pda.scan("inbound", item="MILK", quantity="1", place=dock)
    pda.scan("inbound", item="MILK", quantity="2", place=dock)
    forged = {**first, "scan": first["scan"].replace('"quantity": "1"', '"quantity": "100"')}
    answer = await store.send(pda, [forged, pda.queue[1]])
    assert of(answer, "outcome") == [("TAMPERED",), ("HELD",)]
    assert await store.verbs(pda) == []
    second = pda.queue[1]
    assert await store.fates(pda, {**second, "scan": second["scan"] + " "}) == ["TAMPERED"]
    swapped = {**first, "sequence": 2}
    strange = {**first, "seal": "not a seal", "previous": "\0"}
    assert await store.fates(pda, swapped, strange) == ["TAMPERED", "TAMPERED"]
    assert await store.fates(pda, first) == ["POSTED"]
    assert [sequence for sequence, _ in await store.verbs(pda)] == [1, 2]


async def test_an_event_under_another_number_stands_in_nobodys_way(store, pda, dock):
    first, second, third, fourth = (pda.scan("inbound", item="MILK", quantity=str(n), place=dock) for n in (1, 2, 3, 4))
    assert await store.fates(pda, {**second, "sequence": 4}) == ["HELD"]
    assert await store.fates(pda, first, second, third, fourth) == ["POSTED"] * 4
    assert await store.there("MILK", dock) == "10"
    assert len(await store.tasks()) == 1
    outcomes = await store.fetch(
        "select outcome from captured where organisation_id = $1 and sequence = 4 order by 1", store.id
    )
    assert [row["outcome"] for row in outcomes] == ["FORK", "POSTED"]


async def test_what_only_claims_to_be_next_waits_and_is_found_out(store, pda, dock):
    first, second, third = (pda.scan("inbound", item="MILK", quantity=str(n), place=dock) for n in (1, 2, 3))
    assert await store.fates(pda, {**third, "sequence": 2}) == ["HELD"]
    assert await store.fates(pda, first) == ["POSTED"]
    assert await store.there("MILK", dock) == "1"
    assert await store.fates(pda, second, third) == ["POSTED", "POSTED"]
    assert await store.there("MILK", dock) == "6"


async def test_what_is_sealed_rightly_but_is_no_event_is_unreadable_and_stops_nobody(store, pda, dock):
    nine = {f"x{number}": "1" for number in range(8)} | {"action": "inbound"}
    for text in (
        json.dumps(pda.event(nine)),
        "no JSON at all",
        json.dumps(pda.event({"action": "inbound", "item": "x" * 9000})),
        json.dumps(pda.event({})),
        json.dumps(pda.event({"action": "inbound", "quantity": "1e9"})),
        '{"a": "\0"}',
    ):
        pda.say(text)
    pda.scan("inbound", item="MILK", place=dock)
    answer = await store.send(pda)
    assert (answer["upto"], of(answer, "outcome")) == (7, [("UNREADABLE",)] * 6 + [("POSTED",)])
    assert answer["results"][0]["message"] == "an event has 1 to 8 labels"
    assert answer["results"][4]["code"] == "BAD_QUANTITY"
    again = await store.send(pda)
    assert again["results"][:6] == answer["results"][:6]
    assert len(await store.tasks("REFUSED")) == 6


async def test_t27_an_unknown_label_is_kept_or_refused_as_the_device_is_set(store, pda, dock):
    eight = {f"x{number}": "1" for number in range(5)} | {"item": "MILK", "place": dock}
    pda.scan("inbound", **eight)
    assert await store.fates(pda) == ["POSTED"]
    await store.fetch(
        "insert into device_setting (organisation_id, device_id, unknown_labels) values ($1, null, 'REFUSE')", store.id
    )
    pda.scan("inbound", **eight)
    [result] = (await store.send(pda, pda.queue[1:]))["results"]
    assert (result["outcome"], result["code"]) == ("REFUSED", "BAD_INPUT")
    assert "label x0" in result["message"]


async def test_a_refusal_is_told_again_in_the_same_words_and_leaves_one_task(store, pda, dock):
    pda.scan("inbound", item="UNHEARD-OF", place=dock)
    first = await store.send(pda)
    [result] = first["results"]
    assert (result["outcome"], result["code"], result["transient"]) == ("REFUSED", "ITEM_UNKNOWN", False)
    assert (await store.send(pda))["results"] == first["results"]
    [task] = await store.tasks()
    assert result["task"] == f"gid://stockbook/Task/{task['id']}"
    assert (task["kind"], json.loads(task["said"])["item"]) == ("REFUSED", "UNHEARD-OF")


async def test_a_chain_over_several_events_stands_or_falls_whole(store, pda, dock, bin_):
    await store.send(pda, [pda.scan("inbound", item="MILK", quantity="10", place=dock)])
    good = {"chain": "swap-1"}
    pda.scan("put_away", item="MILK", quantity="4", source=dock, shelf=bin_, like=good)
    pda.scan("move", item="MILK", quantity="4", source=bin_, place="NOWHERE", like=good)
    pda.scan("put_away", item="MILK", quantity="5", source=dock, shelf=bin_)
    answer = await store.send(pda, pda.queue[1:])
    assert of(answer, "outcome", "code") == [
        ("REFUSED", "CHAIN_FAILED"), ("REFUSED", "PLACE_UNKNOWN"), ("POSTED", None)
    ]  # fmt: skip
    assert answer["results"][0]["task"] == answer["results"][1]["task"] is not None
    assert await store.there("MILK", bin_) == "5"


async def test_a_chain_that_a_batch_cuts_waits_for_its_rest(store, pda, dock, bin_):
    alone = pda.scan("inbound", item="MILK", quantity="10", place=dock)
    linked = [
        pda.scan("put_away", item="MILK", quantity="1", source=dock, shelf=bin_, like={"chain": "c"}) for _ in range(3)
    ]
    answer = await store.send(pda, [alone, *linked[:2]], more=True)
    assert (answer["upto"], of(answer, "outcome")) == (1, [("POSTED",), ("HELD",), ("HELD",)])
    assert await store.fates(pda, linked[2]) == ["POSTED"]
    assert await store.there("MILK", bin_) == "3"
    assert (await store.send(pda, []))["upto"] == 4


async def test_a_chain_that_waited_is_over_when_the_device_says_so(store, pda, dock, bin_):
    linked = [pda.scan("inbound", item="MILK", place=dock, like={"chain": "c"}) for _ in range(2)]
    assert await store.fates(pda, *linked, more=True) == ["HELD", "HELD"]
    assert await store.fates(pda, linked[1]) == ["POSTED"]
    assert await store.there("MILK", dock) == "2"


async def test_a_fork_is_told_even_where_a_refusal_was(store, pda, dock):
    clone = type(pda)(pda.reference, pda.epoch, pda.secret, pda.token)
    pda.scan("inbound", item="UNHEARD-OF", place=dock)
    clone.scan("inbound", item="MILK", place=dock)
    assert await store.fates(pda) == ["REFUSED"]
    assert await store.fates(clone) == ["FORK"]
    assert [task["note"][:20] for task in await store.tasks()] == ["there is no such ite", "this sequence, or th"]


async def test_what_waits_is_taken_up_however_much_it_is(store, pda, dock, monkeypatch):
    monkeypatch.setattr(devices, "HELD_MAX", 260)
    for _ in range(620):
        pda.scan("inbound", item="MILK", place=dock)
    for start in (1, 251, 501):
        await store.send(pda, pda.queue[start : start + 250])
    answer = await store.send(pda, pda.queue[:1])
    assert answer["upto"] == 620
    assert await store.there("MILK", dock) == "620"


async def test_a_time_is_the_servers_whatever_the_device_believes(store, pda, dock):
    parts = store.served.app.parts
    [now] = await store.fetch("select now() as now")
    await store.fetch("update enrolment set enrolled_at = enrolled_at - interval '1 day'")
    pda.wall = now["now"] + timedelta(days=400)  # a clock that is far ahead
    pda.scan("inbound", item="MILK", place=dock)
    pda.passes(hours=2)
    pda.scan("inbound", item="MILK", place=dock)
    answer = await store.send(pda)
    assert of(answer, "flags") == [([],), ([],)]
    times = [row["occurred_at"] for row in await store.fetch(
        "select occurred_at from movement where key like $1 order by id", f"scan:{pda.reference}:%")]  # fmt: skip
    assert timedelta(hours=2) <= times[1] - times[0] < timedelta(hours=2, seconds=1)
    [after] = await store.fetch("select now() as now")
    assert times[1] <= after["now"]
    pda.wall -= timedelta(days=800)  # and set back
    pda.scan("inbound", item="MILK", place=dock)
    pda.wall += timedelta(days=400)  # and right at last
    answer = await store.send(pda, pda.queue[2:])
    assert of(answer, "flags") == [(["CLOCK"],)]
    pda.scan("inbound", item="MILK", place=dock)
    pda.wall -= timedelta(days=30)  # set while it runs: its uptime tells
    answer = await store.send(pda, pda.queue[3:], uptime=pda.uptime, boot=pda.boot)
    assert of(answer, "flags") == [([],)]
    assert parts is store.served.app.parts


async def test_late_entries_are_flagged_and_a_closed_period_refuses_them(store, pda, dock):
    await store.fetch("update enrolment set enrolled_at = enrolled_at - interval '30 days'")
    pda.wall -= timedelta(hours=100)
    pda.scan("inbound", item="MILK", place=dock)
    pda.passes(hours=100)
    answer = await store.send(pda)
    assert of(answer, "outcome", "flags") == [("POSTED", ["LATE"])]
    await store.served.register(
        "closePeriod", {"closedBefore": (pda.wall - timedelta(hours=1)).isoformat()}, organisation=store.id
    )
    pda.wall -= timedelta(hours=90)
    pda.scan("inbound", item="MILK", place=dock)
    pda.wall += timedelta(hours=90)
    [result] = (await store.send(pda, pda.queue[1:]))["results"]
    assert (result["outcome"], result["code"]) == ("REFUSED", "PERIOD_CLOSED")
    assert result["task"] is not None
