"""A real subscription: follows organisations' stock events and counts what is delivered, without a gap."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from stockbook.demo.client import Tally

PAUSE_SECONDS = 0.5
PATIENCE = 60
"""How many pauses a listener that hears nothing is waited for."""
EVENTS = """
subscription events($after: String) {
  stockEvents(after: $after) { sequence previous gap movement { id verb } }
}
"""


class Listener:
    """Follows the streams of some organisations, one socket each, and takes up again after a broken one."""

    def __init__(self, address: str, token: Callable[[str], str], tally: Tally) -> None:
        self._address = address.replace("http", "ws", 1) + "/graphql"
        self._token = token
        self._tally = tally
        self._tasks: list[asyncio.Task[None]] = []
        self.heard: dict[str, int] = {}
        """The last sequence of each organisation's stream."""
        self.gaps = 0

    def follow(self, organisations: Iterable[str]) -> None:
        """Begin to listen."""
        self._tasks += [asyncio.create_task(self._listen(organisation)) for organisation in organisations]

    async def quiet(self) -> None:
        """Wait until everybody has heard something and nothing more comes, a while at most."""
        before = -1
        for _ in range(PATIENCE):
            if self._tally.signals == before and len(self.heard) == len(self._tasks):
                return
            before = self._tally.signals
            await asyncio.sleep(PAUSE_SECONDS)

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, organisation: str) -> None:
        while True:
            with contextlib.suppress(OSError, ConnectionClosed, TimeoutError):
                async with connect(
                    self._address, subprotocols=[Subprotocol("graphql-transport-ws")], max_size=None, compression=None
                ) as socket:
                    await self._receive(socket, organisation)
            await asyncio.sleep(1)

    async def _receive(self, socket: ClientConnection, organisation: str) -> None:
        authorization = f"Bearer {self._token(organisation)}"
        await socket.send(
            orjson.dumps({"type": "connection_init", "payload": {"authorization": authorization}}).decode()
        )
        async for text in socket:
            message = orjson.loads(text)
            match message["type"]:
                case "connection_ack":
                    await socket.send(orjson.dumps(self._subscribe(organisation)).decode())
                case "ping":
                    await socket.send('{"type":"pong"}')
                case "next":
                    self._hear(organisation, message["payload"]["data"]["stockEvents"])
                case "error" | "complete":
                    return

    def _subscribe(self, organisation: str) -> dict[str, object]:
        variables = {"after": str(self.heard.get(organisation, 0))}
        return {"id": "1", "type": "subscribe", "payload": {"query": EVENTS, "variables": variables}}

    def _hear(self, organisation: str, event: dict[str, object]) -> None:
        sequence, previous = int(str(event["sequence"])), int(str(event["previous"]))
        last = self.heard.get(organisation)
        if event["gap"] or (last is not None and previous > last):
            self.gaps += 1
        self.heard[organisation] = sequence
        self._tally.signals += 1
