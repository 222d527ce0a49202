"""One semantics, two executors: whatever is asked, the plan and graphql-core answer the same."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stockbook.graph.execute import Graph, Request
from stockbook.graph.schema import core, schema
from stockbook.settings import Settings
from tests.graph.askers import MASKS, principal
from tests.graph.drawing import documents

ASKERS = st.tuples(st.sampled_from([1, 2, 3, 5]), st.sampled_from(sorted(MASKS)), st.sampled_from([(), (), (1, 2)]))
"""An organisation, the name of a mask, and the sites of the role."""
SETTINGS = Settings(cost_max=10**9, aliases_max=1000, depth_max=30)
EXAMPLES = 150


@pytest.fixture(scope="module")
def wide(db):
    """A graph whose limits no drawn document meets."""
    return Graph(schema, db, SETTINGS)


async def check(graph, document, asker):
    organisation, named, sites = asker
    mask = MASKS[named]
    who = principal(organisation, sites)
    request = Request(document.text, None, document.variables)
    planned = orjson.loads(await graph.execute(request, who, mask))
    ordinary = orjson.loads(await graph.ordinary(request, who, mask)) if planned["data"] is not None else None
    if ordinary is None:
        (refused,) = planned["errors"]
        assert refused["extensions"]["code"] in {"FIELD_FORBIDDEN", "BAD_USER_INPUT"}, refused
        return refused
    assert ordinary["data"] == planned["data"]
    assert _entries(ordinary) == _entries(planned)
    assert ordinary["extensions"] == planned["extensions"]
    return None


def _entries(answer):
    return sorted((each["path"], each["extensions"]["code"], each["message"]) for each in answer.get("errors", []))


def searching(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )


@searching(EXAMPLES)
@given(documents(core), ASKERS)
async def test_both_executors_answer_the_same(wide, document, asker):
    await check(wide, document, asker)


@pytest.mark.slow
@searching(3000)
@given(documents(core), ASKERS)
async def test_both_executors_answer_the_same_at_length(wide, document, asker):
    await check(wide, document, asker)
