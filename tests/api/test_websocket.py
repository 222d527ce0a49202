"""graphql-transport-ws: the protocol's rules, one by one, and Python's gql as it comes."""

import asyncio

import orjson
import pytest
from gql import Client as Gql
from gql import gql
from gql.transport.websockets import WebsocketsTransport
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.serving import market, served
from tests.streams.client import Client, events, sellable

ME = "{ me { organisation { name } } }"
STREAM = '{"type":"subscribe","id":"a","payload":{"query":"subscription { stockEvents { sequence } }"}}'


async def socket(serving, *protocols, path=""):
    return await connect(serving.socket + path, subprotocols=list(protocols or ("graphql-transport-ws",)))


async def say(open_, **message):
    await open_.send(orjson.dumps(message).decode())


async def hear(open_):
    async with asyncio.timeout(60):
        return orjson.loads(await open_.recv())


async def ended(open_):
    async with asyncio.timeout(60):
        await open_.wait_closed()
    return open_.close_code


def init(serving, *args, **more):
    return {"type": "connection_init", "payload": serving.bearer(*args, **more)}


async def test_ping_pong_and_queries_over_the_socket(serving):
    open_ = await socket(serving)
    await say(open_, type="ping")
    assert await hear(open_) == {"type": "pong"}
    await say(open_, **init(serving))
    assert await hear(open_) == {"type": "connection_ack"}
    await say(open_, type="subscribe", id="a", payload={"query": ME})
    answer = await hear(open_)
    assert (answer["id"], answer["type"]) == ("a", "next")
    assert answer["payload"]["data"]["me"]["organisation"]["name"] == "Operator"
    assert await hear(open_) == {"type": "complete", "id": "a"}
    await say(open_, type="subscribe", id="a", payload={"query": "{ nope }"})
    wrong = await hear(open_)
    assert (wrong["type"], wrong["payload"][0]["extensions"]["code"]) == ("error", "BAD_USER_INPUT")
    assert wrong["payload"][0]["extensions"]["requestId"]
    text = 'mutation { sell(input: {key: "w", lines: [{item: "no", quantity: "1", place: "no"}]}) { errors { code } } }'
    await say(open_, type="subscribe", id="a", payload={"query": text})
    assert (await hear(open_))["payload"]["data"]["sell"]["errors"]
    await open_.close()


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["not json"], 4400),
        (['{"type":"start"}'], 4400),
        (["[]"], 4400),
        (['{"type":"subscribe","id":"a","payload":{"query":"{ me { id } }"}}'], 4401),
        (["INIT", '{"type":"subscribe","payload":{"query":"{ me { id } }"}}'], 4400),
        (["INIT", '{"type":"subscribe","id":"a"}'], 4400),
        (["INIT", "INIT"], 4429),
        (['{"type":"connection_init","payload":{"authorization":"Bearer x"}}'], 4403),
        (['{"type":"connection_init"}'], 4403),
        (["INIT", STREAM, STREAM], 4409),
    ],
)
async def test_what_breaks_the_protocol_closes(serving, messages, code):
    open_ = await socket(serving)
    for message in messages:
        await open_.send(orjson.dumps(init(serving)).decode() if message == "INIT" else message)
    assert await ended(open_) == code


async def test_a_reason_fits_into_the_frame_that_carries_it(serving):
    open_ = await socket(serving)
    await say(open_, **init(serving))
    await hear(open_)
    again = {"type": "subscribe", "id": "订" * 128, "payload": {"query": "subscription { stockEvents { sequence } }"}}
    await say(open_, **again)
    await say(open_, **again)
    assert await ended(open_) == 4409
    assert open_.close_reason.startswith("there is an operation 订")


async def test_binary_rubbish_other_protocols_and_other_paths(serving):
    open_ = await socket(serving)
    await open_.send(b"\x00\xff")
    assert await ended(open_) == 4400
    assert await ended(await socket(serving, "graphql-ws")) == 4406
    with pytest.raises(InvalidStatus):
        await connect(serving.address.replace("http", "ws") + "/elsewhere", subprotocols=["graphql-transport-ws"])


async def test_an_id_may_be_used_again_after_complete(serving, trade):
    open_ = await socket(serving)
    await say(open_, **init(serving, trade.shop))
    await hear(open_)
    for _ in range(3):
        await say(open_, type="subscribe", id="a", payload=events())
        await say(open_, type="complete", id="a")
    await say(open_, type="subscribe", id="a", payload={"query": ME})
    assert (await hear(open_))["type"] == "next"
    await open_.close()
    async with asyncio.timeout(60):
        while serving.app.hub.subscribers:
            await asyncio.sleep(0.02)


async def test_one_socket_carries_a_bounded_number_of_operations(serving, trade):
    open_ = await socket(serving)
    await say(open_, **init(serving, trade.shop))
    await hear(open_)
    for number in range(101):
        await say(open_, type="subscribe", id=str(number), payload=events())
    refused = await hear(open_)
    assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("100", "THROTTLED")
    await open_.close()


async def test_who_does_not_say_who_he_is_or_gives_no_sign_is_closed(fresh):
    async with served(await fresh(), init_seconds=2, heartbeat_seconds=0.2) as serving:
        assert await ended(await socket(serving)) == 4408
        open_ = await socket(serving)
        await say(open_, **init(serving))
        assert await ended(open_) == 1001, "pings were never answered"


async def test_a_socket_ends_with_its_token(serving, trade):
    async with Client(serving, trade.shop, lifetime_seconds=2) as client:
        await client.subscribe(events())
        code, reason = await client.closed()
        assert (code, "expired" in reason) == (4403, True)


async def test_the_server_says_where_to_resume_when_it_stops(fresh):
    async with served(await fresh()) as serving:
        trade = await market(serving)
        async with Client(serving, trade.shop) as client:
            stream = await client.subscribe(events())
            await trade.bring()
            last = [await stream.next(), await stream.next()][-1]["sequence"]
            await serving.app.sockets.stop()
            code, reason = await client.closed()
            assert (code, reason) == (1001, f"the server stops; resume stockEvents after {last}")


async def test_pythons_gql_over_websocket(serving, trade):
    transport = WebsocketsTransport(url=serving.socket, init_payload=serving.bearer(trade.shop))
    async with Gql(transport=transport) as session:
        assert (await session.execute(gql(ME)))["me"]["organisation"]["name"] == "Shop"
        heard = []

        async def listen():
            async for told in session.subscribe(gql("subscription { stockEvents { movement { verb } } }")):
                heard.append(told["stockEvents"]["movement"]["verb"])
                if len(heard) == 2:
                    return

        listening = asyncio.create_task(listen())
        hub = serving.app.hub
        async with asyncio.timeout(60):
            while not hub.subscribers:
                await asyncio.sleep(0.02)
            await trade.bring()
            await listening
        assert heard == ["RECEIVE", "PUT_AWAY"]


async def test_streams_can_be_asked_for_by_registered_documents(serving, trade):
    await trade.bring()
    name, _ = next((name, text) for name, text in serving.documents().items() if "sellableNow(" in text)
    async with Client(serving, trade.shop, "board") as client:
        stream = await client.subscribe({"documentId": name, "variables": {"site": trade.site}})
        kind, told = await stream.raw()
        assert (kind, told["data"]["sellableNow"]["availability"]["sellable"]) == ("next", None)
        assert {error["extensions"]["code"] for error in told["errors"]} == {"FIELD_FORBIDDEN"}
        refused = await client.ask(sellable()["query"])
        assert (await refused.raw())[1][0]["extensions"]["code"] == "FORBIDDEN"
