"""The real graph on PostgreSQL answers as the oracle says: rows, fields, counts, sums, groups, filters, refusals."""

import os
import random
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from stockbook.access.policies import Policies
from stockbook.access.principal import Principal
from stockbook.graph.declare import SHAPES, Computed
from stockbook.graph.execute import Graph, Request
from stockbook.graph.schema import disclosed, schema
from stockbook.settings import Settings
from stockbook.store.database import Database
from tests.oracle import queries, worlds
from tests.oracle.answers import Expected
from tests.oracle.facts import TYPES
from tests.oracle.oracle import PREFIX, RIGHTS, SHARED, Oracle, Pick, Refused, World
from tests.oracle.policy import RELATIONS

FOLDER = Path(__file__).parents[2] / "policies"
SETTINGS = Settings(cost_max=10**9, aliases_max=10**6, tokens_max=10**6)
SEED = int(os.environ.get("ORACLE_SEED", "20261125"))
ROLES = [
    {"org_admin"}, {"storekeeper"}, {"shop_staff"}, {"buyer"}, {"finance"}, {"supplier"}, {"carrier_driver"},
    {"producer"}, {"board"}, {"auditor"}, {"program"}, {"network_admin"}, {"member"}, set(), {"supplier", "finance"},
    {"carrier_driver", "board"}, {"board", "buyer"},
]  # fmt: skip


COMPUTED = {f"{name}.{fact}" for name, shape in SHAPES.items() for fact, of in shape.facts.items()
            if isinstance(of, Computed)}  # fmt: skip
"""What Python makes of a row, each with tests of its own; `UdiCheck`, a type of such, in tests/udi."""
MOVING = {"Forecast.ageSeconds"}
"""What is another figure a second later."""


def test_the_oracle_knows_every_field():
    """What it doesn't know it can't judge: a new field needs a line in facts.py."""
    known = {f"{kind}.{name}" for kind, type_ in TYPES.items() for name in [*type_.fields, "id"] if kind != "LegEnd"}
    known |= {f"LegEnd.{name}" for name in TYPES["LegEnd"].fields}
    judged_elsewhere = {name for name in disclosed() if name.split(".")[0] in {"Me", "UdiCheck"}} | MOVING
    assert known == set(disclosed()) - judged_elsewhere - COMPUTED
    assert {name for name, type_ in TYPES.items() if type_.table} - {"Transition"} == {  # worked out, not kept
        name for name, shape in SHAPES.items() if shape.table
    }


def principal(policies, organisation, actor, roles, sites):
    mask = policies.mask(frozenset(roles))
    return Principal(actor, organisation, frozenset(roles), sites, datetime(2099, 1, 1, tzinfo=UTC), mask.id), mask


async def compare(graph, policies, folder, world, asker, roles, sites, picks):
    """Ask both; return how much was seen: rows named in the answer."""
    organisation, actor = asker
    who, mask = principal(policies, organisation, actor, roles, sites)
    document = queries.text(picks)
    answer = orjson.loads(await graph.execute(Request(document), who, mask))
    expected = Expected(Oracle(world, folder, organisation, actor, roles, sites))
    errors = [error["extensions"]["code"] for error in answer.get("errors", [])]
    told = f"{document}\nasked by {organisation}, {actor} as {sorted(roles)} at {sites}"
    assert set(errors) <= {"FIELD_FORBIDDEN"}, f"{told}\n{answer['errors']}"
    try:
        data = expected.query(picks)
    except Refused as refused:
        assert answer["data"] is None, f"{told}\nmust be refused for {refused}"
        return "refused"
    assert answer["data"] is not None, f"{told}\n{answer['errors']}"
    assert answer["data"] == data, f"{told}\n{difference(answer['data'], data)}"
    paths = {tuple(error["path"]) for error in answer.get("errors", [])}
    assert paths == expected.errors, told
    return "forbidden" if paths else "seen" if _deep(data) else "empty"


def difference(got, expected, path=()):
    """Return where two answers first differ."""
    if isinstance(got, dict) and isinstance(expected, dict) and got.keys() == expected.keys():
        for key, value in got.items():
            if value != expected[key]:
                return difference(value, expected[key], (*path, key))
    if isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        for number, value in enumerate(got):
            if value != expected[number]:
                return difference(value, expected[number], (*path, number))
    return f"at {path}:\n got      {got}\n expected {expected}"


def _deep(data):
    if isinstance(data, dict):
        return any(_deep(each) for each in data.values())
    if isinstance(data, list):
        return bool(data)
    return data not in (None, 0)


async def opened(fresh, rows):
    db = await Database.open(await fresh(), cap_seconds=None)
    async with db.connection() as connection:
        await worlds.put(connection, rows)
        world = World(await worlds.read(connection))
    return db, world


def turns(few, many):
    """A few in every run, many by make soak."""
    return [*range(few), *(pytest.param(turn, marks=pytest.mark.slow) for turn in range(few, many))]


