"""Wrong values, cursors and ids in reads: refused, or found not to be there; never a failure, and nothing is told."""

import gzip
import json
import zlib
from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType, build_schema, get_named_type

from tests.bad_input.conftest import SECRETS, told

SCHEMA = build_schema(Path("schema/schema.graphql").read_text(encoding="utf-8"))
WAYS = {"eq", "in", "gt", "contains", "startsWith", "isNull"}
VALUES = [
    *(None, True, -1, 2**31, 2**63, 2**64, 10**30, 1.5, 1e308),
    *("", "x", "NaN", "-Infinity", "infinity", "9" * 400, "1e40", "١٢", "a\0b", "'; drop table item; --", "%_\\"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "-0001-01-01", "2026-01-01T24:00:00Z"),
    *("2026-01-01T00:00:00+00:00:00.000001", "gid://stockbook/Item/9223372036854775808", "gid://stockbook/Item/1\0"),
    *([], {}, [None], [["x"]], ["x"] * 251, [1] * 300),
]  # fmt: skip


def comparisons():
    """Yield a document for each way to compare each type of value: on the first field that is compared so."""
    seen = set()
    for root, field in SCHEMA.query_type.fields.items():
        kind = get_named_type(field.args["filter"].type) if "filter" in field.args else None
        for name, of in kind.fields.items() if isinstance(kind, GraphQLInputObjectType) else ():
            compared = get_named_type(of.type)
            for way, argument in compared.fields.items() if name not in {"and", "or", "not"} else ():
                if way in WAYS and (compared.name, way) not in seen:
                    seen.add((compared.name, way))
                    given = f"{{{name}: {{{way}: $v}}}}"
                    text = f"query($v: {argument.type}) {{ {root}(first: 1, filter: {given}) {{ totalCount }} }}"
                    yield pytest.param(text, id=f"{compared.name}.{way}")


def arguments():
    """Yield a document for each argument of some fields."""
    rest = {"first": "1", "ids": "[]", "id": '"x"', "udi": '"x"'}
    for root, names in (("movements", {"first", "before", "sort"}), ("node", {"id"}), ("nodes", {"ids"}),
                        ("trace", {"udi"}), ("replica", {"after"})):  # fmt: skip
        field = SCHEMA.query_type.fields[root]
        for name in sorted(names):
            needed = {each for each, of in field.args.items() if str(of.type).endswith("!")} - {name}
            given = ", ".join([f"{name}: $v", *(f"{each}: {rest[each]}" for each in needed)])
            text = f"query($v: {field.args[name].type}) {{ {root}({given}) {{ __typename }} }}"
            yield pytest.param(text, id=f"{root}.{name}")


def answered(answer):
    """Return the codes of an answer that discloses nothing and is no failure of ours."""
    assert answer.status_code == 200, answer.text
    assert not any(secret in answer.text for secret in SECRETS), answer.text
    errors = answer.json().get("errors", [])
    assert all(each["extensions"]["requestId"] == answer.headers["x-request-id"] for each in errors)
    return {each["extensions"]["code"] for each in errors}


@pytest.mark.parametrize("text", [*comparisons(), *arguments()])
async def test_values_of_any_kind(sender, text):
    headers = sender.headers()
    for value in VALUES:
        codes = answered(await sender.send({"query": text, "variables": {"v": value}}, headers))
        assert codes <= {"BAD_USER_INPUT", "COST_LIMIT"}, (value, codes)


ORDERS = ["", "sort: [NAME_ASC]", "sort: [CATEGORY_DESC, NAME_ASC]"]


async def cursors(sender, order):
    asked = f"{{ items(first: 2{', ' + order if order else ''}) {{ edges {{ cursor }} }} }}"
    return [each["cursor"] for each in (await sender.send({"query": asked})).json()["data"]["items"]["edges"]]


@pytest.mark.parametrize("order", ORDERS)
async def test_forged_and_foreign_cursors(sender, order):
    cursor = (await cursors(sender, order))[0]
    tag = cursor[:4]
    other = (await cursors(sender, next(each for each in ORDERS if each != order)))[0]
    forged = ["", " ", "x", tag, tag + "zz", tag + "00", cursor[:-1], cursor + "00", "0000" + cursor[4:], other]
    forged += [
        tag + said.encode().hex() for said in ("\x1f", "a", "1\x1f1\x1f1\x1f1\x1f1", "\x1e", "9" * 40, "NaN", "1;")
    ]
    forged += [tag + "ff" * 9, "é" + cursor, cursor.upper() + "G", "\0" + cursor, cursor + "\0", "f" * 100_000]
    if order:
        forged += [
            tag + said.encode().hex() for said in ("zz\x1f1", "6\x1f1", "ff\x1f1", "00\x1f1", "\x1e\x1f1", "41\x1f\x1e")
        ]
    for end in ("first: 2, after", "last: 2, before"):
        text = f"query($c: String) {{ items({end}: $c{', ' + order if order else ''}) {{ nodes {{ id }} }} }}"
        for given in forged:
            codes = answered(await sender.send({"query": text, "variables": {"c": given}}))
            assert codes == {"BAD_USER_INPUT"}, (end, given)


async def test_a_cursor_belongs_to_its_type(sender):
    cursor = (await cursors(sender, ""))[0]
    for other in ("lots", "positions", "documents"):
        text = f"query($c: String) {{ {other}(after: $c) {{ nodes {{ id }} }} }}"
        assert answered(await sender.send({"query": text, "variables": {"c": cursor}})) == {"BAD_USER_INPUT"}


