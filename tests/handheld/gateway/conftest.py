"""The real server, with goods; and no process that outlives its test."""

import pytest
import pytest_asyncio

from tests.capture.phone import goods
from tests.handheld.gateway.process import STARTED
from tests.serving import served


@pytest_asyncio.fixture(scope="module")
async def stockbook(fresh):
    async with served(await fresh()) as running:
        await goods(running)
        yield running


@pytest.fixture(autouse=True)
def nobody_left():
    yield
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.wait(60)
