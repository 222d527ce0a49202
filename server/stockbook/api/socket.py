"""One client of graphql-transport-ws: what it says, what it is answered, and why it is closed.

::

    4400  a message that is none of the protocol
    4401  subscribe before connection_ack
    4403  no valid token, the token expired, a role was revoked, or the policies changed: connect again
    4408  connection_init did not come in time
    4409  an id that is in use
    4429  a second connection_init
    1001  the server stops; the reason says where to resume
    1013  the books can't be reached at the moment: connect again later
"""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import orjson
from graphql import OperationType

from stockbook.api import logs, metrics
from stockbook.api.documents import called
from stockbook.api.gate import REVOKED, Asker, Gate, request_id
from stockbook.api.http import Receive, Send
from stockbook.api.logs import Line
from stockbook.api.refusing import FAULTS, Rejected, failed, named, status
from stockbook.api.subscribing import Entries, Subscribing, Subscription
from stockbook.api.writer import Writer
from stockbook.graph.execute import Request
from stockbook.settings import Settings

OPERATIONS_MAX = 100
"""Operations under way on one socket."""
ID_MAX = 128
REASON_BYTES = 123
"""What a close frame has room for."""
BEATS_UNHEARD = 2
"""A client that has given no sign after so many beats is gone."""
CLOSE_SECONDS = 2.0
"""How long a slow client may take to hear that it is closed."""


