"""Power cuts and bad lines: nothing acknowledged is lost, nothing is posted twice.

Clients post through GraphQL over HTTP while the database and the server are
killed in the middle of it. The seed is printed; SIMULATION_SEED runs it again.
"""

import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from stockbook.store.database import Database
from stockbook.store.verify import verify
from tests.simulation.clients import DOCK, RESERVED, SHELF, Clients
from tests.simulation.world import World

ITEMS = ["APPLE", "FLOUR"]
SHOPS = ["NORTH", "SOUTH"]


async def register(world):
    """Register two shops that share two items; return their ids."""
    async with httpx.AsyncClient(base_url=world.address, timeout=30) as http:

        async def say(mutation, lines):
            kind = mutation[0].upper() + mutation[1:]
            document = (
                f"mutation($input: {kind}Input!)"
                f" {{ {mutation}(input: $input) {{ errors {{ code message }} results {{ id }} }} }}"
            )
            answer = await http.post(
                "/graphql",
                json={"query": document, "variables": {"input": {"lines": lines}}},
                headers={"authorization": f"Bearer {world.token()}"},
            )
            said = answer.json()
            assert not said.get("errors"), said
            assert not said["data"][mutation]["errors"], said
            return [int(result["id"].rpartition("/")[2]) for result in said["data"][mutation]["results"]]

        shops = await say(
            "registerOrganisations", [{"externalReference": name, "name": name, "kind": "SHOP"} for name in SHOPS]
        )
        await say("registerItems", [{"externalReference": name, "name": name, "baseUnit": "piece"} for name in ITEMS])
        for name in SHOPS:
            place = {"organisation": name, "name": name}
            await say("registerPlaces", [{"externalReference": f"{name}/SITE", "kind": "SITE", **place}])
            await say(
                "registerPlaces",
                [
                    {"externalReference": f"{name}/{where}", "kind": "BIN", "parent": f"{name}/SITE", **place}
                    for where in (DOCK, SHELF)
                ],
            )
    return shops


async def trouble(world, clients, total, kills, dice):
    """Kill the database, the server, then both, and so on, each time after so many acknowledgements."""
    victims = [[world.kill_postgres], [world.kill_server], [world.kill_server, world.kill_postgres]]
    for number in range(kills):
        goal = total * (number + 1) // (kills + 1)
        while clients.acknowledged < goal:
            await asyncio.sleep(0.02)
        await asyncio.sleep(dice.random() * 0.1)
        for kill in victims[number % 3]:
            await kill()


async def simulate(seed, clients, each, kills):
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="sbsim", ignore_cleanup_errors=True) as home:
        async with World(Path(home)) as world:
            shops = await register(world)
            tokens = {shop: world.token(shop) for shop in shops}
            crowd = Clients(world.address, seed, tokens, dict(zip(shops, SHOPS, strict=True)), ITEMS)
            began = time.monotonic()
            troubling = asyncio.create_task(trouble(world, crowd, clients * each, kills, dice))
            await crowd.run(clients, each)
            await troubling
            await world.up()
            await asyncio.sleep(1)  # requests whose clients have gone may still be under way
            await crowd.ask_again()
            print(
                f"\nsimulation seed {seed}: {len(crowd.commands)} commands, {dict(crowd.sent)}, killed {world.kills},"
                f" {time.monotonic() - began:.0f} s"
            )
            await judge(world, crowd)


async def judge(world, crowd):
    db = await Database.open(world.dsn, cap_seconds=None)
    async with asyncio.timeout(30):
        while await db.fetchval("select count(*) from movement_party where sequence is null"):
            await asyncio.sleep(0.1)
    rows = await db.fetch("select organisation_id, key, line, id from movement")
    posted = {(row[0], row[1], row[2]): f"gid://stockbook/Movement/{row[3]}" for row in rows}
    assert len(posted) == len(rows), "a key was posted twice"
    for name, told in crowd.told.items():
        assert told.movements <= {posted.get(name)}, f"{name} was acknowledged as {told.movements}"
        assert told.outcomes.count("POSTED") <= 1, f"{name} was told to be new more than once: {told.outcomes}"
    assert {name for name, told in crowd.told.items() if told.movements} == set(posted), "posted but never told"
    assert await verify(db) == []
    assert await found(db) == crowd.expected()
    await db.close()


async def found(db):
    """Return what lies where and what is reserved, by the projections."""
    total = Counter()
    for row in await db.fetch(
        "select p.host_id, i.external_reference, split_part(e.external_reference, '/', 2), sum(p.quantity)::int"
        " from position p join item i on i.id = p.item_id join place e on e.id = p.place_id group by 1, 2, 3"
    ):
        total[tuple(row)[:3]] = row[3]
    for row in await db.fetch(
        "select a.seller_id, i.external_reference, a.reserved::int from availability a join item i on i.id = a.item_id"
    ):
        total[row[0], row[1], RESERVED] = row[2]
    return +total


def seeds(count):
    given = os.environ.get("SIMULATION_SEED")
    return [int(given)] if given else [random.SystemRandom().randrange(10**9) for _ in range(count)]


@pytest.mark.timeout(300)
async def test_power_cuts_and_bad_lines():
    for seed in seeds(1):
        print(f"simulation seed {seed}")
        await simulate(seed, clients=8, each=25, kills=3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_many_power_cuts():
    for seed in seeds(10):
        print(f"simulation seed {seed}")
        await simulate(seed, clients=12, each=120, kills=12)
