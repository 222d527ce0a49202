"""The door on the shop's network: HTTP/1.1, JSON, one token; limits before anything is read.

::

    GET  /healthz                  whether it lives; the one path without a token
    GET  /standing                 how it stands: queue, age of the replica, model
    GET  /codes?code=&symbology=   what a code stands for
    POST /recognise                a picture (JPEG or PNG): what it may be of
    POST /events                   {"events": [...]}: taken, and on the disk, when this is answered
"""

import json
import logging
import ssl
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from handheld.gateway import token as tokens
from handheld.gateway.box import Answer, Box
from handheld.gateway.refused import Code, Refused

UNDER_WAY_MAX = 16
"""Requests at a time; the next one is told to come again."""
CONNECTIONS_MAX = 128
"""The next one is closed: each costs a thread."""
SILENT_SECONDS = 15
"""After which a connection that says nothing is closed."""
EVENTS_BYTES_MAX = 2**20
PICTURE_BYTES_MAX = 8 * 2**20
QUESTION_MAX = 8192
log = logging.getLogger(__name__)


class Asked(NamedTuple):
    """What a request says."""

    said: dict[str, str]
    """By its query."""
    body: bytes


class Way(NamedTuple):
    """A path: how it is asked, how much it takes, and what it does."""

    method: str
    bytes_max: int
    go: Callable[[Box, Asked], Answer]


def _events(box: Box, asked: Asked) -> Answer:
    try:
        body = json.loads(asked.body)
    except (ValueError, RecursionError):
        return Refused(Code.BAD_INPUT, "the body is no JSON")
    return box.take(body)


WAYS = {
    "/healthz": Way("GET", 0, lambda _box, _asked: {"alive": True}),
    "/standing": Way("GET", 0, lambda box, _asked: box.standing()),
    "/codes": Way(
        "GET", 0, lambda box, asked: box.look_up(asked.said.get("code", ""), asked.said.get("symbology", ""))
    ),
    "/recognise": Way("POST", PICTURE_BYTES_MAX, lambda box, asked: box.recognise(asked.body)),
    "/events": Way("POST", EVENTS_BYTES_MAX, _events),
}
OPEN = frozenset({"/healthz"})
"""Paths that need no token: they say nothing of anybody."""


class Door(ThreadingHTTPServer):
    """Listens from when it is made; answers from `serve_forever` until `shut`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, where: tuple[str, int], box: Box, token: str, trusted: ssl.SSLContext | None = None) -> None:
        self.box, self.token, self.trusted = box, token, trusted
        self.under_way = threading.BoundedSemaphore(UNDER_WAY_MAX)
        self._connections = threading.BoundedSemaphore(CONNECTIONS_MAX)
        super().__init__(where, _Caller)

    def shut(self, seconds: float) -> None:
        """Let nobody in any more; what is under way ends first, if it does in time."""
        self.shutdown()
        self.server_close()
        for _ in range(UNDER_WAY_MAX):
            if not self.under_way.acquire(timeout=seconds):
                return

    def process_request(self, request: Any, client_address: Any) -> None:
        """Let a caller in, in a thread of its own."""
        if self._connections.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Listen to a caller until it goes."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.release()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer a caller; hands are shaken here, in its own thread: a slow one keeps nobody waiting."""
        if self.trusted is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(SILENT_SECONDS)
        with self.trusted.wrap_socket(request, server_side=True) as safe:
            super().finish_request(safe, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note that a connection broke: callers go away whenever they like."""
        log.debug("a caller's connection broke", exc_info=True)


_UNREAD: dict[int, Code] = {
    HTTPStatus.REQUEST_URI_TOO_LONG: Code.TOO_LARGE,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: Code.TOO_LARGE,
    HTTPStatus.NOT_IMPLEMENTED: Code.METHOD_NOT_ALLOWED,
}
"""What is wrong with a request before it is ours, by the library's status."""


class _Caller(BaseHTTPRequestHandler):
    server: Door
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Stockbook-gateway", ""
    timeout = SILENT_SECONDS

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Answer."""
        self._answer()

    def _answer(self) -> None:
        if not self.server.under_way.acquire(blocking=False):
            self._say(self._no(Code.BUSY, "too much is asked at once: come again"))
            return
        try:
            self._say(self._done())
        finally:
            self.server.under_way.release()

    def _done(self) -> Answer:
        """Return what is answered; whatever is refused before the body was read ends the connection."""
        parts = urlsplit(self.path)
        way = WAYS.get(parts.path)
        if parts.path not in OPEN and not tokens.opens(self.server.token, self.headers.get("authorization", "")):
            return self._no(Code.UNAUTHENTICATED, "the gateway's token is asked for: Authorization: Bearer ...")
        if way is None:
            return self._no(Code.NOT_FOUND, f"there are {', '.join(WAYS)}")
        if self.command != way.method:
            return self._no(Code.METHOD_NOT_ALLOWED, f"this is asked by {way.method}")
        if len(parts.query) > QUESTION_MAX:
            return self._no(Code.TOO_LARGE, f"a question has at most {QUESTION_MAX} characters")
        body = self._body(way)
        if isinstance(body, Refused):
            return body
        said = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            return way.go(self.server.box, Asked(said, body))
        except Exception:  # a bug is told as one, and the next is answered as ever
            log.exception("%s %s failed", self.command, parts.path)
            return Refused(Code.INTERNAL, "the gateway failed: see its log")

    def _body(self, way: Way) -> bytes | Refused:
        length = self.headers.get("content-length")
        if self.headers.get("transfer-encoding") or (length is None and way.bytes_max):
            return self._no(Code.LENGTH_REQUIRED, "the length of what is sent is said before it: Content-Length")
        if length is None:
            return b""
        if not (length.isascii() and length.isdigit()):
            return self._no(Code.BAD_INPUT, "a length is a number")
        if int(length) > way.bytes_max:
            return self._no(Code.TOO_LARGE, f"at most {way.bytes_max} bytes are taken here")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return self._no(Code.BAD_INPUT, "less came than was announced")
        return body

    def _no(self, code: Code, message: str) -> Refused:
        self.close_connection = True
        return Refused(code, message)

    def _say(self, answer: Answer) -> None:
        refused = isinstance(answer, Refused)
        status = answer.code.status if isinstance(answer, Refused) else HTTPStatus.OK
        body = json.dumps(answer.body if isinstance(answer, Refused) else answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("cache-control", "no-store")
        if refused and status is HTTPStatus.UNAUTHORIZED:
            self.send_header("www-authenticate", "Bearer")
        if refused and status is HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("retry-after", "5")
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say what is wrong with a request that can't even be read, in the form of all other refusals."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        if not hasattr(self, "headers"):
            self.request_version = self.protocol_version
        self._say(Refused(_UNREAD.get(code, Code.BAD_INPUT), message or "that is no request"))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as http.server calls it
        """Note a request; of what it asked only the path."""
        log.debug("%s %s", self.address_string(), (format % args).partition("?")[0])
