"""The log: each request leaves one line, which tells who asked for what and how it went, and nothing that was said."""

import json

import pytest

from stockbook.api import logs
from tests.serving import served
from tests.streams.client import Client

ME = "query Me { me { organisation { name } } }"
STREAM = "subscription Events { stockEvents { sequence } }"
EVENTS = ("answered", "followed", "ended")


@pytest.fixture
def lines(capfd):
    """Read the lines of requests that were written since they were last read."""

    def read():
        logs.flush()
        told = [json.loads(each) for each in capfd.readouterr().err.splitlines() if each.startswith("{")]
        return [each for each in told if each["event"] in EVENTS]

    read()
    return read


async def test_a_read_leaves_a_line(serving, lines):
    body = {"query": ME, "variables": {"secret": "of the house"}}
    answer = await serving.http.post("/graphql", json=body, headers={**serving.bearer(), "x-request-id": "shop-7"})
    (line,) = lines()
    assert line["milliseconds"] > 0
    assert line["timestamp"].endswith("Z")
    assert "house" not in str(line)
    told = {"event": "answered", "organisation": 1, "operation": "Me", "status": 200, "bytes": len(answer.content)}
    assert line.items() >= {**told, "request_id": "shop-7", "level": "info"}.items()


@pytest.mark.parametrize(
    ("body", "headers", "told"),
    [
        ({"query": ME}, {"authorization": ""}, {"status": 401, "code": "UNAUTHENTICATED", "organisation": None}),
        ({"query": 7}, {}, {"status": 400, "code": "BAD_USER_INPUT", "organisation": 1, "operation": None}),
        ({"query": "{ no }"}, {}, {"status": 200, "operation": None}),
        ({"query": ME, "operationName": "x" * 5000}, {}, {"status": 200, "operation": "x" * 200}),
        ({"query": ME, "operationName": 'a\n{"event":"ready"}'}, {}, {"operation": 'a\n{"event":"ready"}'}),
        ({"query": "\n" * 150_000 + "query"}, {}, {"status": 200, "operation": None}),
    ],
)
async def test_a_refusal_leaves_a_line(serving, lines, body, headers, told):
    answer = await serving.http.post("/graphql", json=body, headers={**serving.bearer(), **headers})
    (line,) = lines()
    assert line.items() >= told.items()
    assert line["request_id"] == answer.headers["x-request-id"]


async def test_what_is_beside_the_graph_leaves_a_line_when_somebody_asked_for_it(serving, lines):
    await serving.http.get("/healthz")
    await serving.http.get("/metrics")
    assert lines() == [], "whoever looks after us does so for ever"
    await serving.http.get("/recognition/models/" + "a" * 64, headers=serving.bearer())
    await serving.http.get("/nothing")
    file, nothing = lines()
    assert (file["organisation"], file["status"]) == (1, 404)
    assert nothing.items() >= {"operation": "GET /nothing", "status": 404, "code": "NOT_FOUND"}.items()


async def test_each_operation_on_a_socket_leaves_a_line(serving, trade, lines):
    async with Client(serving, trade.shop) as client:
        await (await client.ask(ME)).raw()
        _, (error,) = await (await client.ask("{ nope }")).raw()
        await client.subscribe({"query": STREAM, "variables": {}})
        read, refused, followed = lines()
    shop = {"organisation": trade.shop}
    assert read.items() >= {"event": "answered", "operation": "Me", "status": 200, **shop}.items()
    assert refused.items() >= {"status": 422, "request_id": error["extensions"]["requestId"], **shop}.items()
    assert followed.items() >= {"event": "followed", "operation": "Events", **shop}.items()


async def test_a_stream_of_events_leaves_a_line_when_it_ends(serving, lines):
    headers = {**serving.bearer(), "accept": "text/event-stream", "x-request-id": "stream-1"}
    await serving.http.post("/graphql", json={"query": ME}, headers=headers)
    (line,) = lines()
    assert line.items() >= {"event": "answered", "operation": "Me", "status": 200, "request_id": "stream-1"}.items()


async def test_a_failure_on_a_socket_is_logged_under_the_id_that_its_client_is_told(serving, monkeypatch, caplog):
    async def broken(*_):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(serving.app.parts.door, "execute", broken)
    async with Client(serving, 1) as client:
        kind, (error,) = await (await client.ask(ME)).raw()
    assert (kind, error["extensions"]["code"]) == ("error", "INTERNAL")
    (line,) = [record.msg for record in caplog.records if record.name == "stockbook.api.refusing"]
    assert line["request_id"] == error["extensions"]["requestId"]


async def test_who_wants_no_lines_has_none(fresh, lines):
    async with served(await fresh(), requests_logged=False) as serving:
        await serving.http.post("/graphql", json={"query": ME}, headers=serving.bearer())
        assert lines() == []
