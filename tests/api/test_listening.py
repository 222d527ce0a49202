"""Connections, by raw sockets and by curl: who offers HTTP/2 is heard, who keeps still or never ends is closed."""

import asyncio
import contextlib
import json
import shutil

import pytest

from stockbook.api import listening

BODY = json.dumps({"query": "{ me { organisation { name } } }"}).encode()
LENGTH = len(BODY)
OFFER = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAEAAEAAAAIAAAAA")


@pytest.fixture
def silence(monkeypatch):
    """Let nobody keep still for long."""
    monkeypatch.setattr(listening, "SILENCE_SECONDS", 0.4)


@contextlib.asynccontextmanager
async def connected(serving):
    host, _, port = serving.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    yield reader, writer
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def head(serving, *more, length=LENGTH):
    token = serving.bearer()["authorization"].encode()
    lines = [b"POST /graphql HTTP/1.1", b"Host: stockbook", b"Authorization: " + token]
    lines += [b"Content-Type: application/json", *more]
    return b"\r\n".join([*lines, *([b"Content-Length: %d" % length] if length is not None else []), b"\r\n"])


async def answered(reader):
    """Return the status and the body of an answer."""
    async with asyncio.timeout(60):
        said = await reader.readuntil(b"\r\n\r\n")
        length = next(int(each[15:]) for each in said.lower().split(b"\r\n") if each.startswith(b"content-length:"))
        return int(said.split()[1]), await reader.readexactly(length)


async def closed(reader):
    async with asyncio.timeout(60):
        return await reader.read()


