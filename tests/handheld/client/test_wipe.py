"""A device is wiped from afar (F42): told at its next exchange, drained first or not, and shut out."""

import asyncio
import base64
import json

import pytest

from handheld.client import wiping
from handheld.client.enrolment import Enrolment
from handheld.client.sync import Sync
from handheld.client.transport import Trouble
from handheld.outbox.entry import Written
from handheld.outbox.limits import Reason
from stockbook.domain.capture import wipe
from stockbook.domain.capture.wipe import WipeMode
from stockbook.store.verify import verify
from tests.capture.phone import CAPTURE, shop
from tests.handheld.client.device import device as modelled
from tests.handheld.client.model import REFERENCE, SECRETS, Model, serving
from tests.handheld.client.pda import Network, Pda, device, enrolled

WIPE = """mutation($input: WipeDevicesInput!) { wipeDevices(input: $input) {
  errors { code message path } results { outcome id } } }"""
WIPES = """query($device: ID!) { device(id: $device) { wipes { mode reason orderedBy { name } orderedAt wipedAt
  upto sequence unsent epoch } } }"""


async def order(store, reference, mode, reason="left on the train", role="org_admin"):
    line = {"device": reference, "mode": mode, "reason": reason}
    return (await store.served.ask(WIPE, store.id, role, input={"lines": [line]}))["wipeDevices"]


async def ordered(store, reference, mode):
    payload = await order(store, reference, mode)
    assert not payload["errors"], payload
    await store.served.app._http._gate.members.look()


async def wipes(store, reference):
    return (await store.served.ask(WIPES, store.id, "org_admin", device=reference))["device"]["wipes"]


async def ended(pda):
    """Take steps until the device says that it is wiped."""
    for _ in range(100):
        step = await asyncio.to_thread(pda.sync.step)
        if step.ended:
            return step
        assert step.failed is None or step.failed.trouble is Trouble.OFFLINE, step
    raise AssertionError(step)


