"""A device works at its sites alone: what it scans elsewhere is refused, each by itself, and reaches a person."""

import json

import pytest

from tests.capture.phone import Phone, Shop

DENIED = "SITE_DENIED"


@pytest.fixture
async def two(store, serving) -> Shop:
    """A shop with a second site, and a vehicle between them."""
    name, place = store.name, {"organisation": store.name, "name": "Place", "strict": True}
    await serving.register("registerPlaces", {**place, "externalReference": f"{name}/OTHER", "kind": "SITE"})
    await serving.register(
        "registerPlaces",
        {**place, "externalReference": f"{name}/FAR", "kind": "BIN", "parent": f"{name}/OTHER"},
        {**place, "externalReference": f"{name}/VAN", "kind": "VEHICLE", "boundFor": f"{name}/OTHER"},
    )
    return store


@pytest.fixture
async def limited(two) -> Phone:
    """A device of the first site."""
    return await two.enrol(f"PDA-L-{two.name}", sites=[f"{two.name}/SITE"])


async def test_a_scan_at_another_site_is_refused_by_itself_and_reaches_a_person(two, limited, dock):
    far = f"{two.name}/FAR"
    limited.scan("inbound", item="MILK", quantity="3", place=dock)
    limited.scan("inbound", item="MILK", quantity="5", place=far)
    limited.scan("move", item="MILK", quantity="1", source=dock, place=far)
    limited.scan("count", item="MILK", quantity="7", seen="0", place=far)
    limited.scan("inbound", item="MILK", quantity="1", place=dock)
    results = (await two.send(limited))["results"]
    assert [(each["outcome"], each["code"]) for each in results] == [
        ("POSTED", None), ("REFUSED", DENIED), ("REFUSED", DENIED), ("REFUSED", DENIED), ("POSTED", None),
    ]  # fmt: skip
    assert (await two.there("MILK", dock), await two.there("MILK", far)) == ("4", "0")
    assert len(await two.tasks("REFUSED")) == 3
    assert all(each["task"] for each in results if each["outcome"] == "REFUSED")


async def test_goods_are_given_to_a_vehicle_bound_for_elsewhere_from_ones_own_site(two, limited, dock):
    limited.scan("inbound", item="MILK", quantity="3", place=dock)
    limited.scan("put_away", item="MILK", quantity="3", source=dock, shelf=f"{two.name}/A03-05")
    limited.scan("dispatch", item="MILK", quantity="2", source=f"{two.name}/A03-05", place=f"{two.name}/VAN")
    assert await two.fates(limited) == ["POSTED"] * 3


async def test_an_undo_of_its_own_scan_needs_no_more_than_the_scan(two, limited, dock):
    scan = limited.scan("inbound", item="MILK", quantity="3", place=dock)
    assert await two.fates(limited, scan) == ["POSTED"]
    assert await two.fates(limited, limited.scan("undo", undoes=json.loads(scan["scan"])["id"])) == ["POSTED"]
    assert await two.there("MILK", dock) == "0"


async def test_another_organisations_place_is_as_unknown_as_one_that_is_not(two, limited, serving):
    await serving.register("registerOrganisations", {"externalReference": f"X-{two.name}", "name": "X", "kind": "SHOP"})
    theirs = f"X-{two.name}/SITE"
    await serving.register(
        "registerPlaces",
        {"organisation": f"X-{two.name}", "externalReference": theirs, "name": "X", "kind": "SITE", "strict": True},
    )
    for place in (theirs, "NOWHERE"):
        limited.scan("inbound", item="MILK", place=place)
    results = (await two.send(limited))["results"]
    assert [(each["code"], each["message"]) for each in results] == [("PLACE_UNKNOWN", "there is no such place")] * 2


POST = """mutation($input: %sInput!) { %s(input: $input) { errors { code path } } }"""


async def say(two, verb, *lines, key="k"):
    """Post as a person limited to the first site."""
    kind = verb[0].upper() + verb[1:]
    site = await two.fetch("select id from place where external_reference = $1", f"{two.name}/SITE")
    headers = two.served.bearer(two.id, "org_admin", sites=(site[0]["id"],))
    given = {"lines": list(lines)} | ({} if verb.endswith(("Tasks", "Task", "Counts")) else {"key": f"{verb}{key}"})
    asked = {"query": POST % (kind, verb), "variables": {"input": given}}
    answer = (await two.served.http.post("/graphql", json=asked, headers=headers)).json()
    assert "errors" not in answer, answer
    return [each["code"] for each in answer["data"][verb]["errors"]]


async def test_what_is_typed_in_keeps_to_the_sites_of_ones_role_too(two, dock):
    far, item = f"{two.name}/FAR", {"item": "MILK", "quantity": "2"}
    assert await say(two, "receive", {**item, "place": far}) == [DENIED]
    assert await say(two, "receive", {**item, "place": dock}) == []
    await two.served.post("receive", two.id, {**item, "place": f"{two.name}/OTHER"})
    rows = await two.fetch("select max(id) as id from movement where organisation_id = $1", two.id)
    assert await say(two, "reverse", {"movement": f"gid://stockbook/Movement/{rows[0]['id']}"}) == [DENIED]
    assert await say(two, "reserve", {**item, "site": f"{two.name}/OTHER"}) == [DENIED]
    assert await say(two, "changeState", {**item, "place": far, "fromState": "RECEIVED", "toState": "DAMAGED"}) == [
        DENIED
    ]
    assert await two.there("MILK", f"{two.name}/OTHER") == "2"


async def test_tasks_of_other_sites_are_neither_opened_nor_taken_nor_counted(two):
    far = f"{two.name}/FAR"
    task = {"externalReference": f"T-{two.name}", "kind": "COUNT", "place": far, "lines": [{"item": "MILK"}]}
    assert await say(two, "openTasks", task) == [DENIED]
    await two.served.register("openTasks", task, organisation=two.id)
    assert await say(two, "takeTask", {"task": f"T-{two.name}"}) == ["TASK_UNKNOWN"]
    counted = {"task": f"T-{two.name}", "item": "MILK", "counted": "3"}
    assert await say(two, "recordCounts", counted) == ["TASK_UNKNOWN"]
    assert await two.there("MILK", far) == "0"
