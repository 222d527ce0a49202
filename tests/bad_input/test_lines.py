"""Wrong lines in postings and registrations: refused with their place, nothing written, nothing told."""

import itertools

import pytest

from tests.bad_input.conftest import SECRETS

KEYS = itertools.count()
SELL = "mutation($input: SellInput!) { sell(input: $input) { errors { code message path } results { outcome code } } }"
GOOD = {"item": "ITEM-0", "quantity": "1", "place": "SHELF"}

LINES = {
    "negative": ({"quantity": "-1"}, "BAD_QUANTITY"),
    "zero": ({"quantity": "0"}, "BAD_QUANTITY"),
    "negative zero": ({"quantity": "-0.0"}, "BAD_QUANTITY"),
    "enormous": ({"quantity": "9" * 30}, "BAD_QUANTITY"),
    "just over what fits": ({"quantity": "1000000000000"}, "BAD_QUANTITY"),
    "more than there is": ({"quantity": "999999999999"}, "INSUFFICIENT_STOCK"),
    "too exact for the item": ({"quantity": "0.0001"}, "BAD_QUANTITY"),
    "too exact for anything": ({"quantity": "0.00000000001"}, "BAD_QUANTITY"),
    "no such unit": ({"unit": "barrel"}, "BAD_UNIT"),
    "no such item": ({"item": "NOTHING"}, "ITEM_UNKNOWN"),
    "an id of another type": ({"item": "gid://stockbook/Place/1"}, "ITEM_UNKNOWN"),
    "an id over 64 bits": ({"item": "gid://stockbook/Item/99999999999999999999"}, "ITEM_UNKNOWN"),
    "half an id": ({"item": "gid://stockbook/Item/"}, "ITEM_UNKNOWN"),
    "nobody": ({"item": "gid://stockbook/Item/0"}, "ITEM_UNKNOWN"),
    "a negative id": ({"item": "gid://stockbook/Item/-1"}, "ITEM_UNKNOWN"),
    "SQL": ({"item": "'; drop table item; --"}, "ITEM_UNKNOWN"),
    "no such place": ({"place": "NOWHERE"}, "PLACE_UNKNOWN"),
    "no such lot": ({"lot": "NO-LOT"}, "LOT_UNKNOWN"),
    "no such claim": ({"claim": "gid://stockbook/Claim/99999"}, "CLAIM_UNKNOWN"),
    "a NUL character": ({"lot": "a\0b"}, "BAD_INPUT"),
    "an endless text": ({"lot": "x" * 5000}, "BAD_INPUT"),
    "an empty item": ({"item": ""}, "ITEM_UNKNOWN"),
}
UNREADABLE = [
    {"quantity": "NaN"},
    {"quantity": "Infinity"},
    {"quantity": "-Infinity"},
    {"quantity": "sNaN"},
    {"quantity": "1e999999999"},
    {"quantity": "1e-999999999"},
    {"quantity": "ten"},
    {"quantity": ""},
    {"quantity": " "},
    {"quantity": "1_000"},
    {"quantity": "１２"},
    {"quantity": "1,5"},
    {"quantity": "1e99999999999999999999999999"},
    {"quantity": 0.1},
    {"quantity": True},
    {"quantity": None},
    {"quantity": [1]},
    {"quantity": {"n": 1}},
    {"item": None},
    {"item": 1.5},
    {"item": ["ITEM-0"]},
    {"place": {}},
    {"price": "1"},
    {"__proto__": {}},
]


async def post(sender, document, given, **headers):
    return await sender.send({"query": document, "variables": {"input": given}}, sender.headers(**headers))


def clean(answer):
    assert not any(secret in answer.text for secret in SECRETS), answer.text
    return answer.json()


async def test_a_refusal_names_what_was_said_as_the_schema_does(sender):
    change = """mutation($input: ChangeStateInput!) { changeState(input: $input) { errors { code path } } }"""
    line = {"item": "ITEM-0", "quantity": "1", "place": "SHELF", "fromState": "SELLABLE", "toState": "EXPECTED"}
    answer = clean(await post(sender, change, {"key": f"bad-{next(KEYS)}", "lines": [line]}))
    (error,) = answer["data"]["changeState"]["errors"]
    assert error == {"code": "STATE_FORBIDS", "path": ["input", "lines", "0", "toState"]}


