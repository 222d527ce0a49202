from pathlib import Path

import pytest_asyncio

from stockbook.parts import assembled
from stockbook.settings import Settings
from tests.demand_live.shop import Shop
from tests.mutations.network import network

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module")
async def shop(dsn, tmp_path_factory) -> Shop:
    """A shop on the real store, behind the real door, its shelf full."""
    settings = Settings(DATABASE_URL=dsn, home=tmp_path_factory.mktemp("home"), policies=ROOT / "policies")
    async with assembled(settings) as parts:
        made = Shop(await network(parts))
        await made.open()
        yield made
