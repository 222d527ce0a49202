"""The ordinary executor's resolvers of planned fields: the root compiles, the rest reads its answer."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from graphql import FieldNode, GraphQLResolveInfo

from stockbook.graph.context import Context
from stockbook.graph.planner import roots
from stockbook.graph.planner.given import Values
from stockbook.graph.planner.plan import finished
from stockbook.graph.planner.plan import rows as plan_rows


def planned(source: Any, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    """Read a field of a planned answer: it has the document's own keys."""
    return source[info.path.key]


def computing(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return the resolver of a field that Python makes of what the row's statement yielded."""

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        needs = source[info.path.key]
        return None if needs is None else make(needs, **given)

    return resolve


def kind(value: Any, *_: Any) -> str:
    """Tell the type of a `Node`."""
    name: str = value["~"]
    return name


async def root(source: Any, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    """Answer one field of `Query` by a statement of its own."""
    del source
    context: Context = info.context
    graph = context.graph
    compiler = graph.planner.compiler(
        context.operation, Values(context.values), context.mask, limited=bool(context.principal.sites), python=True
    )
    key = str(info.path.key)
    plan = finished(compiler, [(key, roots.root(compiler, list(info.field_nodes), key))])
    context.errors += plan.errors
    context.cost += plan.cost
    answer = await graph.read(plan, context.values, context.principal)
    return orjson.loads(answer + b"}")["data"][key]


async def rows(info: Any, type_name: str, ids: Sequence[int], nodes: Sequence[FieldNode] | None = None) -> list[Any]:
    """Return rows of a planned type for a resolver in Python, None where there is none for who asks.

    One statement for all of them, compiled from what is selected below the
    field that is being resolved (or below `nodes`), with its mask and scope.
    """
    raw: GraphQLResolveInfo[Any] = getattr(info, "_raw_info", info)
    context: Context = raw.context
    compiler = context.graph.planner.compiler(
        context.operation, Values(context.values), context.mask, limited=bool(context.principal.sites), python=True
    )
    path = tuple(key for key in raw.path.as_list() if isinstance(key, str))
    plan = plan_rows(compiler, type_name, [(path, list(nodes or raw.field_nodes))])
    context.errors += plan.errors
    context.cost += plan.cost
    found = await context.graph.rows(plan, context.values, context.principal, list(ids))
    return [orjson.loads(found[each][0]) if each in found else None for each in ids]
