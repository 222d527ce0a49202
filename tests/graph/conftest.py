"""A drawn network, once a session: these tests only read it."""

import pytest_asyncio

from stockbook.graph.execute import Graph
from stockbook.graph.schema import schema
from stockbook.settings import Settings
from stockbook.store.database import Database
from tests.graph.world import draw, fill


@pytest_asyncio.fixture(scope="session")
async def filled(fresh):
    """A maker of databases with the drawn network in them."""
    opened = []

    async def make(drawn):
        database = await Database.open(await fresh(), cap_seconds=None)
        opened.append(database)
        async with database.connection() as connection:
            await fill(connection, drawn)
        return database

    yield make
    for each in opened:
        await each.close()


@pytest_asyncio.fixture(scope="session")
async def world():
    return draw(7)


@pytest_asyncio.fixture(scope="session")
async def db(filled, world):
    return await filled(world)


@pytest_asyncio.fixture(scope="session")
async def graph(db):
    return Graph(schema, db, Settings())
