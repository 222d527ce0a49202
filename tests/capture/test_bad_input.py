"""Whatever is sent at the door: a clear no, nothing written, nothing disclosed."""

import json

import orjson
import pytest

from stockbook.access.principal import Principal
from stockbook.graph.execute import Request
from stockbook.store.verify import CHECKS
from tests.capture.phone import CAPTURE, Phone, shop


async def counts(store):
    tables = await store.fetch(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    return {row[0]: (await store.fetch(f'select count(*) from "{row[0]}"'))[0][0] for row in tables}


async def test_another_device_another_organisation_and_nobody_are_answered_alike(store, serving, pda, dock):
    pda.scan("inbound", item="MILK", place=dock)
    other = await store.enrol(f"OTHER-{store.name}")
    stranger = await (await shop(serving, f"STRANGE-{store.name}")).enrol(f"STRANGER-{store.name}")
    before = await counts(store)
    answers = [
        await store.sent(other.token, pda.batch()),
        await store.sent(stranger.token, pda.batch()),
        await store.sent(serving.token(store.id, "storekeeper"), pda.batch()),
        await store.sent(pda.token, {**pda.batch(), "device": "NO-SUCH-DEVICE"}),
        await store.sent(pda.token, {**pda.batch(), "epoch": 2}),
        await store.sent(pda.token, {**pda.batch(), "epoch": -1}),
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["errors"][0]["code"] == "ACTION_DENIED"
    assert (answers[0]["results"], answers[0]["upto"]) == ([], None)
    assert await counts(store) == before


async def test_a_role_that_may_not_send_scans_sends_none(store, serving, pda):
    token = serving.token(store.id, "auditor")
    answer = await store.sent(token, pda.batch([]))
    assert answer["errors"][0]["code"] == "ACTION_DENIED"


async def test_a_forged_seal_leaves_evidence_and_nothing_else(store, pda, dock):
    thief = Phone(pda.reference, pda.epoch, b"\1" * 32, pda.token)
    thief.scan("inbound", item="MILK", quantity="100", place=dock)
    assert await store.fates(thief) == ["TAMPERED"]
    assert await store.there("MILK", dock) == "0"
    [row] = await store.fetch("select outcome, scan from captured where organisation_id = $1", store.id)
    assert (row["outcome"], row["scan"]) == ("TAMPERED", thief.queue[0]["scan"])
    assert await store.fates(pda, pda.scan("inbound", item="MILK", place=dock)) == ["POSTED"]


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 0},
        {"sequence": -5},
        {"sequence": 2**53},
        {"previous": ""},
        {"seal": "\0" * 64},
        {"seal": "é" * 64},
        {"scan": "\0"},
        {"scan": "😀" * 10},
        {"scan": "x" * 100_000},
    ],
)
async def test_a_broken_event_is_tampered_and_stops_nobody(store, pda, dock, change):
    event = pda.scan("inbound", item="MILK", place=dock)
    assert await store.fates(pda, {**event, **change}) == ["TAMPERED"]
    assert await store.fates(pda, event) == ["POSTED"]


async def test_too_many_events_and_too_large_a_request_are_refused_whole(store, pda, dock):
    for _ in range(251):
        pda.scan("inbound", item="MILK", place=dock)
    before = await counts(store)
    answer = await store.sent(pda.token, pda.batch())
    assert [each["code"] for each in answer["errors"]] == ["TOO_MANY_LINES"]
    huge = {**pda.batch([]), "boot": "x" * (1 << 20)}
    said = await store.served.http.post(
        "/graphql",
        json={"query": CAPTURE, "variables": {"input": huge}},
        headers={"authorization": f"Bearer {pda.token}"},
    )
    assert said.status_code == 413 or said.json()["errors"]
    assert await counts(store) == before


@pytest.mark.parametrize("sent_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_no_clock_is_too_wrong(store, pda, dock, sent_at):
    wall = "9999-12-31T23:59:59+00:00" if sent_at.startswith("0001") else "0001-01-01T00:00:00+00:00"
    event = pda.event({"action": "inbound", "item": "MILK", "place": dock})
    pda.say(json.dumps({**event, "wall": wall}))
    answer = await store.sent(pda.token, {**pda.batch(), "sentAt": sent_at})
    assert [each["outcome"] for each in answer["results"]] == ["POSTED"]
    assert answer["results"][0]["flags"] == ["CLOCK"]


@pytest.mark.parametrize(
    "labels",
    [
        {"action": "count", "item": "MILK", "quantity": "1"},
        {"action": "count", "item": "MILK", "seen": "much"},
        {"action": "move", "item": "MILK", "place": "X"},
        {"action": "state", "item": "MILK", "place": "X", "state": "DAMAGED"},
        {"action": "state", "item": "MILK", "place": "X", "seen": "SELLABLE", "state": "NO_SUCH"},
        {"action": "inbound", "place": "X"},
        {"action": "inbound", "item": "MILK", "quantity": "0", "place": "SHOP"},
        {"action": "inbound", "item": "MILK", "expiry": "2027-01-01", "place": "SHOP"},
        {"action": "inbound", "item": "MILK", "batch": "x" * 64, "serial": "y" * 64, "place": "SHOP"},
        {"action": "hold", "item": "MILK", "place": "X"},
        {"action": "inbound", "item": "MILK", "document": "NO-SUCH", "place": "X"},
        {"action": "dispatch", "item": "MILK", "source": "X", "place": "Y", "reason": "x" * 200},
        {"x": "1"},
    ],
    ids=lambda labels: " ".join(labels.values())[:40],
)
async def test_what_says_too_little_is_refused_and_reaches_a_person(store, pda, labels):
    before = await counts(store)
    pda.scan(**labels)
    [result] = (await store.send(pda))["results"]
    assert result["outcome"] == "REFUSED", result
    assert result["message"]
    after = await counts(store)
    assert after["movement"] == before["movement"]
    assert after["task"] == before["task"] + 1


async def test_both_executors_answer_alike(store, serving, pda, dock):
    pda.scan("inbound", item="MILK", place=dock)
    pda.scan("inbound", item="UNKNOWN", place=dock)
    await store.send(pda)
    parts = serving.app.parts
    claims = parts.tokens.verify(pda.token)
    mask = parts.policies.mask(claims.roles)
    who = Principal(claims.principal, claims.organisation, claims.roles, (), claims.expires_at, mask.id, claims.epoch)
    for given in (pda.batch(), pda.batch([{**pda.queue[0], "scan": "no"}]), {**pda.batch(), "epoch": 9}):
        request = Request(CAPTURE, None, {"input": given})
        quick, thorough = [
            orjson.loads(await executor.execute(request, who, mask)) for executor in (parts.door, parts.graph)
        ]
        assert quick == thorough


async def test_verify_notices_what_is_wrong_with_scans(store, serving, pda, dock):
    for _ in range(3):
        pda.scan("inbound", item="MILK", place=dock)
    pda.scan("inbound", item="UNKNOWN", place=dock)
    await store.send(pda)
    async with serving.app.parts.beside.connection() as connection:
        for damage in (
            "update captured set outcome = 'POSTED' where sequence = 4 and organisation_id = $1",
            "update captured set outcome = 'REFUSED' where sequence = 1 and organisation_id = $1",
            "delete from captured where sequence = 2 and organisation_id = $1",
            "update captured set outcome = 'HELD' where sequence = 3 and organisation_id = $1",
            "delete from captured where sequence = 4 and organisation_id = $1",
        ):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(damage, store.id)
            assert await connection.fetch(CHECKS["scans"]), damage
            await transaction.rollback()
        assert not await connection.fetch(CHECKS["scans"])
