"""What is asked too much, or wrongly, is refused before the database hears of it."""

import orjson
import pytest
from graphql import get_introspection_query, graphql_sync

from stockbook.graph.execute import Graph, Request
from stockbook.graph.schema import schema
from stockbook.settings import Settings
from stockbook.store.database import Database
from tests.graph.askers import EVERYTHING, principal
from tests.graph.asking import ask, refused


class Deaf:
    """A database that must not be asked."""

    async def fetchrow(self, sql, *arguments):
        raise AssertionError(sql, arguments)


@pytest.fixture
def quiet():
    return Graph(schema, Deaf(), Settings())


DEEP = "{ place(id: 1) " + "{ parent " * 12 + "{ id }" + " }" * 12 + " }"
DOUBLING = (
    "{ place(id: 1) { ...F0 } } "
    + " ".join(
        f"fragment F{n} on Place {{ a: parent {{ ...F{n + 1} }} b: site {{ ...F{n + 1} }}"
        f" c: boundFor {{ ...F{n + 1} }} }}"
        for n in range(9)
    )
    + " fragment F9 on Place { id }"
)
"""Short and flat as it is written, and 3^9 places when its fragments are unfolded."""
CHAIN = "parent { " * 9 + "id" + " }" * 9
CYCLE = "{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...A }"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (DEEP, "COST_LIMIT"),
        ("{ " + " ".join(f"a{n}: me {{ id }}" for n in range(61)) + " }", "COST_LIMIT"),
        ("{ items { nodes { name " + "name " * 4000 + "} } }", "COST_LIMIT"),
        ("{ a" * 5000, "COST_LIMIT"),
        ("{ items(first: 100) { nodes { positions(first: 100) { nodes { place { positions(first: 3) { nodes { id }"
         " } } } } } } }", "COST_LIMIT"),
        ("{ items(first: 101) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{ items(first: -1) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{ items(first: 1, last: 1) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{ items { nodes { nonsense } } }", "BAD_USER_INPUT"),
        ("{ items { nodes { id }", "BAD_USER_INPUT"),
        ("query($v: Decimal!) { positions(filter: {quantity: {gt: $v}}) { totalCount } }", "BAD_USER_INPUT"),
        ("query A { me { id } } query B { me { id } }", "BAD_USER_INPUT"),
        ("", "BAD_USER_INPUT"),
        (CYCLE, "BAD_USER_INPUT"),
        (DOUBLING, "COST_LIMIT"),
        ("{ " + " ".join(f"a{n}: place(id: 1) {{ {CHAIN} }}" for n in range(40)) + " }", "COST_LIMIT"),
        ("{ __schema { types { " + " ".join(f"a{n}: fields {{ name }}" for n in range(6)) + " } } }", "COST_LIMIT"),
    ],
)  # fmt: skip
async def test_a_document_that_is_too_much_or_wrong_is_refused(quiet, document, code):
    assert await refused(quiet, document) == code


@pytest.mark.parametrize(
    "value", ["1e999999999", "NaN", "abc", 1.5, True, "9" * 60, "1_000", "１２", " 12", "0x1f", [], {}]
)
async def test_a_decimal_is_exact_or_refused(quiet, value):
    document = "query($v: Decimal!) { positions(filter: {quantity: {gt: $v}}) { totalCount } }"
    assert await refused(quiet, document, v=value) == "BAD_USER_INPUT"


@pytest.mark.parametrize("value", ["nul\x00", "\ud800"])
async def test_text_that_no_database_can_hold_is_refused(graph, world, value):
    document = "query($v: String!) { items(filter: {name: {eq: $v}}) { totalCount } }"
    assert await refused(graph, document, v=value) == "BAD_USER_INPUT"


async def test_a_filter_is_neither_endless_nor_bottomless(quiet):
    document = "query($f: ItemFilter) { items(filter: $f) { totalCount } }"
    wide = {"or": [{"name": {"eq": str(each)}} for each in range(150)]}
    deep: dict = {}
    for _ in range(5000):
        deep = {"not": deep}
    assert await refused(quiet, document, f=wide) == "COST_LIMIT"
    assert await refused(quiet, document, f=deep) == "COST_LIMIT"


async def test_ever_new_shapes_of_variables_leave_nothing_behind(db):
    graph = Graph(schema, db, Settings())
    document = "query($f: ItemFilter) { items(filter: $f) { totalCount } }"
    for number in range(8):
        several = [{"and": [{"name": {"eq": "x"}}] * each} for each in range(number, number + 9)]
        await ask(graph, document, f={"or": several})
    assert len(graph.planner.documents.operation(document, None).looks) <= 200


async def test_a_read_that_takes_too_long_is_refused(db):
    capped = await Database.open(db._dsn, cap_seconds=0.2)

    class Slow:
        """A database so large that each answer takes seconds."""

        async def fetchrow(self, sql, *arguments):
            return await capped.fetchrow(sql.replace("select convert_to", "select pg_sleep(5), convert_to"), *arguments)

    assert await refused(Graph(schema, Slow(), Settings()), "{ items { totalCount } }") == "COST_LIMIT"
    await capped.close()


async def test_the_answer_says_what_it_cost(graph, world):
    answer = await ask(graph, "{ items(first: 10) { nodes { name units { unit } } } }")
    # the connection, ten items, ten times ten units
    assert answer["extensions"]["cost"] == {"requested": 1 + 10 + 100, "maximum": 20_000}


async def test_introspection_beside_data_is_answered_by_the_ordinary_executor(graph, world):
    answer = await ask(graph, '{ __schema { queryType { name } } item(id: "item-4") { gtin } }')
    assert answer["data"] == {"__schema": {"queryType": {"name": "Query"}}, "item": {"gtin": "4004"}}


async def test_the_question_that_every_tool_asks_is_worked_out_once(quiet):
    text = get_introspection_query()
    first, second = [await quiet.execute(Request(text, "IntrospectionQuery"), principal(1), EVERYTHING) for _ in "12"]
    assert second is first
    assert orjson.loads(first)["data"] == graphql_sync(quiet.core, text).data
    document = "query($name: String!) { ...A } fragment A on Query { __type(name: $name) { kind } __typename }"
    for name, kind in (("Item", {"kind": "OBJECT"}), ("ItemFilter", {"kind": "INPUT_OBJECT"}), ("Nothing", None)):
        assert (await ask(quiet, document, name=name))["data"] == {"__type": kind, "__typename": "Query"}


async def test_plans_are_bounded(db, world):
    graph = Graph(schema, db, Settings(plans_max=5))
    for first in range(20):
        request = Request("query($n: Int) { items(first: $n) { nodes { id } } }", None, {"n": first})
        answer = orjson.loads(await graph.execute(request, principal(1), EVERYTHING))
        assert len(answer["data"]["items"]["nodes"]) == min(first, 12)
    assert len(graph.planner._plans) == 5
