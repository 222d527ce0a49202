"""Postings through GraphQL: one by one from many, on one hot row, in batches; beside pgbench and Tryton."""

import asyncio
import json
import random
import re
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

from stockbook.store.embedded import binaries
from tests.bench.capture import captured
from tests.bench.clocks import interval
from tests.bench.drive import Request, asked, saved
from tests.bench.figures import Figure
from tests.bench.load import FIRST, Group, Size, site
from tests.bench.peers import sockets, tryton
from tests.bench.reads import Spell, cost, spell
from tests.bench.stage import Served, Stage, stockbook

ROLE = "shop_staff"
SPREAD, HOT, BATCHED = 64, 100, 2
"""Connections of each load."""
BATCH = 100
SELL = """mutation Sell($input: SellInput!) { sell(input: $input) {
  results { line outcome movement { id } code } errors { code message } } }"""


async def figures(stage: Stage) -> list[Figure]:
    """Measure postings, beside the same statements sent by pgbench and beside Tryton."""
    rounds, seconds = (1, 0.5) if stage.short else (5, 3)
    dsn = await stage.copy("posted")
    async with stockbook(stage, dsn, worker="0") as server:
        # of little data each shelf would run empty, and a batch with a line of it is refused as a whole
        await _stocked(stage, server, sellable(stage.size) if stage.short else [hot(stage.size)])
        loads = {
            "alone": (_single(stage, sellable(stage.size)), 1),
            "spread": (_single(stage, sellable(stage.size)), SPREAD),
            "hot": (_single(stage, [hot(stage.size)]), HOT),
            "batches": (_batches(stage), BATCHED),
        }
        files = {name: saved(made, stage.folder / f"posting.{name}") for name, (made, _) in loads.items()}
        spells: dict[str, list[Spell]] = {}
        for name, (_, connections) in loads.items():
            await spell(stage, server, files[name], min(seconds, 1), connections)
        for _ in range(rounds):
            for name, (_, connections) in loads.items():
                lines = BATCH if name == "batches" else 1
                spells.setdefault(name, []).append(
                    await _counted(stage, dsn, server, files[name], seconds, connections, lines)
                )
    told = _told(spells)
    if not stage.short:
        rates = {each.name: each.value for each in told}
        told += await _pgbench(stage)
        told += await _tryton(stage, rates)
    return told


def hot(size: Size) -> Group:
    """Return the goods that everybody wants."""
    return next(group for group in sellable(size))


def sellable(size: Size) -> list[Group]:
    """Return goods that their host may sell."""
    return [group for n in range(size.groups) for group in (Group(n, size),) if group.holders[3] == group.host]


def line(group: Group, quantity: int = 1) -> dict[str, str]:
    """Return the input line that sells one piece."""
    return {
        "item": f"gid://stockbook/Item/{FIRST + group.item}",
        "place": f"gid://stockbook/Place/{site(group.site)}",
        "lot": f"L{group.lot}",
        "quantity": str(quantity),
    }


def mutation(document: str, lines: Sequence[dict[str, Any]], **more: str) -> str:
    """Return the body of a posting under a key of its own."""
    return json.dumps(
        {"query": " ".join(document.split()), "variables": {"input": {"key": "@KEY@", "lines": lines, **more}}}
    )


def _single(stage: Stage, groups: Sequence[Group]) -> list[Request]:
    tokens = [stage.token(organisation, ROLE) for organisation in range(stage.size.organisations)]
    chosen = random.Random(7).sample(groups, min(len(groups), 5000))
    return [Request("/graphql", mutation(SELL, [line(each)]), tokens[each.host]) for each in chosen]


def _batches(stage: Stage) -> list[Request]:
    """Return batches of lines, each of one organisation."""
    tokens = [stage.token(organisation, ROLE) for organisation in range(stage.size.organisations)]
    chance = random.Random(7)
    made = []
    for organisation in range(stage.size.organisations):
        own = [each for each in sellable(stage.size) if each.host == organisation]
        for _ in range(10):
            lines = [line(each) for each in chance.choices(own, k=BATCH)]
            made.append(Request("/graphql", mutation(SELL, lines), tokens[organisation]))
    return made


async def _stocked(stage: Stage, server: Served, groups: Sequence[Group]) -> None:
    """Receive and put away more of goods than can be sold, as storekeepers do; see that postings succeed."""
    receive = (
        "mutation R($input: ReceiveInput!) { receive(input: $input) { results { outcome code } errors { message } } }"
    )
    put_away = (
        "mutation P($input: PutAwayInput!) { putAway(input: $input) { results { outcome code } errors { message } } }"
    )
    requests = []
    for organisation in sorted({each.host for each in groups}):
        own = [each for each in groups if each.host == organisation]
        token, pieces = stage.token(organisation, "storekeeper"), [line(each, 10_000_000) for each in own]
        inside = [{**piece, "source": piece["place"]} for piece in pieces]
        for verb, lines, who in (
            (receive, pieces, token),
            (put_away, inside, token),
            (SELL, [line(own[0])], stage.token(organisation, ROLE)),
        ):
            key = f"stocked-{len(requests)}"
            requests.append(Request("/graphql", mutation(verb, lines).replace("@KEY@", key), who))
    for status, answer in await asked(server.port, requests):
        if status != 200 or b'"POSTED"' not in answer or b'"errors":[{' in answer:
            raise RuntimeError(f"a posting was refused: {answer.decode()}")


