"""The real server, with goods."""

import pytest_asyncio

from tests.capture.phone import goods
from tests.serving import served


@pytest_asyncio.fixture(scope="module")
async def stockbook(fresh):
    async with served(await fresh()) as running:
        await goods(running)
        yield running
