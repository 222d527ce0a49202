"""Reads: Stockbook beside a bare route with SQL written by hand, and beside PostGraphile; and what masks cost."""

import random
import statistics
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.bench.clocks import interval, memory, processor
from tests.bench.drive import Driven, Request, asked, drive, saved
from tests.bench.figures import Figure
from tests.bench.operations import OPERATIONS, Operation, peer_told, told
from tests.bench.peers import postgraphile
from tests.bench.stage import ROOT, Served, Stage, served, stockbook

CONNECTIONS = 16
CHECKED = 25
"""Answers compared for each read before anything is measured."""
ROLE = "storekeeper"


async def figures(stage: Stage) -> list[Figure]:
    """Measure the reads, all servers side by side."""
    rounds, seconds = (1, 0.3) if stage.short else (5, 2)
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(stockbook(stage))
        requests = _requests(stage)
        tails = await _tails(ours, requests["stockbook"])
        bare = await stack.enter_async_context(_bare(stage, tails))
        servers = {"stockbook": ours, "bare": bare}
        if not stage.short:
            dsn = await stage.copy("peer")
            servers["postgraphile"] = await stack.enter_async_context(postgraphile(stage, dsn))
        await _compared(servers, requests)
        files = {
            (server, operation.name): saved(
                requests[server][operation.name], stage.folder / f"{server}.{operation.name}"
            )
            for server in servers
            for operation in OPERATIONS
        }
        spells = await _measured(stage, servers, files, rounds, seconds)
        held = {name: memory([server.pid]) for name, server in servers.items()}
    return _told(spells, held)


Spell = tuple[Driven, float, float]
"""What was driven, and the processor seconds of the server and of PostgreSQL meanwhile."""


def _requests(stage: Stage) -> dict[str, dict[str, list[Request]]]:
    tokens = [stage.token(organisation, ROLE) for organisation in range(stage.size.organisations)]
    made: dict[str, dict[str, list[Request]]] = {"stockbook": {}, "bare": {}, "postgraphile": {}}
    for each in OPERATIONS:
        askers = list(each.askers(stage.size))
        made["stockbook"][each.name] = [each.asked(asker, tokens[asker[0]]) for asker in askers]
        made["bare"][each.name] = [each.bare_asked(asker) for asker in askers]
        made["postgraphile"][each.name] = [each.peer_asked(asker) for asker in askers]
    return made


async def _tails(ours: Served, requests: Mapping[str, Sequence[Request]]) -> dict[str, str]:
    """Return what Stockbook says after the data of each read, and how its cursors begin: the same in each answer."""
    tails: dict[str, str] = {}
    for name, asking in requests.items():
        ((status, answer),) = await asked(ours.port, asking[:1])
        text = answer.decode()
        assert status == 200 and '"errors"' not in text, text[:2000]
        tails[name] = text[text.rindex(',"extensions"') :] if ',"extensions"' in text else "}"
        if (at := text.find('"cursor":"')) >= 0:
            tails["mark"] = text[at + 10 : at + 14]
    return tails


@asynccontextmanager
async def _bare(stage: Stage, tails: Mapping[str, str]) -> AsyncIterator[Served]:
    environment = {f"BARE_{name.upper()}": tail for name, tail in tails.items()}
    environment |= {"BARE_DSN": stage.dsn, "BARE_PORT": "{port}", "PYTHONPATH": f"{ROOT / 'server'}:{ROOT}"}
    async with served(
        stage, "bare", [sys.executable, "-m", "tests.bench.bare"], environment, Request("/readyz")
    ) as bare:
        yield bare


async def _compared(servers: Mapping[str, Served], requests: Mapping[str, Mapping[str, Sequence[Request]]]) -> None:
    """Hold the answers equal: the bare route's byte for byte, the peer's as JSON."""
    for operation in OPERATIONS:
        chosen = random.Random(7).sample(range(len(requests["bare"][operation.name])),
                                         min(CHECKED, len(requests["bare"][operation.name])))  # fmt: skip
        answers = {
            name: await asked(server.port, [requests[name][operation.name][at] for at in chosen])
            for name, server in servers.items()
        }
        for ours, bare in zip(answers["stockbook"], answers["bare"], strict=True):
            assert ours == bare, f"{operation.name}: not the bytes of the bare route:\n{ours[1]!r}\n{bare[1]!r}"
        for ours, peer in zip(answers["stockbook"], answers.get("postgraphile", ()), strict=False):
            assert told(ours[1]) == peer_told(peer[1]), (
                f"{operation.name}: not what PostGraphile says:\n{ours[1]!r}\n{peer[1]!r}"
            )