async def _counted(
    stage: Stage, dsn: str, server: Served, requests: Path, seconds: float, connections: int, lines: int
) -> Spell:
    """Drive postings; what was answered must be what is in the journal, but for those in flight at the end."""
    before = await _settled(dsn)
    done = await spell(stage, server, requests, seconds, connections)
    posted = await _settled(dsn) - before
    if not done[0].requests * lines <= posted <= (done[0].requests + connections) * lines:
        raise RuntimeError(f"{done[0].requests} requests of {lines} lines were answered, {posted} lines posted")
    return done


async def _settled(dsn: str) -> int:
    """Return how many movements there are, once those on their way have come."""
    connection = await asyncpg.connect(dsn)
    try:
        count, before = 0, -1
        while count != before:
            before = count
            await asyncio.sleep(0.3)
            count = await connection.fetchval("select count(*) from movement where id > 0")
        return count
    finally:
        await connection.close()


def _told(spells: dict[str, list[Spell]]) -> list[Figure]:
    words = {
        "alone": "one connection, one sale a request",
        "spread": f"{SPREAD} connections, one sale a request, over all shelves",
        "hot": f"{HOT} connections, one sale a request, all of one row",
        "batches": f"{BATCHED} connections, {BATCH} sales a request",
    }
    told = []
    for name, those in spells.items():
        lines = BATCH if name == "batches" else 1
        rate = statistics.median(each[0].rate for each in those) * lines
        p50, p99 = (statistics.median(getattr(each[0], what) for each in those) for what in ("p50", "p99"))
        spent = statistics.median(cost(each) for each in those) / lines
        note = f"{words[name]}; p50 {p50:.1f} ms, p99 {p99:.1f} ms, {spent:.0f} µs CPU each"
        limit = 2000 if name in {"spread", "hot"} else None
        told.append(Figure(f"posting.{name}", rate, limit, "postings/s", least=True, note=note))
    return told


async def _pgbench(stage: Stage) -> list[Figure]:
    """Send batches and, turn by turn, the very statements of such batches by pgbench over as many clients."""
    rounds, each = 4, 50
    floor = await stage.copy("pgbenched")
    script = stage.folder / "batch.sql"
    script.write_text(await captured(floor, sellable(stage.size), (rounds + 1) * each * BATCHED, BATCH))
    where = ("-h", sockets(floor), "-U", "stockbook", "pgbenched")
    how = ("-n", "-M", "prepared", "-c", BATCHED, "-j", 1, "-t", each, "-f", script)
    command = [str(part) for part in (binaries() / "pgbench", *how, *where)]
    file = saved(_batches(stage), stage.folder / "posting.batches")
    pairs = []
    async with stockbook(stage, await stage.copy("posted"), worker="0") as server:
        for number in range(rounds + 1):
            done, _, _ = await spell(stage, server, file, 2, BATCHED)
            said = await asyncio.to_thread(lambda: subprocess.run(command, capture_output=True, text=True, check=False))
            found = re.search(r"tps = ([\d.]+)", said.stdout)
            if found is None or "failed transactions: 0 " not in said.stdout:
                raise RuntimeError(f"pgbench said:\n{said.stdout}{said.stderr}")
            if number:  # the first warms both
                pairs.append((done.rate * BATCH, float(found[1]) * BATCH))
    low, middle, high = interval(pairs)
    theirs = statistics.median(rate for _, rate in pairs)
    return [
        Figure(
            "posting.pgbench", theirs, None, "postings/s", note=f"the same statements by pgbench, {BATCHED} clients"
        ),
        Figure(
            "posting.batches.pgbench",
            middle * 100,
            40,
            "%",
            least=True,
            note=f"of what pgbench reaches, turn by turn, {low * 100:.0f}–{high * 100:.0f} %",
        ),
    ]


async def _tryton(stage: Stage, rates: dict[str, float]) -> list[Figure]:
    """Post checked moves by Tryton's own model API, as many products and moves in its database."""
    theirs = await tryton(stage)
    best = max(rates["posting.batches"], rates["posting.spread"])
    return [
        Figure("posting.tryton.single", rates["posting.spread"] / theirs["single"], 50, "times", least=True,
               note=f"Tryton: {theirs['single']:.1f} checked moves/s, one a transaction, one client"),
        Figure("posting.tryton.batch", best / theirs["batch"], 50, "times", least=True,
               note=f"Tryton: {theirs['batch']:.0f} checked moves/s, {BATCH} a transaction"),
    ]  # fmt: skip
