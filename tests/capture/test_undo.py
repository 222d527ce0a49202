"""A scan is taken back by an event of its own: what it posted is reversed, once, and nothing else is."""

import json
import uuid


def event(sealed):
    return json.loads(sealed["scan"])


async def test_an_undo_in_the_same_batch_reverses_all_that_the_scan_posted(store, pda, dock, bin_):
    scan = pda.scan("inbound", item="TOMATO", quantity="2", batch="U1", place=dock, shelf=bin_, quality="pass")
    pda.scan("undo", undoes=event(scan)["id"])
    assert await store.fates(pda) == ["POSTED", "POSTED"]
    assert await store.verbs(pda) == [(1, "RECEIVE"), (1, "INSPECT"), (1, "PUT_AWAY"), *[(2, "REVERSE")] * 3]
    assert await store.there("TOMATO", bin_) == await store.there("TOMATO", dock) == "0"


async def test_an_undo_that_comes_later_finds_its_event_and_is_not_done_twice(store, pda, dock):
    scan = pda.scan("inbound", item="MILK", quantity="3", place=dock)
    assert await store.fates(pda, scan) == ["POSTED"]
    undo = pda.scan("undo", undoes=event(scan)["id"])
    assert await store.fates(pda, undo) == ["POSTED"]
    assert await store.there("MILK", dock) == "0"
    assert await store.fates(pda, undo) == ["DUPLICATE"]
    again = pda.scan("undo", undoes=event(scan)["id"])
    [answer] = (await store.send(pda, [again]))["results"]
    assert (answer["outcome"], answer["code"]) == ("REFUSED", "ALREADY_REVERSED")


async def test_another_quantity_is_an_undo_and_the_scan_anew_in_one_chain(store, pda, dock):
    scan = pda.scan("inbound", item="MILK", quantity="1", place=dock)
    pda.scan("undo", undoes=event(scan)["id"], like={"chain": "c1"})
    pda.scan("inbound", item="MILK", quantity="12", place=dock, like={"chain": "c1"})
    assert await store.fates(pda) == ["POSTED"] * 3
    assert await store.there("MILK", dock) == "12"


async def test_what_posted_nothing_is_taken_back_by_saying_so(store, pda, dock):
    scan = pda.scan("inbound", item="NOTHING", place=dock)
    pda.scan("undo", undoes=event(scan)["id"])
    assert await store.fates(pda) == ["REFUSED", "POSTED"]
    later = pda.scan("undo", undoes=event(scan)["id"])
    assert await store.fates(pda, later) == ["POSTED"]
    assert await store.verbs(pda) == []


async def test_an_undo_of_nobodys_event_is_refused_and_one_that_does_not_stand_alone_too(store, pda, dock):
    pda.scan("undo", undoes=str(uuid.uuid4()))
    pda.scan("undo+inbound", undoes=str(uuid.uuid4()), item="MILK", place=dock)
    pda.scan("undo")
    answer = await store.send(pda)
    assert [(each["outcome"], each["code"]) for each in answer["results"]] == [
        ("REFUSED", "MOVEMENT_UNKNOWN"),
        ("REFUSED", "BAD_INPUT"),
        ("REFUSED", "BAD_INPUT"),
    ]


async def test_a_device_takes_back_its_own_scans_and_no_other_devices(store, pda, dock):
    other = await store.enrol(f"OTHER-{store.name}")
    scan = other.scan("inbound", item="MILK", quantity="4", place=dock)
    assert await store.fates(other) == ["POSTED"]
    pda.scan("undo", undoes=event(scan)["id"])
    assert (await store.send(pda))["results"][0]["code"] == "MOVEMENT_UNKNOWN"
    assert await store.there("MILK", dock) == "4"
