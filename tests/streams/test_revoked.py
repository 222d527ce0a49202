"""T9: who has lost a role is let in no more, and the streams of that role are closed within about a second."""

import asyncio

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from tests.api.test_sse import following, stream
from tests.serving import served
from tests.streams.client import Client, events

SECONDS_MAX = 5
"""Generous: a machine may stand still for a second or two at any time."""
ASKED = "{ me { organisation { name } } }"
REVOKE = """mutation($input: RevokeMembershipsInput!) { revokeMemberships(input: $input) {
    errors { code message } results { outcome code id } } }"""
ANNA = {"externalReference": "ANNA", "name": "Anna", "memberships": [{"role": "storekeeper"}, {"role": "buyer"}]}


@pytest.fixture
async def anna(serving, trade):
    """A storekeeper and buyer of the shop, however she left the test before."""
    (principal,) = await serving.register("registerPrincipals", ANNA, organisation=trade.shop)

    def token(*roles, organisation=trade.shop):
        tokens = serving.app.parts.tokens
        return tokens.issue(principal=principal, organisation=organisation, roles=set(roles))

    await soon(serving, token("storekeeper", "buyer"), 200)
    return token


async def revoke(serving, organisation, *lines, role="org_admin"):
    data = await serving.ask(REVOKE, organisation, role, input={"lines": list(lines)})
    return data["revokeMemberships"]


async def answered(serving, token):
    headers = {"authorization": f"Bearer {token}"}
    return await serving.http.post("/graphql", json={"query": ASKED}, headers=headers)


async def soon(serving, token, status):
    """Wait until a token is answered so."""
    async with asyncio.timeout(SECONDS_MAX):
        while (answer := await answered(serving, token)).status_code != status:
            await asyncio.sleep(0.02)
    return answer


async def test_T9_who_loses_a_role_is_closed_at_once_and_let_in_no_more(serving, trade, anna):
    lost, kept = anna("storekeeper"), anna("buyer")
    async with (
        Client(serving, trade.shop, token=lost) as client,
        Client(serving, trade.shop, token=kept) as other,
        stream(serving, "subscription { stockEvents { sequence } }", trade.shop, authorization=f"Bearer {lost}") as (
            _,
            told,
        ),
    ):
        await client.subscribe(events())
        still = await other.subscribe(events())
        await following(serving, 3)
        done = await revoke(serving, trade.shop, {"principal": "ANNA", "role": "storekeeper"})
        began = asyncio.get_running_loop().time()
        assert (done["errors"], done["results"][0]["outcome"]) == ([], "REGISTERED")
        code, reason = await client.closed()
        assert asyncio.get_running_loop().time() - began < SECONDS_MAX
        assert (code, "revoked" in reason) == (4403, True)
        async with asyncio.timeout(SECONDS_MAX):
            last = [event async for event in told]
        assert orjson.loads(last[-2]["data"])["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert last[-1]["event"] == "complete"
        await trade.bring()
        assert (await still.next())["movement"]["verb"] == "RECEIVE", "her other role goes on"
    for token in (lost, anna("storekeeper", "buyer")):
        answer = await answered(serving, token)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert (await answered(serving, kept)).status_code == 200
    with pytest.raises(ConnectionClosed, match="revoked"):
        await Client(serving, trade.shop, token=lost).__aenter__()


async def test_a_role_given_again_opens_again(serving, trade, anna):
    assert not (await revoke(serving, trade.shop, {"principal": "ANNA", "role": "buyer"}))["errors"]
    await soon(serving, anna("buyer"), 401)
    await serving.register("registerPrincipals", ANNA, organisation=trade.shop)
    await soon(serving, anna("buyer"), 200)


async def test_a_membership_left_out_when_registered_again_is_revoked_too(serving, trade, anna):
    fewer = {**ANNA, "memberships": ANNA["memberships"][:1]}
    await serving.register("registerPrincipals", fewer, organisation=trade.shop)
    await soon(serving, anna("buyer"), 401)
    assert (await answered(serving, anna("storekeeper"))).status_code == 200


async def test_a_role_lost_in_one_organisation_is_kept_in_another(serving, trade, anna):
    both = [*ANNA["memberships"], {"role": "buyer", "organisation": "GROWER"}]
    await serving.register("registerPrincipals", {**ANNA, "memberships": both})
    assert not (await revoke(serving, trade.shop, {"principal": "ANNA", "role": "buyer"}))["errors"]
    await soon(serving, anna("buyer"), 401)
    assert (await answered(serving, anna("buyer", organisation=trade.grower))).status_code == 200
    assert (await answered(serving, serving.token(trade.shop, "buyer"))).status_code == 200, "others keep theirs"


async def test_what_was_revoked_already_is_known(serving, trade, anna):
    line = {"principal": "ANNA", "role": "buyer"}
    first, again = [await revoke(serving, trade.shop, line) for _ in range(2)]
    assert [each["results"][0]["outcome"] for each in (first, again)] == ["REGISTERED", "KNOWN"]
    assert first["results"][0]["id"] == again["results"][0]["id"]


@pytest.mark.parametrize(
    ("line", "role", "code"),
    [
        ({"principal": "NOBODY", "role": "buyer"}, "org_admin", "REFERENCE_UNKNOWN"),
        ({"principal": "ANNA", "role": "finance"}, "org_admin", "REFERENCE_UNKNOWN"),
        ({"principal": "ANNA", "role": "network_admin"}, "org_admin", "ACTION_DENIED"),
        ({"principal": "ANNA", "role": "buyer", "organisation": "GROWER"}, "org_admin", "ACTION_DENIED"),
        ({"principal": "ANNA", "role": "buyer", "organisation": "NOWHERE"}, "org_admin", "ACTION_DENIED"),
        ({"principal": "ANNA", "role": "buyer"}, "program", "ACTION_DENIED"),
        ({"principal": "ANNA", "role": "buyer"}, "storekeeper", "ACTION_DENIED"),
    ],
)
async def test_nobody_revokes_what_is_not_his_to_revoke(serving, trade, anna, line, role, code):
    query = "select count(*) from membership where revoked_at is null"
    before = await serving.app.parts.beside.fetchval(query)
    refused = await revoke(serving, trade.shop, line, role=role)
    assert [error["code"] for error in refused["errors"]] == [code]
    assert await serving.app.parts.beside.fetchval(query) == before


async def test_what_was_revoked_before_the_start_is_known_at_the_start(serving, trade, anna):
    await revoke(serving, trade.shop, {"principal": "ANNA", "role": "buyer"})
    token = anna("buyer")
    async with served(serving.app.settings.database_url, policies_seconds=60) as second:
        assert (await answered(second, token)).status_code == 401
