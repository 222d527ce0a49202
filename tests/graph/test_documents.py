"""Every published document compiles, and every read is exactly one statement."""

from pathlib import Path

import pytest
from graphql import OperationType, parse

from stockbook.graph.execute import Graph, Request
from stockbook.graph.schema import schema
from stockbook.graph.streams import Event, Streams
from stockbook.settings import Settings
from tests.graph.askers import EVERYTHING, principal
from tests.graph.asking import data

FOLDER = Path(__file__).parents[2] / "schema" / "documents"
DOCUMENTS = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.graphql"))}
VALUES = {
    "site": "place-1",
    "item": "gid://stockbook/Item/4",
    "lot": "gid://stockbook/Lot/40",
    "document": "doc-1",
    "ids": ["gid://stockbook/Item/1", "gid://stockbook/Lot/40", "gid://stockbook/Place/1", "elsewhere"],
    "horizon": 1,
    "task": "gid://stockbook/Task/5",
    "since": "2026-01-01T00:00:00Z",
    "udi": "(01)06901234567892(10)LOT7",
}
READS = {n: t for n, t in DOCUMENTS.items() if parse(t).definitions[0].operation is OperationType.QUERY}
STREAMS = {n: t for n, t in DOCUMENTS.items() if parse(t).definitions[0].operation is OperationType.SUBSCRIPTION}


class Counting:
    """A database that remembers what it was asked."""

    def __init__(self, db):
        self.db = db
        self.asked = []

    async def fetchrow(self, sql, *arguments):
        self.asked.append(sql)
        return await self.db.fetchrow(sql, *arguments)


def variables(text):
    names = [each.variable.name.value for each in parse(text).definitions[0].variable_definitions or ()]
    return {name: VALUES[name] for name in names if name in VALUES}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid_and_within_the_limits(graph, name):
    graph.planner.documents.operation(DOCUMENTS[name], None)


def test_there_are_documents_for_reading_and_for_listening():
    assert len(READS) >= 15
    assert len(STREAMS) == 3


@pytest.mark.parametrize("name", READS)
async def test_a_read_is_one_statement(db, world, name):
    counting = Counting(db)
    graph = Graph(schema, counting, Settings())
    await graph.viewers.of(principal(1))  # who asks is known from the request before
    counting.asked.clear()
    found = await data(graph, READS[name], **variables(READS[name]))
    assert len(counting.asked) == 1
    assert found


@pytest.mark.parametrize("name", STREAMS)
async def test_many_events_are_one_statement(db, world, name):
    counting = Counting(db)
    graph = Graph(schema, counting, Settings())
    request = Request(STREAMS[name], None, variables(STREAMS[name]))
    await graph.viewers.of(principal(1))
    prepared = await Streams(graph).prepare(request, principal(1), EVERYTHING)
    counting.asked.clear()
    payloads = await prepared.payloads(principal(1), [Event(row, row, row - 1) for row in range(1, 40)])
    assert len(counting.asked) == 1
    assert 0 < sum(each is not None for each in payloads) < 39


async def test_the_second_request_of_a_shape_reuses_the_plan(graph):
    text = READS["shelf"]
    plans = [graph.planner.plan(text, None, {"site": site}, EVERYTHING)[0] for site in ("place-1", "place-2")]
    assert plans[0] is plans[1]
    later, _ = graph.planner.plan(text, None, {"site": "place-1", "after": "00"}, EVERYTHING)
    assert later is not plans[0]
