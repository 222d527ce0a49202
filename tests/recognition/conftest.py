"""A server with a folder for files, and a shop of this test alone."""

import itertools

import pytest_asyncio

from tests.capture.phone import Phone, goods, shop
from tests.recognition.shop import Desk
from tests.serving import Served, served

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module")
async def serving(fresh, tmp_path_factory) -> Served:
    async with served(await fresh(), files=tmp_path_factory.mktemp("files"), picture_max=50_000) as running:
        await goods(running)
        yield running


@pytest_asyncio.fixture
async def desk(serving) -> Desk:
    """A shop of this test alone with three storekeepers; samples are on, with consent."""
    return await _opened(serving)


@pytest_asyncio.fixture(scope="module")
async def any_desk(serving) -> Desk:
    """A shop that several tests share, each of which leaves nothing."""
    return await _opened(serving)


@pytest_asyncio.fixture(scope="module")
async def any_pda(any_desk) -> Phone:
    """A device of that shop."""
    return await any_desk.enrol(f"PDA-{any_desk.name}")


async def _opened(serving: Served) -> Desk:
    made = await shop(serving, f"SHOP-{next(_numbers)}")
    desk = Desk(serving, made.id, made.name)
    await desk.hire("LI", "WANG", "ZHAO")
    await desk.done("setRecognition", {"samples": True, "consent": True})
    return desk


@pytest_asyncio.fixture
async def pda(desk) -> Phone:
    """A device of the shop."""
    return await desk.enrol(f"PDA-{desk.name}")
