"""What learning costs and what it is worth: a year of sales caught up with, sales as they come, the backtest.

The limits are what a network needs. To revise a series as its sale comes may
cost 1,000 µs: at 500 a second, the most that one process is held to, that is
half a core. A sale of the past, its share of the weeks that close included, may
cost 2,000 µs: the year of the demo (151,875 lines of 172 shops) is then learnt
again in five minutes by one core. First aims were 400 and 1,000 µs.
"""

import os
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg

from stockbook.backtest import DataAbsent, run_backtest
from stockbook.commands.serving import settled
from stockbook.flows.demand.learning import Learning
from stockbook.store.database import Database
from stockbook.store.demand.book import PostgresDemand
from stockbook.store.migrate import migrate
from tests.bench.clocks import processor
from tests.bench.figures import Figure
from tests.bench.stage import Stage, other

PARTITIONS = 8
OPEN, TIMES, TOGETHER = 500, 4, 25
"""Series that sell on, how often, and how many sales gather until they are learnt, at 500 a second."""
BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
SHOPS, ITEMS, FIRST = 20, 500, 1000
Sold = tuple[datetime, int, int]
"""When which shop sold what."""
DATA = Path(os.environ.get("STOCKBOOK_DATA") or Path(__file__).parents[3] / "shared" / "data")
_LEG = [
    "movement_id",
    "number",
    "item_id",
    "lot_id",
    "quantity",
    "source_place_id",
    "source_state",
    "source_holds",
    "source_rights_id",
    "source_host_id",
    "target_place_id",
    "target_state",
    "target_holds",
    "target_rights_id",
    "target_host_id",
]


async def figures(stage: Stage) -> list[Figure]:
    """Learn a year of sales, then judge the learners."""
    return [*await _fed(stage, lines=300 if stage.short else 30_000), *([] if stage.short else _judged())]


async def _fed(stage: Stage, lines: int) -> list[Figure]:
    dsn, sold = await _journal(stage, lines)
    database = await Database.open(dsn, cap_seconds=None)
    partitions = 1 if stage.short else PARTITIONS
    learning = Learning(PostgresDemand(database), range(partitions), partitions)
    settled()  # as `serve` and `work` do
    began, ours = time.perf_counter(), processor([os.getpid(), stage.database])
    while await learning.step():
        pass
    seconds, ours = time.perf_counter() - began, processor([os.getpid(), stage.database]) - ours
    spent, sales, moved = await _live(stage, dsn, learning, sold)
    sizes = await database.fetchrow("select count(*), avg(length(state))::float8, max(length(state)) from series")
    await database.close()
    assert sizes is not None
    year = f"{lines:,} sale lines, {sizes[0]:,} series, {learning.figures.swept:,} closings; of learner and database"
    by = f"{sales:,} of {OPEN} series, {TOGETHER} at once; two forecasts and a threshold written each time"
    return [
        Figure("demand.sale", ours / lines * 1e6, 2000, "µs", note=f"a year caught up with: {year}; first aim 1000"),
        Figure("demand.revision", spent / max(moved, 1) * 1e6, 1000, "µs", note=f"as sales come: {by}; first aim 400"),
        Figure("demand.lines", lines / seconds, None, "lines/s", note="on the clock, one learner"),
        Figure("demand.state", sizes[1], 2048, "bytes", note="of a series, on average"),
        Figure("demand.state.most", sizes[2], 8192, "bytes", note="of the largest"),
    ]


async def _live(stage: Stage, dsn: str, learning: Learning, sold: Sequence[Sold]) -> tuple[float, int, float]:
    """Let known series sell on in the open week; return processor seconds, sales, and how many series they moved."""
    rng, before = random.Random(11), learning.figures.forecasts
    connection, spent = await asyncpg.connect(dsn), 0.0
    last, number = max(at for at, _, _ in sold), len(sold)
    known = sorted({(shop, item) for _, shop, item in sold})
    sales = [(last, *key) for key in rng.sample(known, min(OPEN, len(known)))] * TIMES
    for begin in range(0, len(sales), TOGETHER):
        again = sales[begin : begin + TOGETHER]
        await _posted(connection, again, number + 1, rng)
        number += len(again)
        ours = processor([os.getpid(), stage.database])
        await learning.step()
        spent += processor([os.getpid(), stage.database]) - ours
    await connection.close()
    return spent, len(sales), (learning.figures.forecasts - before) / 2


