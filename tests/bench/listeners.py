"""A thousand subscribers in one process: the least of a WebSocket client that can count and time frames."""

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any

Heard = Callable[[bytes, float], None]
"""Called with each frame's text and when it came."""


class Listener(asyncio.Protocol):
    """One subscriber over graphql-transport-ws; frames from the server are not masked, so reading is cheap."""

    def __init__(self, token: str, payload: dict[str, Any], heard: Heard) -> None:
        self._token, self._payload, self._heard = token, payload, heard
        self._bytes = bytearray()
        self._open = False
        self.subscribed = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: graphql-transport-ws\r\nAuthorization: {self._token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if not self._open:
            end = self._bytes.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self._bytes[:20]:
                self._failed(bytes(self._bytes[:200]))
                return
            del self._bytes[: end + 4]
            self._open = True
            self._say({"type": "connection_init", "payload": {"Authorization": self._token}})
        now = time.perf_counter()
        at, held = 0, len(self._bytes)
        while held - at >= 2:
            size, begin = self._bytes[at + 1] & 127, at + 2
            if size >= 126:
                begin += 2 if size == 126 else 8
                if held < begin:
                    break
                size = int.from_bytes(self._bytes[at + 2 : begin])
            if held < begin + size:
                break
            self._frame(self._bytes[at] & 15, bytes(self._bytes[begin : begin + size]), now)
            at = begin + size
        del self._bytes[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        self._failed(b"the connection was lost")

    def _frame(self, kind: int, text: bytes, now: float) -> None:
        if kind == 8:
            self._failed(text)
        elif kind == 9:
            self._send(10, text)
        elif b'"next"' in text:
            self._heard(text, now)
        elif b'"connection_ack"' in text:
            self._say({"id": "1", "type": "subscribe", "payload": self._payload})
            self.subscribed.set_result(None)
        elif b'"ping"' in text:
            self._say({"type": "pong"})
        elif b'"error"' in text:
            raise RuntimeError(text.decode())

    def _say(self, message: dict[str, Any]) -> None:
        self._send(1, json.dumps(message).encode())

    def _send(self, kind: int, text: bytes) -> None:
        size = len(text)
        head = bytes((128 | kind, 128 | size)) if size < 126 else bytes((128 | kind, 254)) + size.to_bytes(2)
        assert self.transport is not None
        self.transport.write(head + b"\0\0\0\0" + text)  # masked with nought, which the protocol allows

    def _failed(self, why: bytes) -> None:
        if not self.subscribed.done():
            self.subscribed.set_exception(RuntimeError(why.decode(errors="replace")))

    def close(self) -> None:
        """Hang up."""
        if self.transport is not None:
            self.transport.abort()


async def subscribed(port: int, token: str, payload: dict[str, Any], heard: Heard) -> Listener:
    """Connect and subscribe."""
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(lambda: Listener(token, payload, heard), "127.0.0.1", port)
    await asyncio.wait_for(listener.subscribed, 30)
    return listener
