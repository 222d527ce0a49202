"""The door for devices: batches of 200 sealed scans with four labels each; a full queue of 50,000 drained."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator

import asyncpg

from tests.bench.clocks import processor
from tests.bench.drive import Link, Request
from tests.bench.figures import Figure
from tests.bench.load import FIRST, host, site
from tests.bench.stage import Served, Stage, stockbook
from tests.capture.phone import CAPTURE, ENROL, Phone, phone

ORGANISATION = 1
BATCH = 200
QUEUE = 50_000
ITEMS = 500
CODES = 50
BINS = ("DOCK", "A1", "A2", "B1")
EXAMPLE = {"action": "inbound", "batch": "20250122A", "shelf": "A03-05", "quality": "pass"}


async def figures(stage: Stage) -> list[Figure]:
    """Send batches one after another over one connection; then a whole queue, and the queues of two devices."""
    queue = 2 * BATCH if stage.short else QUEUE
    rounds = 2 if stage.short else 25
    dsn = await stage.copy("door")
    async with stockbook(stage, dsn, worker="0") as server:
        shop, items = await _shop(stage, server), min(ITEMS, stage.size.items)
        simple, example, drained, *pair = [await _enrolled(stage, server, f"BENCH-{n}") for n in range(5)]
        found = [
            await _rate(stage, server, simple, _daily(shop, items, rounds * BATCH), "door.scans", 1000),
            await _rate(stage, server, example, _example(shop, rounds * BATCH), "door.example", None),
            await _drained(server, drained, _daily(shop, items, queue)),
            await _together(server, pair, _daily(shop, items, rounds * BATCH)),
        ]
        await _right(dsn)
    return found


def _daily(shop: str, items: int, count: int) -> Iterator[dict[str, str]]:
    """Yield what a storeman scans: goods in, put away, moved; four labels each."""
    dock, *shelves = (f"{shop}/{name}" for name in BINS)
    for number in range(count):
        item, shelf = f"gid://stockbook/Item/{FIRST + number // 4 % items}", shelves[number // 4 % len(shelves)]
        match number % 4:
            case 0 | 1:
                yield {"action": "inbound", "item": item, "batch": f"B{number % 10}", "place": dock}
            case 2:
                yield {"action": "put_away", "item": item, "source": dock, "shelf": shelf}
            case _:
                yield {"action": "pick", "item": item, "source": shelf, "place": dock}


def _example(shop: str, count: int) -> Iterator[dict[str, str]]:
    """Yield the example of `schema/events/README.md`: a receipt, an inspection and a put-away in one scan."""
    return ({**EXAMPLE, "shelf": f"{shop}/A1"} for _ in range(count))


def _scanned(device: Phone, labels: Iterator[dict[str, str]]) -> None:
    for number, said in enumerate(labels):
        code = {} if "item" in said else {"code": f"B-{number % CODES}"}
        device.say(json.dumps(device.event(said, **code)))


async def _rate(
    stage: Stage, server: Served, device: Phone, labels: Iterator[dict[str, str]], name: str, limit: float | None
) -> Figure:
    _scanned(device, labels)
    own, database = processor([server.pid]), processor([stage.database])
    took = await _sent(server, device)
    own, database = processor([server.pid]) - own, processor([stage.database]) - database
    each = 1e6 / len(device.queue)
    rates = [BATCH / each for each in took[1:]]  # the first warms plans and caches
    rate = statistics.median(rates)
    slowest = max(took[1:]) * 1000
    note = (
        f"batches of {BATCH} from one device, sealed beforehand; median of {len(rates)}, slowest {slowest:.0f} ms;"
        f" CPU a scan: server {own * each:.0f} µs, database {database * each:.0f} µs"
    )
    return Figure(name, rate, limit, "scans/s", least=True, note=note)


async def _drained(server: Served, device: Phone, labels: Iterator[dict[str, str]]) -> Figure:
    _scanned(device, labels)
    took = await _sent(server, device)
    note = f"{len(device.queue):,} scans of four labels in batches of {BATCH}, verified, posted, answered"
    return Figure("door.drain", sum(took), 180, "s", note=note)


async def _together(server: Served, devices: list[Phone], labels: Iterator[dict[str, str]]) -> Figure:
    said = list(labels)
    for device in devices:
        _scanned(device, iter(said))
    begun = time.perf_counter()
    await asyncio.gather(*(_sent(server, device) for device in devices))
    rate = len(devices) * len(said) / (time.perf_counter() - begun)
    return Figure("door.together", rate, None, "scans/s", note=f"{len(devices)} devices at once, of the same goods")


async def _sent(server: Served, device: Phone) -> list[float]:
    """Send a device's queue in batches; every event must be posted."""
    link = await Link.open(server.port)
    took = []
    for start in range(0, len(device.queue), BATCH):
        given = device.batch(device.queue[start : start + BATCH])
        body = json.dumps({"query": CAPTURE, "variables": {"input": given}})
        begun = time.perf_counter()
        status, answer = await link.send(Request("/graphql", body, f"Bearer {device.token}"))
        took.append(time.perf_counter() - begun)
        if status != 200 or answer.count(b'"POSTED"') != len(given["events"]):
            wrong = [each for each in answer.decode().split("{") if '"sequence"' in each and '"POSTED"' not in each]
            raise RuntimeError(f"scans were not posted: {wrong[:5] or answer.decode()[:500]}")
    link.close()
    return took


