"""A whole device against the real server, through a network that loses replies."""

import asyncio
import random

from handheld.client.transport import Trouble
from stockbook.store.verify import verify
from tests.capture.phone import shop
from tests.handheld.client.model import serving
from tests.handheld.client.pda import Network, Pda, device, enrolled


async def test_a79_two_thousand_scans_without_network_reach_the_books_once_and_the_replica_follows(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-NET")
    dock, shelf = "SHOP-NET/DOCK", "SHOP-NET/A03-05"
    network = Network(stockbook.address)
    async with device(tmp_path, store, "PDA-NET", network) as pda:
        await pda.exchange()
        assert pda.hour.sure
        assert pda.replica.complete
        milk = pda.replica.packing("06921168509256").item
        assert (milk.name, milk.units["case"]) == ("纯牛奶 250ml", 24)
        assert [each.reference for each in pda.replica.search("牛奶")] == ["MILK"]
        assert pda.replica.place(shelf).parent == "SHOP-NET/SITE"
        assert pda.replica.item("STENT").risk_class == "II"

        given, received, shelved = random.Random(5), 0, 0
        for number in range(2000):
            quantity = given.randint(1, 9)
            if number % 2 == 0:
                pda.scan("inbound", "6921168509256", quantity=str(quantity), place=dock)
                received += quantity
            else:
                moved = min(quantity, received - shelved)
                if moved:
                    pda.scan("put_away", item="MILK", quantity=str(moved), source=dock, shelf=shelf)
                    shelved += moved
        network.lost, network.dropped = 30, 20
        await pda.exchange()
        assert min(network.stats.values()) > 0
        network.lost = network.dropped = 0

        standing = pda.journal.standing()
        assert (standing.waiting, standing.held, standing.unsettled, standing.stop) == (0, 0, 0, None)
        assert await store.there("MILK", dock) == str(received - shelved)
        assert await store.there("MILK", shelf) == str(shelved)
        assert await verify(stockbook.app.parts.beside) == []
        async with asyncio.timeout(60):
            while pda.replica.on_hand("MILK") != received or pda.journal.unknown():
                await pda.exchange()
                await asyncio.sleep(0.05)
        assert sum(each.quantity for each in pda.replica.stock(shelf)) == shelved


async def test_what_could_not_be_posted_is_told_until_its_task_is_settled(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-NO")
    async with device(tmp_path, store, "PDA-NO") as pda:
        pda.scan("inbound", item="MILK", quantity="5", place="SHOP-NO/DOCK")
        pda.scan("inbound", item="NOBODY-KNOWS", quantity="1", place="SHOP-NO/DOCK")
        pda.scan("count", item="MILK", quantity="7", seen="3", place="SHOP-NO/DOCK")
        await pda.exchange()
        told = {each.answer.sequence: each.answer for each in pda.journal.unsettled()}
        assert {number: each.outcome.name for number, each in told.items()} == {2: "REFUSED", 3: "CONFLICT"}
        assert told[2].code == "ITEM_UNKNOWN"
        assert all(each.task for each in told.values())
        await store.served.ask(
            "mutation($input: SettleTaskInput!) { settleTask(input: $input) { errors { code message } } }",
            store.id,
            "org_admin",
            input={"lines": [{"task": told[3].task, "resolution": "EXPLAINED", "reason": "counted again by hand"}]},
        )
        async with asyncio.timeout(60):
            while len(pda.journal.unsettled()) == 2:
                await pda.exchange()
                await asyncio.sleep(0.05)
        assert [each.answer.sequence for each in pda.journal.unsettled()] == [2]


async def test_t14_of_two_devices_that_count_one_bin_the_second_meets_a_conflict(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-TWO")
    dock, bin_ = "SHOP-TWO/DOCK", "SHOP-TWO/A03-05"
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with device(tmp_path / "one", store, "PDA-ONE") as one, device(tmp_path / "two", store, "PDA-TWO") as two:
        one.scan("inbound", item="MILK", quantity="5", place=dock)
        one.scan("put_away", item="MILK", quantity="5", source=dock, shelf=bin_)
        await one.exchange()
        one.scan("count", item="MILK", quantity="7", seen="5", place=bin_)
        two.scan("count", item="MILK", quantity="6", seen="5", place=bin_)
        await one.exchange()
        await two.exchange()
        assert one.journal.unsettled() == []
        (told,) = two.journal.unsettled()
        assert (told.answer.outcome.name, told.event.labels["seen"]) == ("CONFLICT", "5")
    assert await store.there("MILK", bin_) == "7"
    [task] = await store.tasks("CONFLICT")
    assert (task["saw"], task["said"], task["books"]) == ("5", "6", "7")


async def test_enrolled_anew_nothing_is_lost_and_nothing_posted_twice(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-NEW")
    dock = "SHOP-NEW/DOCK"
    network = Network(stockbook.address)
    async with device(tmp_path, store, "PDA-NEW", network) as pda:
        pda.scan("inbound", item="MILK", quantity="1", place=dock)
        network.lost = 100
        step = await asyncio.to_thread(pda.sync.step)
        assert step.failed.trouble is Trouble.OFFLINE  # taken, but the device doesn't know
        pda.scan("inbound", item="MILK", quantity="10", place=dock)  # never left the device
    async with device(tmp_path, store, "PDA-NEW") as pda:
        assert pda.keystore.load().epoch == 2
        pda.scan("inbound", item="MILK", quantity="100", place=dock)
        await pda.exchange()
        standing = pda.journal.standing()
        assert (standing.waiting, standing.unsettled) == (0, 0)
    assert await store.there("MILK", dock) == "111"


async def test_a_copy_of_a_device_is_stopped(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-COPY")
    dock = "SHOP-COPY/DOCK"
    network = Network(stockbook.address)
    (tmp_path / "one").mkdir()
    (tmp_path / "copy").mkdir()
    with serving(network.answer) as address:
        enrolment = await enrolled(store, "PDA-COPY", address)
        one, copy = Pda(tmp_path / "one", enrolment), Pda(tmp_path / "copy", enrolment)
        one.scan("inbound", item="MILK", quantity="1", place=dock)
        copy.scan("inbound", item="MILK", quantity="10", place=dock)
        await one.exchange()
        await copy.exchange()
        assert (one.journal.standing().stop, copy.journal.standing().stop.name) == (None, "FORK")
        assert copy.journal.standing().waiting == 1
        one.close()
        copy.close()
    assert await store.there("MILK", dock) == "1"


async def test_a_token_that_is_none_keeps_everything(stockbook, tmp_path):
    store = await shop(stockbook, "SHOP-TOKEN")
    async with device(tmp_path, store, "PDA-TOKEN") as pda:
        good = pda.keystore.load().token
        pda.scan("inbound", item="MILK", quantity="4", place="SHOP-TOKEN/DOCK")
        pda.sync.renew("no token")
        step = await asyncio.to_thread(pda.sync.step)
        assert step.failed.trouble is Trouble.TOKEN
        assert pda.journal.standing().waiting == 1
        pda.sync.renew(good)
        await pda.exchange()
    assert await store.there("MILK", "SHOP-TOKEN/DOCK") == "4"