@pytest.mark.parametrize("cut", [None, 1, 30, 200, -2, -1])
async def test_the_body_of_who_offers_http_2_is_read(serving, cut):
    """As Java's client does with its first request in clear text, in one packet or in several."""
    async with connected(serving) as (reader, writer):
        said = head(serving, *OFFER) + BODY
        cut = len(said) - len(BODY) + cut if cut is not None and cut < 0 else cut
        for part in (said,) if cut is None else (said[:cut], said[cut:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        status, body = await answered(reader)
        assert (status, json.loads(body)["data"]["me"]["organisation"]["name"]) == (200, "Operator")
        chunked = head(serving, *OFFER, b"Transfer-Encoding: chunked", length=None)
        writer.write(chunked + b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n")
        assert (await answered(reader))[0] == 200, "the connection serves on"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
async def test_curl_offers_http_2_and_is_answered(serving):
    asked = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--http2", "--data-binary", "@-", "--header", "content-type: application/json"),
        *("--header", f"authorization: {serving.bearer()['authorization']}", f"{serving.address}/graphql"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asked.communicate(BODY)
    assert json.loads(said)["data"]["me"]["organisation"]["name"] == "Operator"


async def test_a_head_that_never_ends_is_refused(serving):
    async with connected(serving) as (_, writer):
        writer.write(b"GET /graphql HTTP/1.1\r\nX-Endless: ")
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                writer.write(b"x" * 65536)
                await writer.drain()
            pytest.fail("it was read on and on")


async def test_a_head_in_the_wake_of_another_request_is_limited_too(serving):
    async with connected(serving) as (reader, writer):
        writer.write(head(serving) + BODY + b"GET /graphql HTTP/1.1\r\nX-Endless: ")
        assert (await answered(reader))[0] == 200
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                writer.write(b"x" * 65536)
                await writer.drain()
            pytest.fail("it was read on and on")


async def test_a_body_may_be_larger_than_a_head(serving):
    async with connected(serving) as (reader, writer):
        body = BODY[:-1] + b" " * (6 * listening.HEAD_MAX) + b"}"
        writer.write(head(serving, length=len(body)) + body)
        assert (await answered(reader))[0] == 200


BEGUN = [b"", b"POST /gra", b"POST /graphql HTTP/1.1\r\nHost: stockbook\r\n", b"\r\n"]


@pytest.mark.parametrize("begun", BEGUN)
async def test_who_keeps_still_before_a_request_is_complete_is_closed(serving, silence, begun):
    async with connected(serving) as (reader, writer):
        writer.write(begun)
        assert await closed(reader) == b""


@pytest.mark.parametrize("length", [500, None])
async def test_a_body_that_stops_in_the_middle_is_nobodys(serving, silence, length):
    async with connected(serving) as (reader, writer):
        chunked = () if length else (b"Transfer-Encoding: chunked",)
        writer.write(head(serving, *chunked, length=length) + (BODY if length else b"ff\r\n{"))
        assert await closed(reader) == b""
    async with asyncio.timeout(60):  # nobody waits for the rest
        await serving.app._http._idle.wait()


async def test_who_sends_slowly_is_heard_to_the_end(serving, silence):
    async with connected(serving) as (reader, writer):
        writer.write(head(serving))
        for at in range(len(BODY)):
            writer.write(BODY[at : at + 1])
            await writer.drain()
            await asyncio.sleep(0.02)
        assert (await answered(reader))[0] == 200


async def test_sockets_and_streams_may_be_silent_for_longer(serving, silence):
    async with connected(serving) as (reader, writer):
        upgrade = b"GET /graphql HTTP/1.1\r\nHost: s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        writer.write(upgrade + key + b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
        async with asyncio.timeout(60):
            assert b"101" in await reader.readuntil(b"\r\n\r\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await reader.read()


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x00\xa5\x01\x00\x00", b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
async def test_what_is_no_http_is_told_so_at_once(serving, said):
    async with connected(serving) as (reader, writer):
        writer.write(said)
        assert (await closed(reader)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("length", [2**24 + 1, 10**16, 10**18])
async def test_a_file_that_says_it_is_too_large_is_not_waited_for(serving, length):
    said = head(serving, length=length).replace(b"POST /graphql", b"PUT /recognition/models/" + b"a" * 64)
    async with connected(serving) as (reader, writer):
        writer.write(said)
        status, body = await answered(reader)
    assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (413, "MODEL_UNFIT")


async def test_the_server_still_answers_after_all_of_it(serving):
    assert (await serving.http.get("/readyz")).json() == {"ready": True}


async def packets(reader, seconds=60.0):
    """Return what comes in each packet until the connection is closed."""
    found = []
    async with asyncio.timeout(seconds):
        while part := await reader.read(1 << 20):
            found.append(part)
    return found


class Wire:
    """A transport that remembers what was sent at once."""

    def __init__(self):
        self.sent = []
        self.closed = False

    def write(self, data):
        self.sent.append(data)

    def writelines(self, parts):
        self.sent.append(b"".join(parts))

    def close(self):
        self.closed = True


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"


def test_a_head_goes_with_its_body():
    wire = Wire()
    kept = listening.Together(wire)
    kept.write(HEAD + b"content-length: 2\r\n\r\n")
    assert not wire.sent
    kept.write(b"ok")
    kept.write(b"more")
    assert wire.sent == [HEAD + b"content-length: 2\r\n\r\nok", b"more"]


def test_a_head_that_no_body_follows_is_sent_all_the_same():
    for end in ("flush", "close"):
        wire = Wire()
        kept = listening.Together(wire)
        kept.write(HEAD + b"content-length: 2\r\n\r\n")
        getattr(kept, end)()
        assert wire.sent == [HEAD + b"content-length: 2\r\n\r\n"]


def test_the_head_of_a_stream_waits_for_nothing():
    wire = Wire()
    kept = listening.Together(wire)
    kept.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    assert wire.sent == [HEAD + b"transfer-encoding: chunked\r\n\r\n"]


@pytest.mark.parametrize("method", [b"HEAD", b"GET"])
async def test_head_is_answered_as_get_is_without_the_body(serving, method):
    async with connected(serving) as (reader, writer):
        writer.write(method + b" /healthz HTTP/1.1\r\nHost: stockbook\r\nConnection: close\r\n\r\n")
        head, _, body = b"".join(await packets(reader)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 ")
        assert b"content-length: " in head.lower()
        assert bool(body) is (method == b"GET")
