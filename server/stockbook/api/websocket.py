"""The door for sockets: GraphQL by the sub-protocol graphql-transport-ws.

Closes with 4404 on another path and with 4406 for another sub-protocol; for all
else see `socket`.
"""

import asyncio

from stockbook.api import metrics
from stockbook.api.gate import Gate
from stockbook.api.http import Receive, Scope, Send
from stockbook.api.socket import Socket
from stockbook.api.subscribing import Subscribing
from stockbook.graph.hub import Hub
from stockbook.graph.streams import Streams
from stockbook.settings import Settings

PROTOCOL = "graphql-transport-ws"


class Sockets:
    """Serves sockets, and knows all that are open."""

    def __init__(self, gate: Gate, hub: Hub, streaming: Streams, settings: Settings) -> None:
        self._gate = gate
        self._settings = settings
        self._subscribing = Subscribing(hub, streaming, settings)
        self.open: set[Socket] = set()
        """Everybody who is connected."""
        self._beat: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it ends."""
        await receive()
        if scope["path"] != "/graphql":
            await send({"type": "websocket.close", "code": 4404, "reason": "sockets are at /graphql"})
            return
        if PROTOCOL not in scope.get("subprotocols", ()):
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 4406, "reason": f"the sub-protocol is {PROTOCOL}"})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        if self._beat is None:
            self._beat = asyncio.create_task(self._beats())
        authorization = dict(scope["headers"]).get(b"authorization")
        socket = Socket(self._gate, self._subscribing, self._settings, send, authorization)
        self.open.add(socket)
        metrics.SOCKETS.inc()
        try:
            await socket.serve(receive)
        finally:
            metrics.SOCKETS.dec()
            self.open.discard(socket)
            socket.end()

    def revoke(self) -> None:
        """Close everybody: what they may see has to be decided anew."""
        for socket in list(self.open):
            socket.close(4403, "the policies have changed: connect again")

    def expel(self) -> None:
        """Close those who have lost their role."""
        for socket in list(self.open):
            socket.expel()

    async def stop(self) -> None:
        """Close everybody and say where to resume."""
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        for socket in list(self.open):
            socket.close(1001, socket.farewell())

    async def _beats(self) -> None:
        """Say to everybody how far their stream is, and end those who give no sign."""
        while True:
            await asyncio.sleep(self._settings.heartbeat_seconds)
            for socket in list(self.open):
                socket.beat()