def nothing_left(folder, *texts):
    """No file of the device has any of these in it."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [text for text in texts if text.encode() in content], path


async def test_f42_a_lost_device_hands_over_what_waits_erases_all_and_is_shut_out(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-WIPE")
    async with device(tmp_path, store, "PDA-WIPE") as pda:
        await pda.exchange()
        kept = pda.keystore.load()
        assert pda.replica.items > 0
        await ordered(store, "PDA-WIPE", "DRAIN_FIRST")
        pda.scan("inbound", item="MILK", quantity="5", place="SHOP-WIPE/DOCK")  # before it hears of it
        await ended(pda)
        assert pda.sync.wiped == wiping.Wiped("left on the train", 0)
        assert pda.keystore.load() is None
        assert (pda.replica.items, pda.replica.cursor, pda.journal.unknown()) == (0, "", [])
        refused = pda.journal.append(Written({"action": "count", "item": "MILK", "quantity": "1"}))
        assert refused.reason is Reason.WIPING
        await asyncio.to_thread(pda.close)
        nothing_left(tmp_path, kept.secret, kept.token, "MILK", "纯牛奶", "SHOP-WIPE/DOCK")
    assert await store.there("MILK", "SHOP-WIPE/DOCK") == "5"
    [told] = await wipes(store, "PDA-WIPE")
    assert (told["mode"], told["reason"], told["unsent"], told["upto"]) == ("DRAIN_FIRST", "left on the train", 0, 1)
    assert told["wipedAt"] and told["orderedAt"]
    await stockbook.app._http._gate.members.look()
    answer = await stockbook.http.post(
        "/graphql", json={"query": "{ me { id } }"}, headers={"authorization": f"Bearer {kept.token}"}
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await verify(stockbook.app.parts.beside) == []


async def test_f42_a_stolen_device_is_shut_out_at_once_and_says_what_it_could_not_send(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-STOLEN")
    async with device(tmp_path, store, "PDA-STOLEN") as pda:
        pda.scan("inbound", item="MILK", quantity="1", place="SHOP-STOLEN/DOCK")
        await pda.exchange()
        kept = pda.keystore.load()
        for _ in range(3):
            pda.scan("inbound", item="MILK", quantity="10", place="SHOP-STOLEN/DOCK")
        await ordered(store, "PDA-STOLEN", "AT_ONCE")
        headers = {"authorization": f"Bearer {kept.token}"}
        asked = {"query": "{ items { nodes { name } } positions { nodes { id } } }"}
        answer = (await stockbook.http.post("/graphql", json=asked, headers=headers)).json()
        assert "data" not in answer or not any(answer["data"].values()), "its token shows nothing any more"
        await ended(pda)
        assert pda.sync.wiped.unsent == 3
    assert await store.there("MILK", "SHOP-STOLEN/DOCK") == "1", "nothing of it was sent"
    [told] = await wipes(store, "PDA-STOLEN")
    assert (told["upto"], told["sequence"], told["unsent"]) == (1, 4, 3)
    [task] = await store.tasks("REFUSED")
    assert "3 events unsent" in task["note"] and "number 4" in task["note"]
    assert await verify(stockbook.app.parts.beside) == []


async def test_a_stolen_device_that_never_comes_back_is_told_of_by_what_it_said_last(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-GONE")
    async with device(tmp_path, store, "PDA-GONE") as pda:
        pda.scan("inbound", item="MILK", quantity="1", place="SHOP-GONE/DOCK")
        await pda.exchange()
        pda.scan("inbound", item="MILK", quantity="1", place="SHOP-GONE/DOCK")
        await asyncio.to_thread(pda.sync._report)
    await ordered(store, "PDA-GONE", "AT_ONCE")
    [told] = await wipes(store, "PDA-GONE")
    assert (told["wipedAt"], told["upto"], told["sequence"], told["unsent"]) == (None, 1, 2, 1)


async def test_enrolled_anew_it_is_another_device_and_the_lost_one_is_wiped_all_the_same(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-ANEW")
    (tmp_path / "lost").mkdir()
    (tmp_path / "new").mkdir()
    network = Network(stockbook.address)
    with serving(network.answer) as address:
        lost = Pda(tmp_path / "lost", await enrolled(store, "PDA-ANEW", address))
        await lost.exchange()
        await ordered(store, "PDA-ANEW", "DRAIN_FIRST")
        new = Pda(tmp_path / "new", await enrolled(store, "PDA-ANEW", address))
        await store.served.app._http._gate.members.look()
        assert new.keystore.load().epoch == 2
        new.scan("inbound", item="MILK", quantity="2", place="SHOP-ANEW/DOCK")
        await new.exchange()
        await ended(lost)
        assert lost.keystore.load() is None
        await new.exchange()
        assert new.sync.wiped is None and new.replica.items > 0
        lost.close()
        new.close()
    [told] = await wipes(store, "PDA-ANEW")
    assert (told["epoch"], bool(told["wipedAt"])) == (1, True)
    assert await store.there("MILK", "SHOP-ANEW/DOCK") == "2"


async def test_replies_lost_and_a_restart_in_between_leave_it_wiped_and_drained_once(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-AGAIN")
    network = Network(stockbook.address)
    with serving(network.answer) as address:
        pda = Pda(tmp_path, await enrolled(store, "PDA-AGAIN", address))
        await pda.exchange()
        await ordered(store, "PDA-AGAIN", "DRAIN_FIRST")
        await asyncio.to_thread(pda.sync.step)
        while pda.keystore.load().order == "":
            await asyncio.to_thread(pda.sync.step)
            pda.now += 10
        for _ in range(90):
            assert pda.journal.append(Written({"action": "count"})).reason is Reason.WIPING
        pda.close()
        again = Pda(tmp_path, pda.keystore.load())  # switched off and on
        assert again.journal.append(Written({"action": "count"})).reason is Reason.WIPING
        network.lost = 40
        await ended(again)
        again.close()
    assert (tmp_path / "enrolment.json").exists() is False
    [told] = await wipes(store, "PDA-AGAIN")
    assert told["wipedAt"]


async def test_an_order_is_an_administrators_with_a_reason_once(stockbook):
    store = await shop(stockbook, "SHOP-ORDER")
    other = await shop(stockbook, "SHOP-ELSE")
    await store.enrol("PDA-ORDER")
    assert (await order(store, "PDA-ORDER", "AT_ONCE", role="storekeeper"))["errors"][0]["code"] == "ACTION_DENIED"
    assert (await order(other, "PDA-ORDER", "AT_ONCE"))["errors"][0]["code"] == "REFERENCE_UNKNOWN"
    assert (await order(store, "PDA-ORDER", "AT_ONCE", reason=" "))["errors"][0]["code"] == "BAD_INPUT"
    assert await store.fetch("select 1 from wipe where organisation_id = $1", store.id) == []
    outcomes = [
        (await order(store, "PDA-ORDER", mode))["results"][0]["outcome"]
        for mode in ("DRAIN_FIRST", "DRAIN_FIRST", "AT_ONCE", "AT_ONCE")
    ]
    assert outcomes == ["REGISTERED", "KNOWN", "REGISTERED", "KNOWN"]
    assert (await order(store, "PDA-ORDER", "AT_ONCE", reason="another"))["errors"][0]["code"] == "BAD_INPUT"
    assert [each["mode"] for each in await wipes(store, "PDA-ORDER")] == ["DRAIN_FIRST", "AT_ONCE"]


async def test_a_wiping_device_cannot_capture(stockbook):
    store = await shop(stockbook, "SHOP-SHUT")
    phone = await store.enrol("PDA-SHUT")
    phone.scan("inbound", item="MILK", place="SHOP-SHUT/DOCK")
    await ordered(store, "PDA-SHUT", "AT_ONCE")
    answer = await store.sent(phone.token, phone.batch())
    assert answer["errors"][0]["code"] == "ACTION_DENIED"
    assert await store.there("MILK", "SHOP-SHUT/DOCK") == "0"
    assert CAPTURE


@pytest.mark.parametrize("how", ["another secret", "another epoch", "another reason", "no seal"])
def test_nobody_but_the_server_can_order_it(tmp_path, how):
    secret = SECRETS[1] if how != "another secret" else b"x" * 32
    epoch = 2 if how == "another epoch" else 1
    seal = wipe.order(secret, REFERENCE, epoch, WipeMode.AT_ONCE, "a joke")
    said = {"mode": "AT_ONCE", "reason": "a joke", "seal": seal}
    said |= {"another reason": {"reason": "stolen"}, "no seal": {"seal": "é"}}.get(how, {})
    model = Model()
    model.wipes = [said]
    with serving(model.answer) as address, modelled(tmp_path, address) as pda:
        pda.scan(1)
        pda.exchange()
        assert pda.sync.wiped is None
        assert pda.keystore.load().order == ""


def test_what_a_restart_finds_half_erased_is_erased(tmp_path):
    secret = SECRETS[1]
    seal = wipe.order(secret, REFERENCE, 1, WipeMode.AT_ONCE, "stolen")
    model, rest = Model(), []
    with serving(model.answer) as address, modelled(tmp_path, address) as pda:
        pda.scan(1, 2)
        text = json.dumps({"mode": "AT_ONCE", "reason": "stolen", "seal": seal})
        keeping = Enrolment(address, REFERENCE, 1, base64.b64encode(secret).decode(), "token-1", order=text)
        pda.keystore.save(keeping)
        model.faults.dropped = 100
        sync = Sync(pda.journal, pda.replica, pda.keystore, pda.transport, erase=lambda: rest.append(1))
        step = sync.step()
        assert step.failed.trouble is Trouble.OFFLINE
        assert (sync.wiped.unsent, pda.keystore.load(), rest) == (2, None, [1]), "erased before anybody is told"
        model.faults.dropped = 0
        assert sync.step().ended
    assert [each["waiting"] for each in model.reports] == [2]
    assert model.reports[0]["wiped"] == seal
