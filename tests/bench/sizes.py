"""Cost against size: the same reads and postings on databases of growing size, and batches of growing length; drawn."""

import random
import statistics
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from tests.bench.drive import Request, saved
from tests.bench.figures import Figure
from tests.bench.load import FULL, TINY, Size
from tests.bench.operations import OPERATIONS
from tests.bench.posting import ROLE as SELLER
from tests.bench.posting import SELL, line, mutation, sellable
from tests.bench.reads import CONNECTIONS, ROLE, Spell, cost, spell
from tests.bench.stage import ROOT, Served, Stage, loaded, stockbook

PICTURES = ROOT / "server" / "pictures"
GROWING = (
    Size(organisations=10, sites=10, items=50, per_site=50),
    Size(organisations=10, sites=50, items=500, per_site=100),
    FULL,
)
"""Each has the pages full that the reads ask for: 50 items a site, 40 positions an item."""
LENGTHS = (1, 3, 10, 30, 100, 250)
"""Lines a request."""
READ_GROWTH_MAX = 2.0

Costs = dict[tuple[int, str], float]


async def figures(stage: Stage) -> list[Figure]:
    """Measure and draw; the figures say how much dearer the largest is than the smallest."""
    sizes = (TINY,) if stage.short else GROWING
    rounds, seconds = (1, 0.2) if stage.short else (3, 1)
    async with AsyncExitStack() as stack:
        servers: dict[Size, Served] = {}
        for size in sizes:
            await loaded(stage.dsn, size)
            dsn = await stage.copy(f"sized_{size.movements}", size)
            server = stockbook(stage, dsn, f"stockbook-{size.movements}", worker="0")
            servers[size] = await stack.enter_async_context(server)
        costs = await _measured(stage, servers, rounds, seconds)
        batches = await _batched(stage, servers[sizes[-1]], sizes[-1], rounds, seconds)
    if not stage.short:
        drawn(sizes, costs, batches, PICTURES)
    smallest, largest = sizes[0].movements, sizes[-1].movements
    told = []
    for name in (*(each.name for each in OPERATIONS), "sale"):
        told.append(
            Figure(
                f"sizes.{name}",
                costs[largest, name] / costs[smallest, name],
                READ_GROWTH_MAX if name != "sale" else None,
                "times",
                note=f"CPU with {largest:,} movements over {smallest:,}: {costs[largest, name]:.0f} µs each",
            )
        )
    return told


async def _measured(stage: Stage, servers: Mapping[Size, Served], rounds: int, seconds: float) -> Costs:
    files: dict[tuple[Size, str], tuple[Path, int]] = {}
    for size in servers:
        readers = [stage.token(organisation, ROLE) for organisation in range(size.organisations)]
        sellers = [stage.token(organisation, SELLER) for organisation in range(size.organisations)]
        for each in OPERATIONS:
            asked = [each.asked(asker, readers[asker[0]]) for asker in each.askers(size)]
            files[size, each.name] = saved(asked, stage.folder / f"sizes.{size.movements}.{each.name}"), CONNECTIONS
        chosen = random.Random(7).choices(sellable(size), k=2000)
        sales = [Request("/graphql", mutation(SELL, [line(each)]), sellers[each.host]) for each in chosen]
        files[size, "sale"] = saved(sales, stage.folder / f"sizes.{size.movements}.sale"), 64
    spells: dict[tuple[int, str], list[Spell]] = {}
    for number in range(rounds + 1):
        for (size, name), (path, connections) in files.items():
            done = await spell(stage, servers[size], path, seconds, connections)
            if number:  # the first warms
                spells.setdefault((size.movements, name), []).append(done)
    return {key: statistics.median(cost(each) for each in those) for key, those in spells.items()}


async def _batched(stage: Stage, server: Served, size: Size, rounds: int, seconds: float) -> dict[int, float]:
    """Return the cost of a line for each length of a request, over two connections."""
    tokens = [stage.token(organisation, SELLER) for organisation in range(size.organisations)]
    chance = random.Random(7)
    own = {n: [each for each in sellable(size) if each.host == n] for n in range(size.organisations)}
    costs: dict[int, list[float]] = {}
    for _ in range(rounds):
        for length in LENGTHS:
            made = []
            for organisation, groups in own.items():
                lines = [line(each) for each in chance.choices(groups, k=length)]
                made.append(Request("/graphql", mutation(SELL, lines), tokens[organisation]))
            path = saved(made, stage.folder / f"sizes.batch.{length}")
            done = await spell(stage, server, path, seconds, 2)
            costs.setdefault(length, []).append(cost(done) / length)
    return {length: statistics.median(those) for length, those in costs.items()}


def drawn(sizes: Sequence[Size], costs: Costs, batches: Mapping[int, float], folder: Path) -> None:
    """Draw both pictures."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to import, and only here

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "stockbook"
    mpl.rcParams["font.family"] = "DejaVu Sans"
    from matplotlib import pyplot as plt  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    words = {each.name: f"{each.name}: {each.words}" for each in OPERATIONS} | {
        "sale": "one sale posted, 64 connections"
    }
    figure, axes = plt.subplots(figsize=(8, 4.6), layout="constrained")
    for name, label in words.items():
        axes.plot(
            [each.movements for each in sizes], [costs[each.movements, name] for each in sizes], "o-", label=label
        )
    axes.set(xscale="log", yscale="log", xlabel="movements in the journal (positions: a fifth of it)",
             ylabel="CPU of server and PostgreSQL, µs a request",
             title="What a read and a sale cost, by the length of the journal", ylim=(100, 3000))  # fmt: skip
    axes.set_yticks([100, 200, 500, 1000, 2000], ["100", "200", "500", "1,000", "2,000"])
    axes.minorticks_off()
    axes.grid(alpha=0.3, which="both")
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False)
    figure.savefig(folder / "sizes.svg", metadata={"Date": None})
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.plot(list(batches), list(batches.values()), "o-")
    axes.set(xscale="log", xlabel="lines a request", ylabel="CPU of server and PostgreSQL, µs a line",
             title="What a posted line costs by the length of the request", ylim=(0, None))  # fmt: skip
    axes.set_xticks(list(batches), [str(each) for each in batches])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    figure.savefig(folder / "batches.svg", metadata={"Date": None})
    plt.close("all")
