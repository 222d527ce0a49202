"""The device by itself: from a scan to the disk, 50,000 that wait, 50,000 goods looked up.

On the disk of the checkout, since that is what is measured; a handheld's own
memory is slower, its processor too.
"""

import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from handheld.outbox.entry import Identity, Written
from handheld.outbox.journal import Journal
from handheld.outbox.limits import Reason, Unkept
from handheld.replica.replica import Replica
from handheld.scan.inbox import Inbox
from handheld.scan.scan import Scan, Source
from stockbook.domain.capture.codes import read
from tests.bench.figures import Figure

SCANS = 2_000
ENTRIES = 50_000
ITEMS = 50_000
PAGE = 500
IDENTITY = Identity("PDA-7", 1, bytes(range(32)))
BRANDS = ("农夫山泉", "康师傅", "统一", "蒙牛", "伊利", "海天", "清风", "心相印")
GOODS = ("矿泉水", "红茶", "纯牛奶", "酸牛奶", "方便面", "酱油", "食用油", "抽纸", "湿巾")
MEMORY = """
import json, sys, time
from pathlib import Path
from handheld.outbox.entry import Identity
from handheld.outbox.journal import Journal
resident = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096
before, begun = resident(), time.perf_counter()
journal = Journal(Path(sys.argv[1]), Identity("PDA-7", 1, bytes(range(32))))
opened = time.perf_counter() - begun
begun = time.perf_counter()
batch = journal.batch()
first = time.perf_counter() - begun
assert (journal.standing().waiting, len(batch.entries)) == (int(sys.argv[2]), 200)
print(json.dumps({"opened": opened, "first": first, "grown": resident() - before, "whole": resident()}))
"""


def figures() -> list[Figure]:
    """Measure."""
    folder = Path("build/bench_handheld")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        at = Path(name)
        replica, found = _goods(at / "replica.db")
        found += _scans(at / "scans.db", replica)
        replica.close()
        found += _waiting(at / "outbox.db")
    return found


def _labels(number: int) -> dict[str, str]:
    return {
        "action": "inbound",
        "quantity": "1",
        "batch": f"B{number % 97:04}",
        "place": "DC-1/DOCK",
        "shelf": "A03-05",
    }


def _code(number: int) -> str:
    body = f"0692116850{number % ITEMS:05}"[-13:]
    check = -sum(int(each) * (3 if place % 2 == 0 else 1) for place, each in enumerate(body)) % 10
    return f"{body}{check}"


def _scans(path: Path, replica: Replica) -> list[Figure]:
    """Measure from the scanner's event to the receipt: read, looked up, sealed, on the disk."""
    journal, inbox, whole, disk = Journal(path, IDENTITY), Inbox(), [], []
    given = random.Random(1)
    for number in range(SCANS):
        begun = time.perf_counter()
        code = f"]C101{_code(given.randrange(ITEMS))}10B{number:05}\x1d17271231"
        inbox.put(Scan(code, "", begun, Source.INTENT))
        (scan,) = inbox.ready()
        reading = read(scan.text, scan.symbology)
        packing = replica.packing(reading.gtin)
        assert packing is not None
        appending = time.perf_counter()
        journal.append(Written(_labels(number), scan.text, task="PO-7", person="E1024", base="41"))
        disk.append(time.perf_counter() - appending)
        whole.append(time.perf_counter() - begun)
    journal.close()
    said = {name: quantiles(each, n=100) for name, each in (("scan", whole), ("append", disk))}
    return [
        Figure("handheld.scan.durable.p50", said["scan"][49] * 1000, 100, "ms", note=f"{SCANS} scans, one fsync each"),
        Figure("handheld.scan.durable.p99", said["scan"][98] * 1000, 100, "ms", note="aim: an answer within 100 ms"),
        Figure("handheld.scan.append.p50", said["append"][49] * 1000, None, "ms", note="sealing and the disk alone"),
        Figure("handheld.scan.append.p99", said["append"][98] * 1000, None, "ms"),
    ]


