"""What a look for shortages takes, everywhere and where something happened, by how many shelves have thresholds."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg

from stockbook.store.database import Database
from stockbook.store.demand.proposals import PostgresProposals
from tests.bench.clocks import processor
from tests.bench.figures import Figure
from tests.bench.load import TINY
from tests.bench.sizes import PICTURES
from tests.bench.stage import Stage, loaded

SHELVES = (1_000, 10_000, 100_000)
ORGANISATIONS, SHORT, STIRRED, LOOKS = 4, 200, 500, 5
"""Of so many shelves one is short; so many are revised between two looks, as many as a second's sales at most."""
FIRST = 10_000_000
_SHELVES = f"""
with site as (select array_agg(id order by id) as ids from (
    select id, organisation_id from place where kind = 'SITE' order by id limit {ORGANISATIONS}) p),
  shelf as (select n, {FIRST} + n / {ORGANISATIONS} as item, ids[1 + n % {ORGANISATIONS}] as site
    from site, generate_series(0, $1::int - 1) n),
  items as (insert into item (id, external_reference, name, category, base_unit, decimals, inspected, udi, registrar_id)
    select distinct item, 'SHORT-' || item, 'Short', 'A', 'kg', 3, false, false, (select min(id) from organisation
      where id > 1) from shelf returning id),
  series as (insert into series (id, seller_id, site_id, item_id, partition, period, due_at, state)
    select {FIRST} + n, p.organisation_id, site, item, item % 8, 'WEEK', now(), '{{}}'
    from shelf join place p on p.id = site returning id, seller_id, site_id, item_id),
  forecasts as (insert into forecast (series_id, organisation_id, site_id, item_id, horizon, starts_at, mean, levels,
      quantiles, learner)
    select s.id, s.seller_id, s.site_id, s.item_id, h, date_trunc('week', now()), 10 * h, '{{0.5}}', '{{9}}', 'x'
    from series s, unnest(array[1, 4]) h),
  thresholds as (insert into threshold (id, organisation_id, site_id, item_id, horizon, service_level, expected,
      safety_stock, reorder_point, ceiling, low, high, peak, lead_time_hours, lead_time_deviation_hours, revised_at)
    select id, seller_id, site_id, item_id, 2, 0.95, 20, 6, 26, 36, 26, 26, 1, 168, 0, now() from series)
insert into availability (seller_id, site_id, item_id, host_id, on_hand, inbound, held, reserved)
select s.seller_id, s.site_id, s.item_id, s.seller_id, case when s.id % {SHORT} = 0 then 5 else 50 end, 0, 0, 0
from series s
"""
_TERMS = """
insert into replenishment (organisation_id, lead_time_hours, lead_time_deviation_hours, review_hours, service_level)
select distinct organisation_id, 168, 0, 168, 0.95 from threshold
"""
_REVISED = f"update threshold set expected = expected + 1 where id between {FIRST} and {FIRST} + $1 - 1"
_LOCKS = """
select distinct l.mode || ' on ' || l.relation::regclass as lock
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where a.application_name = 'stockbook' and l.locktype in ('relation', 'tuple') and a.datname = current_database()
  and l.mode <> 'AccessShareLock' and exists (
    select from pg_class c where c.oid = l.relation and c.relkind = 'r')
"""
Look = tuple[float, float, float, int, frozenset[str]]
"""Seconds everywhere and where something happened, CPU of the first; how many were short; locks but for reading."""


async def figures(stage: Stage) -> list[Figure]:
    """Look at more and more shelves."""
    sizes = (200,) if stage.short else SHELVES
    await loaded(stage.dsn, TINY)
    found = [await _looked(stage, count) for count in sizes]
    if not stage.short:
        drawn(sizes, found, PICTURES)
    told = []
    for count, (everywhere, stirred, busy, short, locks) in zip(sizes, found, strict=True):
        note = f"{short} short; CPU {busy * 1000:.0f} ms; locks {', '.join(sorted(locks)) or 'nothing'}"
        few = f"of {min(STIRRED, count)} shelves revised since"
        told += [
            Figure(f"shortages.{count}.everywhere", everywhere * 1000, 1000, "ms", note=note),
            Figure(f"shortages.{count}.stirred", stirred * 1000, None if stage.short else 250, "ms", note=few),
        ]
    return told


async def _looked(stage: Stage, count: int) -> Look:
    dsn = await stage.copy("shortages", TINY)
    connection, writer = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    await connection.execute(_SHELVES.replace("$1::int", str(count)))
    await connection.execute(_TERMS)
    await connection.execute("vacuum analyze")
    database = await Database.open(dsn, size=2, cap_seconds=None)
    book, modes = PostgresProposals(database), set[str]()
    watching = asyncio.create_task(_watch(connection, modes))
    await book.look()  # plans, and reads what is cold
    everywhere, stirred, busy, short = [], [], [], 0
    for _ in range(LOOKS):
        before, began = processor([stage.database]), time.perf_counter()
        look = await book.look()
        everywhere.append(time.perf_counter() - began)
        busy.append(processor([stage.database]) - before)
        short = len(look.needs)
        await writer.execute(_REVISED, min(STIRRED, count))
        began = time.perf_counter()
        await book.look(look.until)
        stirred.append(time.perf_counter() - began)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    await connection.close()
    await writer.close()
    await database.close()
    middle = LOOKS // 2
    return sorted(everywhere)[middle], sorted(stirred)[middle], sorted(busy)[middle], short, frozenset(modes)


async def _watch(connection: asyncpg.Connection, modes: set[str]) -> None:
    """Note the locks that looks hold."""
    while True:
        modes |= {row["lock"] for row in await connection.fetch(_LOCKS)}
        await asyncio.sleep(0.01)


def drawn(sizes: Sequence[int], found: Sequence[Look], folder: Path) -> None:
    """Draw how long a look takes against how many shelves there are."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to import, and only here

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "stockbook"
    mpl.rcParams["font.family"] = "DejaVu Sans"
    from matplotlib import pyplot as plt  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    figure, axes = plt.subplots(figsize=(5, 3.8), layout="constrained")
    axes.plot(sizes, [each[0] * 1000 for each in found], "o-", label="everywhere, once a minute")
    axes.plot(sizes, [each[1] * 1000 for each in found], "o-", label=f"where {STIRRED} were revised since")
    axes.set(xscale="log", yscale="log", xlabel="shelves with thresholds", ylabel="ms", title="A look for shortages")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, frameon=False)
    figure.savefig(folder / "shortages.svg", metadata={"Date": None})
    plt.close("all")
