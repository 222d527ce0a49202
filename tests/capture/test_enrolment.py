"""Enrolling devices: who may, what they are given, and what an epoch that has ended is worth."""

from datetime import UTC, datetime, timedelta

from stockbook.api.members import Members
from tests.capture.phone import CAPTURE, phone, shop


async def test_an_administrator_enrols_a_device_and_it_is_told_its_settings_once(store):
    answer = await store.enrolment("PDA-A", "storekeeper", model="TC22", system="ANDROID", systemVersion="13")
    [result] = answer["results"]
    assert (result["reference"], result["epoch"]) == ("PDA-A", 1)
    assert (result["entriesMax"], result["hoursMax"], result["unknownLabels"]) == (50_000, 72, "KEEP")
    assert (result["cache"], result["below"]) == (True, [])
    assert len(phone(result).secret) == 32
    lasts = datetime.fromisoformat(result["tokenExpiresAt"]) - datetime.now(UTC)
    assert timedelta(days=29) < lasts <= timedelta(days=30)
    rows = await store.fetch("select * from enrolment e join device d on d.id = e.device_id")
    assert all(phone(result).secret not in dict(row).values() for row in rows), "the database keeps no secret"
    [kind] = await store.fetch("select kind from principal where external_reference = 'PDA-A'")
    assert kind["kind"] == "DEVICE"


async def test_a91_a_device_below_the_line_is_marked(store):
    await store.fetch("insert into device_setting (organisation_id, app_min) values ($1, '1.2')", store.id)
    old = await store.enrolment("PDA-B", "storekeeper", system="ANDROID", systemVersion="11", appVersion="1.10")
    assert old["results"][0]["below"] == ["SYSTEM"]
    older = await store.enrolment("PDA-C", "storekeeper", system="IOS", systemVersion="15.8", appVersion="1.1.9")
    assert older["results"][0]["below"] == ["SYSTEM", "APP"]


async def test_a93_a94_a_device_has_the_settings_of_its_organisation_or_its_own(store):
    first = await store.enrolment("PDA-D", "storekeeper")
    device = int(first["results"][0]["device"].rpartition("/")[2])
    await store.fetch(
        "insert into device_setting (organisation_id, device_id, entries_max, hours_max)"
        " values ($1, null, 1000, 24), ($1, $2, null, 12)",
        store.id,
        device,
    )
    [result] = (await store.enrolment("PDA-D", "storekeeper"))["results"]
    assert (result["entriesMax"], result["hoursMax"]) == (1000, 12)


async def test_one_enrols_only_to_roles_that_may_do_no_more_than_ones_own(store):
    assert (await store.enrolment("PDA-E", "storekeeper", by="storekeeper"))["errors"][0]["code"] == "ACTION_DENIED"
    assert (await store.enrolment("PDA-E", "network_admin"))["errors"][0]["code"] == "ACTION_DENIED"
    assert not await store.fetch("select 1 from principal where external_reference = 'PDA-E'")


async def test_a_reference_of_another_organisation_is_taken(store, serving):
    other = await shop(serving, "OTHER-SHOP")
    await other.enrol("PDA-F")
    answer = await store.enrolment("PDA-F", "storekeeper")
    assert (answer["errors"][0]["code"], answer["results"][0]["secret"]) == ("BAD_INPUT", None)


async def test_a_new_epoch_begins_at_1_and_the_old_one_is_refused_by_name(store, dock):
    old = await store.enrol("PDA-G")
    sent = old.scan("inbound", item="MILK", place=dock)
    unsent = old.scan("inbound", item="MILK", quantity="7", place=dock)
    assert await store.fates(old, sent) == ["POSTED"]
    new = await store.enrol("PDA-G")
    assert (new.epoch, new.secret != old.secret) == (2, True)
    assert await store.fates(new, new.scan("inbound", item="MILK", place=dock)) == ["POSTED"]
    old.token = new.token
    answer = await store.send(old, [sent, unsent])
    assert [each["outcome"] for each in answer["results"]] == ["DUPLICATE", "REFUSED"]
    assert answer["results"][1]["code"] == "ENROLMENT_ENDED"
    assert answer["results"][1]["task"] is not None
    assert answer["upto"] == 2
    assert (await store.send(old, [unsent]))["results"] == answer["results"][1:]
    assert await store.there("MILK", dock) == "2"


async def test_tokens_of_an_ended_epoch_open_nothing(store, serving, dock):
    old = await store.enrol("PDA-H")
    stolen = old.token
    new = await store.enrol("PDA-H")
    members = next(each for each in _members(serving))
    await members.look()
    answer = await serving.http.post(
        "/graphql", json={"query": "{ me { id } }"}, headers={"authorization": f"Bearer {stolen}"}
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await store.fates(new, new.scan("inbound", item="MILK", place=dock)) == ["POSTED"]


async def test_revoking_its_membership_locks_a_device_out_at_once(store, serving, dock):
    device = await store.enrol("PDA-I")
    await serving.register("revokeMemberships", {"principal": "PDA-I", "role": "storekeeper"}, organisation=store.id)
    await next(_members(serving)).look()
    device.scan("inbound", item="MILK", place=dock)
    answer = await serving.http.post(
        "/graphql",
        json={"query": CAPTURE, "variables": {"input": device.batch()}},
        headers={"authorization": f"Bearer {device.token}"},
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await store.there("MILK", dock) == "0"


async def test_a_token_that_ends_soon_is_replaced_with_the_answer(store, serving, dock):
    device = await store.enrol("PDA-J")
    assert (await store.send(device, []))["token"] is None
    [row] = await store.fetch("select id from principal where external_reference = 'PDA-J'")
    device.token = serving.app.parts.tokens.issue(
        principal=row["id"], organisation=store.id, roles={"storekeeper"}, lifetime_seconds=5 * 86_400, epoch=1
    )
    answer = await store.send(device, [])
    device.token = answer["token"]
    assert datetime.fromisoformat(answer["tokenExpiresAt"]) > datetime.now(UTC) + timedelta(days=29)
    assert await store.fates(device, device.scan("inbound", item="MILK", place=dock)) == ["POSTED"]


def _members(serving):
    """Return who watches memberships."""
    gate = serving.app._http._gate
    assert isinstance(gate.members, Members)
    yield gate.members
