"""POST and GET /graphql: statuses, refusals, ids, limits; by raw requests and by Python's gql."""

import asyncio
import hashlib
import json
from pathlib import Path

import orjson
import pytest
from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport

from stockbook.api.documents import Documents
from tests.serving import served

ME = "query Me { me { organisation { id name } } }"
GRAPHQL = {"accept": "application/graphql-response+json"}


async def send(serving, body, **headers):
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return await serving.http.post(
        "/graphql", content=content, headers={"content-type": "application/json", **serving.bearer(), **headers}
    )


def code(answer):
    (error,) = answer.json()["errors"]
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    return error["extensions"]["code"]


async def test_a_query_is_answered_with_its_cost_and_a_request_id(serving):
    answer = await send(serving, {"query": ME}, **{"x-request-id": "shop-7:42"})
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == "shop-7:42"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["data"]["me"]["organisation"]["name"] == "Operator"
    assert answer.json()["extensions"]["cost"]["requested"] > 0
    other = await send(serving, {"query": ME}, **{"x-request-id": "not an id"})
    assert len(other.headers["x-request-id"]) == 16


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "BAD_USER_INPUT"),
        (b"{", 400, "BAD_USER_INPUT"),
        (b"\xff\xfe", 400, "BAD_USER_INPUT"),
        (b'{"query": "\\ud800"}', 400, "BAD_USER_INPUT"),
        ([{"query": ME}], 400, "BAD_USER_INPUT"),
        ({}, 400, "BAD_USER_INPUT"),
        ({"query": 7}, 400, "BAD_USER_INPUT"),
        ({"query": ME, "variables": []}, 400, "BAD_USER_INPUT"),
        ({"query": ME, "operationName": 1}, 400, "BAD_USER_INPUT"),
        ({"documentId": "sha256:" + "0" * 64}, 404, "NOT_FOUND"),
        ({"query": "{ me { organisation { nope } } }"}, 422, "BAD_USER_INPUT"),
        ({"query": "{ me "}, 400, "BAD_USER_INPUT"),
        ({"query": "query($id: ID!) { place(id: $id) { id } }"}, 422, "BAD_USER_INPUT"),
        ({"query": ME, "operationName": "Other"}, 422, "BAD_USER_INPUT"),
        ({"query": "{ a" + "{ a" * 300 + "}" * 301}, 422, "COST_LIMIT"),
    ],
)
async def test_what_is_wrong_with_a_request(serving, body, status, said):
    strict = await send(serving, body, **GRAPHQL)
    assert (strict.status_code, code(strict)) == (status, said)
    assert strict.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    lenient = await send(serving, body)
    executed = isinstance(body, dict) and isinstance(body.get("query"), str) and "variables" not in body
    executed = executed and body.get("operationName") != 1
    assert lenient.status_code == (200 if executed else status), "well-formed requests are 200 for application/json"
    assert lenient.headers["content-type"] == "application/json; charset=utf-8"


async def test_who_asks(serving):
    http = serving.http
    nobody = await http.post("/graphql", json={"query": ME})
    assert (nobody.status_code, code(nobody)) == (401, "UNAUTHENTICATED")
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    for authorization in ("Basic eDp5", "Bearer", "Bearer x.y.z", f"Bearer {serving.token(1)}x"):
        wrong = await http.post("/graphql", json={"query": ME}, headers={"authorization": authorization})
        assert (wrong.status_code, code(wrong)) == (401, "UNAUTHENTICATED")
    late = await http.post("/graphql", json={"query": ME}, headers=serving.bearer(1, lifetime_seconds=-1))
    assert (late.status_code, "expired" in late.text) == (401, True)


