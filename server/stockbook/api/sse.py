"""GraphQL over Server-Sent Events, one operation a connection.

`next` carries a result, `complete` ends; a comment now and then says how far
the stream is. Events of `stockEvents` have their number as id, so that a
browser that reconnects with `Last-Event-ID` resumes there.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from graphql import OperationType

from stockbook.access.principal import Principal
from stockbook.api import metrics
from stockbook.api.documents import called
from stockbook.api.gate import REVOKED, Gate
from stockbook.api.http import Receive, Scope, Send
from stockbook.api.logs import Line
from stockbook.api.refusing import failed, named
from stockbook.api.subscribing import Entries, Subscribing
from stockbook.api.writer import Writer
from stockbook.graph.hub import Hub
from stockbook.graph.streams import Streams
from stockbook.settings import Settings

COMPLETE = "event: complete\ndata:\n\n"


class Events:
    """The door for who asks for events."""

    def __init__(self, gate: Gate, hub: Hub, streaming: Streams, settings: Settings) -> None:
        self._gate = gate
        self._settings = settings
        self._subscribing = Subscribing(hub, streaming, settings)
        self._open: set[_Connection] = set()

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, said: Any, headers: dict[bytes, bytes], line: Line
    ) -> None:
        """Answer one operation as events."""
        gate = self._gate
        try:
            asker = await gate.asker(headers.get(b"authorization", b"").decode("latin-1"))
            line.organisation = asker.principal.organisation
            request = gate.documents.request(said, asker.mask)
            line.operation = called(request)
            if scope["method"] == "GET":
                gate.documents.only(request, OperationType.QUERY, OperationType.SUBSCRIPTION)
        except Exception as error:  # whatever it is, the stream has not begun: it is answered as any request
            raise failed(error) from error
        kind = gate.documents.text(request.document).kind(request.operation)
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                    (b"x-request-id", line.id.encode()),
                ],
            }
        )
        connection = _Connection(send, line.id, asker.principal)
        self._open.add(connection)
        self.expel()  # it may have come to pass since we looked at the token
        listening = asyncio.create_task(_disconnected(receive, connection))
        try:
            if kind is OperationType.SUBSCRIPTION:
                subscription = self._subscribing.open(connection.next, connection.failed)
                connection.free = subscription.subscriber.flush
                try:
                    resume = headers.get(b"last-event-id", b"").decode("latin-1") or None
                    following = subscription.follow(self._subscribing.streaming, request, asker, resume)
                    await self._live(connection, following, asker.principal)
                finally:
                    subscription.done()
            else:
                connection.next(await self._answer(request, asker, line.id), 0)
            await connection.finish()
        finally:
            line.write("ended" if kind is OperationType.SUBSCRIPTION else "answered", 200)
            listening.cancel()
            self._open.discard(connection)
            connection.close()

    def revoke(self) -> None:
        """End everybody: what they may see has to be decided anew."""
        for connection in list(self._open):
            connection.failed([_entry("FORBIDDEN", "the policies have changed: connect again")])

    def expel(self) -> None:
        """End those who have lost their role."""
        for connection in list(self._open):
            if self._gate.members.revoked(connection.principal):
                connection.failed([_entry("UNAUTHENTICATED", REVOKED)])

    async def stop(self) -> None:
        """End everybody; their last event's id says where to resume."""
        for connection in list(self._open):
            connection.over.set()

    async def _answer(self, request: Any, asker: Any, name: str) -> str:
        try:
            return named(await self._gate.run(request, asker), name).decode()
        except Exception as error:  # whatever it is, it is told as entries, and logged
            return named(orjson.dumps({"errors": [failed(error).entry()]}), name).decode()

    async def _live(self, connection: "_Connection", following: Any, principal: Principal) -> None:
        """Follow until somebody ends it, with a sign of life now and then."""
        task = asyncio.create_task(following)
        loop = asyncio.get_running_loop()
        expiry = loop.call_later(
            max((principal.expires_at - datetime.now(UTC)).total_seconds(), 0),
            connection.failed,
            [_entry("UNAUTHENTICATED", "the token has expired: connect again")],
        )
        try:
            while not connection.over.is_set():
                try:
                    await asyncio.wait_for(connection.over.wait(), self._settings.heartbeat_seconds)
                except TimeoutError:
                    head = self._subscribing.hub.heads.get(principal.organisation)
                    connection.comment(f"sequence {head}" if head is not None else "")
        finally:
            expiry.cancel()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class _Connection:
    """One client."""

    def __init__(self, send: Send, name: str, principal: Principal) -> None:
        self._writer = Writer(send, self._flush, self._gone)
        self._name = name
        self.principal = principal
        self.free: Callable[[], None] = _nothing
        self.over = asyncio.Event()

    def next(self, payload: str, sequence: int) -> bool:
        """Send a result."""
        identity = f"id: {sequence}\n" if sequence else ""
        taken = self._writer.offer(_part(f"event: next\n{identity}data: {payload}\n\n"))
        if taken:
            metrics.SIGNALS.inc()
        return taken

    def comment(self, text: str) -> None:
        """Send a sign of life, unless the client is busy with others."""
        if not self._writer.busy:
            self._writer.say(_part(f": {text}\n\n"))

    def failed(self, entries: Entries) -> None:
        """Send why it ends."""
        if not self.over.is_set():
            told = named(orjson.dumps({"errors": entries}), self._name).decode()
            self._writer.say(_part(f"event: next\ndata: {told}\n\n"))
            self.over.set()

    async def finish(self) -> None:
        """Send the end."""
        self._writer.say(_part(COMPLETE))
        self._writer.say({"type": "http.response.body", "body": b"", "more_body": False})
        await asyncio.wait_for(self._writer.settled(), 2) if self._writer.busy else None

    def close(self) -> None:
        """Write no more."""
        self._writer.close()

    def _flush(self) -> None:
        self.free()

    def _gone(self) -> None:
        self.over.set()


async def _disconnected(receive: Receive, connection: _Connection) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    connection.over.set()


def _nothing() -> None:
    """Be called in vain, before there is a subscription."""


def _part(text: str) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}


def _entry(code: str, message: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code}}
