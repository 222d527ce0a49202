"""Signals to a thousand subscribers: how many frames a second, and how long from sending a posting to hearing of it.

The process that posts, numbers and fans out learns from the same sales: at the
end of the stream, as it does all day, and once more while it has a year to catch up with.
"""

import asyncio
import random
import resource
import time
from collections.abc import Sequence

from tests.bench.clocks import percentile, processor
from tests.bench.drive import Link, Request
from tests.bench.figures import Figure
from tests.bench.following import from_now_on
from tests.bench.listeners import Listener, subscribed
from tests.bench.load import FIRST, Group, Size, host, site
from tests.bench.posting import ROLE, SELL, line, mutation
from tests.bench.stage import Served, Stage, stockbook

DOCUMENT = """subscription Shelf($site: ID!) {
  sellableNow(site: $site) { availability { sellableNow item { id } site { id } } } }"""
BROADCAST, SPREAD = 24, 200
"""Changes a second: of one site that all listen to, and of all sites."""
QUIET_SECONDS = 1.0


async def figures(stage: Stage) -> list[Figure]:
    """Measure a broadcast and a spread, and a spread beside a learner that is far behind."""
    count, seconds = (40, 1.0) if stage.short else (1000, 10.0)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a socket each, here and in the server we start
    sites, changes = stage.size.sites, 20 if stage.short else SPREAD
    spread = [number % sites for number in range(count)]
    words = f"{count} subscribers of {sites} sites, {changes} changes/s"
    dsn = await stage.copy("streamed")
    await from_now_on(dsn)
    async with stockbook(stage, dsn) as server:
        rate, late, spent = await _heard(stage, server, [0] * count, BROADCAST, seconds)
        broadcast = Figure(
            "streams.broadcast",
            rate,
            None if stage.short else 20_000,
            "frames/s",
            least=True,
            note=f"{count} subscribers of one site, {BROADCAST} changes/s; {_words(late, spent)}",
        )
        rate, late, spent = await _heard(stage, server, spread, changes, seconds)
        live = f"{words}, {rate:.0f} frames/s; {_words(late, spent)}"
        found = [broadcast, Figure("streams.spread.p99", percentile(late, 0.99), 100, "ms", note=live)]
    if stage.short:
        return found
    dsn = await stage.copy("streamed")
    async with stockbook(stage, dsn) as server:
        rate, late, spent = await _heard(stage, server, spread, changes, seconds)
    behind = f"the same beside a learner that catches up with {stage.size.movements:,} movements; {_words(late, spent)}"
    return [*found, Figure("streams.behind.p99", percentile(late, 0.99), 250, "ms", note=behind)]


def _words(late: Sequence[float], spent: float) -> str:
    return f"p50 {percentile(late, 0.5):.0f} ms, p99 {percentile(late, 0.99):.0f} ms, {spent:.0f} µs CPU a frame"


async def _heard(
    stage: Stage, server: Served, sites: Sequence[int], changes: int, seconds: float
) -> tuple[float, list[float], float]:
    """Return frames a second, milliseconds from sending to hearing, and microseconds of processor a frame."""
    sent: dict[bytes, float] = {}
    late: list[float] = []
    last = [0.0]

    def heard(text: bytes, now: float) -> None:
        last[0] = now
        begun = sent.get(_shelf(text))
        if begun is not None:
            late.append((now - begun) * 1000)

    listeners = await _all_subscribed(stage, server, sites, heard)
    while time.perf_counter() - last[0] < QUIET_SECONDS:  # each is first told all that there is
        await asyncio.sleep(0.1)
    before = processor([server.pid, stage.database])
    begun = time.perf_counter()
    wanted = await _post(stage, server, sorted(set(sites)), changes, seconds, sent)
    listening = {each: sites.count(each) for each in set(sites)}
    frames = sum(listening[each] for each in wanted)
    deadline = time.perf_counter() + 20
    while len(late) < frames and time.perf_counter() < deadline:
        await asyncio.sleep(0.02)
    took = max(last[0] - begun, seconds)
    spent = (processor([server.pid, stage.database]) - before) / max(len(late), 1) * 1e6
    for each in listeners:
        each.close()
    if len(late) < frames:
        raise RuntimeError(f"{frames} frames were due, {len(late)} came")
    return len(late) / took, late, spent


async def _all_subscribed(stage: Stage, server: Served, sites: Sequence[int], heard: object) -> list[Listener]:
    tokens = [stage.token(organisation) for organisation in range(stage.size.organisations)]
    listeners: list[Listener] = []
    for begin in range(0, len(sites), 50):
        listeners += await asyncio.gather(
            *(
                subscribed(
                    server.port,
                    tokens[host(stage.size, each)],
                    {"query": DOCUMENT, "variables": {"site": f"gid://stockbook/Place/{site(each)}"}},
                    heard,  # type: ignore[arg-type]
                )
                for each in sites[begin : begin + 50]
            )
        )
    return listeners


async def _post(
    stage: Stage, server: Served, sites: Sequence[int], changes: int, seconds: float, sent: dict[bytes, float]
) -> list[int]:
    """Post changes at an even pace, each of a shelf of its own; return their sites."""
    tokens = [stage.token(organisation, ROLE) for organisation in range(stage.size.organisations)]
    shelves = _shelves(stage.size, sites)
    chosen = random.Random(changes).sample(shelves, min(len(shelves), int(changes * seconds)))
    links: asyncio.Queue[Link] = asyncio.Queue()
    for _ in range(16):
        links.put_nowait(await Link.open(server.port))
    begun = time.perf_counter()
    key = f"{time.time_ns()}"

    async def one(number: int, group: Group) -> None:
        await asyncio.sleep(max(0.0, begun + number / changes - time.perf_counter()))
        link = await links.get()
        body = mutation(SELL, [line(group)]).replace("@KEY@", f"{key}-{number}")
        sent[f"{FIRST + group.item} {site(group.site)}".encode()] = time.perf_counter()
        status, answer = await link.send(Request("/graphql", body, tokens[group.host]))
        links.put_nowait(link)
        if status != 200 or b'"POSTED"' not in answer:
            raise RuntimeError(answer.decode())

    await asyncio.gather(*(one(number, group) for number, group in enumerate(chosen)))
    while not links.empty():
        links.get_nowait().close()
    return [each.site for each in chosen]


def _shelves(size: Size, sites: Sequence[int]) -> list[Group]:
    per = size.per_site
    every = (Group(n, size) for each in sites for n in range(each * per, (each + 1) * per))
    return [each for each in every if each.holders[3] == each.host]


def _shelf(text: bytes) -> bytes:
    """Return item and site that a frame is about.

    >>> _shelf(b'{"item":{"id":"gid://stockbook/Item/1008"},"site":{"id":"gid://stockbook/Place/1002"}}')
    b'1008 1002'
    """
    item, _, rest = text.partition(b"/Item/")[2].partition(b'"')
    return item + b" " + rest.partition(b"/Place/")[2].partition(b'"')[0]
