from pathlib import Path

import pytest_asyncio

from stockbook.parts import assembled
from stockbook.settings import Settings
from tests.demand_live.shop import WEEKS, Shop, week
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


@pytest_asyncio.fixture
async def short(fresh, tmp_path):
    """A shop that sells ten a week, and has twelve left: less than the two weeks of lead time and review ask for."""
    settings = Settings(DATABASE_URL=await fresh(), home=tmp_path, policies=ROOT / "policies")
    async with assembled(settings) as parts:
        made = Shop(await network(parts))
        await made.fill(str(12 + 10 * WEEKS))
        for number in range(WEEKS):
            await made.sell(10, week(number + 0.4))
        await made.learn()
        yield made