async def _asked(stage: Stage, server: Served, query: str, lines: list[dict[str, object]], role: str) -> str:
    link = await Link.open(server.port)
    body = json.dumps({"query": query, "variables": {"input": {"lines": lines}}})
    _, answer = await link.send(Request("/graphql", body, stage.token(ORGANISATION, role)))
    link.close()
    return answer.decode()


async def _enrolled(stage: Stage, server: Served, reference: str) -> Phone:
    line = {"externalReference": reference, "name": reference, "role": "storekeeper"}
    said = json.loads(await _asked(stage, server, ENROL, [line], "org_admin"))
    return phone(said["data"]["enrolDevices"]["results"][0])


async def _shop(stage: Stage, server: Served) -> str:
    """Register bins at a site of the organisation, and what the example's codes mean."""
    place = site(next(n for n in range(stage.size.sites) if host(stage.size, n) == ORGANISATION))
    bins: list[dict[str, object]] = [
        {"externalReference": f"BENCH/{name}", "name": name, "kind": "BIN", "parent": f"gid://stockbook/Place/{place}"}
        for name in BINS
    ]
    said = await _asked(stage, server, _REGISTER.format("registerPlaces", "RegisterPlaces"), bins, "storekeeper")
    if '"errors":[]' not in said:
        raise RuntimeError(said)
    codes: list[dict[str, object]] = [
        {"item": f"gid://stockbook/Item/{FIRST + n}", "code": f"B-{n}", "own": True} for n in range(CODES)
    ]
    said = await _asked(stage, server, _REGISTER.format("recordCodes", "RecordCodes"), codes, "storekeeper")
    if '"errors":[]' not in said:
        raise RuntimeError(said)
    return "BENCH"


async def _right(dsn: str) -> None:
    """See that what was answered is what is in the journal."""
    connection = await asyncpg.connect(dsn)
    try:
        lost = await connection.fetchval(
            "select count(*) from captured c join device d on d.id = c.device_id join principal p"
            " on p.id = d.principal_id where not exists (select from movement m where m.key ="
            " concat_ws(':', 'scan', p.external_reference, c.epoch, c.sequence))"
        )
    finally:
        await connection.close()
    if lost:
        raise RuntimeError(f"{lost} scans were answered and are not in the journal")


_REGISTER = "mutation($input: {1}Input!) {{ {0}(input: $input) {{ errors {{ message }} }} }}"