@pytest.mark.parametrize("turn", turns(2, 30))
async def test_random_questions_in_random_worlds(fresh, turn):
    chance = random.Random(SEED + turn)
    db, world = await opened(fresh, worlds.world(SEED + turn))
    policies = Policies.load(FOLDER)
    graph = Graph(schema, db, SETTINGS)
    asker = queries.Asker(chance, world)
    kinds = []
    sites = [place["id"] for place in world.tables["place"] if place["kind"] == "SITE"]
    for _ in range(120):
        who = (100 + chance.randrange(worlds.ORGANISATIONS), 100 + chance.randrange(6))
        limit = tuple(chance.sample(sites, 2)) if chance.random() < 0.2 else ()
        kinds.append(await compare(graph, policies, FOLDER, world, who, chance.choice(ROLES), limit, asker.query()))
    await db.close()
    assert min(kinds.count(kind) for kind in ("refused", "forbidden", "seen", "empty")) > 0


def random_policies(chance, folder):
    """Policies nobody would write: any field under any relation, denials, inheritance."""
    folder.mkdir()
    for name in (
        "fields.conf",
        "actions.conf",
        "topics.conf",
        "actions.csv",
        "topics.csv",
        "expected.csv",
    ):  # as shipped
        shutil.copy(FOLDER / name, folder)
    lines = []
    if chance.random() < 0.7:
        lines.append((chance.choice(["r0", "r1"]), "*", "*", "allow"))
    for role in ("r0", "r1", "r2"):
        for kind, type_ in TYPES.items():
            shared = kind in SHARED
            names = [*type_.fields] if kind == "LegEnd" else [*type_.fields, "id", "id", "id"]
            for _ in range(chance.randint(1, 3)):
                lines.append((role, f"{kind}.*", relation(chance, shared), "allow"))
            for name in chance.sample(names, 3):
                effect = chance.choice(["allow", "allow", "deny"])
                lines.append((role, f"{kind}.{name}", relation(chance, shared), effect))
    (folder / "fields.csv").write_text("".join(f"p, {', '.join(line)}\n" for line in lines))
    (folder / "roles.csv").write_text("g, r2, r1\n" if chance.random() < 0.5 else "")
    return folder


def relation(chance, shared):
    return chance.choice([*RELATIONS, "*"]) if shared else "*"


@pytest.mark.parametrize("turn", turns(2, 30))
async def test_random_questions_under_random_policies(fresh, tmp_path, turn):
    chance = random.Random(SEED + 100 + turn)
    db, world = await opened(fresh, worlds.world(SEED + 100 + turn))
    asker = queries.Asker(chance, world)
    kinds = []
    for number in range(3):
        folder = random_policies(chance, tmp_path / str(number))
        policies = Policies.load(folder)
        graph = Graph(schema, db, SETTINGS)
        for _ in range(25):
            who = (100 + chance.randrange(worlds.ORGANISATIONS), 100 + chance.randrange(6))
            roles = set(chance.sample(["r0", "r1", "r2"], chance.randint(1, 3)))
            kinds.append(await compare(graph, policies, folder, world, who, roles, (), asker.query()))
    await db.close()
    assert {"forbidden", "refused"} <= set(kinds)


async def test_who_only_hosts_what_travels_is_not_told_where_to(fresh):
    """A vehicle's host sees what lies in it; the site it is bound for only as any other place."""
    rows = worlds.world(SEED)
    host, owner, other = 100, 101, 102
    rows["agreement"] = [{**each, "views": False} for each in rows["agreement"]]
    rows["rights"].append({**rows["rights"][-1], "id": 900, **dict.fromkeys(RIGHTS, owner)})
    site, van = ({**rows["place"][0], "id": each, "external_reference": f"PLACE-{each}", "public": False}
                 for each in (900, 901))  # fmt: skip
    site |= {"organisation_id": other, "site_id": 900, "kind": "SITE", "parent_id": None, "bound_for_id": None}
    van |= {"organisation_id": host, "site_id": None, "kind": "VEHICLE", "parent_id": None, "bound_for_id": 900}
    rows["place"] += [site, van]
    goods = {**rows["position"][0], "id": 900, "rights_id": 900, "place_id": 901, "site_id": 900, "host_id": host}
    rows["position"].append({**goods, "quantity": Decimal(7), "claimed": Decimal(0)})
    db, world = await opened(fresh, rows)
    policies = Policies.load(FOLDER)
    graph = Graph(schema, db, SETTINGS)
    name = f"{PREFIX}Place/900"
    below = [Pick("id"), Pick("site", {}, [Pick("id")]),
             Pick("place", {}, [Pick("id"), Pick("boundFor", {}, [Pick("id")])])]  # fmt: skip
    for condition in ({"eq": name}, {"in": [name]}, {"isNull": False}, {"isNull": True}):
        page = Pick("positions", {"filter": {"site": condition}}, [Pick("totalCount"), Pick("nodes", {}, below)])
        for asker, turned in ((host, page), (owner, page), (host, Pick("node", {"id": name}, [Pick("id")]))):
            await compare(graph, policies, FOLDER, world, (asker, 100), {"org_admin"}, (), [turned])
    position = Pick("position", {"id": f"{PREFIX}Position/900"}, below)
    for asker, seen in ((host, "seen"), (owner, "seen")):
        assert await compare(graph, policies, FOLDER, world, (asker, 100), {"org_admin"}, (), [position]) == seen
    await db.close()
