"""A server and a small market for the tests of streams."""

import pytest_asyncio

from tests.serving import Market, Served, market, served


@pytest_asyncio.fixture(scope="module")
async def serving(fresh) -> Served:
    async with served(await fresh()) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def trade(serving) -> Market:
    return await market(serving)