async def _measured(
    stage: Stage, servers: Mapping[str, Served], files: Mapping[tuple[str, str], Path], rounds: int, seconds: float
) -> dict[tuple[str, str], list[Spell]]:
    """Drive every server with every read in turn, some rounds over."""
    for (server, _), path in files.items():
        await drive(servers[server].port, path, min(seconds, 1), CONNECTIONS)
    spells: dict[tuple[str, str], list[Spell]] = {}
    for number in range(rounds):
        for operation in OPERATIONS:
            for server in sorted(servers, reverse=bool(number % 2)):
                key = server, operation.name
                spells.setdefault(key, []).append(await spell(stage, servers[server], files[key], seconds, CONNECTIONS))
    return spells


async def spell(stage: Stage, server: Served, requests: Path, seconds: float, connections: int) -> Spell:
    """Drive one server for a while, with what processor it and PostgreSQL took."""
    own, database = processor([server.pid]), processor([stage.database])
    driven = await drive(server.port, requests, seconds, connections)
    assert not driven.failed, f"{server.name}: {driven.failed} of {driven.requests} requests failed"
    return driven, processor([server.pid]) - own, processor([stage.database]) - database


def cost(each: Spell) -> float:
    """Return microseconds of processor a request, server and database together."""
    driven, own, database = each
    return (own + database) / driven.requests * 1e6


def _told(spells: Mapping[tuple[str, str], Sequence[Spell]], held: Mapping[str, float]) -> list[Figure]:
    told: list[Figure] = []
    for operation in OPERATIONS:
        ours = spells["stockbook", operation.name]
        for server in ("stockbook", "bare", "postgraphile"):
            if (server, operation.name) not in spells:
                continue
            those = spells[server, operation.name]
            told.append(_plain(operation, server, those))
            if server == "stockbook":
                continue
            low, middle, high = interval([(cost(a), cost(b)) for a, b in zip(ours, those, strict=True)])
            if server == "bare":
                told.append(
                    Figure(
                        f"reads.{operation.name}.bare.cpu",
                        middle,
                        1.3,
                        "times",
                        note=f"CPU beside the bare route, {low:.2f}–{high:.2f}",
                    )
                )
            else:
                told.append(
                    Figure(
                        f"reads.{operation.name}.postgraphile.cpu",
                        1 / middle,
                        2.5,
                        "times",
                        True,
                        f"less CPU than PostGraphile, {1 / high:.2f}–{1 / low:.2f}",
                    )
                )
                low, middle, high = interval([(a[0].rate, b[0].rate) for a, b in zip(ours, those, strict=True)])
                told.append(
                    Figure(
                        f"reads.{operation.name}.postgraphile.rate",
                        middle,
                        4,
                        "times",
                        True,
                        f"requests a second of PostGraphile's, {low:.2f}–{high:.2f}",
                    )
                )
    told += [
        Figure(f"reads.memory.{name}", megabytes, None, "MB", note="PSS of one process under load")
        for name, megabytes in held.items()
    ]
    return told


def _plain(operation: Operation, server: str, spells: Sequence[Spell]) -> Figure:
    median = statistics.median
    driven = [each[0] for each in spells]
    own = median(seconds / each.requests * 1e6 for each, seconds, _ in spells)
    database = median(seconds / each.requests * 1e6 for each, _, seconds in spells)
    p50, p99 = (median(getattr(each, what) for each in driven) for what in ("p50", "p99"))
    words = f"{median(each.rate for each in driven):,.0f} req/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms; {operation.words}"
    return Figure(
        f"reads.{operation.name}.{server}",
        own + database,
        None,
        "µs CPU",
        note=f"{own:.0f} + {database:.0f} PostgreSQL; {words}",
    )
