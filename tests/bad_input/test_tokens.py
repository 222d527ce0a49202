"""Wrong tokens over HTTP: nobody gets in, and nobody learns why beyond what the token itself says."""

import base64
import json
import time

import jwt
import pytest

from tests.bad_input.conftest import told
from tests.serving import SECRET


def claims(**changed):
    now = int(time.time())
    said = {"aud": "stockbook", "sub": "1", "organisation": 1, "roles": ["network_admin"], "sites": [], "exp": now + 60}
    return {**said, **changed}


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def none_algorithm(word="none"):
    return f"{part({'alg': word, 'typ': 'JWT'})}.{part(claims())}."


def tampered():
    head, _, sign = jwt.encode(claims(roles=["board"]), SECRET, "HS256").split(".")
    return f"{head}.{part(claims())}.{sign}"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer nonsense",
        "Basic dXNlcjpwYXNz",
        "bearer " + none_algorithm(),
        "Bearer " + none_algorithm("None"),
        "Bearer " + none_algorithm("HS256"),
        "Bearer " + tampered(),
        "Bearer " + jwt.encode(claims(), "a secret of somebody else, thirty-two bytes", "HS256"),
        "Bearer " + jwt.encode(claims(exp=1), SECRET, "HS256"),
        "Bearer " + jwt.encode(claims(aud="elsewhere"), SECRET, "HS256"),
        "Bearer " + jwt.encode(claims(nbf=int(time.time()) + 3600), SECRET, "HS256"),
        "Bearer " + jwt.encode(claims(exp=2**70), SECRET, "HS256"),
        "Bearer " + jwt.encode(claims(roles=None), SECRET, "HS256"),
        "Bearer " + jwt.encode(claims(sites=[-1]), SECRET, "HS256"),
        "Bearer " + jwt.encode(claims(), SECRET * 2, "HS512", headers={"kid": "../../../dev/null"}),
        "Bearer " + jwt.encode(claims(), SECRET, "HS256", headers={"crit": ["b64"], "b64": False}),
        "Bearer " + jwt.encode(claims(organisation="1 or 1=1"), SECRET, "HS256"),
        "Bearer " + jwt.encode(claims(sub="1; drop table item"), SECRET, "HS256"),
        "Bearer " + "x" * 20_000,
    ],
)
async def test_wrong_tokens(sender, header):
    headers = {"content-type": "application/json", **({"authorization": header} if header else {})}
    answer = await sender.send({"query": "{ me { id } }"}, headers)
    assert answer.status_code == 401
    assert told(answer) == ["UNAUTHENTICATED"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "organisation" not in answer.text


async def test_a_token_of_another_organisation_sees_and_does_nothing_of_this_one(sender):
    mine = {"query": "{ positions { totalCount } availabilities { totalCount } movements { totalCount } }"}
    seen = (await sender.send(mine)).json()["data"]
    assert all(each["totalCount"] > 0 for each in seen.values())
    theirs = sender.headers("org_admin", organisation=sender.other)
    assert {each["totalCount"] for each in (await sender.send(mine, theirs)).json()["data"].values()} == {0}
    before = await sender.rows()
    line = {"item": "ITEM-0", "quantity": "1", "place": "SHELF"}
    text = "mutation($input: SellInput!) { sell(input: $input) { errors { code } results { outcome } } }"
    answer = await sender.send({"query": text, "variables": {"input": {"key": "theft", "lines": [line]}}}, theirs)
    payload = answer.json()["data"]["sell"]
    assert [each["outcome"] for each in payload["results"]] == ["REFUSED"]
    assert await sender.rows() == before


SELL = """mutation { sell(input: {key: "nobody", lines: [{item: "ITEM-0", quantity: "1", place: "SHELF"}]})
    { errors { code } results { outcome } } }"""


@pytest.mark.parametrize("named", [{"organisation": 987654}, {"sub": "987654"}, {"organisation": 2**62, "sub": "9"}])
async def test_whom_nobody_registered_is_nobody(sender, named):
    """Only our own mistake, or a database put back, can have signed such a token."""
    token = jwt.encode(claims(**{"organisation": sender.trade.shop, "roles": ["org_admin"], **named}), SECRET, "HS256")
    before = await sender.rows()
    for query in ("{ positions { totalCount } }", SELL):
        answer = await sender.send(
            {"query": query}, {"authorization": f"Bearer {token}", "content-type": "application/json"}
        )
        assert (answer.status_code, told(answer)) == (401, ["UNAUTHENTICATED"])
    assert await sender.rows() == before


async def test_who_was_registered_a_moment_ago_is_somebody(sender):
    asked = {"query": "{ positions { totalCount } }"}
    after = await sender.serving.app.parts.writes.fetchval("select max(id) + 1 from organisation")
    assert (await sender.send(asked, sender.headers(organisation=after))).status_code == 401
    (late,) = await sender.serving.register(
        "registerOrganisations", {"externalReference": "LATE", "name": "Late", "kind": "SHOP"}
    )
    assert (await sender.send(asked, sender.headers(organisation=late))).json()["data"]["positions"]["totalCount"] == 0


async def test_roles_nobody_has_heard_of_open_nothing(sender):
    answer = await sender.send({"query": "{ items { totalCount } }"}, sender.headers("emperor"))
    assert answer.status_code in {200, 403}
    assert set(told(answer)) <= {"FORBIDDEN", "FIELD_FORBIDDEN"}
