"""What was scanned is a fact, what a device sets is compared with what it saw; each conflict reaches a person."""


async def stocked(store, pda, quantity, place, item="MILK", **more):
    pda.scan("inbound", item=item, quantity=quantity, place=place, shelf=place, **more)
    assert await store.fates(pda, pda.queue[-1]) == ["POSTED"]


async def test_goods_that_the_books_lack_come_through_the_discrepancy_place(store, pda, dock, bin_):
    await stocked(store, pda, "3", bin_)
    pda.scan("pick", item="MILK", quantity="5", source=bin_, place=dock)
    [result] = (await store.send(pda, pda.queue[-1:]))["results"]
    assert (result["outcome"], result["flags"]) == ("POSTED", ["SHORTFALL"])
    [task] = await store.tasks()
    assert (task["kind"], result["task"]) == ("DISCREPANCY", f"gid://stockbook/Task/{task['id']}")
    assert (await store.there("MILK", bin_), await store.there("MILK", dock)) == ("0", "5")
    assert (await store.send(pda, pda.queue[-1:]))["results"][0]["flags"] == ["SHORTFALL"]  # told again


async def test_typed_in_the_same_is_refused_at_a_strict_place(store, pda, dock, bin_):
    await stocked(store, pda, "3", bin_)
    data = await store.served.ask(
        "mutation($i: MoveInput!) { move(input: $i) { errors { code } } }",
        store.id,
        "storekeeper",
        i={"key": "typed", "lines": [{"item": "MILK", "quantity": "5", "source": bin_, "place": dock}]},
    )
    assert data["move"]["errors"] == [{"code": "INSUFFICIENT_STOCK"}]


async def test_a_lot_that_nobody_booked_is_there_all_the_same(store, pda, dock, bin_):
    pda.scan("pick", item="MILK", batch="NEVER-SEEN", expiry="2027-05-01", source=bin_, place=dock)
    [result] = (await store.send(pda))["results"]
    assert (result["outcome"], result["flags"]) == ("POSTED", ["SHORTFALL"])
    [lot] = await store.fetch("select expiry from lot where code = 'NEVER-SEEN'")
    assert lot["expiry"].isoformat() == "2027-05-01"


async def test_a_fact_takes_what_is_promised_and_whoever_promised_is_told(store, pda, dock, bin_):
    await stocked(store, pda, "5", bin_)
    await store.served.post("reserve", store.id, {"item": "MILK", "quantity": "4", "site": f"{store.name}/SITE"})
    pda.scan("pick", item="MILK", quantity="3", source=bin_, place="SHOP-TRUCK")
    await store.served.register(
        "registerPlaces",
        {"externalReference": "SHOP-TRUCK", "name": "T", "kind": "VEHICLE", "organisation": store.name},
    )
    [result] = (await store.send(pda, pda.queue[-1:]))["results"]
    assert (result["outcome"], result["flags"]) == ("POSTED", ["SHORTFALL"])
    assert [task["kind"] for task in await store.tasks()] == ["SHORTFALL"]


async def test_a_promise_without_stock_is_still_refused(store, pda, bin_):
    data = await store.served.ask(
        "mutation($i: ReserveInput!) { reserve(input: $i) { errors { code } } }",
        store.id,
        i={"key": "p", "lines": [{"item": "MILK", "quantity": "1", "site": f"{store.name}/SITE"}]},
    )
    assert data["reserve"]["errors"] == [{"code": "EXCEEDS_AVAILABLE"}]


async def test_what_stands_against_it_still_does(store, pda, dock, bin_):
    pda.scan("inbound", item="TOMATO", quantity="5", batch="L1", place=dock)
    pda.scan("put_away", item="TOMATO", quantity="5", batch="L1", source=dock, shelf=bin_)
    results = (await store.send(pda))["results"]
    assert [each["code"] for each in results] == [None, "GUARD_NOT_MET"]
    assert results[1]["transient"] is True


async def test_t14_two_devices_count_one_bin_and_the_second_reaches_a_person(store, pda, bin_):
    await stocked(store, pda, "10", bin_)
    other = await store.enrol(f"SECOND-{store.name}")
    pda.scan("count", item="MILK", quantity="7", seen="10", place=bin_)
    other.scan("count", item="MILK", quantity="8", seen="10", place=bin_)
    assert await store.fates(pda, pda.queue[-1]) == ["POSTED"]
    [result] = (await store.send(other))["results"]
    assert (result["outcome"], result["code"]) == ("CONFLICT", "STALE_QUANTITY")
    [task] = await store.tasks("CONFLICT")
    assert (task["saw"], task["said"], task["books"]) == ("10", "8", "7")
    assert await store.there("MILK", bin_) == "7"
    assert (await store.send(other))["results"] == [result]


