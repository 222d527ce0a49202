"""The feed of replicas: 50,000 items are told in pages of 1,000 within seconds; asking for nothing costs nothing."""

import json
import statistics
import time

import asyncpg

from tests.bench.clocks import processor
from tests.bench.drive import Link, Request
from tests.bench.figures import Figure
from tests.bench.stage import ROOT, Stage, stockbook

DOCUMENT = (ROOT / "schema/documents/replica.graphql").read_text()
ITEMS, PAGE, POLLS = 50_000, 1000, 200
_ITEMS = """
with made as (
  insert into item (external_reference, gtin, name, category, base_unit, decimals, inspected, registrar_id)
  select 'FEED-' || n, null, 'Goods number ' || n, 'C' || n % 40, 'kg', 3, false, 1 from generate_series(1, $1::int) n
  returning id
), units as (
  insert into item_unit (item_id, unit, factor) select id, 'box', 12 from made
)
insert into item_code (organisation_id, item_id, code, normal, unit)
select 0, id, unit || id, unit || id, unit from made, (values (''), ('box')) as u(unit)
"""


async def figures(stage: Stage) -> list[Figure]:
    """Load a copy from nothing, then ask again and again while nothing happens."""
    items, polls = (2000, 20) if stage.short else (ITEMS, POLLS)
    dsn = await stage.copy("feed")
    connection = await asyncpg.connect(dsn)
    known = await connection.fetchval("select count(*) from item where id <> 0")
    await connection.execute(_ITEMS.replace("$1::int", str(max(items - known, 0))))
    await connection.execute("analyze item, item_code, item_unit")
    await connection.close()
    async with stockbook(stage, dsn) as server:
        link = await Link.open(server.port)
        token = stage.token(0)
        begun, pages, rows, after = time.perf_counter(), [], 0, None
        while True:
            asked = time.perf_counter()
            page = await ask(link, token, after)
            pages.append(time.perf_counter() - asked)
            after = page["cursor"]
            rows += sum(len(page[kind]) for kind in ("items", "places", "positions", "tasks"))
            if page["complete"]:
                break
        took = time.perf_counter() - begun
        empty = []
        before = processor([server.pid, stage.database])
        for _ in range(polls):
            asked = time.perf_counter()
            await ask(link, token, after)
            empty.append((time.perf_counter() - asked) * 1000)
        spent = (processor([server.pid, stage.database]) - before) * 1000 / polls
        link.close()
    note = f"{rows:,} rows in {len(pages)} pages of {PAGE}; the slowest {max(pages) * 1000:.0f} ms"
    slowest = f"median of {polls}; the slowest {max(empty):.1f}"
    return [
        Figure("feed.load", took, 30, "s", note=note),
        Figure("feed.empty", statistics.median(empty), None, "ms", note=slowest),
        Figure("feed.empty.cpu", spent, 5, "ms", note="processor of server and database, an asking"),
    ]


async def ask(link: Link, token: str, after: str | None) -> dict:
    """Return a page of the feed."""
    body = json.dumps({"query": DOCUMENT, "variables": {"after": after, "first": PAGE}})
    status, answer = await link.send(Request("/graphql", body, token))
    said = json.loads(answer)
    if status != 200 or said.get("errors"):
        raise RuntimeError(f"the feed refused: {answer.decode()[:500]}")
    return said["data"]["replica"]
