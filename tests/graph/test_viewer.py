"""Sight follows rights: at once, without asking for it."""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from stockbook.graph.execute import Graph
from stockbook.graph.schema import schema
from stockbook.settings import Settings
from tests.graph.asking import data


@pytest_asyncio.fixture(scope="module")
async def db(filled, world):
    """A database of this module's own: these tests write."""
    return await filled(world)


COUNT = "{ positions { totalCount } }"


async def count(graph, who):
    return (await data(graph, COUNT, who=who))["positions"]["totalCount"]


async def test_new_rights_are_seen_by_the_next_read(db, world):
    graph = Graph(schema, db, Settings())
    before = await count(graph, 4)
    await db.execute("insert into rights (id, owner_id, custodian_id, disposer_id, seller_id)"
                     " overriding system value values (9001, 4, 4, 4, 4)")  # fmt: skip
    await db.execute("insert into position (id, item_id, place_id, state, rights_id, quantity, host_id, site_id, holds)"
                     " overriding system value values (9001, 1, 3, 8, 9001, 5, 3, 3, 0)")  # fmt: skip
    assert await count(graph, 4) == before + 1


async def test_a_view_that_is_granted_counts_from_the_next_read_and_ends_by_itself(db, world):
    graph = Graph(schema, db, Settings())
    before = await count(graph, 2)
    ends = datetime.now(UTC) + timedelta(seconds=1000)
    await db.execute("insert into agreement (id, giver_id, taker_id, views, charges, until) overriding system value"
                     " values (9001, 5, 2, true, false, $1)", ends)  # fmt: skip
    await db.execute("update facts_version set version = version + 1")
    after = await count(graph, 2)
    assert after > before
    await db.execute("update agreement set until = now() where id = 9001")
    graph.viewers._clock = lambda: ends.timestamp() + 1  # nobody bumps a version when time passes
    assert await count(graph, 2) == before


@pytest.mark.parametrize(
    ("document", "rows"),
    [("{ positions { totalCount } }", "positions"), ("{ availabilities { totalCount } }", "availabilities")],
)
async def test_whatever_of_the_viewer_a_statement_binds_it_follows_when_that_changes(db, world, document, rows):
    """Positions are seen by rights rows, availabilities by who gave a view."""
    graph = Graph(schema, db, Settings())
    before = (await data(graph, document, who=4))[rows]["totalCount"]
    async with db.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("insert into agreement (id, giver_id, taker_id, views, charges)"
                                 " overriding system value values (9002, 1, 4, true, false)")  # fmt: skip
        await connection.execute("update facts_version set version = version + 1")
        assert (await data(graph, document, who=4))[rows]["totalCount"] == before, "not before it is so"
        await transaction.commit()
    assert (await data(graph, document, who=4))[rows]["totalCount"] > before
    await db.execute("delete from agreement where id = 9002")
    await db.execute("update facts_version set version = version + 1")
    assert (await data(graph, document, who=4))[rows]["totalCount"] == before
