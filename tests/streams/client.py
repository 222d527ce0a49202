"""A bare client of graphql-transport-ws: says exactly what a test wants said."""

import asyncio
import contextlib
import itertools
from typing import Any

import orjson
from websockets.asyncio.client import connect


def events(
    after: int | None = None, selection: str = "sequence previous gap topic movement { id verb }"
) -> dict[str, Any]:
    text = f"subscription($after: String) {{ stockEvents(after: $after) {{ {selection} }} }}"
    return {"query": text, "variables": {"after": None if after is None else str(after)}}


def sellable(site: str = "SITE", selection: str = "item { externalReference } onHand sellableNow") -> dict[str, Any]:
    text = f"subscription($site: ID!) {{ sellableNow(site: $site) {{ availability {{ {selection} }} }} }}"
    return {"query": text, "variables": {"site": site}}


class Stream:
    """One operation: its results, and how it ended."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def raw(self, seconds: float = 60) -> tuple[str, Any]:
        async with asyncio.timeout(seconds):
            return await self.queue.get()

    async def next(self, seconds: float = 60) -> Any:
        """Return the next payload of the only field."""
        kind, payload = await self.raw(seconds)
        assert kind == "next", (kind, payload)
        assert "errors" not in payload, payload
        (value,) = payload["data"].values()
        if "sequence" in value:
            value = {**value, "sequence": int(value["sequence"]), "previous": int(value.get("previous", -1))}
        return value

    async def until(self, wanted: Any, seconds: float = 60) -> list[Any]:
        """Return payloads up to the first for which `wanted` is true."""
        found = []
        while not found or not wanted(found[-1]):
            found.append(await self.next(seconds))
        return found

    async def silent(self, seconds: float = 0.5) -> bool:
        with contextlib.suppress(TimeoutError):
            await self.raw(seconds)
            return False
        return True


class Client:
    """One socket; reads by itself, so that streams do not wait for each other."""

    def __init__(self, served: Any, organisation: int, *roles: str, token: str | None = None, **more: Any) -> None:
        self._served = served
        self._token = token or served.token(organisation, *roles, **more)
        self._names = itertools.count(1)
        self._streams: dict[str, Stream] = {}
        self.beats: list[int | None] = []

    async def __aenter__(self) -> "Client":
        self.socket = await connect(
            self._served.socket, subprotocols=["graphql-transport-ws"], compression=None, max_queue=None
        )
        await self.say(type="connection_init", payload={"Authorization": f"Bearer {self._token}"})
        assert orjson.loads(await self.socket.recv()) == {"type": "connection_ack"}
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.socket.close()

    async def say(self, **message: Any) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def subscribe(self, payload: dict[str, Any]) -> Stream:
        """Begin an operation; returns when the server follows it."""
        stream = Stream(str(next(self._names)))
        self._streams[stream.name] = stream
        hub = self._served.app.hub
        before = hub.joined
        await self.say(type="subscribe", id=stream.name, payload=payload)
        async with asyncio.timeout(60):
            while hub.joined == before and stream.queue.empty():
                await asyncio.sleep(0.005)
        return stream

    async def ask(self, query: str) -> Any:
        stream = Stream(str(next(self._names)))
        self._streams[stream.name] = stream
        await self.say(type="subscribe", id=stream.name, payload={"query": query})
        return stream

    async def closed(self, seconds: float = 60) -> tuple[int, str]:
        """Wait until the server closes; return its code and reason."""
        async with asyncio.timeout(seconds):
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason

    async def _read(self) -> None:
        async for text in self.socket:
            message = orjson.loads(text)
            if message["type"] == "ping":
                self.beats.append(message["payload"]["sequence"])
                await self.say(type="pong")
            elif "id" in message:
                self._streams[message["id"]].queue.put_nowait((message["type"], message.get("payload")))
