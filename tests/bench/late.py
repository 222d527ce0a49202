"""T5: with a million movements in the journal, an entry that comes months late is posted as fast as any other."""

import statistics
import time

from tests.bench.drive import Link, Request
from tests.bench.figures import Figure
from tests.bench.posting import ROLE, SELL, line, mutation, sellable
from tests.bench.stage import Stage, stockbook

OCCURRED_AT = "2026-02-15T12:00:00+00:00"
"""After every group had received its goods, before most else."""


async def figures(stage: Stage) -> list[Figure]:
    """Post late sales one at a time."""
    count = 5 if stage.short else 50
    dsn = await stage.copy("late")
    took = []
    async with stockbook(stage, dsn) as server:
        link = await Link.open(server.port)
        groups = sellable(stage.size)
        for number in range(count):
            group = groups[number * len(groups) // count]
            when = {"occurredAt": "2026-01-01T06:00:00+00:00" if stage.short else OCCURRED_AT}
            body = mutation(SELL, [line(group)], **when).replace("@KEY@", f"late-{number}")
            begun = time.perf_counter()
            status, answer = await link.send(Request("/graphql", body, stage.token(group.host, ROLE)))
            took.append(time.perf_counter() - begun)
            if status != 200 or b'"POSTED"' not in answer:
                raise RuntimeError(f"a late entry was refused: {answer.decode()}")
        link.close()
    median = statistics.median(took) * 1000
    note = f"the slowest of {count}, the median {median:.0f} ms; {stage.size.movements:,} movements"
    return [Figure("late.entry", max(took), 1, "s", note=note)]
