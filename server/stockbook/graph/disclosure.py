"""Says in the published schema who sees what: the policies' own words, after each field's."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, build_schema, print_schema

from stockbook.access.masks import ALL, Mask, Relation
from stockbook.graph.declare import Scope, disclosed
from stockbook.graph.schema import shapes


def described(core: GraphQLSchema, masks: Mapping[str, Mask]) -> GraphQLSchema:
    """Return the schema with a sentence of disclosure after each field's description; `masks` are by role."""
    schema = build_schema(print_schema(core))
    for name in disclosed():
        type_name, _, field = name.partition(".")
        made: Any = schema.type_map[type_name]
        assert isinstance(made, GraphQLObjectType)
        words = made.fields[field].description or ""
        made.fields[field].description = f"{words} {sentence(name, masks)}".strip()
    return schema


def sentence(name: str, masks: Mapping[str, Mask]) -> str:
    """Return who sees "Type.field".

    >>> some = Mask(2, {"Position.quantity": Relation.OWNER | Relation.HOST}, frozenset())
    >>> sentence("Position.quantity", {"board": some, "buyer": Mask(1, {"Position.quantity": ALL}, frozenset())})
    'Shown to buyer; to board as owner or host.'
    >>> sentence("Position.state", {"board": some})
    'Shown to nobody.'
    """
    shape = shapes()[name.partition(".")[0]]
    every = shape.relations if shape.scope is Scope.SHARED else ALL
    whole: list[str] = []
    narrow: dict[str, list[str]] = {}
    for role in sorted(masks):
        shown = masks[role].relations(name) & every
        if shown == every:
            whole.append(role)
        elif shown:
            narrow.setdefault(_either(relation for relation in Relation if relation & shown), []).append(role)
    if not whole and not narrow:
        return "Shown to nobody."
    if len(whole) == len(masks):
        return "Shown to every role."
    parts = [", ".join(whole)] if whole else []
    parts += [f"{', '.join(roles)} as {how}" for how, roles in narrow.items()]
    return f"Shown to {'; to '.join(parts)}."


def _either(relations: Iterable[Relation]) -> str:
    names = [str(relation.name).lower() for relation in relations]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