def _judged() -> list[Figure]:
    try:
        rows = run_backtest(DATA, "pasta", ("seasonal_naive", "moving_average", "ses", "adaptive"))
    except DataAbsent as absent:
        return [Figure("demand.backtest", 0, None, "", note=str(absent))]
    by = {row.learner: row for row in rows}
    ours = by["adaptive"]
    found = [
        Figure(
            f"demand.pasta.{metric}",
            ours.metrics[metric],
            min(by[name].metrics[metric] for name in ("seasonal_naive", "moving_average", "ses")),
            note="the limit is the best of seasonal naive, moving average and exponential smoothing",
        )
        for metric in ("RMSSE", "MASE", "PL95")
    ]
    return [*found, Figure("demand.step", ours.microseconds, None, "µs", note="predict and learn a period of a series")]


async def _journal(stage: Stage, lines: int) -> tuple[str, list[Sold]]:
    """Return the address of a database whose journal is a year of sales, few items selling most, and the sales."""
    connection = await asyncpg.connect(other(stage.dsn, "postgres"))
    await connection.execute("drop database if exists demand with (force)")
    await connection.execute("create database demand")
    await connection.close()
    dsn = other(stage.dsn, "demand")
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "insert into organisation (id, external_reference, name, kind) overriding system value"
        " select s, 'SHOP-' || s, 'Shop', 'SHOP' from generate_series($1::int, $2::int) s",
        FIRST,
        FIRST + SHOPS - 1,
    )
    await connection.execute(
        "insert into place (id, organisation_id, external_reference, name, kind, site_id, public, strict)"
        " overriding system value select s * 10 + n, s, k || s, k, k, case n when 0 then s * 10 end, true, true"
        " from generate_series($1::int, $2::int) s, (values (0, 'SITE'), (1, 'CUSTOMER')) v(n, k)",
        FIRST,
        FIRST + SHOPS - 1,
    )
    await connection.execute(
        "insert into rights (id, owner_id, custodian_id, disposer_id, seller_id) overriding system value"
        " select s, s, s, s, s from generate_series($1::int, $2::int) s",
        FIRST,
        FIRST + SHOPS - 1,
    )
    rng = random.Random(7)
    days = min(364, lines // 10)
    moments = sorted(BEGIN + timedelta(days=days * rng.random()) for _ in range(lines))
    shops = rng.choices(range(FIRST, FIRST + SHOPS), k=lines)
    items = rng.choices(range(ITEMS), [1 / (n + 1) for n in range(ITEMS)], k=lines)
    sold = list(zip(moments, shops, items, strict=True))
    await _posted(connection, sold, 1, rng)
    await connection.close()
    return dsn, sold


async def _posted(connection: asyncpg.Connection, sold: Sequence[Sold], first: int, rng: random.Random) -> None:
    def shelf(shop: int) -> tuple[int, ...]:
        return shop * 10, 8, 0, shop, shop

    def customer(shop: int) -> tuple[int, ...]:
        return shop * 10 + 1, 0, 0, 0, shop

    rows = list(enumerate(sold, first))
    await connection.copy_records_to_table(
        "movement",
        records=[(n, shop, "SELL", str(n), 0, b"", at, 1, "") for n, (at, shop, _) in rows],
        columns=["id", "organisation_id", "verb", "key", "line", "digest", "occurred_at", "actor_id", "reason"],
    )
    await connection.copy_records_to_table(
        "leg",
        records=[
            (n, 0, FIRST + item, 0, Decimal(rng.choice((1, 1, 1, 2, 3))), *shelf(shop), *customer(shop))
            for n, (_, shop, item) in rows
        ],
        columns=_LEG,
    )
    await connection.copy_records_to_table(
        "movement_party",
        records=[(party, n, "MOVED", 8, at) for n, (at, shop, _) in rows for party in (1, shop)],
        columns=["organisation_id", "movement_id", "topic", "relations", "occurred_at"],
    )
