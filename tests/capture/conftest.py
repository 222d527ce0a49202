"""A server with a shop that has devices."""

import itertools

import pytest
import pytest_asyncio

from stockbook.store.verify import verify
from tests.capture.phone import Phone, Shop, goods, shop
from tests.serving import Served, served

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module")
async def serving(fresh) -> Served:
    async with served(await fresh()) as running:
        await goods(running)
        yield running


@pytest_asyncio.fixture
async def store(serving) -> Shop:
    """A shop of this test alone; at its end the books are right."""
    made = await shop(serving, f"SHOP-{next(_numbers)}")
    yield made
    assert await verify(serving.app.parts.beside) == []


@pytest_asyncio.fixture
async def pda(store) -> Phone:
    """A device of the shop."""
    return await store.enrol(f"PDA-{store.name}")


@pytest.fixture
def bin_(store) -> str:
    return f"{store.name}/A03-05"


@pytest.fixture
def dock(store) -> str:
    return f"{store.name}/DOCK"