def _waiting(path: Path) -> list[Figure]:
    """Measure 50,000 that wait: size, opening, memory, the next one refused, and pruning them all."""
    journal = Journal(path, IDENTITY)
    entries = (Written(_labels(n), _code(n), "]E0", "PO-7", "E1024", "41") for n in range(ENTRIES))
    begun = time.perf_counter()
    for group in _groups(entries, 200):
        said = journal.append(*group)
        assert isinstance(said, tuple), said
    written = time.perf_counter() - begun
    assert journal.append(Written({"action": "count"})) == Unkept(Reason.FULL)
    journal._db.execute("pragma wal_checkpoint(truncate)")
    journal.close()
    size = path.stat().st_size
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(("server", "mobile"))}
    ran = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path), str(ENTRIES)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    seen = json.loads(ran.stdout)
    return [
        Figure("handheld.queue.size", size / 1e6, 40, "MB", note=f"{ENTRIES:,} waiting, {size / ENTRIES:.0f} B each"),
        Figure("handheld.queue.open", seen["opened"] * 1000, 2000, "ms", note="file checked and counted, cold process"),
        Figure("handheld.queue.first_batch", seen["first"] * 1000, None, "ms", note="200 read, seals verified"),
        Figure("handheld.queue.memory", seen["grown"] / 1e6, 50, "MB", note=f"grown; {seen['whole'] / 1e6:.0f} in all"),
        Figure("handheld.queue.written", ENTRIES / written, None, "/s", note="200 at a time, one fsync each"),
    ]


def _groups(entries, size):
    while group := list(itertools.islice(entries, size)):
        yield group


def _goods(path: Path) -> tuple[Replica, list[Figure]]:
    """Measure a replica of 50,000 goods: taking the feed, looking up, searching."""
    replica, given = Replica(path), random.Random(1)
    begun = time.perf_counter()
    for start in range(0, ITEMS, PAGE):
        items = [_item(number, given) for number in range(start, start + PAGE)]
        last = start + PAGE >= ITEMS
        page = {"cursor": str(start), "complete": last, "restart": not start, "version": "1", "items": items}
        if last:
            page["places"] = [
                {"id": f"P{n}", "externalReference": f"A{n:05}", "name": "Bin", "kind": "BIN", "parent": None}
                for n in range(5000)
            ]
        replica.take(page)
    taken = time.perf_counter() - begun

    def each(look, of, times=300):
        spent = []
        for _ in range(times):
            asked = of()
            begun = time.perf_counter()
            assert look(asked)
            spent.append(time.perf_counter() - begun)
        return quantiles(spent, n=100)[49] * 1000

    by_code = each(replica.packing, lambda: _code(given.randrange(ITEMS)))
    by_reference = each(replica.item, lambda: f"SKU-{given.randrange(ITEMS):06}")
    by_bin = each(replica.place, lambda: f"A{given.randrange(5000):05}")
    by_word = each(replica.search, lambda: given.choice(("抽纸", "牛奶", "茶 康师傅", "酱油 1")), 50)
    size = sum(each.stat().st_size for each in path.parent.glob("replica.db*"))
    return replica, [
        Figure("handheld.replica.taken", ITEMS / taken, None, "items/s", note=f"{ITEMS:,} in pages of {PAGE}"),
        Figure("handheld.replica.size", size / 1e6, None, "MB", note=f"{ITEMS:,} items, words indexed"),
        Figure("handheld.replica.by_gtin", by_code, 1, "ms", note="p50"),
        Figure("handheld.replica.by_reference", by_reference, 1, "ms", note="p50"),
        Figure("handheld.replica.by_bin", by_bin, 1, "ms", note="p50"),
        Figure("handheld.replica.search", by_word, 100, "ms", note="Chinese words of two characters, p50"),
    ]


def _item(number: int, given: random.Random) -> dict[str, object]:
    name = f"{given.choice(BRANDS)} {given.choice(GOODS)} {given.randrange(100, 2000)}ml×{given.choice((6, 12, 24))}"
    return {
        "id": f"I{number}",
        "externalReference": f"SKU-{number:06}",
        "name": name,
        "category": "FOOD",
        "gtin": _code(number),
        "baseUnit": "piece",
        "decimals": 0,
        "units": [{"unit": "box", "factor": "12"}],
    }
