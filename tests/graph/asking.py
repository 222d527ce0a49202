"""Asks the graph as somebody, and reads the answer."""

from typing import Any

import orjson

from stockbook.graph.execute import Graph, Request
from tests.graph.askers import EVERYTHING, principal


async def ask(graph: Graph, document: str, /, who: int = 1, mask=EVERYTHING, sites=(), **variables: Any) -> Any:
    """Return the whole answer as JSON says it."""
    return orjson.loads(await graph.execute(Request(document, None, variables), principal(who, sites), mask))


async def data(graph: Graph, document: str, /, **given: Any) -> Any:
    """Return the data of an answer without errors."""
    answer = await ask(graph, document, **given)
    assert "errors" not in answer, answer
    return answer["data"]


async def refused(graph: Graph, document: str, /, **given: Any) -> str:
    """Return the code of an answer that is an error alone."""
    answer = await ask(graph, document, **given)
    assert answer["data"] is None, answer
    return answer["errors"][0]["extensions"]["code"]
