"""Power cuts while devices send what they scanned: everything is in the books once, in each device's order."""

import asyncio
import base64
import random
import tempfile
from collections import Counter
from pathlib import Path

import httpx
import pytest

from stockbook.store.database import Database
from stockbook.store.verify import verify
from tests.capture.phone import CAPTURE, ENROL, Phone
from tests.simulation.line import drop
from tests.simulation.test_simulation import register, seeds
from tests.simulation.world import World

SCANS = 300
BATCH = 40
FINAL = {"POSTED", "DUPLICATE"}


def asked(query, given):
    return {"query": query, "variables": {"input": given}}


async def said(http, token, query, given):
    """Return what is answered, None when the world failed."""
    try:
        answer = await http.post(
            "/graphql",
            json=asked(query, given),
            headers={"authorization": f"Bearer {token}"},
        )
    except httpx.HTTPError:
        return None
    if answer.status_code >= 500 or answer.json().get("errors"):
        return None
    return answer.json()["data"]


async def shift(http, phone, dice):
    """Send a queue until all of it is taken; a batch that is not answered is sent again."""
    upto = 0
    while upto < len(phone.queue):
        start = max(upto - dice.randint(0, 5), 0)
        batch = phone.queue[start : start + dice.randint(1, BATCH)]
        if dice.random() < 0.2:  # the line drops, and nobody hears the answer
            await drop(str(http.base_url), phone.token, asked(CAPTURE, phone.batch(batch)), dice, 0.05)
            continue
        answer = await said(http, phone.token, CAPTURE, phone.batch(batch))
        if answer is None:
            await asyncio.sleep(0.1)
            continue
        taken = answer["captureScans"]
        assert not taken["errors"], taken
        assert {each["outcome"] for each in taken["results"]} <= FINAL, taken
        upto = taken["upto"]


async def simulate(seed, devices, kills):
    dice = random.Random(seed)
    model = Counter()
    with tempfile.TemporaryDirectory(prefix="sbdev", ignore_cleanup_errors=True) as home:
        async with World(Path(home)) as world, httpx.AsyncClient(base_url=world.address, timeout=30) as http:
            shop, _ = await register(world)
            phones = []
            for number in range(devices):
                line = {"externalReference": f"PDA-{number}", "name": "PDA", "role": "storekeeper"}
                made = (await said(http, world.token(shop), ENROL, {"lines": [line]}))["enrolDevices"]["results"][0]
                phone = Phone(made["reference"], made["epoch"], base64.b64decode(made["secret"]), made["token"])
                for _ in range(SCANS):
                    item, quantity = dice.choice(["APPLE", "FLOUR"]), dice.randint(1, 9)
                    phone.scan("inbound", item=item, quantity=str(quantity), place="NORTH/DOCK", shelf="NORTH/SHELF")
                    model[item] += quantity
                phones.append(phone)
            sending = [
                asyncio.create_task(shift(http, phone, random.Random(f"{seed}/{phone.reference}"))) for phone in phones
            ]
            for number in range(kills):
                await asyncio.sleep(0.5 + dice.random() * 2)
                await (world.kill_server if number % 2 == 0 else world.kill_postgres)()
            async with asyncio.timeout(200):
                await asyncio.gather(*sending)
            await world.up()
            db = await Database.open(world.dsn, cap_seconds=None)
            async with asyncio.timeout(30):
                while await db.fetchval("select count(*) from movement_party where sequence is null"):
                    await asyncio.sleep(0.1)
            assert await verify(db) == []
            for phone in phones:
                rows = await db.fetch(
                    "select split_part(key, ':', 4)::int as sequence from movement"
                    " where key like $1 and line = 0 order by id",
                    f"scan:{phone.reference}:%",
                )
                assert [row["sequence"] for row in rows] == list(range(1, SCANS + 1))
            rows = await db.fetch(
                "select i.external_reference, sum(p.quantity)::int from position p join item i on i.id = p.item_id"
                " join place e on e.id = p.place_id and e.external_reference = 'NORTH/SHELF' group by 1"
            )
            assert Counter(dict(map(tuple, rows))) == model
            assert await db.fetchval("select count(*) from task") == 0
            await db.close()
            print(f"\ndevices simulation seed {seed}: {devices} devices, {SCANS} scans each, killed {world.kills}")


@pytest.mark.timeout(400)
async def test_power_cuts_while_devices_send():
    for seed in seeds(1):
        print(f"devices simulation seed {seed}")
        await simulate(seed, devices=3, kills=4)