async def test_pages_go_on_behind_any_name(sender):
    names = ["a\x1e", "a\x1fb", "a\x1e\x1fb", "1\x1f1", 'a"b', "a\\b", "a\nb", "\u2028a", "日本", "🍌", "\x7f", " z "]
    lines = [
        {"externalReference": f"ODD-{at}", "name": name, "baseUnit": "kg", "category": name}
        for at, name in enumerate(names)
    ]
    await sender.serving.register("registerItems", *lines)
    headers = sender.headers()
    for order in ("NAME_ASC", "NAME_DESC", "CATEGORY_ASC, NAME_DESC"):
        page = f"items(first: 1, after: $c, sort: [{order}]) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }}"
        found, cursor, more = [], None, True
        while more:
            asked = {"query": f"query($c: String) {{ {page} }}", "variables": {"c": cursor}}
            answer = (await sender.send(asked, headers)).json()
            assert "errors" not in answer, answer
            read = answer["data"]["items"]
            found += [each["id"] for each in read["nodes"]]
            cursor, more = read["pageInfo"]["endCursor"], read["pageInfo"]["hasNextPage"]
        whole = (await sender.send({"query": f"{{ items(first: 100, sort: [{order}]) {{ nodes {{ id }} }} }}"})).json()
        assert found == [each["id"] for each in whole["data"]["items"]["nodes"]]


async def test_ids_are_answered_one_by_one_whatever_they_are(sender):
    ids = ["gid://stockbook/Item/1", "x", "gid://stockbook/Me/1", "gid://stockbook/LegEnd/1", "gid://stockbook/Query/1"]
    ids += [
        "gid://stockbook/item/1",
        "gid://stockbook/Leg/1-'",
        "gid://stockbook/Item/999999",
        "gid://stockbook/Item/1",
    ]
    answer = await sender.send({"query": "query($i: [ID!]!) { nodes(ids: $i) { id } }", "variables": {"i": ids}})
    assert answered(answer) == set()
    item = {"id": "gid://stockbook/Item/1"}
    assert answer.json()["data"]["nodes"] == [item, *[None] * 7, item]


ID = "id "
DEAR = {
    "one field thousands of times": "{ me { " + ID * 3900 + "} }",
    "one root hundreds of times": "{ " + "items { totalCount } " * 350 + "}",
    "one nest hundreds of times": "{ " + "items { nodes { registrar { id } } } " * 300 + "}",
    "hundreds of fragments": "{ me { " + "".join(f"...f{at} " for at in range(300)) + "} }"
    + "".join(f" fragment f{at} on Me {{ id }}" for at in range(300)),
    "fragments within fragments": "{ me { ...f0 } }"
    + "".join(f" fragment f{at} on Me {{ id ...f{at + 1} }}" for at in range(400)) + " fragment f400 on Me { id }",
    "hundreds of inline fragments": "{ me { " + "... on Me { id } " * 400 + "} }",
}  # fmt: skip


@pytest.mark.parametrize("name", DEAR)
async def test_documents_that_are_dear_to_validate_are_not_validated(sender, name):
    assert told(await sender.send({"query": DEAR[name]})) == ["COST_LIMIT"]


async def test_a_file_of_many_operations_is_as_dear_as_the_one_that_is_meant(sender):
    text = " ".join(f"query Q{at} {{ me {{ id }} items {{ nodes {{ id name }} }} }}" for at in range(250))
    assert answered(await sender.send({"query": text, "operationName": "Q7"})) == set()


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("query($v: String!) { trace(udi: $v) { totalCount } }", "0" * 500_000),
        ("query($v: String!) { trace(udi: $v) { totalCount } }", "]d2" + "1" * 500_000),
        ("query($v: String) { replica(after: $v) { __typename } }", "x" * 500_000),
        ("query($v: String) { replica(after: $v) { __typename } }", "x" * 5000 + ".1" * 9),
    ],
)
async def test_texts_of_any_length_are_not_read(sender, text, given):
    assert told(await sender.send({"query": text, "variables": {"v": given}})) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_subscription_is_no_request(sender, accept):
    for body in (
        {"query": "subscription { stockEvents { sequence } }"},
        {"query": "subscription S { stockEvents { sequence } } query Q { me { id } }", "operationName": "S"},
        {"query": "subscription mutation { stockEvents { sequence } }"},
    ):  # fmt: skip
        answer = await sender.send(body, sender.headers(accept=accept))
        assert told(answer) == ["BAD_USER_INPUT"]
        assert answer.status_code == (200 if accept == "application/json" else 422)
        assert "text/event-stream" in answer.text


@pytest.mark.parametrize(("kind", "press"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", bytes)])
async def test_compressed_bodies_are_told_to_come_as_they_are(sender, kind, press):
    body = press(json.dumps({"query": "{ me { id } }"}).encode())
    answer = await sender.send(body, sender.headers(**{"content-encoding": kind}))
    assert (answer.status_code, told(answer)) == (415, ["BAD_USER_INPUT"])
    assert answer.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "APPLICATION/JSON", "Application/*;q=0.1", "text/plain, application/json"]
)
async def test_who_accepts_json_in_any_spelling_gets_it(sender, accept):
    assert answered(await sender.send({"query": "{ me { id } }"}, sender.headers(accept=accept))) == set()
