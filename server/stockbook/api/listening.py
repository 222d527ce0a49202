"""How we listen: uvicorn's options, and a protocol that leaves no connection open for nothing.

::

    431   a head of more than `HEAD_MAX` bytes
    closed   nothing said for `SILENCE_SECONDS`, before a request or in the middle of one

Uvicorn itself waits for ever for the rest of a request, in as much memory as
its head fills; and it loses the body of one whose client offers HTTP/2, as
Java's does with every first request in clear text. The offer is not taken up,
so here it is left out. And it sends the head of an answer by itself, which
costs a system call and a packet, and wakes the client for nothing.
"""

import asyncio
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from stockbook.settings import Settings

HEAD_MAX = 64 * 1024
"""Bytes of a request line and its headers: a token of the longest kind is an eighth of it."""
SILENCE_SECONDS = 30.0
"""How long a client may keep still before its request is complete."""
_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "
_OFFER = re.compile(rb"\r\nUpgrade:[ \t]*h2c[^\r]*", re.IGNORECASE)


def options(settings: Settings) -> dict[str, Any]:
    """Return uvicorn's options, for whoever serves the application."""
    return {
        "http": Protocol,
        "ws": "websockets-sansio",
        "ws_per_message_deflate": False,
        "ws_max_size": settings.body_max,
        "access_log": False,
        "log_config": None,
        "server_header": False,
    }


class Together:
    """A transport that sends the head of an answer whose length is known with its body."""

    def __init__(self, plain: asyncio.Transport) -> None:
        self.plain = plain
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        """Be the transport in all else."""
        return getattr(self.plain, name)

    def write(self, data: bytes) -> None:
        """Send, or keep a head until its body comes."""
        if self._head:
            head, self._head = self._head, b""
            self.plain.writelines((head, data))
        elif data.startswith(b"HTTP/1.1 ") and _LENGTH in data:
            self._head = data
        else:
            self.plain.write(data)

    def flush(self) -> None:
        """Send a head that no body followed."""
        if self._head:
            head, self._head = self._head, b""
            self.plain.write(head)

    def close(self) -> None:
        """Close when all is sent."""
        self.flush()
        self.plain.close()


class Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with clients that may stop speaking."""

    transport: Any

    _held = b""
    """What came of a head, before all of it is there."""
    _within = False
    """Whether the parser is in the middle of a request."""
    _headed = _upgraded = False
    _size = 0
    """Bytes that came of a head."""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request."""
        super().connection_made(Together(transport))  # type: ignore[arg-type]
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._rest()
        if not self._within:
            data = self._begun(data)
        if not data:
            return
        in_head = self._within and not self._headed
        super().data_received(data)
        if self._within and not self._upgraded:
            self._unfinished(len(data) if in_head and not self._headed else 0)

    def _begun(self, data: bytes) -> bytes:
        """Return what there is of a request as soon as its head is complete; nothing before."""
        before = len(self._held)
        data = self._held + data if before else data.lstrip(b"\r\n")
        if not data and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        if not data[:1].isalpha():
            return data
        self._unset_keepalive_if_required()
        end = data.find(_END, max(before - len(_END), 0))
        if end < 0:
            self._held = data
            self._unfinished(len(data) - before)
            return b""
        self._held = b""
        return _OFFER.sub(b"", data[:end]) + data[end:] if data.find(b"h2c", 0, end) > 0 else data

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._within, self._headed = True, False

    def on_headers_complete(self) -> None:
        """Begin to answer it."""
        self._headed, self._size = True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End it."""
        self._within = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Send what has no body after all, as the answer to HEAD."""
        self.transport.flush()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to a socket, which has times and packets of its own."""
        self._upgraded = True
        self.transport = self.transport.plain
        super().handle_websocket_upgrade()

    def _unfinished(self, size: int) -> None:
        """Wait for the rest of a request, unless its head is too large already."""
        self._size += size
        if self._size > HEAD_MAX:
            self.transport.write(STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
        else:
            self._wait()

    def _wait(self) -> None:
        self._timer = self.loop.call_later(SILENCE_SECONDS / 2, self._still)

    def _still(self) -> None:
        """Close after another half: what came while this process stood still is read before that."""
        self._timer = self.loop.call_later(SILENCE_SECONDS / 2, self.transport.close)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
