"""Answering: a payload's selection, compiled once a document into functions that shape it.

Executing a selection field by field costs graphql-core about 10 µs a field; a
posting of 250 lines answers with a thousand. Below `movement` the planner
answers: one statement reads what the selection asks of the movements of all lines.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from graphql.language import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.planner.document import Operation

Get = Callable[[Any], Any]
Fields = dict[str, list[FieldNode]]


class NotCoveredError(Exception):
    """The ordinary executor must answer this document."""


def _value(name: str) -> Get:
    return attrgetter(name)


def _word(name: str) -> Get:
    """Return an enum's name, as GraphQL says it."""

    def get(source: Any) -> Any:
        found = getattr(source, name)
        return None if found is None else found._value_  # `value` is the same by way of a descriptor, six times as slow

    return get


def _text(name: str) -> Get:
    def get(source: Any) -> Any:
        found = getattr(source, name)
        return None if found is None else str(found)

    return get


def _words(name: str) -> Get:
    """Return the names of enums."""
    return lambda source: [found.value for found in getattr(source, name)]


def _moment(name: str) -> Get:
    def get(source: Any) -> Any:
        found = getattr(source, name)
        return None if found is None else found.isoformat()

    return get


def _always(said: Any) -> Get:
    return lambda _source: said


LEAVES: Mapping[str, Mapping[str, Get]] = {
    "UserError": {
        "code": _word("code"),
        "message": _value("message"),
        "path": _value("path"),
        **{name: _text(name) for name in ("requested", "available", "expected", "actual")},
    },
    "PostingResult": {
        "line": _value("line"),
        "outcome": _word("outcome"),
        "claims": _value("claims"),
        "code": _word("code"),
        "transient": _value("transient"),
    },
    "RegistrationResult": {
        "line": _value("line"),
        "outcome": _word("outcome"),
        "id": _value("id"),
        "code": _word("code"),
        "transient": _value("transient"),
    },
    "CapturePayload": {
        "upto": _value("upto"),
        "token": _value("token"),
        "tokenExpiresAt": _moment("token_expires_at"),
    },
    "ScanResult": {
        "sequence": _value("sequence"),
        "outcome": _word("outcome"),
        "flags": _words("flags"),
        "code": _word("code"),
        "message": _value("message"),
        "transient": _value("transient"),
        "task": _value("task"),
    },
    "EnrolmentResult": {
        **{
            name: _value(name) for name in ("line", "device", "reference", "epoch", "secret", "token", "cache", "below")
        },
        "tokenExpiresAt": _moment("token_expires_at"),
        "modelKey": _value("model_key"),
        "entriesMax": _value("entries_max"),
        "hoursMax": _value("hours_max"),
        "unknownLabels": _word("unknown_labels"),
        "code": _word("code"),
        "transient": _value("transient"),
    },
    "CountResult": {
        "line": _value("line"),
        "verdict": _word("verdict"),
        "count": _value("count"),
        "id": _value("id"),
        "code": _word("code"),
        "transient": _value("transient"),
    },
}
LISTS = {
    "CapturePayload": {"errors": "UserError", "results": "ScanResult"},
    "EnrolmentPayload": {"errors": "UserError", "results": "EnrolmentResult"},
    "CountPayload": {"errors": "UserError", "results": "CountResult"},
    "PostingPayload": {"errors": "UserError", "results": "PostingResult"},
    "RegistrationPayload": {"errors": "UserError", "results": "RegistrationResult"},
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked of movements: below which response keys (of the list, and of the movement), and what."""

    results: str
    key: str
    nodes: tuple[FieldNode, ...]


class Selection:
    """What one root field asks of its payload.

    `quick`: a movement's id is answered without reading it, for whom may know it.
    """

    def __init__(self, document: "Parts", type_name: str, nodes: list[FieldNode], *, quick: bool) -> None:
        self._quick = quick
        self.readings: list[Reading] = []
        self._lists: list[tuple[str, str, list[tuple[str, Get]]]] = []
        self._leaves: list[tuple[str, Get]] = []
        for key, fields in document.collect(type_name, nodes).items():
            name = fields[0].name.value
            if name == "__typename":
                self._leaves.append((key, _always(type_name)))
            elif name in LEAVES.get(type_name, {}):
                self._leaves.append((key, LEAVES[type_name][name]))
            else:
                self._lists.append((key, name, self._items(document, LISTS[type_name][name], key, fields)))
        self._order = list(document.collect(type_name, nodes))

    def _items(self, document: "Parts", type_name: str, path: str, nodes: list[FieldNode]) -> list[tuple[str, Get]]:
        items: list[tuple[str, Get]] = []
        for key, fields in document.collect(type_name, nodes).items():
            name = fields[0].name.value
            if name == "__typename":
                items.append((key, _always(type_name)))
            elif name == "movement":
                items.append((key, self._movement(document, (path, key), fields)))
            else:
                items.append((key, LEAVES[type_name][name]))
        return items

    def _movement(self, document: "Parts", path: tuple[str, str], nodes: list[FieldNode]) -> Get:
        if self._quick and document.only_id(nodes):
            fields_ = document.collect("Movement", nodes)
            said = {key: "Movement" if fields[0].name.value == "__typename" else "" for key, fields in fields_.items()}
            ids = [key for key, word in said.items() if not word]

            def identify(source: Any) -> Any:
                if source.posted is None:
                    return None
                return said | dict.fromkeys(ids, f"{ID_PREFIX}Movement/{source.posted}")

            return identify
        self.readings.append(Reading(*path, tuple(nodes)))
        return _value("posted")  # replaced by what was read

    def shape(self, payload: Any) -> dict[str, Any]:
        """Return the payload as the answer says it; movements to be read are their ids."""
        found: dict[str, Any] = {key: get(payload) for key, get in self._leaves}
        for key, name, items in self._lists:
            found[key] = [{each: get(source) for each, get in items} for source in getattr(payload, name)]
        return {key: found[key] for key in self._order}


class Parts:
    """The fields of one operation, its fragments laid out."""

    def __init__(self, operation: Operation) -> None:
        self._fragments = operation.fragments

    def collect(self, type_name: str, nodes: list[FieldNode] | list[OperationDefinitionNode]) -> Fields:
        """Return the fields below nodes by response key, fragments laid out, in order."""
        found: Fields = {}
        for node in nodes:
            if node.selection_set is not None:
                self._gather(type_name, node.selection_set, found)
        return found

    def _gather(self, type_name: str, selections: SelectionSetNode, found: Fields) -> None:
        for node in selections.selections:
            if node.directives:
                raise NotCoveredError
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is not None and node.type_condition.name.value != type_name:
                    raise NotCoveredError
                self._gather(type_name, node.selection_set, found)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if fragment.type_condition.name.value != type_name:
                    raise NotCoveredError
                self._gather(type_name, fragment.selection_set, found)

    def only_id(self, nodes: list[FieldNode]) -> bool:
        """Return whether nothing is asked of a movement that a posting doesn't know by itself."""
        for node in nodes:
            for each in node.selection_set.selections if node.selection_set else ():
                if not isinstance(each, FieldNode) or each.directives or each.name.value not in {"id", "__typename"}:
                    return False
        return True


def below(root: Node | None) -> Iterator[Node]:
    """Return a node and all nodes below it."""
    found: list[Node] = []

    class Gather(Visitor):
        def enter(self, node: Node, *_: Any) -> None:
            found.append(node)

    if root is not None:
        visit(root, Gather())
    return iter(found)
