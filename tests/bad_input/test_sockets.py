"""Wrong messages on a socket: an operation that can't be is told so under an id, a frame that is none closes."""

import json

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.bad_input.conftest import SECRETS
from tests.streams.client import Client


async def refused(client, query):
    """Return the code of an operation that is refused."""
    kind, entries = await (await client.ask(query)).raw()
    assert kind == "error"
    text = orjson.dumps(entries).decode()
    assert not any(secret in text for secret in SECRETS if secret != "select "), text  # GraphQL selects as well
    (error,) = entries
    assert len(error["extensions"]["requestId"]) == 16
    return error["extensions"]["code"]


@pytest.mark.parametrize("after", ["", " ", "-1", "+1", "1.5", "1e3", "１", "9" * 19, "x", "0x1", "1\0", "1" * 100_000])
async def test_a_cursor_that_is_none_is_refused(sender, after):
    async with Client(sender.serving, sender.trade.shop) as client:
        stream = f"subscription {{ stockEvents(after: {json.dumps(after)}) {{ sequence }} }}"
        assert await refused(client, stream) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ me { nope } }", "BAD_USER_INPUT"),
        ("subscription { stockEvents { nope } }", "BAD_USER_INPUT"),
        ("subscription { a: stockEvents { sequence } b: stockEvents { sequence } }", "BAD_USER_INPUT"),
        ("subscription { stockEvents @skip(if: true) { sequence } }", "BAD_USER_INPUT"),
        ("subscription { __typename }", "BAD_USER_INPUT"),
        ("subscription A { stockEvents { sequence } } subscription B { stockEvents { sequence } }", "BAD_USER_INPUT"),
        ('subscription { sellableNow(site: "NOWHERE") { availability { id } } }', "NOT_FOUND"),
        ('subscription { sellableNow(site: "SHELF") { availability { id } } }', "NOT_FOUND"),
        ('subscription { sellableNow(site: "gid://stockbook/Item/1") { availability { id } } }', "NOT_FOUND"),
        ("subscription($s: ID!) { sellableNow(site: $s) { availability { id } } }", "BAD_USER_INPUT"),
        ("", "BAD_USER_INPUT"),
        ("subscription { stockEvents { " + "sequence " * 3000 + "} }", "COST_LIMIT"),
    ],
)
async def test_an_operation_that_cannot_be_is_told_so(sender, query, code):
    async with Client(sender.serving, sender.trade.shop) as client:
        assert await refused(client, query) == code


async def test_one_operation_too_many_is_told_so_under_an_id(sender):
    async with Client(sender.serving, sender.trade.shop) as client:
        for _ in range(100):
            await client.ask("subscription { stockEvents { sequence } }")
        assert await refused(client, "{ me { id } }") == "THROTTLED"


@pytest.mark.parametrize("said", [False, True])
async def test_a_frame_is_no_larger_than_a_request(sender, said):
    """Also from those who have not said yet who they are."""
    init = {"type": "connection_init", "payload": sender.serving.bearer(sender.trade.shop)}
    async with connect(sender.serving.socket, subprotocols=["graphql-transport-ws"]) as socket:
        if said:
            await socket.send(orjson.dumps(init).decode())
            assert orjson.loads(await socket.recv())["type"] == "connection_ack"
        with pytest.raises(ConnectionClosed):
            await socket.send("x" * (2**20 + 1))
            await socket.recv()
        assert socket.close_code == 1009


async def test_the_server_still_answers_after_all_of_it(sender):
    async with Client(sender.serving, sender.trade.shop) as client:
        kind, answer = await (await client.ask("{ me { organisation { name } } }")).raw()
    assert (kind, answer["data"]["me"]["organisation"]["name"]) == ("next", "Shop")
