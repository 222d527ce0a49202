"""A whole gateway against the real server: its network is cut, its plug is pulled, and nothing is lost or doubled."""

import asyncio
import json
import random
import signal
import subprocess

import pytest

from stockbook.store.verify import verify
from tests.capture.phone import shop
from tests.handheld.gateway.process import COMMAND, ENVIRONMENT, Gateway, event
from tests.recognition.test_device import ALL, Torn

DOCK = "SHOP-BOX/DOCK"
EVENTS, KILLS = 100, 3


async def enrolment(store, reference, address):
    """Return the text of the gateway's QR code."""
    (result,) = (await store.enrolment(reference, "storekeeper"))["results"]
    said = {name: result[name] for name in ("reference", "epoch", "secret", "token", "modelKey")}
    return json.dumps({"address": address, **said})


async def test_what_fixed_devices_tell_reaches_the_books_once_though_network_and_power_fail(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-BOX")
    async with Torn(stockbook.address) as network:
        gateway = Gateway(tmp_path)
        await gateway.start("--enrolment", await enrolment(store, "BOX-1", network.address))
        standing = await gateway.until(lambda said: said["replica"]["ageSeconds"] is not None)
        assert (standing["device"], standing["queue"]["waiting"]) == ("BOX-1", 0)
        milk = await gateway.look("/codes", code="6921168509256")
        assert (milk["item"]["reference"], milk["item"]["units"], milk["unit"]) == ("MILK", {"case": "24"}, "piece")
        assert (await gateway.look("/codes", code=DOCK))["place"]["kind"] == "BIN"

        network.left = 0
        acknowledged = await pulled(gateway, [event(item="MILK", quantity="1", place=DOCK) for _ in range(EVENTS)])
        assert len(acknowledged) == EVENTS
        assert (await gateway.look("/codes", code="MILK"))["item"]["name"] == "纯牛奶 250ml", "known without network"
        standing = await gateway.look()
        assert standing["queue"]["waiting"] == EVENTS
        assert standing["replica"]["ageSeconds"] > 0
        assert int(await store.there("MILK", DOCK)) < EVENTS, "what was on its way when the network went, and no more"

        network.left = ALL
        standing = await gateway.until(lambda said: said["server"]["online"] and not said["queue"]["waiting"])
        assert (standing["queue"]["held"], standing["refused"]) == (0, [])
        assert await store.there("MILK", DOCK) == str(EVENTS)
        assert await verify(stockbook.app.parts.beside) == []
        async with asyncio.timeout(60):
            while (await gateway.look("/codes", code="MILK"))["onHand"] != str(EVENTS):
                await asyncio.sleep(0.1)
        assert await gateway.end() == 0


async def pulled(gateway, events):
    """Tell events one after another, each until it is acknowledged, while the plug is pulled again and again.

    Returns the numbers by the events' ids. What was acknowledged before is told once more after each start.
    """
    given, acknowledged, kills = random.Random(5), {}, 0
    waiting = list(events)
    pull = given.randrange(10, 30)
    while waiting:
        if pull == 0 and kills < KILLS:
            under_way = [asyncio.create_task(gateway.tell(each)) for each in waiting[:8]]
            await asyncio.sleep(given.random() / 50)
            gateway.process.send_signal(signal.SIGKILL)
            for results in await asyncio.gather(*under_way):
                for each in results or ():
                    acknowledged[each["id"]] = each["sequence"]
            await gateway.end(signal.SIGKILL)
            await gateway.start()
            kills, pull = kills + 1, given.randrange(10, 30)
            for each in given.sample(events, 20):
                [said] = await gateway.tell(each)
                assert said["outcome"] == "KNOWN" or each["id"] not in acknowledged, "lost after it was acknowledged"
                assert acknowledged.setdefault(each["id"], said["sequence"]) == said["sequence"]
        [said] = await gateway.tell(waiting.pop(0))
        assert acknowledged.setdefault(said["id"], said["sequence"]) == said["sequence"]
        pull = max(pull - 1, 0)
    assert kills == KILLS
    return acknowledged


async def test_a_home_has_one_gateway_with_its_token_and_it_tells_what_the_server_refused(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-NOT")
    gateway = Gateway(tmp_path)
    await gateway.start("--enrolment", await enrolment(store, "BOX-2", stockbook.address))
    second = await asyncio.to_thread(ran, "--home", tmp_path)
    assert second.returncode == 1
    assert "another gateway" in second.stderr
    assert gateway.token not in (tmp_path / "log").read_text()
    strange = event(item="NOBODY-KNOWS", quantity="2", place="SHOP-NOT/DOCK")
    await gateway.tell(strange)
    [said] = (await gateway.until(lambda said: said["refused"]))["refused"]
    assert (said["id"], said["outcome"], said["code"]) == (strange["id"], "REFUSED", "ITEM_UNKNOWN")
    assert said["task"]
    assert await gateway.end() == 0


def ran(*options):
    command = [*COMMAND, *map(str, options)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)


def test_without_an_enrolment_it_says_so_and_ends(tmp_path):
    said = ran("--home", tmp_path)
    assert said.returncode == 78, "for a service manager, that it needn't be started again"
    assert "--enrolment" in said.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--enrolment", "{}"), "lacks something"),
        (("--listen", "8077"), "HOST:PORT"),
        (("--scale", "/dev/ttyS0=STEELYARD"), "PORT=FORMAT"),
        (("--certificate", "nowhere.pem"), "no certificate"),
    ],
)
def test_what_it_is_told_wrongly_at_its_start_is_said(tmp_path, options, words):
    said = ran("--home", tmp_path, *options)
    assert said.returncode not in {0, -11}
    assert words in said.stderr
    assert "Traceback" not in said.stderr


async def test_a_gateway_that_the_server_has_wiped_keeps_nothing_and_ends(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-LOST")
    gateway = Gateway(tmp_path)
    await gateway.start("--enrolment", await enrolment(store, "BOX-4", stockbook.address))
    await gateway.tell(event(item="MILK", quantity="3", place="SHOP-LOST/DOCK"))
    await store.served.ask(
        "mutation($input: WipeDevicesInput!) { wipeDevices(input: $input) { errors { code message } } }",
        store.id,
        "org_admin",
        input={"lines": [{"device": "BOX-4", "mode": "DRAIN_FIRST", "reason": "sold"}]},
    )
    last = {"events": [event(item="MILK", quantity="1", place="SHOP-LOST/DOCK")]}
    taken = (await gateway.http.post("/events", json=last)).status_code == 200  # so it exchanges at once
    assert await gateway.end(None) == 0
    left = {path.name for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size}
    assert not {"enrolment.json", "gateway.token", "vision.db"} & left
    assert await store.there("MILK", "SHOP-LOST/DOCK") == ("4" if taken else "3")
