"""A PostgreSQL that is too old is refused in words, whether or not it knows our settings."""

import asyncio
import struct

import pytest

from stockbook.store.database import Database, TooOldError


def said(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def status(name, value):
    return said(b"S", f"{name}\0{value}\0".encode())


IDLE = said(b"Z", b"I")
WELCOME = said(b"R", struct.pack("!i", 0)) + said(b"K", struct.pack("!ii", 7, 7))
UNKNOWN_SETTING = said(b"E", b'SFATAL\0VFATAL\0C42704\0Munrecognized configuration parameter "transaction_timeout"\0\0')
OLD = {
    "14, which does not know our settings": UNKNOWN_SETTING,
    "16": WELCOME + status("server_version", "16.4") + status("server_encoding", "UTF8") + IDLE,
}


@pytest.mark.parametrize("answer", OLD.values(), ids=OLD)
async def test_an_older_server_is_refused(answer):
    """It answers as PostgreSQL's protocol has it: none so old comes with our tests."""

    async def greet(reader, writer):
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length - 4)
        writer.write(answer)
        await writer.drain()
        await reader.read(1)  # whoever asked says goodbye, and waits for us to hang up
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TooOldError, match="17 or newer"):
            await Database.open(f"postgresql://u:p@127.0.0.1:{port}/stockbook?sslmode=disable")
