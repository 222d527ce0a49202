"""Reading variables: GraphQL's input coercion, compiled once a type.

graphql-core walks the type for every value. A request of 250 lines has two
thousand values of eight types, so here each type becomes a closure. Only the
verdict "it fits" and the value must be equal to graphql-core's (a property test
says so); what doesn't fit is told by graphql-core itself, in its words.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLID,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
)
from graphql.language import OperationDefinitionNode, VariableDefinitionNode
from graphql.utilities import coerce_input_literal
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce = Callable[[Any], Any]


class MisfitError(Exception):
    """The value is not of the type."""


def coercer(type_: Any, known: dict[str, Coerce]) -> Coerce:
    """Return a function that coerces a JSON value to `type_` or raises `MisfitError`.

    `known` keeps what was compiled for named types, so that types may refer to each other.

    >>> from graphql import GraphQLInt, GraphQLList, GraphQLNonNull
    >>> coercer(GraphQLList(GraphQLNonNull(GraphQLInt)), {})(5)
    [5]
    """
    if is_non_null_type(type_):
        return _required(coercer(type_.of_type, known))
    if is_list_type(type_):
        return _list(coercer(type_.of_type, known))
    if type_.name not in known:
        if is_input_object_type(type_):
            known[type_.name] = _later(type_.name, known)
            known[type_.name] = _input(type_, known)
        elif is_leaf_type(type_):
            known[type_.name] = _leaf(type_)
        else:  # pragma: no cover - validation refuses output types as inputs
            raise TypeError(f"{type_} is no input")
    return known[type_.name]


def _later(name: str, known: dict[str, Coerce]) -> Coerce:
    """Return a stand-in for a type that is being compiled: types may refer to each other in a circle."""

    def coerce(value: Any) -> Any:
        return known[name](value)

    return coerce


def _required(inner: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value is None:
            raise MisfitError
        return inner(value)

    return coerce


def _list(inner: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [inner(each) for each in value]
        return [inner(value)]

    return coerce


def _leaf(type_: Any) -> Coerce:
    read = type_.coerce_input_value
    text = str if type_ in {GraphQLID, GraphQLString} else None  # these take a text as it is

    def coerce(value: Any) -> Any:
        if value is None or type(value) is text:
            return value
        try:
            found = read(value)
        except Exception as error:  # a scalar says no with any exception it likes
            raise MisfitError from error
        if found is Undefined:
            raise MisfitError
        return found

    return coerce


def _input(type_: Any, known: dict[str, Coerce]) -> Coerce:
    fields = [
        (
            name,
            field.out_name or name,
            coercer(field.type, known),
            is_required_input_field(field),
            coerce_default_value(field),
        )
        for name, field in type_.fields.items()
    ]
    out = type_.out_type
    one_of = type_.is_one_of

    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise MisfitError
        read = {}
        given = 0
        for name, out_name, inner, required, default in fields:
            if name in value:
                given += 1
                read[out_name] = inner(value[name])
            elif required:
                raise MisfitError
            elif default is not Undefined:
                read[out_name] = default
        if given != len(value):
            raise MisfitError
        if one_of and (given != 1 or len(read) != 1 or None in read.values()):
            raise MisfitError
        return out(read)

    return coerce


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, known: dict[str, Coerce]) -> None:
        self._readers = [_variable(schema, node, known) for node in operation.variable_definitions or ()]

    def coerce(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the coerced variables, those left out without default missing; or raise `MisfitError`."""
        read = {}
        for name, required, inner, default in self._readers:
            if name in given:
                read[name] = inner(given[name])
            elif default is not Undefined:
                read[name] = default
            elif required:
                raise MisfitError
        return read


def _variable(
    schema: GraphQLSchema, node: VariableDefinitionNode, known: dict[str, Coerce]
) -> tuple[str, bool, Coerce, Any]:
    type_: Any = type_from_ast(schema, node.type)
    default = coerce_input_literal(node.default_value, type_) if node.default_value else Undefined
    return node.variable.name.value, is_non_null_type(type_), coercer(type_, known), default
