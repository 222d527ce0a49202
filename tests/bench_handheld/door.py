"""The server's door, as `stockbook bench` measures it, on the small data of its short stage: it reads none of it."""

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.bench import door
from tests.bench.figures import Figure
from tests.bench.stage import stage


def figures() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measured(Path("build/bench_handheld/stage").absolute()))


async def _measured(folder: Path) -> list[Figure]:
    folder.mkdir(parents=True, exist_ok=True)
    async with stage(folder, short=True) as small:
        return await door.figures(replace(small, short=False))