@pytest.mark.parametrize("name", LINES)
async def test_lines_that_can_be_read_and_not_be_posted(sender, name):
    change, code = LINES[name]
    before = await sender.rows()
    for policy in ("REJECT_ALL", "REJECT_FAILED"):
        given = {"key": f"bad-{next(KEYS)}", "lines": [{**GOOD, **change}], "errorPolicy": policy}
        payload = clean(await post(sender, SELL, given))["data"]["sell"]
        assert [error["code"] for error in payload["errors"]] == [code]
        assert payload["errors"][0]["path"][0] == "input"
        assert all(result["outcome"] == "REFUSED" for result in payload["results"])
    assert await sender.rows() == before


@pytest.mark.parametrize("change", UNREADABLE)
async def test_lines_that_cannot_be_read(sender, change):
    before = await sender.rows()
    answer = await post(sender, SELL, {"key": f"bad-{next(KEYS)}", "lines": [{**GOOD, **change}]})
    said = clean(answer)
    assert said.get("data") is None
    assert [each["extensions"]["code"] for each in said["errors"]] == ["BAD_USER_INPUT"]
    assert said["errors"][0]["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert await sender.rows() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": []}, "BAD_INPUT"),
        ({"lines": [GOOD] * 251}, "TOO_MANY_LINES"),
        ({"key": ""}, "BAD_INPUT"),
        ({"key": " "}, "BAD_INPUT"),
        ({"key": "k" * 201}, "BAD_INPUT"),
        ({"key": "a\0b"}, "BAD_INPUT"),
        ({"reason": "a\0b"}, "BAD_INPUT"),
        ({"reason": "x" * 100_000}, "BAD_INPUT"),
        ({"document": "NO-PAPER"}, "DOCUMENT_UNKNOWN"),
        ({"document": "gid://stockbook/Item/1"}, "DOCUMENT_UNKNOWN"),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, "BAD_TIME"),
        ({"occurredAt": "0001-01-01T00:00:00Z"}, "BAD_TIME"),
    ],
)
async def test_requests_that_are_wrong_as_a_whole(sender, change, code):
    before = await sender.rows()
    given = {"key": f"bad-{next(KEYS)}", "lines": [GOOD], **change}
    payload = clean(await post(sender, SELL, given))["data"]["sell"]
    assert {error["code"] for error in payload["errors"]} == {code}
    assert await sender.rows() == before


async def test_others_things_are_unknown_just_as_what_is_not_there(sender):
    """The same words, whether it is somebody else's or nobody's; so asking tells nothing."""
    serving = sender.serving
    await serving.register(
        "registerPlaces",
        {"externalReference": "HIDDEN", "name": "Hidden", "kind": "SITE", "organisation": "STRANGER"},
    )
    before = await sender.rows()
    said = []
    for place in ("HIDDEN", "NOWHERE"):
        lines = [{**GOOD, "place": place}]
        answer = await post(sender, SELL, {"key": f"bad-{next(KEYS)}", "lines": lines})
        said.append(clean(answer)["data"]["sell"])
    assert said[0] == said[1]
    assert await sender.rows() == before


@pytest.mark.parametrize("name", ["item", "place", "lot", "position", "movement", "document", "claim", "organisation"])
async def test_ids_that_are_none_find_nothing(sender, name):
    for given in (
        "",
        "nonsense",
        "gid://stockbook/Item/x",
        "gid://elsewhere/Item/1",
        "gid://stockbook/Item/" + "9" * 40,
    ):
        answer = await sender.send(
            {"query": f"query($id: ID!) {{ {name}(id: $id) {{ id }} }}", "variables": {"id": given}}
        )
        assert clean(answer)["data"] == {name: None}
        answer = await sender.send({"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": given}})
        assert clean(answer)["data"] == {"node": None}


