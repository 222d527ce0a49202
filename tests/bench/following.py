"""Following demand at speed and at scale: from a sale to the forecast that it moved, and what a series costs."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import asyncpg
import orjson
import psutil

from stockbook.commands.serving import settled
from stockbook.domain.demand.influence import Heard
from stockbook.domain.demand.learners.shared import FAR, Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED
from stockbook.domain.demand.threshold import Terms, threshold
from stockbook.domain.demand.track import Track
from tests.bench import shortages
from tests.bench.clocks import percentile, processor
from tests.bench.drive import Link, Request, fresh
from tests.bench.figures import Figure
from tests.bench.load import FIRST, TINY, Group, Size, site
from tests.bench.posting import ROLE, SELL, line, mutation, sellable
from tests.bench.sizes import PICTURES
from tests.bench.stage import Served, Stage, loaded, stockbook

RATE, SECONDS, PROBES_SECOND, CONNECTIONS = 500, 20.0, 5, 24
SHOP = Size(organisations=10, sites=10, items=50, per_site=50)
FORECAST = "query F($item: ID!, $site: ID!) { forecast(item: $item, location: $site) { mean } }"
SERIES = (1_000, 10_000, 100_000)
OFTEN, WEEKS, BEGIN = 0.1, 12, datetime(2024, 1, 1, tzinfo=UTC)
"""The share of series that sell every week; how long they are followed."""


async def figures(stage: Stage) -> list[Figure]:
    """Measure both, and how long it takes to see from them what is short."""
    return [*await _fresh(stage), *_scale(stage), *await shortages.figures(stage)]


async def _fresh(stage: Stage) -> list[Figure]:
    size = TINY if stage.short else SHOP
    rate, seconds = (50, 2.0) if stage.short else (RATE, SECONDS)
    await loaded(stage.dsn, size)
    dsn = await stage.copy("followed", size)
    await from_now_on(dsn)
    async with stockbook(stage, dsn, "stockbook-following", clock_seconds="0") as server:
        groups = sellable(size)
        probe = groups[0]
        await _paced(stage, server, size, groups, rate / 2, min(seconds, 5), [])  # warms
        took: list[float] = []
        spent = processor([server.pid, stage.database])
        sold, lasted = await _paced(stage, server, size, [g for g in groups if g.item != probe.item], rate, seconds,
                                    [_probing(stage, server, probe, seconds, took)])  # fmt: skip
        spent = processor([server.pid, stage.database]) - spent
    p50, busy = percentile(took, 0.5), psutil.getloadavg()[0] / (psutil.cpu_count() or 1)
    note = f"one process at {sold / lasted:.0f} sales/s, {len(took)} probes; p50 {p50:.0f} ms; load {busy:.1f} a core"
    return [
        Figure("following.p99", percentile(took, 0.99), None if stage.short else 250, "ms", note=note),
        Figure("following.rate", sold / lasted, None if stage.short else RATE * 0.95, "sales/s", least=True),
        Figure(
            "following.cpu", spent / max(sold, 1) * 1e6, None, "µs", note="a sale posted, learnt and asked for; all in"
        ),
    ]


async def from_now_on(dsn: str) -> None:
    """Let learners begin at the end of what is loaded."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "insert into stream_offset (reader, partition, tx, position) select 'demand', p, x.tx, x.id from"
        " generate_series(0, 7) p, (select tx::text::bigint as tx, id from movement_party order by tx desc, id desc"
        " limit 1) x on conflict do nothing"
    )
    await connection.close()


async def _paced(
    stage: Stage, server: Served, size: Size, groups: Sequence[Group], rate: float, seconds: float, beside: Sequence
) -> tuple[int, float]:
    """Sell at a pace, late sales made up for; return how many were posted and how long it took."""
    chance, sold = random.Random(11), 0
    tokens = [stage.token(organisation, ROLE) for organisation in range(size.organisations)]
    bodies = [(mutation(SELL, [line(each)]), tokens[each.host]) for each in chance.choices(groups, k=2000)]
    seed, begun = time.time_ns() % 10**9, time.monotonic()
    numbers = iter(range(int(rate * seconds)))

    async def one() -> None:
        nonlocal sold
        link = await Link.open(server.port)
        for number in numbers:
            await asyncio.sleep(max(begun + number / rate - time.monotonic(), 0))
            body, token = bodies[number % len(bodies)]
            status, answer = await link.send(Request("/graphql", fresh(body, seed, iter((number,))), token))
            sold += status == 200 and b"POSTED" in answer
        link.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)), *beside)
    return sold, time.monotonic() - begun


