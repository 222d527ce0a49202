"""What a document gives its arguments: constants and variables, without looking at values too soon.

A plan serves every request of the same shape, so compiling may look at a value
only through `Values.peek`, which remembers what was looked at. Those few looks
make the plan's key; everything else is bound.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_enum_type,
    value_from_ast,
    value_from_ast_untyped,
)

Look = Callable[[Any], Any]


class Slot:
    """A value bound at each request: a constant, or a path into the variables."""

    __slots__ = ("constant", "path")

    def __init__(self, path: tuple[str | int, ...] = (), constant: Any = None) -> None:
        self.path = path
        self.constant = constant

    def read(self, values: Mapping[str, Any]) -> Any:
        """Return the value in these variables; None where there is none."""
        return reach(values, self.path) if self.path else self.constant


def reach(values: Any, path: tuple[str | int, ...]) -> Any:
    """Return what lies at a path; None where there is nothing."""
    for step in path:
        if isinstance(step, str):
            values = values.get(step) if isinstance(values, dict) else None
        else:
            values = values[step] if isinstance(values, list) and step < len(values) else None
    return values


def absent(value: Any) -> bool:
    """Look whether there is no value."""
    return value is None


def exactly(value: Any) -> Any:
    """Look at the value itself."""
    return value


def outline(value: Any) -> Any:
    """Look at the keys of an input object, its flags and words, but not at its figures or texts."""
    if isinstance(value, dict):
        return tuple((key, outline(inner)) for key, inner in value.items())
    if isinstance(value, list):
        inner = tuple(outline(each) for each in value)
        return inner if any(each != "?" for each in inner) else "?"
    return value if value is None or isinstance(value, bool) else "?"


def words(value: Any) -> Any:
    """Look at the names in a list of an enum."""
    return tuple(value) if isinstance(value, list) else value


class Values:
    """The coerced variables of the request being compiled for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.looks: dict[tuple[tuple[str | int, ...], Look], None] = {}

    def peek(self, slot: Slot, look: Look) -> Any:
        """Look at a value, and so make the plan depend on what is seen."""
        if isinstance(slot, Gathered):
            self.looks.update({(each.path, exactly): None for each in slot.several if each and each.path})
        elif slot.path:
            self.looks[slot.path, look] = None
        return look(slot.read(self.values))

    def flag(self, node: ValueNode) -> bool:
        """Look at the condition of a directive."""
        if isinstance(node, VariableNode):
            return bool(self.peek(Slot((node.name.value,)), exactly))
        return bool(value_from_ast_untyped(node))

    def given(self, node: ValueNode | None, kind: GraphQLInputType) -> Any:
        """Return what a node gives: None, a slot, or a dict or list of these for input objects."""
        if node is None or isinstance(node, NullValueNode):
            return None
        inner = get_nullable_type(kind)
        if isinstance(node, VariableNode):
            return self._variable((node.name.value,), inner)
        if isinstance(inner, GraphQLList) and _structured(inner):
            nodes = node.values if isinstance(node, ListValueNode) else (node,)
            return [self.given(each, inner.of_type) for each in nodes]
        if isinstance(inner, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
            return {f.name.value: self.given(f.value, inner.fields[f.name.value].type) for f in node.fields}
        if isinstance(inner, GraphQLList) and isinstance(node, ListValueNode):
            whole = [self.given(each, inner.of_type) for each in node.values]
            if any(slot is not None and slot.path for slot in whole):
                return Gathered(whole)
        return Slot(constant=value_from_ast(node, kind))

    def _variable(self, path: tuple[str | int, ...], kind: Any) -> Any:
        slot = Slot(path)
        if isinstance(kind, GraphQLInputObjectType) or (isinstance(kind, GraphQLList) and _structured(kind)):
            look = words if _enumerated(kind) else outline
            return self._structure(path, kind, None if self.peek(slot, look) is None else slot.read(self.values))
        return None if self.peek(slot, absent) else slot

    def _structure(self, path: tuple[str | int, ...], kind: Any, value: Any) -> Any:
        kind = get_nullable_type(kind)
        if value is None:
            return None
        if isinstance(kind, GraphQLInputObjectType):
            return {key: self._structure((*path, key), kind.fields[key].type, each) for key, each in value.items()}
        if isinstance(kind, GraphQLList) and _structured(kind):
            return [self._structure((*path, at), kind.of_type, each) for at, each in enumerate(value)]
        return Slot(path)


class Gathered(Slot):
    """A list in the document with variables among its elements."""

    __slots__ = ("several",)

    def __init__(self, several: list[Slot | None]) -> None:
        super().__init__()
        self.several = several

    def read(self, values: Mapping[str, Any]) -> Any:
        """Return the whole list."""
        return [slot and slot.read(values) for slot in self.several]


def _enumerated(kind: Any) -> bool:
    return isinstance(kind, GraphQLList) and is_enum_type(get_nullable_type(kind.of_type))


def _structured(kind: GraphQLList[Any]) -> bool:
    inner = get_nullable_type(kind.of_type)
    return isinstance(inner, GraphQLInputObjectType) or is_enum_type(inner)
