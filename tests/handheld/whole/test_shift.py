"""The whole way: the window, the journal, the network that goes and comes back, the door, the books."""

import asyncio
import contextlib
import json
import os
import sys

import pytest

from handheld.client.enrolment import FileKeystore, read
from stockbook.store.verify import verify
from tests.capture.phone import goods, shop
from tests.handheld.whole.recording import SCANS, record
from tests.serving import served

SECONDS_MAX = 600


class Relay:
    """A network that can be cut: takes connections while it is whole, drops all of them when it is not."""

    def __init__(self, port):
        self._port, self._open, self._whole = port, set(), True

    async def start(self):
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def cut(self):
        self._whole = False
        for writer in list(self._open):
            writer.close()

    def mend(self):
        self._whole = True

    async def _carry(self, reader, writer):
        if not self._whole:
            writer.close()
            return
        try:
            there, on = await asyncio.open_connection("127.0.0.1", self._port)
        except BaseException:
            writer.close()
            raise
        self._open |= {writer, on}
        await asyncio.gather(self._pump(reader, on), self._pump(there, writer))

    async def _pump(self, reader, writer):
        with contextlib.suppress(OSError):
            while said := await reader.read(65536):
                writer.write(said)
                await writer.drain()
        writer.close()
        self._open.discard(writer)


class Player:
    """The application, in a process of its own."""

    def __init__(self, process):
        self._process = process

    async def says(self, word):
        """Return what it tells when it has come so far."""
        async with asyncio.timeout(SECONDS_MAX):
            line = await self._process.stdout.readline()
        assert line, (await self._process.stderr.read()).decode()[-4000:]
        said = json.loads(line)
        assert said["said"] == word, said
        return said

    def go_on(self):
        self._process.stdin.write(b"\n")


@contextlib.asynccontextmanager
async def playing(display, home, recording):
    environment = {**os.environ, "DISPLAY": display, "HANDHELD_WINDOW": "1", "HANDHELD_SIZE": "480x800",
                   "KIVY_HOME": str(home / "kivy"), "KIVY_NO_ARGS": "1", "KIVY_LOG_MODE": "PYTHON",
                   "PYTHONPATH": os.pathsep.join(["server", "mobile", "."])}  # fmt: skip
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.handheld.whole.player", str(home), str(recording),
        stdin=pipe, stdout=pipe, stderr=pipe, env=environment,
    )  # fmt: skip
    try:
        yield Player(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.timeout(2 * SECONDS_MAX)
async def test_a_shift_of_two_thousand_scans_without_network_reaches_the_books_once(display, fresh, tmp_path):
    async with served(await fresh()) as running:
        await goods(running)
        store = await shop(running, "SHOP")
        relay = Relay(int(running.address.rpartition(":")[2]))
        async with await relay.start():
            (result,) = (await store.enrolment("PDA-9", "storekeeper"))["results"]
            said = {name: result[name] for name in ("reference", "epoch", "secret", "token")}
            FileKeystore(tmp_path / "enrolment.json").save(
                read(json.dumps({"address": f"http://127.0.0.1:{relay.port}", **said}))
            )
            shift = record("SHOP")
            assert shift.scans == SCANS
            (tmp_path / "shift.json").write_text(json.dumps(shift.steps))

            async with playing(display, tmp_path, tmp_path / "shift.json") as player:
                await player.says("ready")
                relay.cut()
                player.go_on()
                played = await player.says("played")
                assert (played["waiting"] > 0, played["fault"]) == (True, "")
                assert not await store.fetch("select 1 from movement where key like 'scan:%'"), "nothing came through"
                relay.mend()
                player.go_on()
                sent = await player.says("sent")
                assert (sent["held"], sent["unsettled"], sent["stop"]) == (0, 0, "None")
                player.go_on()

        rows = await store.fetch(
            "select l.code, p.external_reference, sum(q.quantity)::int from position q"
            " join lot l on l.id = q.lot_id join place p on p.id = q.place_id where q.quantity > 0 group by 1, 2"
        )
        assert {(lot, place): pieces for lot, place, pieces in rows} == {
            key: pieces for key, pieces in shift.tally.items() if pieces
        }
        outcomes = await store.fetch("select outcome, count(*)::int from captured group by 1")
        assert {row[0]: row[1] for row in outcomes} == {"POSTED": played["waiting"]}, "each that waited, and no other"
        assert await verify(running.app.parts.beside) == []
