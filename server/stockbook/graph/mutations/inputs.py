"""GraphQL inputs made from dataclasses: what a flow takes is declared once, where the flow is.

A field without a default is required; one that may be None may be left out; any
other has its default in the schema. Names become camelCase. Both executors hand
the coerced mapping to the same builder, so a flow gets the dataclass it declared
whichever read the request.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import strawberry

from stockbook.domain.stock.references import Ref
from stockbook.graph.declare import camel

Build = Callable[[Any], Any]


def input_type(cls: type[Any], name: str) -> Any:
    """Return the Strawberry input of a dataclass; it builds the dataclass itself.

    >>> from decimal import Decimal
    >>> @dataclasses.dataclass(frozen=True)
    ... class Pour:
    ...     '''Pour from a place.'''
    ...     item: typing.Annotated[str, Ref("Item")]
    ...     quantity: Decimal
    ...     unit_place: str | None = None
    ...     twice: bool = False
    >>> made = input_type(Pour, "PourLine")
    >>> made.__strawberry_definition__.from_input(made, {"item": "TOMATO", "quantity": Decimal(2)}, None)
    Pour(item='TOMATO', quantity=Decimal('2'), unit_place=None, twice=False)
    """
    if cls not in _MADE:
        _MADE[cls] = _make(cls, name)
    return _MADE[cls]


_MADE: dict[type[Any], Any] = {}


def _make(cls: type[Any], name: str) -> Any:
    hints = typing.get_type_hints(cls, include_extras=True)
    space: dict[str, Any] = {"__annotations__": {}, "__doc__": cls.__doc__}
    for field in dataclasses.fields(cls):
        space["__annotations__"][field.name] = _graphql(hints[field.name])
        description = field.metadata.get("description")
        if field.default is not dataclasses.MISSING:
            default = list(field.default) if isinstance(field.default, tuple) else field.default
            default = strawberry.UNSET if default is None else default
            space[field.name] = (
                strawberry.field(default_factory=lambda value=default: list(value), description=description)
                if isinstance(default, list)
                else strawberry.field(default=default, description=description)
            )
        elif description:
            space[field.name] = strawberry.field(description=description)
    made: Any = strawberry.input(type(name, (), space), name=name, description=_summary(cls))
    build = builder(cls)
    made.__strawberry_definition__.from_input = lambda _type, value, _context: build(value)
    return made


def _summary(cls: type[Any]) -> str:
    """Return the docstring's first paragraph on one line."""
    return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())


def _graphql(hint: Any) -> Any:
    """Return the annotation that Strawberry understands; a text marked with `Ref` is an ID."""
    if _optional(hint):
        return _graphql(_bare(hint)) | None
    if typing.get_origin(hint) is typing.Annotated:
        bare, *marks = typing.get_args(hint)
        return strawberry.ID if any(isinstance(mark, Ref) for mark in marks) else _graphql(bare)
    if typing.get_origin(hint) is tuple:
        return list[_graphql(typing.get_args(hint)[0])]  # type: ignore[misc]
    if dataclasses.is_dataclass(hint):
        cls = typing.cast("type[Any]", hint)
        return input_type(cls, cls.__name__ if cls.__name__.endswith("Entry") else cls.__name__ + "Line")
    if isinstance(hint, type) and issubclass(hint, Enum) and not hasattr(hint, "__strawberry_definition__"):
        return strawberry.enum(hint, description=_summary(hint))
    return hint


def _optional(hint: Any) -> bool:
    return typing.get_origin(hint) in {typing.Union, types.UnionType} and type(None) in typing.get_args(hint)


def _bare(hint: Any) -> Any:
    (bare,) = (each for each in typing.get_args(hint) if each is not type(None))
    return bare


def builder(cls: type[Any]) -> Build:
    """Return a function from a coerced mapping to the dataclass; what is left out keeps its default."""
    hints = typing.get_type_hints(cls)
    fields = [(camel(field.name), field.name, _converter(hints[field.name])) for field in dataclasses.fields(cls)]
    plain = all(graphql == python and convert is None for graphql, python, convert in fields)
    if plain:
        return lambda value: cls(**value)

    def build(value: Mapping[str, Any]) -> Any:
        said = {}
        for graphql, python, convert in fields:
            if graphql in value:
                given = value[graphql]
                said[python] = given if convert is None or given is None else convert(given)
        return cls(**said)

    return build


def _converter(hint: Any) -> Build | None:
    """Return what turns a coerced value into the field's, or None when they are the same."""
    if _optional(hint):
        return _converter(_bare(hint))
    if typing.get_origin(hint) is tuple:
        inner = _converter(typing.get_args(hint)[0])
        return tuple if inner is None else lambda value: tuple(inner(each) for each in value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: value if isinstance(value, hint) else hint(value)
    if dataclasses.is_dataclass(hint):
        build = builder(typing.cast("type[Any]", hint))
        return lambda value: build(value) if type(value) is dict or isinstance(value, Mapping) else value
    return None
