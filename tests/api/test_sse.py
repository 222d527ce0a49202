"""Server-Sent Events: one operation a connection, heartbeats, resumable by Last-Event-ID."""

import asyncio
import contextlib

import httpx
import orjson

from tests.serving import market, served

EVENTS = "subscription { stockEvents { sequence previous movement { verb } } }"


@contextlib.asynccontextmanager
async def stream(serving, query, organisation, **headers):
    asked = serving.http.stream(
        "POST",
        "/graphql",
        json={"query": query},
        headers={"accept": "text/event-stream", **serving.bearer(organisation), **headers},
    )
    async with asked as answer:
        yield answer, parts(answer)


async def parts(answer):
    """Yield each event as a dict of its fields; a comment under the name ''."""
    fields = {}
    async for line in answer.aiter_lines():
        if not line:
            yield fields
            fields = {}
            continue
        name, _, value = line.partition(":")
        fields[name] = value.strip()


async def following(serving, count=1):
    async with asyncio.timeout(60):
        while serving.app.hub.subscribers < count:
            await asyncio.sleep(0.02)


async def test_a_stream_is_followed_and_resumed(serving, trade):
    async with stream(serving, EVENTS, trade.shop) as (answer, told):
        assert answer.headers["content-type"].startswith("text/event-stream")
        await following(serving)
        await trade.bring()
        async with asyncio.timeout(60):
            first, second = await anext(told), await anext(told)
    assert (first["event"], orjson.loads(first["data"])["data"]["stockEvents"]["movement"]["verb"]) == (
        "next",
        "RECEIVE",
    )
    async with stream(serving, EVENTS, trade.shop, **{"last-event-id": first["id"]}) as (_, told):
        async with asyncio.timeout(60):
            assert await anext(told) == second
    async with asyncio.timeout(60):
        while serving.app.hub.subscribers:
            await asyncio.sleep(0.02)


async def test_a_query_is_one_event(serving):
    async with stream(serving, "{ me { organisation { name } } }", 1) as (_, told):
        events = [event async for event in told]
    assert [event["event"] for event in events] == ["next", "complete"]
    assert orjson.loads(events[0]["data"])["data"]["me"]["organisation"]["name"] == "Operator"


async def test_what_is_wrong_is_said(serving):
    nobody = await serving.http.post("/graphql", json={"query": EVENTS}, headers={"accept": "text/event-stream"})
    assert nobody.status_code == 401
    async with stream(serving, "subscription { nope }", 1) as (_, told):
        events = [event async for event in told]
    error = orjson.loads(events[0]["data"])["errors"][0]
    assert (error["extensions"]["code"], events[-1]["event"]) == ("BAD_USER_INPUT", "complete")
    assert error["extensions"]["requestId"]


async def test_a_cursor_that_is_none_is_refused_before_anything_is_followed(serving, trade):
    for cursor in (b"\xff\xfe", "-1", "yesterday"):
        async with stream(serving, EVENTS, trade.shop, **{"last-event-id": cursor}) as (_, told):
            async with asyncio.timeout(60):
                events = [event async for event in told]
        assert orjson.loads(events[0]["data"])["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert events[-1]["event"] == "complete"


async def test_a_stream_that_cannot_begin_is_answered_as_any_request(serving, monkeypatch):
    async def away(_):
        raise ConnectionRefusedError

    monkeypatch.setattr(serving.app.sockets._gate.members, "knows", away)
    stranger = f"Bearer {serving.token(1, lifetime_seconds=777)}"  # whom the gate remembers it need not look up
    headers = {"accept": "text/event-stream", "authorization": stranger}
    answer = await serving.http.post("/graphql", json={"query": EVENTS}, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE", "requestId": answer.headers["x-request-id"]}


async def test_heartbeats_and_the_end_of_the_token(fresh):
    async with served(await fresh(), heartbeat_seconds=0.2) as serving:
        trade = await market(serving)
        token = {"authorization": f"Bearer {serving.token(trade.shop, lifetime_seconds=2)}"}
        async with stream(serving, EVENTS, trade.shop, **token) as (_, told):
            async with asyncio.timeout(60):
                events = [event async for event in told]
        assert events[0][""] == "sequence 0"
        assert "expired" in events[-2]["data"]
        assert events[-1]["event"] == "complete"


async def test_over_plain_get(serving, trade):
    async with httpx.AsyncClient(base_url=serving.address) as http:
        asked = http.stream(
            "GET",
            "/graphql",
            params={"query": "{ me { organisation { name } } }"},
            headers={"accept": "text/event-stream", **serving.bearer(trade.shop)},
        )
        async with asked as answer:
            events = [event async for event in parts(answer)]
    assert events[-1]["event"] == "complete"
