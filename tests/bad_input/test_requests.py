"""Malformed, huge and greedy requests: a clear no with code and request id, nothing written, nothing told."""

import json

import pytest

from tests.bad_input.conftest import told

ME = "{ me { id } }"


def nested(depth: int) -> str:
    return "{ items { nodes " + "{ registrar { places { nodes " * depth + "{ id }" + " } } }" * depth + " } }"


def aliases(count: int) -> str:
    return "{ " + " ".join(f"a{number}: me {{ id }}" for number in range(count)) + " }"


DOCUMENTS = {
    "no document": "",
    "only white space": " \n\t",
    "half a document": "{ me { id }",
    "no field of that name": "{ secrets { id } }",
    "no argument of that name": "{ items(where: 1) { nodes { id } } }",
    "an object without selection": "{ me }",
    "two anonymous operations": "{ me { id } } { me { id } }",
    "an unknown fragment": "{ me { ...Nowhere } }",
    "fragments in a circle": "{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...A }",
    "an unknown variable": "{ item(id: $id) { id } }",
    "an unknown directive": "{ me @hack { id } }",
    "very deep": nested(40),
    "deeper than any parser likes": "{" * 5000 + "}" * 5000,
    "deep in a value": "{ items(filter: " + '{not: ' * 3000 + "{}" + "}" * 3000 + ") { nodes { id } } }",
    "many aliases": aliases(500),
    "many tokens": "{ me { " + "id " * 20_000 + "} }",
    "a long name": "{ " + "x" * 100_000 + " }",
    "a huge page": "{ items(first: 100000) { nodes { id } } }",
    "a negative page": "{ items(first: -1) { nodes { id } } }",
    "a number over 32 bits": "{ items(first: 99999999999) { nodes { id } } }",
    "both ends of a page": "{ items(first: 1, last: 1) { nodes { id } } }",
    "a cursor that is none": '{ items(after: "xyz") { nodes { id } } }',
    "a cursor of another order": '{ items(after: "0000ff") { nodes { id } } }',
    "dear": "{ items(first: 99) { nodes { positions(first: 99) { nodes { item { lots { totalCount } } } } } } }",
    "a control character": "{ me { id\x00 } }",
    "a byte order mark within": "{ me\ufeff\x01 { id } }",
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_documents(sender, name):
    before = await sender.rows()
    answer = await sender.send({"query": DOCUMENTS[name]})
    assert set(told(answer)) <= {"BAD_USER_INPUT", "COST_LIMIT"}
    assert answer.status_code in {200, 400}
    assert await sender.rows() == before


@pytest.mark.parametrize(
    ("text", "place"), [("{ me {", (1, 7)), ("{\n  me { nope }\n}", (2, 8)), ("{ me {\n...Nowhere } }", (2, 4))]
)
async def test_what_is_wrong_with_a_document_is_said_with_its_place(sender, text, place):
    answer = await sender.send({"query": text})
    (error,) = answer.json()["errors"]
    assert [(each["line"], each["column"]) for each in error["locations"]] == [place]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"{",
        b"[]",
        b"[" * 50_000,
        b"null",
        b"1",
        b'"text"',
        b'{"query": 1}',
        b'{"query": ["{ me { id } }"]}',
        b'{"query": "{ me { id } }", "variables": 7}',
        b'{"query": "{ me { id } }", "variables": ["a"]}',
        b'{"query": "{ me { id } }", "operationName": 7}',
        b'{"query": "{ me { id } }", "operationName": "Nobody"}',
        b'{"documentId": "sha256:0000"}',
        b'{"documentId": 7}',
        b'{"query": "{ me { id } \xff\xfe }"}',
        b'{"query": "{ me { id } } \\ud800"}',
        b'{"query": "{ me { id } }", "variables": {"a": NaN}}',
        b'\x00{"query": "{ me { id } }"}',
        b"\xef\xbb\xbf\xff",
    ],
)
async def test_bodies(sender, body):
    before = await sender.rows()
    answer = await sender.send(body)
    assert set(told(answer)) <= {"BAD_USER_INPUT", "NOT_FOUND"}
    assert answer.status_code in {200, 400, 404}
    assert await sender.rows() == before


async def test_a_body_over_the_limit_is_not_read(sender):
    answer = await sender.send({"query": ME, "variables": {"a": "x" * 3_000_000}})
    assert answer.status_code == 413
    assert told(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("method", "content", "status"),
    [
        ("PUT", "application/json", 405),
        ("DELETE", "application/json", 405),
        ("POST", "text/plain", 415),
        ("POST", "application/x-www-form-urlencoded", 415),
        ("POST", "application/json; charset=utf-16", 415),
    ],
)
async def test_methods_and_kinds(sender, method, content, status):
    headers = {**sender.headers(), "content-type": content}
    answer = await sender.send({"query": ME}, headers, method=method)
    assert answer.status_code == status
    assert told(answer) == ["BAD_USER_INPUT"]


async def test_a_mutation_is_not_sent_by_get(sender):
    before = await sender.rows()
    line = '{item: "ITEM-0", quantity: "1", place: "SHELF"}'
    text = f'mutation {{ sell(input: {{key: "get", lines: [{line}]}}) {{ errors {{ code }} }} }}'
    for accept in ("application/json", "text/event-stream"):
        headers = sender.headers(accept=accept)
        answer = await sender.serving.http.get("/graphql", params={"query": text}, headers=headers)
        assert answer.status_code == 405
        assert told(answer) == ["BAD_USER_INPUT"]
    assert await sender.rows() == before


async def test_the_request_id_comes_back_and_cannot_carry_anything(sender):
    answer = await sender.send({"query": "{ no }"}, sender.headers(**{"x-request-id": "shop-7"}))
    assert answer.headers["x-request-id"] == "shop-7"
    told(answer)
    answer = await sender.send({"query": "{ no }"}, sender.headers(**{"x-request-id": "a b<script>"}))
    assert answer.headers["x-request-id"] != "a b<script>"
    told(answer)


async def test_a_name_is_not_guessed_for_somebody_without_a_token(sender):
    answer = await sender.send({"query": "{ itemz { nodes { id } } }"}, {"content-type": "application/json"})
    assert answer.status_code == 401
    assert told(answer) == ["UNAUTHENTICATED"]
    assert "items" not in answer.text


async def test_the_server_still_answers_after_all_of_it(sender):
    answer = await sender.send({"query": "{ me { organisation { name } } }"})
    assert json.loads(answer.content)["data"] == {"me": {"organisation": {"name": "Shop"}}}
