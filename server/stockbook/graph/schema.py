"""The one schema: what the rooms declare, made into Strawberry types."""

import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from stockbook.graph import (
    access,
    catalogue,
    counting,
    definitions,
    devices,
    history,
    recognition,
    replica,
    resolve,
    rights,
    stock,
    streams,
    udi,
    work,
)
from stockbook.graph.declare import SHAPES, Computed, Connection, Node, Shape, camel, disclosed
from stockbook.graph.demand import forecasts, influences, overrides, proposals, substitutes, thresholds, trials
from stockbook.graph.mutations.root import Mutation
from stockbook.graph.pages import Pages, arguments
from stockbook.graph.scalars import SCALARS

__all__ = ["core", "disclosed", "schema"]

TRACE = "Where what a UDI names came from, and who got it: its movements, as far as you may see them."
TRACED = "A UDI with its production identifier, as it was scanned, or as it is printed with brackets: (01)...(10)..."
ROOMS = (
    *(catalogue, definitions, history, stock, work, counting, rights, devices, udi, recognition, access),
    *(forecasts, influences, overrides, thresholds, substitutes, proposals, trials),
)
"""Whoever imports them declares their types."""


def _facts() -> None:
    """Gather each shape's facts and their types from its class."""
    names = {name: shape.cls for name, shape in SHAPES.items()}
    for shape in SHAPES.values():
        hints = get_type_hints(shape.cls, {**vars(sys.modules[shape.cls.__module__]), **names})
        for name, hint in hints.items():
            fact = getattr(vars(shape.cls).get(name), "metadata", {}).get("fact")
            if fact is None:
                continue
            inner = _inner(hint)
            if name != "id" and inner is hint:
                raise TypeError(f"{shape.name}.{name} could be withheld, so it must be nullable")
            shape.facts[camel(name)] = fact
            shape.types[camel(name)] = inner
            if isinstance(inner, type) and issubclass(inner, Enum) and not hasattr(inner, "__strawberry_definition__"):
                strawberry.enum(inner, description=(inner.__doc__ or "").partition("\n")[0])


def _inner(hint: Any) -> Any:
    """Return a type without its None."""
    given = [each for each in get_args(hint) if each is not type(None)]
    nullable = type(None) in get_args(hint)
    return given[0] if nullable and len(given) == 1 else Union[tuple(given)] if nullable else hint  # noqa: UP007


def _types(pages: dict[str, Pages]) -> None:
    """Make each shape's class a Strawberry type."""
    for shape in SHAPES.values():
        paged: dict[str, Pages] = {}
        for python in list(shape.cls.__annotations__):
            name = camel(python)
            inner: Any = shape.types.get(name)
            if get_origin(inner) is Connection:
                target = pages[get_args(inner)[0].__name__]
                shape.types[name] = target.shape.cls
                shape.cls.__annotations__[python] = target.connection | None
                paged[name] = target
            elif python != "id":
                shape.cls.__annotations__[python] = inner | None
            else:
                shape.cls.__annotations__[python] = inner
        strawberry.type(shape.cls, description=" ".join((shape.cls.__doc__ or "").split()))
        for field in shape.cls.__strawberry_definition__.fields:
            name = camel(field.python_name)
            fact = shape.facts.get(name)
            if name in paged:
                field.arguments = paged[name].arguments()
            elif isinstance(fact, Computed):
                field.arguments = arguments(*fact.arguments)


def _query(pages: dict[str, Pages]) -> type[Any]:
    """Make the root of reading."""
    fields: list[tuple[str, Any, str, list[Any]]] = [
        ("me", access.Me, "Who asks, and for whom.", []),
        ("node", Node | None, "Anything by its global id.", arguments(("id", strawberry.ID, "Its global id."))),
        (
            "nodes",
            list[Node | None],
            "Anything by global ids, in their order; null for what isn't there or isn't for you.",
            arguments(("ids", list[strawberry.ID], "Global ids, 100 at most.")),
        ),
    ]
    fields.append(("replica", replica.answer(), replica.WORDS, replica.given()))
    traced = [*arguments(("udi", str, TRACED)), *pages["Movement"].arguments()]
    fields.append(("trace", pages["Movement"].connection | None, TRACE, traced))
    for shape in SHAPES.values():
        if not (shape.single and shape.plural):
            continue
        words = (shape.cls.__doc__ or "").partition("\n")[0].rstrip(".")
        by = [("id", strawberry.ID, "Global id" + (" or external reference." if shape.reference else "."))]
        if shape.name == "Forecast":
            by = [
                ("item", strawberry.ID, "Global id or external reference of the item."),
                ("location", strawberry.ID, "Global id or external reference of the site."),
                ("horizon", int, "Which period: 1 is the open one.", 1),  # type: ignore[list-item]
            ]
        fields.append((shape.single, shape.cls | None, f"{words}.", arguments(*by)))
        paged = pages[shape.name]
        fields.append((shape.plural, paged.connection | None, f"A page of: {words}.", paged.arguments()))
    body: dict[str, Any] = {"__annotations__": {}}
    for name, annotation, words, _ in fields:
        body["__annotations__"][name] = annotation
        body[name] = strawberry.field(name=name, description=words)
    query: type[Any] = strawberry.type(type("Query", (), body), description="Everything that may be read.")
    given = {name: several for name, _, _, several in fields}
    for field in query.__strawberry_definition__.fields:
        field.arguments = given[field.python_name]
    return query


def _generated(core: GraphQLSchema) -> Iterator[tuple[str, GraphQLObjectType]]:
    ends = ("", "Connection", "Edge", "Aggregate", "Sums", "Group")
    names = {f"{name}{end}" for name in SHAPES for end in ends} | {"PageInfo", "Query", "Replica", "WipeOrder"}
    for name, kind in core.type_map.items():
        if name in names and isinstance(kind, GraphQLObjectType):
            yield name, kind


def _resolvers(core: GraphQLSchema) -> None:
    """Give planned fields the resolvers of the ordinary executor: the root compiles, the rest reads its answer."""
    for name, kind in _generated(core):
        kind.is_type_of = None
        for word, field in kind.fields.items():
            fact = SHAPES[name].facts.get(word) if name in SHAPES else None
            if isinstance(fact, Computed):
                field.resolve = resolve.computing(fact.make)
            else:
                field.resolve = resolve.root if name == "Query" else resolve.planned
    node = core.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    node.resolve_type = resolve.kind


def _make() -> strawberry.Schema:
    _facts()
    pages: dict[str, Pages] = {shape.name: Pages(shape) for shape in SHAPES.values()}
    _types(pages)
    made = strawberry.Schema(
        query=_query(pages),
        mutation=Mutation,
        subscription=streams.Subscription,
        types=[shape.cls for shape in SHAPES.values()],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=False),
    )
    _resolvers(made._schema)
    return made


def shapes() -> dict[str, Shape]:
    """Return every declared type by name."""
    return SHAPES


schema = _make()
core = schema._schema
"""The same as graphql-core has it: what documents are validated against."""
