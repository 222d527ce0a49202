"""What a document may be at most, before anything is asked of the database."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode

from stockbook.graph.planner.refused import Refused
from stockbook.settings import Settings

_SCHEMA = {"__schema", "__type"}
INTROSPECTION_DEEPER = 4
"""How much deeper a question for the schema may be: the one that every tool asks is 15 deep."""
INTROSPECTION_ALIASES_MAX = 5
"""Asking for the schema costs nothing of what is counted; asking for all of it once takes a third of a second."""

ALIKE_MAX = 40_000
"""Pairs of fields of one name: validation compares each of them, and a thousand times `id` took it a second."""


def check(document: DocumentNode, settings: Settings) -> None:
    """Raise `Refused` when a document is deeper, or has more aliases or fields of one name, than is allowed."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    depths: dict[str, int] = {}
    aliases, schema = 0, False
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode | FragmentDefinitionNode):
            aliases += _aliases(each.selection_set)
        if isinstance(each, OperationDefinitionNode):
            depth = _depth(each.selection_set, fragments, depths)
            if depth > settings.depth_max:
                raise Refused("COST_LIMIT", f"the document is {depth} deep; {settings.depth_max} is the most")
        schema = schema or _asks_schema(getattr(each, "selection_set", None))
    most = min(settings.aliases_max, INTROSPECTION_ALIASES_MAX) if schema else settings.aliases_max
    if aliases > most:
        raise Refused("COST_LIMIT", f"the document has {aliases} aliases; {most} is the most")
    _alike(document, fragments)


def _asks_schema(selections: Any) -> bool:
    return selections is not None and any(
        (isinstance(each, FieldNode) and each.name.value in _SCHEMA)
        or _asks_schema(getattr(each, "selection_set", None))
        for each in selections.selections
    )


def _aliases(selections: Any) -> int:
    if selections is None:
        return 0
    return sum(
        (1 if isinstance(each, FieldNode) and each.alias else 0) + _aliases(getattr(each, "selection_set", None))
        for each in selections.selections
    )


def _alike(document: DocumentNode, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
    """Raise `Refused` when an operation, with the fragments of the document, names too many fields the same."""
    shared: Counter[str] = Counter()
    for fragment in fragments.values():
        _names(fragment.selection_set, shared)
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            names = shared.copy()
            _names(each.selection_set, names)
            if sum(count * count for count in names.values()) > ALIKE_MAX:
                name, count = names.most_common(1)[0]
                raise Refused("COST_LIMIT", f"the document selects {name} {count} times: say it once where it is meant")


def _names(selections: Any, names: Counter[str]) -> None:
    """Count under which names fields are answered; fragments are compared with each other as fields are."""
    if selections is not None:
        for each in selections.selections:
            field = isinstance(each, FieldNode)
            names[(each.alias or each.name).value if field else "..."] += 1
            _names(getattr(each, "selection_set", None), names)


def _depth(selections: Any, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, int]) -> int:
    if selections is None:
        return 0
    deepest = 0
    for each in selections.selections:
        if isinstance(each, FieldNode):
            depth = 1 + _depth(each.selection_set, fragments, known)
            if each.name.value in _SCHEMA:
                depth -= INTROSPECTION_DEEPER
        elif each.kind == "fragment_spread":
            name = each.name.value
            if name not in known:
                known[name] = _depth(fragments[name].selection_set, fragments, known)
            depth = known[name]
        else:
            depth = _depth(each.selection_set, fragments, known)
        deepest = max(deepest, depth)
    return deepest