async def test_t14_the_earlier_count_that_comes_later_does_not_undo_the_other(store, pda, bin_):
    other = await store.enrol(f"SECOND-{store.name}")
    await store.fetch("update enrolment set enrolled_at = enrolled_at - interval '1 day'")
    pda.passes(hours=-3)
    other.passes(hours=-2)
    pda.scan("inbound", item="MILK", quantity="10", place=bin_, shelf=bin_)
    other.scan("count", item="MILK", quantity="8", seen="10", place=bin_)
    other.passes(hours=2)
    pda.passes(hours=2)
    pda.scan("count", item="MILK", quantity="7", seen="10", place=bin_)
    pda.passes(hours=1)
    assert await store.fates(pda) == ["POSTED", "POSTED"]
    assert await store.fates(other) == ["CONFLICT"]
    assert await store.there("MILK", bin_) == "7"


async def test_r12_a_count_is_judged_as_of_when_it_was_made(store, pda, dock, bin_):
    counter = await store.enrol(f"COUNTER-{store.name}")
    await store.fetch("update enrolment set enrolled_at = enrolled_at - interval '1 day'")
    pda.passes(hours=-3)
    counter.passes(hours=-2)
    pda.scan("inbound", item="MILK", quantity="10", place=bin_, shelf=bin_)
    counter.scan("count", item="MILK", quantity="9", seen="10", place=bin_)
    counter.passes(hours=2)
    pda.passes(hours=2)
    pda.scan("pick", item="MILK", quantity="4", source=bin_, place=dock)  # after the count, and in the books first
    pda.passes(hours=1)
    assert await store.fates(pda) == ["POSTED", "POSTED"]
    assert await store.there("MILK", bin_) == "6"
    assert await store.fates(counter) == ["POSTED"]
    assert await store.there("MILK", bin_) == "5"  # one was missing when it was counted


async def test_r12_a_count_that_saw_an_old_figure_is_a_conflict(store, pda, dock, bin_):
    await stocked(store, pda, "10", bin_)
    pda.scan("pick", item="MILK", quantity="4", source=bin_, place=dock)
    pda.scan("count", item="MILK", quantity="6", seen="10", place=bin_)
    assert await store.fates(pda, *pda.queue[-2:]) == ["POSTED", "CONFLICT"]
    [task] = await store.tasks("CONFLICT")
    assert (task["saw"], task["said"], task["books"]) == ("10", "6", "6")


async def test_t14_two_devices_set_different_states_and_a_person_sees_both(store, pda, bin_):
    await stocked(store, pda, "5", bin_)
    other = await store.enrol(f"SECOND-{store.name}")
    pda.scan("state", item="MILK", quantity="5", seen="SELLABLE", state="DAMAGED", place=bin_)
    other.scan("state", item="MILK", quantity="5", seen="SELLABLE", state="QUARANTINED", place=bin_)
    assert await store.fates(pda, pda.queue[-1]) == ["POSTED"]
    [result] = (await store.send(other))["results"]
    assert (result["outcome"], result["code"]) == ("CONFLICT", "STALE_STATE")
    [task] = await store.tasks("CONFLICT")
    assert (task["saw"], task["said"], task["books"]) == ("SELLABLE", "QUARANTINED", "DAMAGED")


async def test_t18_a125_a_receipt_without_its_production_identifier_is_refused_by_name(store, pda, dock):
    pda.scan("inbound", item="STENT", place=dock, like={"code": "0106901234567892", "symbology": "]C1"})
    [result] = (await store.send(pda))["results"]
    assert (result["outcome"], result["code"]) == ("REFUSED", "PRODUCTION_IDENTIFIER_MISSING")
    assert len(await store.tasks("REFUSED")) == 1
    pda.scan("inbound", item="STENT", place=dock, like={"code": "010690123456789221SN-77", "symbology": "]C1"})
    assert await store.fates(pda, pda.queue[-1]) == ["POSTED"]
    data = await store.served.ask(
        "mutation($i: ReceiveInput!) { receive(input: $i) { errors { code } } }",
        store.id,
        i={"key": "typed", "lines": [{"item": "STENT", "quantity": "1", "place": dock}]},
    )
    assert data["receive"]["errors"] == [{"code": "PRODUCTION_IDENTIFIER_MISSING"}]


async def test_more_arrived_than_was_sent_and_it_is_taken_in(store, pda, serving, dock):
    pda.scan("arrive", item="MILK", quantity="3", source=f"{store.name}/VAN", place=dock)
    await serving.register(
        "registerPlaces",
        {"externalReference": f"{store.name}/VAN", "name": "Van", "kind": "VEHICLE", "organisation": store.name},
    )
    [result] = (await store.send(pda))["results"]
    assert (result["outcome"], result["flags"]) == ("POSTED", ["SHORTFALL"])
    assert await store.there("MILK", dock) == "3"


async def test_the_state_may_be_held_and_the_hold_taken_off(store, pda, bin_):
    await stocked(store, pda, "5", bin_)
    pda.scan("hold", item="MILK", hold="FROZEN", quantity="2", place=bin_)
    pda.scan("unhold", item="MILK", hold="FROZEN", place=bin_)
    assert await store.fates(pda, *pda.queue[-2:]) == ["POSTED", "POSTED"]
    assert not await store.tasks()