async def _probing(stage: Stage, server: Served, group: Group, seconds: float, took: list[float]) -> None:
    """Sell one thing now and then; each time look how long it takes until its forecast is another one."""
    seller, buyer = stage.token(group.host, ROLE), stage.token(group.host, "buyer")
    where = {"item": f"gid://stockbook/Item/{FIRST + group.item}", "site": f"gid://stockbook/Place/{site(group.site)}"}
    ask = Request("/graphql", json.dumps({"query": FORECAST, "variables": where}), buyer)
    link, seed, begun = await Link.open(server.port), time.time_ns() % 10**9, time.monotonic()

    async def mean() -> float | None:
        found = orjson.loads((await link.send(ask))[1])["data"]["forecast"]
        return found and found["mean"]

    before, number = await mean(), 0
    while time.monotonic() - begun < seconds:
        number += 1
        body = fresh(mutation(SELL, [line(group)]), seed, iter((number,)))
        sent = time.monotonic()
        _, answer = await link.send(Request("/graphql", body, seller))
        if b"POSTED" not in answer:
            raise RuntimeError(f"a probe was refused: {answer.decode()}")
        while (now := await mean()) == before:
            if time.monotonic() - sent > 30:
                raise RuntimeError("no forecast followed a sale within half a minute")
            await asyncio.sleep(0.002)
        took.append((time.monotonic() - sent) * 1000)
        before = now
        await asyncio.sleep(max(1 / PROBES_SECOND - (time.monotonic() - sent), 0))
    link.close()


def _scale(stage: Stage) -> list[Figure]:
    sizes = (100,) if stage.short else SERIES
    found = []
    for count in sizes:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # memory is a process' own
            found.append(pool.submit(followed, count).result())
    if not stage.short:
        drawn(sizes, found, PICTURES)
    return [
        figure
        for count, (kept, state, most, sale, close) in zip(sizes, found, strict=True)
        for figure in (
            Figure(f"following.{count}.memory", kept / 1024, None, "kB", note="of a series followed, in memory"),
            Figure(
                f"following.{count}.state",
                state / 1024,
                8,
                "kB",
                note=f"of a series, kept; the largest {most / 1024:.1f}",
            ),
            Figure(f"following.{count}.sale", sale, None, "µs", note="a sale taken up, forecasts and threshold made"),
            Figure(f"following.{count}.close", close, None, "µs", note="a week of a series closed and learnt"),
        )
    ]


def followed(count: int) -> tuple[float, float, int, float, float]:
    """Follow so many series for twelve weeks; return bytes in memory, of state, at most; µs a sale, a closed week."""
    settled()  # as whoever serves or works does
    rng, process = random.Random(5), psutil.Process()
    shared = [Shared() for _ in range(8)]
    before = process.memory_info().rss
    tracks = [Track.begin(shared[n % 8], str(n // 20), Period.WEEK, BEGIN) for n in range(count)]
    often = [rng.random() < OFTEN for _ in range(count)]
    closing = 0.0
    for number in range(WEEKS):
        at = BEGIN + timedelta(weeks=number, days=2)
        for track, every in zip(tracks, often, strict=True):
            if every or number == 0 or rng.random() < 0.1:
                track.sell(at, float(rng.randrange(1, 9)))
        began = time.process_time()
        for track in tracks:
            track.close_until(Period.WEEK.number(at) + 1)
        closing += time.process_time() - began
    kept = (process.memory_info().rss - before) / count
    chosen = rng.choices(range(count), [10 if each else 1 for each in often], k=500)
    at, terms, heard = BEGIN + timedelta(weeks=WEEKS, days=1), Terms(), Heard(UNPLANNED)
    began = time.process_time()
    for n in chosen:
        tracks[n].sell(at, 2.0)
        list(tracks[n].outlooks(at, (1, FAR)))
        threshold(terms, heard, Period.WEEK, tracks[n].outlook(at, 2.0, (0.5, 0.95)))
    sale = (time.process_time() - began) / len(chosen) * 1e6
    states = [len(orjson.dumps(tracks[n].state())) for n in rng.sample(range(count), min(count, 2000))]
    return kept, sum(states) / len(states), max(states), sale, closing / count / WEEKS * 1e6


def drawn(sizes: Sequence[int], found: Sequence[tuple[float, ...]], folder: Path) -> None:
    """Draw what a series costs against how many there are."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to import, and only here

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "stockbook"
    mpl.rcParams["font.family"] = "DejaVu Sans"
    from matplotlib import pyplot as plt  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    left.plot(sizes, [each[0] / 1024 for each in found], "o-", label="in memory")
    left.plot(sizes, [each[1] / 1024 for each in found], "o-", label="kept in the database")
    left.set(xscale="log", xlabel="series followed", ylabel="kB a series", title="What a series takes", ylim=(0, None))
    right.plot(sizes, [each[3] for each in found], "o-", label="a sale: forecasts and threshold made")
    right.plot(sizes, [each[4] for each in found], "o-", label="a week closed and learnt, of a mean series")
    right.set(xscale="log", xlabel="series followed", ylabel="CPU, µs", title="What it costs", ylim=(0, None))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, frameon=False)
    figure.savefig(folder / "series.svg", metadata={"Date": None})
    plt.close("all")