class Socket:
    """One client."""

    def __init__(
        self, gate: Gate, subscribing: Subscribing, settings: Settings, send: Send, authorization: bytes | None
    ) -> None:
        self._gate, self._subscribing = gate, subscribing
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(send, self._free, self._gone)
        self._header = authorization.decode("latin-1") if authorization else None
        self._asker: Asker | None = None
        self._begun = False
        self._operations: dict[str, Subscription | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unheard = 0
        """Beats since the client last gave a sign: beats, not seconds, so that no client pays for a stall of ours."""
        self._over = asyncio.Event()
        self._timer = self._loop.call_later(
            settings.init_seconds, self.close, 4408, "connection_init did not come in time"
        )

    async def serve(self, receive: Receive) -> None:
        """Read messages until either side closes."""
        over = asyncio.ensure_future(self._over.wait())
        try:
            while not self._over.is_set():
                coming = asyncio.ensure_future(receive())
                await asyncio.wait({coming, over}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    coming.cancel()
                    break
                message = coming.result()
                if message["type"] == "websocket.disconnect":
                    break
                self._unheard = 0
                self._hear(message)
        finally:
            over.cancel()

    def close(self, code: int, reason: str) -> None:
        """Close the socket."""
        if not self._over.is_set():
            self._over.set()
            self._stop()
            short = reason.encode()[:REASON_BYTES].decode(errors="ignore")
            closing = {"type": "websocket.close", "code": code, "reason": short}
            self._writer.say(closing)

    def expel(self) -> None:
        """Close it if its client has lost the role in which it asks."""
        if self._asker is not None and self._gate.members.revoked(self._asker.principal):
            self.close(4403, REVOKED)

    def end(self) -> None:
        """Let go of everything."""
        self._over.set()
        self._stop()
        for task in list(self._tasks):
            task.cancel()
        if self._writer.busy:
            self._loop.call_later(CLOSE_SECONDS, self._writer.close)

    def beat(self) -> None:
        """Ping with the last number of the client's stream; end a client that gave no sign for two beats."""
        if self._asker is None:  # who has not said yet who it is has a time of its own for that
            return
        self._unheard += 1
        if self._unheard > BEATS_UNHEARD:
            self.close(1001, "no sign of you")
            self._writer.close()
        elif not self._writer.busy:
            head = self._subscribing.hub.heads.get(self._asker.principal.organisation)
            self._say({"type": "ping", "payload": {"sequence": None if head is None else str(head)}})

    def farewell(self) -> str:
        """Say where to resume."""
        cursors = [each.subscriber.cursor for each in self._operations.values() if each and each.subscriber.cursor]
        return f"the server stops; resume stockEvents after {min(cursors)}" if cursors else "the server stops"

    # what the client says

    def _hear(self, message: Any) -> None:
        try:
            said = orjson.loads(message.get("text") or message.get("bytes") or b"")
        except orjson.JSONDecodeError:
            said = None
        kind = said.get("type") if isinstance(said, dict) else None
        if kind == "connection_init":
            self._init(said.get("payload"))
        elif kind == "ping":
            self._say({"type": "pong"})
        elif kind == "subscribe":
            self._subscribe(said.get("id"), said.get("payload"))
        elif kind == "complete" and isinstance(said.get("id"), str):
            self._complete(said["id"])
        elif kind != "pong":
            self.close(4400, "not a message of graphql-transport-ws")

    def _init(self, payload: Any) -> None:
        if self._begun:
            self.close(4429, "connection_init came twice")
            return
        self._begun = True
        self._timer.cancel()
        self._spawn(self._admit(_authorization(payload) or self._header))

    async def _admit(self, authorization: str | None) -> None:
        """Find out who it is."""
        try:
            asker = await self._gate.asker(authorization)
        except Exception as error:  # whatever it is, it is told by a close, and logged
            rejected = failed(error)
            self.close(4403 if rejected.status < 500 else 1013, rejected.message)
            return
        if self._over.is_set():
            return
        left = (asker.principal.expires_at - datetime.now(UTC)).total_seconds()
        self._timer = self._loop.call_later(max(left, 0), self.close, 4403, "the token has expired: connect again")
        self._asker = asker
        self._say({"type": "connection_ack"})

    def _subscribe(self, name: Any, payload: Any) -> None:
        if self._asker is None:
            self.close(4401, "subscribe came before connection_ack")
        elif not isinstance(name, str) or not 0 < len(name) <= ID_MAX or not isinstance(payload, dict):
            self.close(4400, "subscribe needs an id and a payload")
        elif name in self._operations:
            self.close(4409, f"there is an operation {name} already")
        elif len(self._operations) >= OPERATIONS_MAX:
            entry = Rejected("THROTTLED", f"a socket carries {OPERATIONS_MAX} operations at most").entry()
            entry["extensions"]["requestId"] = request_id(None)
            self._say({"type": "error", "id": name, "payload": [entry]})
        else:
            self._operations[name] = None
            self._spawn(self._operate(name, payload, self._asker))

    def _spawn(self, doing: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _complete(self, name: str) -> None:
        subscription = self._operations.pop(name, None)
        if subscription is not None:
            subscription.done()

    # what is answered

    async def _operate(self, name: str, payload: dict[str, Any], asker: Asker) -> None:
        gate = self._gate
        line = Line(request_id(None))
        line.organisation = asker.principal.organisation
        logs.request_id.set(line.id)  # of this task alone
        try:
            request = gate.documents.request(payload, asker.mask)
            line.operation = called(request)
            kind = gate.documents.text(request.document).kind(request.operation)
            if kind is OperationType.SUBSCRIPTION:
                await self._follow(name, request, asker, line)
                return
            answer = named(await gate.run(request, asker), line.id)
        except Exception as error:  # whatever it is, it is told as entries, and logged
            rejected = failed(error)
            line.write("answered", rejected.status, code=rejected.code)
            self._fail(name, [rejected.entry()], line)
            return
        code = status(answer)
        line.write("answered", code, len(answer))
        if name not in self._operations:
            return
        if code in FAULTS or code >= 400:
            self._fail(name, orjson.loads(answer)["errors"], line)
        else:
            self._put(_next(name, answer.decode()))
            self._say({"type": "complete", "id": name})
            self._operations.pop(name, None)

    async def _follow(self, name: str, request: Request, asker: Asker, line: Line) -> None:
        before = _next(name, "")[:-1]

        def send(payload: str, _sequence: int) -> bool:
            taken = self._writer.offer({"type": "websocket.send", "text": f"{before}{payload}}}"})
            if taken:
                metrics.SIGNALS.inc()
            return taken

        def ended(entries: Entries) -> None:
            line.write("ended", code=entries[0]["extensions"]["code"])
            self._fail(name, entries, line)

        subscription = self._subscribing.open(send, ended)
        if name not in self._operations:
            subscription.close()
            return
        self._operations[name] = subscription
        await subscription.follow(self._subscribing.streaming, request, asker)
        if not subscription.subscriber.closed:
            line.write("followed")

    def _fail(self, name: str, entries: Entries, line: Line) -> None:
        """End an operation by an error; nothing follows it."""
        if name in self._operations:
            self._complete(name)
            for entry in entries:
                entry.setdefault("extensions", {})["requestId"] = line.id
            self._say({"type": "error", "id": name, "payload": entries})

    def _say(self, message: dict[str, Any]) -> None:
        self._put(orjson.dumps(message).decode())

    def _put(self, text: str) -> None:
        self._writer.say({"type": "websocket.send", "text": text})

    def _free(self) -> None:
        """Go on with what waits: the client reads again."""
        for subscription in list(self._operations.values()):
            if subscription is not None:
                subscription.subscriber.flush()

    def _gone(self) -> None:
        self._over.set()

    def _stop(self) -> None:
        self._timer.cancel()
        for name in list(self._operations):
            self._complete(name)


def _next(name: str, payload: str) -> str:
    return f'{{"id":{orjson.dumps(name).decode()},"type":"next","payload":{payload}}}'


def _authorization(payload: Any) -> str | None:
    """Return what a client's connection_init says of who it is."""
    if not isinstance(payload, dict):
        return None
    for said in (payload, payload.get("headers")):
        if isinstance(said, dict):
            for key, value in said.items():
                if key.lower() == "authorization" and isinstance(value, str):
                    return value
    token = payload.get("token")
    return f"Bearer {token}" if isinstance(token, str) else None
