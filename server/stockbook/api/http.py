"""GraphQL over HTTP: POST and GET at /graphql, bytes in and bytes out."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import orjson
from graphql import OperationType

from stockbook.api import logs, metrics
from stockbook.api.documents import called
from stockbook.api.gate import Gate, request_id
from stockbook.api.refusing import FAULTS, Rejected, failed, named, refusal, status

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Stream = Callable[[Scope, Receive, Send, Any, dict[bytes, bytes], logs.Line], Awaitable[None]]
Page = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = b"application/json"
GRAPHQL = b"application/graphql-response+json"
EVENTS = b"text/event-stream"
HTML = b"text/html"
_ACCEPTABLE = (b"*/*", b"application/*", JSON, GRAPHQL, EVENTS)


class Http:
    """The door for requests. `stream` answers who wants events, `page` a browser."""

    def __init__(self, gate: Gate, stream: Stream, page: Page, body_max: int) -> None:
        self._gate = gate
        self._stream = stream
        self._page = page
        self._body_max = body_max
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = dict(scope["headers"])
        accept = headers.get(b"accept", b"").lower() or b"*/*"
        if scope["method"] == "GET" and HTML in accept and b"query=" not in scope["query_string"]:
            await self._page(scope, receive, send)
            return
        line = logs.Line(request_id(headers.get(b"x-request-id", b"").decode("latin-1")))
        token = logs.request_id.set(line.id)
        self._in_flight += 1
        self._idle.clear()
        try:
            if EVENTS in accept:
                await self._stream(scope, receive, send, await self._said(scope, receive, headers), headers, line)
            else:
                await self._answer(scope, receive, send, headers, accept, line)
        except _GoneError:
            return
        except Rejected as rejected:  # of the stream's request
            await _refuse(send, rejected, JSON, line)
        finally:
            logs.request_id.reset(token)
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def drained(self, seconds: float) -> None:
        """Wait until what is in flight has been answered, or the seconds are over."""
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], accept: bytes, line: logs.Line
    ) -> None:
        content = GRAPHQL if GRAPHQL in accept else JSON
        try:
            if not any(each in accept for each in _ACCEPTABLE):
                raise Rejected("BAD_USER_INPUT", "accept application/graphql-response+json or application/json", 406)
            said = await self._said(scope, receive, headers)
            line.began = time.perf_counter()
            asker = await self._gate.asker(headers.get(b"authorization", b"").decode("latin-1"))
            line.organisation = asker.principal.organisation
            request = self._gate.documents.request(said, asker.mask)
            line.operation = called(request)
            if scope["method"] == "GET":
                self._gate.documents.only(request, OperationType.QUERY)
            answer = named(await self._gate.run(request, asker), line.id)
        except (_GoneError, asyncio.CancelledError):
            raise
        except Exception as error:  # whatever it is, it is answered as one entry, and logged
            await _refuse(send, failed(error), content, line)
            return
        code = status(answer)
        await _send(send, answer, code if content is GRAPHQL or code in FAULTS else 200, content, line)

    async def _said(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Any:
        """Return what the request says, as JSON."""
        if scope["method"] == "GET":
            return _query(scope["query_string"])
        if scope["method"] != "POST":
            raise Rejected("BAD_USER_INPUT", "use POST, or GET for queries", 405, {"allow": "GET, POST"})
        kind = headers.get(b"content-type", b"").partition(b";")
        if kind[0].strip().lower() != JSON:
            raise Rejected("BAD_USER_INPUT", "the body must be application/json", 415)
        if b"charset" in kind[2].lower() and b"utf-8" not in kind[2].lower():
            raise Rejected("BAD_USER_INPUT", "the body must be UTF-8", 415)
        if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            raise Rejected(
                "BAD_USER_INPUT", "send the body as it is, not compressed", 415, {"accept-encoding": "identity"}
            )
        body = await self._body(receive, headers)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Rejected("BAD_USER_INPUT", f"the body is not JSON: {error.msg}") from error

    async def _body(self, receive: Receive, headers: dict[bytes, bytes]) -> bytes:
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length[:20]) > self._body_max:
            raise self._too_large()
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return body
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._body_max:
                raise self._too_large()
        return b"".join(parts)

    def _too_large(self) -> Rejected:
        return Rejected("BAD_USER_INPUT", f"a request has at most {self._body_max} bytes", 413)


class _GoneError(Exception):
    """Whoever asked is gone: nobody is there to be answered."""


def _query(text: bytes) -> dict[str, Any]:
    """Return what a query string says."""
    try:
        given = {name: values[-1] for name, values in parse_qs(text.decode("ascii"), errors="strict").items()}
        variables = orjson.loads(given["variables"]) if given.get("variables") else None
    except (UnicodeDecodeError, ValueError) as error:
        raise Rejected("BAD_USER_INPUT", "the query string can't be read") from error
    return {name: given.get(name) for name in ("query", "operationName", "documentId")} | {"variables": variables}


async def _refuse(send: Send, rejected: Rejected, content: bytes, line: logs.Line) -> None:
    answer = refusal(rejected, line.id)
    await _send(send, answer, rejected.status, content, line, rejected.headers, code=rejected.code)


async def _send(
    send: Send,
    body: bytes,
    number: int,
    content: bytes,
    line: logs.Line,
    more: dict[str, str] | None = None,
    **told: str,
) -> None:
    """Send an answer of a status, count it, and tell of it."""
    headers = [
        (b"content-type", content + b"; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-request-id", line.id.encode()),
    ]
    if more:
        headers += [(key.encode(), value.encode()) for key, value in more.items()]
    metrics.SECONDS.observe(time.perf_counter() - line.began)
    metrics.requests(number).inc()
    line.write("answered", number, len(body), **told)
    await send({"type": "http.response.start", "status": number, "headers": headers})
    await send({"type": "http.response.body", "body": body})
