from pathlib import Path

import pytest_asyncio

from stockbook.parts import assembled
from stockbook.settings import Settings
from tests.mutations.network import Network, network

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module")
async def trade(dsn, tmp_path_factory) -> Network:
    """A small trade on the real store, behind the real door."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(DATABASE_URL=dsn, home=home, policies=ROOT / "policies")
    async with assembled(settings) as parts:
        yield await network(parts)