REGISTRATIONS = [
    ("registerItems", {"externalReference": "BAD\0", "name": "x", "baseUnit": "kg"}),
    ("registerItems", {"externalReference": "BAD", "name": "x", "baseUnit": "kg", "decimals": -1}),
    ("registerItems", {"externalReference": "BAD", "name": "x", "baseUnit": "kg", "decimals": 99}),
    ("registerItems", {"externalReference": "B", "name": "x", "baseUnit": "g", "units": {"unit": "u", "factor": "0"}}),
    ("registerItems", {"externalReference": "", "name": "x", "baseUnit": "kg"}),
    ("registerItems", {"externalReference": " ITEM-0", "name": "x", "baseUnit": "kg"}),
    ("registerItems", {"externalReference": "ITEM-0\u200b", "name": "x", "baseUnit": "kg"}),
    ("registerItems", {"externalReference": "NAMELESS", "name": " ", "baseUnit": "kg"}),
    ("registerItems", {"externalReference": "gid://stockbook/Item/1", "name": "x", "baseUnit": "kg"}),
    ("registerItems", {"externalReference": "ITEM-0", "name": "Another", "baseUnit": "kg"}),
    ("registerPlaces", {"externalReference": "BAD", "name": "x", "kind": "SITE", "organisation": "NOBODY"}),
    ("registerPlaces", {"externalReference": "BAD", "name": "x", "kind": "BIN", "parent": "NOWHERE"}),
    ("registerPlaces", {"externalReference": "BAD", "name": "x", "kind": "BIN", "parent": "BAD"}),
    ("makeAgreements", {"taker": "NOBODY", "verb": "SELL", "right": "SALE"}),
    ("makeAgreements", {"taker": "GROWER"}),
    ("registerPrincipals", {"externalReference": "BAD", "name": "x", "memberships": [{"role": "emperor"}]}),
    ("openDocuments", {"externalReference": "BAD", "kind": "ORDER", "counterparty": "NOBODY"}),
    ("recordListings", {"item": "NOTHING"}),
    ("recordListings", {"item": "ITEM-0", "price": "-1"}),
    ("recordListings", {"item": "ITEM-0", "price": "1" * 30}),
    ("defineStates", {"code": 8, "name": "SELLABLE", "base": "SELLABLE"}),
    ("defineStates", {"code": 101, "name": "ODD", "base": "RIPE"}),
    ("defineStates", {"name": 'A", "B', "base": "SELLABLE"}),
    ("defineStates", {"name": "ODD", "base": "SELLABLE", "mayBecome": ["RIPE"]}),
    ("adoptTemplates", {"template": "steel"}),
    ("adoptTemplates", {"template": "food", "organisation": "NOBODY"}),
    ("defineOverlays", {"name": "FROZEN", "blocks": True}),
    ("defineOverlays", {"name": 'A","B', "blocks": True}),
    ("defineOverlays", {"name": "ODD", "blocks": True, "meets": ["NONE"]}),
    ("defineOverlays", {"name": "ODD", "blocks": True, "organisation": "NOBODY"}),
    ("defineGuards", {"name": "ODD", "toState": "SELLABLE", "conditions": []}),
    ("defineGuards", {"name": "ODD", "toState": "NOWHERE", "conditions": [{"fact": "REASON_GIVEN"}]}),
    ("defineGuards", {"name": "ODD", "toState": "SELLABLE", "conditions": [{"fact": "QUANTITY_AT_MOST"}]}),
    ("defineGuards", {"name": "ODD", "toState": "SELLABLE", "conditions": [{"fact": "REASON_GIVEN", "number": "1"}]}),
    ("defineGuards", {"name": "ODD", "toState": "SELLABLE", "withdrawn": True}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line"), REGISTRATIONS)
async def test_registrations(sender, name, line):
    before = await sender.rows()
    kind = name[0].upper() + name[1:] + "Input"
    document = (
        f"mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code path }} results {{ outcome }} }} }}"
    )
    headers = sender.headers("network_admin")
    answer = await sender.send({"query": document, "variables": {"input": {"lines": [line]}}}, headers)
    payload = clean(answer)["data"][name]
    assert len(payload["errors"]) == 1, payload
    assert all(result["outcome"] == "REFUSED" for result in payload["results"])
    assert await sender.rows() == before
