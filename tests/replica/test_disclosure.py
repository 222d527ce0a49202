"""The feed shows exactly what the same role sees by the graph's own pages, which an independent oracle judges."""

from pathlib import Path

import orjson
import pytest

from stockbook.access.policies import Policies
from stockbook.graph.execute import Graph, Request
from stockbook.graph.schema import schema
from stockbook.settings import Settings
from stockbook.store.database import Database
from tests.oracle import worlds
from tests.oracle.test_disclosure import principal

FOLDER = Path(__file__).parents[2] / "policies"
ROWS = {
    "items": "id name gtin udi codes { code unit own } units { unit factor }",
    "places": "id externalReference kind parent { id } site { id }",
    "positions": "id item { id } lot { id code } place { id } state holds quantity claimed"
    " owner { id } custodian { id } disposer { id } seller { id }",
    "tasks": "id kind state note saw said books assignee { name } movement { id verb } place { name }"
    " lines { number quantity done book difference counted lot { code } }",
}
REAL = "('SITE', 'BIN', 'VEHICLE', 'PALLET', 'TOTE', 'SHIPMENT', 'PRODUCTION')"
KEPT = {
    "items": "select 'Item/' || id from item where $1 > 0",
    "places": f"select 'Place/' || id from place where organisation_id = $1 and kind in {REAL}",
    "positions": "select 'Position/' || id from position where host_id = $1",
    "tasks": "select 'Task/' || id from task where organisation_id = $1",
}
"""What a device of an organisation keeps at all, of what it sees."""
ROLES = [
    "org_admin", "storekeeper", "shop_staff", "counter", "carrier_driver", "producer", "buyer", "finance", "supplier",
    "board", "auditor", "program", "member",
]  # fmt: skip
SETTINGS = Settings(cost_max=10**9, page_max=1000)


@pytest.fixture(scope="module")
async def world(fresh):
    db = await Database.open(await fresh(), cap_seconds=None)
    async with db.connection() as connection:
        await worlds.put(connection, worlds.world(20261128))
        await connection.execute("update task set closed_at = now() where closed_at is not null")
    yield Graph(schema, db, SETTINGS), Policies.load(FOLDER)
    await db.close()


async def ask(graph, document, asker):
    answer = orjson.loads(await graph.execute(Request(document), *asker))
    codes = {each["extensions"]["code"] for each in answer.get("errors", ())}
    assert codes <= {"FIELD_FORBIDDEN"}, answer
    return answer["data"], answer.get("errors", ())


@pytest.mark.parametrize("role", ROLES)
async def test_a_copy_shows_what_its_role_sees_and_nothing_else(world, role):
    graph, policies = world
    seen = 0
    for organisation in range(100, 100 + worlds.ORGANISATIONS):
        sites = [row[0] for row in await graph.db.fetch("select id from place where kind = 'SITE' order by id")]
        for limit in ((), tuple(sites[:2])):
            asker = principal(policies, organisation, 101, {role}, limit)
            below = " ".join(f"{name} {{ {rows} }}" for name, rows in ROWS.items())
            data, errors = await ask(graph, f"{{ replica(first: 1000) {{ complete gone {below} }} }}", asker)
            page = data["replica"]
            assert page["complete"]
            assert page["gone"] == []
            for name, rows in ROWS.items():
                found, refused = await ask(graph, f"{{ {name}(first: 1000) {{ nodes {{ {rows} }} }} }}", asker)
                kept = {f"gid://stockbook/{row[0]}" for row in await graph.db.fetch(KEPT[name], organisation)}
                expected = [each for each in (found[name] or {"nodes": []})["nodes"] if each["id"] in kept]
                assert by_id(page[name] or []) == by_id(expected), (role, organisation, limit, name)
                told = {tuple(each["path"][2:]) for each in errors if each["path"][1] == name}
                assert told == {tuple(each["path"][1:]) for each in refused if len(each["path"]) == 1} | {
                    tuple(each["path"][2:]) for each in refused if len(each["path"]) > 1
                }
                seen += len(page[name] or [])
    assert seen or role in {"board", "member"}


def by_id(rows):
    return sorted(rows, key=lambda each: each["id"])
