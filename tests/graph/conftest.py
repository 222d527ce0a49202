"""A drawn network in a database of its own, and masks made by hand."""

import pytest_asyncio

from stockbook.graph.execute import Graph
from stockbook.graph.schema import schema
from stockbook.settings import Settings
from tests.graph.world import draw, fill


@pytest_asyncio.fixture(scope="module")
async def world(db):
    drawn = draw(7)
    async with db.connection() as connection:
        await fill(connection, drawn)
    return drawn


@pytest_asyncio.fixture(scope="module")
async def graph(db, world):
    del world
    return Graph(schema, db, Settings())
