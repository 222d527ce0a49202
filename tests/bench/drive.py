"""Load: wrk where there is one, else a client of our own, both sending the same file of requests."""

import asyncio
import contextlib
import itertools
import os
import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.clocks import percentile

HERE = Path(__file__).parent
_SEEDS = itertools.count(time.time_ns() // 1_000_000 % 1_000_000_000)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; without a body it is a GET. `@KEY@` in the body becomes unique."""

    path: str
    body: str = ""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class Driven:
    """What a spell of load came to; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def saved(requests: Iterable[Request], path: Path) -> Path:
    """Write requests to a file that `drive` sends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{each.authorization}\t{each.path}\t{each.body}\n" for each in requests))
    return path


async def drive(port: int, requests: Path, seconds: float, connections: int) -> Driven:
    """Send requests of a file in random order over so many connections for so long."""
    if shutil.which("wrk") and seconds >= 1:
        return await asyncio.to_thread(_wrk, port, requests, round(seconds), connections)
    return await _own(port, await asyncio.to_thread(requests.read_text), seconds, connections)


def tool() -> str:
    """Say what drives; installs wrk where we may."""
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "-qq", "update"], check=False, capture_output=True)
        subprocess.run(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "wrk"], check=False,
                       capture_output=True)  # fmt: skip
    return "wrk" if shutil.which("wrk") else "own client (no wrk here; Debian: apt-get install wrk)"


def _wrk(port: int, requests: Path, seconds: int, connections: int) -> Driven:
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", HERE / "load.lua",
         f"http://127.0.0.1:{port}/"],
        env={**os.environ, "BENCH_REQUESTS": str(requests), "BENCH_SEED": str(next(_SEEDS))},
        capture_output=True,
        text=True,
        check=True,
    ).stdout  # fmt: skip
    counted = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", said)
    if counted is None:
        raise RuntimeError(said)
    spell = float(counted[2]) * {"ms": 0.001, "s": 1, "m": 60}[counted[3]]
    failed = sum(int(each) for each in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    if broken := re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said):
        failed += sum(map(int, broken.groups()))
    return Driven(int(counted[1]), spell, _milliseconds(said, "50%"), _milliseconds(said, "99%"), failed)


def _milliseconds(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)", said)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[found[2]] if found else 0.0


async def _own(port: int, requests: str, seconds: float, connections: int) -> Driven:
    seed = next(_SEEDS)
    chance = random.Random(seed)
    lines = [line.split("\t", 2) for line in requests.splitlines()]
    keys = itertools.count()
    took: list[float] = []
    failures: list[int] = []
    started = time.monotonic()
    until = started + seconds

    async def one() -> None:
        link = await Link.open(port)
        while (begun := time.monotonic()) < until:
            token, path, body = chance.choice(lines)
            status, _ = await link.send(Request(path, fresh(body, seed, keys), token))
            took.append((time.monotonic() - begun) * 1000)
            if status != 200:
                failures.append(status)
        link.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    spell = time.monotonic() - started
    return Driven(len(took), spell, percentile(took, 0.5), percentile(took, 0.99), len(failures))


def fresh(body: str, seed: int, keys: Iterable[int]) -> str:
    """Give each @KEY@ of a body a word that no other has.

    >>> fresh('{"key": "@KEY@"}', 7, itertools.count())
    '{"key": "7-0"}'
    """
    counter = iter(keys)
    return re.sub("@KEY@", lambda _: f"{seed}-{next(counter)}", body)


class Link:
    """One HTTP connection, as thin as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Link":
        """Connect to a server of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))

    async def send(self, request: Request) -> tuple[int, bytes]:
        """Send one request, return status and body."""
        body = request.body.encode()
        head = f"{'POST' if body else 'GET'} {request.path} HTTP/1.1\r\nHost: localhost\r\n"
        if request.authorization:
            head += f"Authorization: {request.authorization}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin1")
        headers = dict(line.lower().split(": ", 1) for line in answer.split("\r\n")[1:] if line)
        status = int(answer.split(" ", 2)[1])
        if headers.get("transfer-encoding") == "chunked":
            return status, await self._chunks()
        return status, await self.reader.readexactly(int(headers.get("content-length", "0")))

    async def _chunks(self) -> bytes:
        parts = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(parts)

    def close(self) -> None:
        """Close it."""
        with contextlib.suppress(OSError):
            self.writer.close()


async def asked(port: int, requests: Sequence[Request]) -> list[tuple[int, bytes]]:
    """Send some requests one after another, return their answers."""
    link = await Link.open(port)
    try:
        return [await link.send(each) for each in requests]
    finally:
        link.close()