async def test_roles_that_may_not_send_their_own_texts_use_registered_documents(serving, trade):
    driver = serving.bearer(trade.shop, "carrier_driver")
    own = await serving.http.post("/graphql", json={"query": ME}, headers=driver)
    assert (own.status_code, code(own)) == (403, "FORBIDDEN")
    name, text = next((name, text) for name, text in serving.documents().items() if "query Me" in text)
    for body in ({"documentId": name}, {"query": text}):
        answer = await serving.http.post("/graphql", json=body, headers=driver)
        assert (answer.status_code, answer.json().get("errors")) == (200, None)
    asking = {"query": "{ __schema { queryType { name } } }"}
    assert (await send(serving, asking)).json()["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_registered_documents_are_named_by_their_hash():
    documents = Documents.load(Path("schema/documents"))
    assert documents.registered
    for name, text in documents.registered.items():
        assert name == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


async def test_get_reads_and_never_writes(serving):
    got = await serving.http.get("/graphql", params={"query": ME}, headers=serving.bearer())
    assert got.json()["data"]["me"]["organisation"]["name"] == "Operator"
    named = await serving.http.get(
        "/graphql",
        params={"query": "query A($i: ID!) { node(id: $i) { id } } query B { me { id } }", "operationName": "A",
                "variables": json.dumps({"i": "gid://stockbook/Organisation/1"})},
        headers=serving.bearer(),
    )  # fmt: skip
    assert named.json()["data"] == {"node": {"id": "gid://stockbook/Organisation/1"}}
    text = 'mutation { sell(input: {key: "k", lines: []}) { errors { code } } }'
    wrote = await serving.http.get("/graphql", params={"query": text}, headers=serving.bearer())
    assert (wrote.status_code, wrote.headers["allow"], code(wrote)) == (405, "POST", "BAD_USER_INPUT")
    broken = await serving.http.get("/graphql?query=%ff", headers=serving.bearer())
    assert broken.status_code == 400


async def test_method_type_size_and_accept(serving):
    assert (await serving.http.put("/graphql", json={}, headers=serving.bearer())).status_code == 405
    text = await send(serving, b"{ me { id } }", **{"content-type": "application/graphql"})
    assert (text.status_code, code(text)) == (415, "BAD_USER_INPUT")
    latin = await send(serving, {"query": ME}, **{"content-type": "application/json; charset=latin-1"})
    assert latin.status_code == 415
    assert (await send(serving, {"query": ME}, accept="image/png")).status_code == 406
    huge = await send(serving, {"query": ME, "variables": {"x": "x" * 2**20}})
    assert (huge.status_code, code(huge)) == (413, "BAD_USER_INPUT")

    async def endless():
        for _ in range(40):
            yield b" " * 65536

    poured = await serving.http.post(
        "/graphql", content=endless(), headers={"content-type": "application/json", **serving.bearer()}
    )
    assert poured.status_code == 413


async def test_a_failure_of_ours_says_nothing_of_itself(serving, monkeypatch, caplog):
    async def broken(*_):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(serving.app.parts.door, "execute", broken)
    answer = await send(serving, {"query": ME})
    assert (answer.status_code, code(answer)) == (500, "INTERNAL")
    assert "secret" not in answer.text
    (line,) = [record.msg for record in caplog.records if record.name == "stockbook.api.refusing"]
    assert "a secret of the house" in str(line["exc_info"])
    assert line["request_id"] == answer.headers["x-request-id"]


async def test_health_readiness_and_metrics(serving):
    assert (await serving.http.get("/healthz")).json() == {"healthy": True}
    assert (await serving.http.get("/readyz")).json() == {"ready": True}
    metrics = (await serving.http.get("/metrics")).text
    for name in ("stockbook_stream_waiting", "stockbook_learner_waiting", "stockbook_requests_total"):
        assert f"\n{name}" in metrics


async def test_too_much_is_throttled(fresh):
    async with served(await fresh(), points_second=1) as serving:
        answers = [await send(serving, {"query": ME}) for _ in range(12)]
        (last,) = [answer for answer in answers if answer.status_code == 429][:1]
        assert code(last) == "THROTTLED"
        assert int(last.headers["retry-after"]) >= 1
        other = await serving.http.post("/graphql", json={"query": ME}, headers=serving.bearer(1, "auditor"))
        assert other.status_code == 429, "roles do not make another principal"


async def test_what_is_in_flight_is_answered_before_the_server_ends(fresh):
    async with served(await fresh()) as serving:
        door = serving.app.parts.door
        plain = door.execute

        async def slow(*args):
            await asyncio.sleep(0.5)
            return await plain(*args)

        door.execute = slow
        asked = asyncio.create_task(send(serving, {"query": ME}))
        await asyncio.sleep(0.1)
        serving.stop()
        assert (await asked).json()["data"]["me"]["organisation"]["name"] == "Operator"


async def test_pythons_gql_over_http(serving):
    transport = HTTPXAsyncTransport(url=f"{serving.address}/graphql", headers=serving.bearer(), timeout=20)
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        found = await session.execute(gql(ME))
        assert found["me"]["organisation"]["name"] == "Operator"
