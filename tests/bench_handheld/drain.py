"""A full device meets the server again: 50,000 scans from its journal into an embedded server, in a process each."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from handheld.client.enrolment import FileKeystore, read
from handheld.outbox.entry import Written
from handheld.outbox.journal import Journal
from stockbook.store.embedded import Server
from stockbook.store.migrate import migrate
from stockbook.store.verify import verify
from tests.bench.figures import Figure
from tests.capture.phone import goods, shop
from tests.serving import served

ENTRIES = 50_000
SECONDS_MAX = 180
DEVICE = """
import json, sys, time
from pathlib import Path
from handheld.client.enrolment import FileKeystore
from handheld.client.sync import Sync
from handheld.client.transport import Transport
from handheld.outbox.journal import Journal
from handheld.replica.replica import Replica
folder = Path(sys.argv[1])
keystore = FileKeystore(folder / "enrolment.json")
enrolment = keystore.load()
journal, replica = Journal(folder / "outbox.db", enrolment.identity), Replica(folder / "replica.db")
sync = Sync(journal, replica, keystore, Transport(enrolment.address))
begun, own = time.perf_counter(), time.process_time()
while journal.standing().waiting:
    step = sync.step()
    assert step.failed is None, step
spent = {"seconds": time.perf_counter() - begun, "own": time.process_time() - own}
standing = journal.standing()
assert (standing.held, standing.unsettled, standing.stop) == (0, 0, None), standing
print(json.dumps(spent))
"""


def figures() -> list[Figure]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="sb", ignore_cleanup_errors=True) as home:
        server = Server(Path(home))
        server.start({"shared_buffers": "128MB"})
        try:
            return asyncio.run(_drained(server.dsn, Path(home) / "device"))
        finally:
            server.kill()


async def _drained(dsn: str, folder: Path) -> list[Figure]:
    await migrate(dsn)
    async with served(dsn) as running:
        await goods(running)
        store = await shop(running, "SHOP")
        (result,) = (await store.enrolment("PDA-7", "storekeeper"))["results"]
        said = {name: result[name] for name in ("reference", "epoch", "secret", "token")}
        enrolment = read(json.dumps({"address": running.address, **said}))
        FileKeystore(folder / "enrolment.json").save(enrolment)
        received = await asyncio.to_thread(_scanned, Journal(folder / "outbox.db", enrolment.identity))
        spent = json.loads(await asyncio.to_thread(_sent, folder))
        there = await store.there("MILK", "SHOP/DOCK"), await store.there("MILK", "SHOP/A03-05")
        assert sum(map(int, there)) == received, (there, received)
        assert await verify(running.app.parts.beside) == []
    rate, share = ENTRIES / spent["seconds"], 100 * spent["own"] / spent["seconds"]
    return [
        Figure("handheld.drain", spent["seconds"], SECONDS_MAX, "s", note=f"{ENTRIES:,} scans of four labels, merged"),
        Figure("handheld.drain.rate", rate, None, "scans/s", note=f"the device itself is busy for {share:.0f} %"),
    ]


def _scanned(journal: Journal) -> int:
    """Fill the journal: goods in, and half of them put away; return how many pieces came in."""
    for start in range(0, ENTRIES, 200):
        said = journal.append(*(_scan(number) for number in range(start, start + 200)))
        assert isinstance(said, tuple), said
    journal.close()
    return ENTRIES // 2 * 2


def _scan(number: int) -> Written:
    if number % 2 == 0:
        return Written({"action": "inbound", "item": "MILK", "quantity": "2", "place": "SHOP/DOCK"}, "6921168509256")
    return Written({"action": "put_away", "item": "MILK", "source": "SHOP/DOCK", "shelf": "SHOP/A03-05"})


def _sent(folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(("server", "mobile"))}
    command = [sys.executable, "-c", DEVICE, str(folder)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout
