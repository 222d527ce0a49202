"""Makes the GraphQL types of a page of a shape: connection, edges, filter, sort, sums and groups.

They follow from the shape's declarations alone, so a field added there is
filterable, sortable and summable with no other line.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from stockbook.graph.declare import Column, One, Shape


@strawberry.type(description="Where a page lies in the whole.")
class PageInfo:
    """Where a page lies in the whole."""

    has_next_page: bool = strawberry.field(description="Whether there is more after it.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before it.")
    start_cursor: str | None = strawberry.field(description="Cursor of its first row.")
    end_cursor: str | None = strawberry.field(description="Cursor of its last row.")


COMPARISONS: dict[type[Any], tuple[str, ...]] = {
    str: ("eq", "in", "contains", "startsWith", "isNull"),
    bool: ("eq", "isNull"),
    int: ("eq", "in", "gt", "gte", "lt", "lte", "isNull"),
    float: ("gt", "gte", "lt", "lte", "isNull"),
    Decimal: ("eq", "in", "gt", "gte", "lt", "lte", "isNull"),
    date: ("eq", "gt", "gte", "lt", "lte", "isNull"),
    datetime: ("eq", "gt", "gte", "lt", "lte", "isNull"),
    strawberry.ID: ("eq", "in", "isNull"),
}
_WORDS = {
    "eq": "Is equal to it.",
    "in": "Is one of them.",
    "contains": "Contains it, in any case of letters.",
    "startsWith": "Begins with it.",
    "gt": "Is more than it.",
    "gte": "Is it or more.",
    "lt": "Is less than it.",
    "lte": "Is it or less.",
    "isNull": "Whether there is none.",
}
_SORTED = (
    "In this order; rows that are equal in it by id. While others post, every row that stays comes once in all"
    " pages; only one that moves in this very order meanwhile may come twice or not at all."
)
_FILTERS: dict[Any, type[Any]] = {}


def made(name: str, fields: Mapping[str, tuple[Any, str]], description: str) -> type[Any]:
    """Make an object type; `fields` are (annotation, description) by GraphQL name."""
    body: dict[str, Any] = {"__annotations__": {}, "__doc__": description}
    for number, (field, (annotation, words)) in enumerate(fields.items()):
        body["__annotations__"][f"f{number}"] = annotation
        body[f"f{number}"] = strawberry.field(name=field, description=words)
    return strawberry.type(type(name, (), body), description=description)


def arguments(*given: tuple[str, Any, str] | tuple[str, Any, str, Any]) -> list[StrawberryArgument]:
    """Make a field's arguments of (GraphQL name, annotation, description, default)."""
    return [
        StrawberryArgument(
            python_name=name,
            graphql_name=name,
            type_annotation=StrawberryAnnotation(annotation),
            description=words,
            default=default[0] if default else strawberry.UNSET,
        )
        for name, annotation, words, *default in given
    ]


class Pages:
    """The generated types of one shape; the classes exist at once, their fields once `fill` ran."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        name = shape.name
        sorts = [field for field, fact in shape.facts.items() if isinstance(fact, Column) and fact.sort]
        ways = {f"{_upper(field)}_{way}": f"{field} {way}" for field in sorts for way in ("ASC", "DESC")}
        self.sort = _enum(f"{name}Sort", ways, f"In which order rows of {name} come.")
        groups = [f for f, fact in shape.facts.items() if isinstance(fact, Column | One) and fact.group]
        self.grouping = _enum(
            f"{name}Grouping", {_upper(field): field for field in groups}, f"What rows of {name} are grouped by."
        )
        self.filter = self._filter()
        self.connection = self._connection()

    def arguments(self) -> list[StrawberryArgument]:
        """Return the arguments of a field that gives a page."""
        several: list[Any] = [
            ("first", int | None, "How many rows at most; 50 when neither `first` nor `last` is given."),
            ("after", str | None, "Only rows after this cursor."),
            ("last", int | None, "How many rows at most, counted from the end."),
            ("before", str | None, "Only rows before this cursor."),
            ("filter", self.filter | None, "Only rows for which this holds."),
        ]
        if self.sort:
            several.append(("sort", list[self.sort] | None, _SORTED))  # type: ignore[name-defined]
        return arguments(*several)

    def _filter(self) -> type[Any]:
        name = f"{self.shape.name}Filter"
        cls = type(name, (), {"__annotations__": {}})
        for word, python, annotation, description in (
            ("and", "and_", list[cls], "All of these hold."),  # type: ignore[valid-type]
            ("or", "or_", list[cls], "One of these holds."),  # type: ignore[valid-type]
            ("not", "not_", cls, "This doesn't hold."),
        ):
            _optional(cls, python, annotation, word, description)
        for field, fact in self.shape.facts.items():
            if isinstance(fact, Column) and fact.filter:
                _optional(cls, f"f_{field}", comparison(self.shape.types[field]), field, f"By `{field}`.")
            elif isinstance(fact, One) and fact.filter:
                _optional(cls, f"f_{field}", comparison(strawberry.ID), field, f"By the id of `{field}`.")
        return strawberry.input(cls, description=f"Which rows of {self.shape.name}.")

    def _connection(self) -> type[Any]:
        shape = self.shape
        row = shape.cls
        edge = made(
            f"{shape.name}Edge",
            {"cursor": (str, "Opaque; for `after` and `before`."), "node": (row, "The row.")},
            "A row with its cursor.",
        )
        fields: dict[str, tuple[Any, str]] = {
            "edges": (list[edge], "The rows with their cursors."),  # type: ignore[valid-type]
            "nodes": (list[row], "The rows."),  # type: ignore[valid-type]
            "pageInfo": (PageInfo, "Where this page lies in the whole."),
            "totalCount": (int, "How many rows there are in all; costs extra."),
        }
        sums = {
            f: (shape.types[f] | None, f"Sum of `{f}`.")
            for f, c in shape.facts.items()
            if isinstance(c, Column) and c.sum
        }
        total = made(f"{shape.name}Sums", sums, "Sums of the rows you may see.") if sums else None
        if total:
            aggregate = made(
                f"{shape.name}Aggregate",
                {"count": (int, "How many rows."), "sum": (total, "Their sums.")},
                "All rows together, not only those of the page.",
            )
            fields["aggregate"] = (aggregate, "All rows together.")
        if self.grouping:
            by = {f: (shape.types[f] | None, f"`{f}` of the group, when it is by that.") for f in self._groups()}
            by["count"] = (int, "How many rows.")
            if total:
                by["sum"] = (total, "Their sums.")
            group = made(f"{shape.name}Group", by, "The rows that are equal in what they are grouped by.")
            fields["groups"] = (list[group], "All rows together, by groups.")  # type: ignore[valid-type]
        cls = made(f"{shape.name}Connection", fields, f"A page of {shape.name}.")
        for each in cls.__strawberry_definition__.fields:
            if each.graphql_name == "groups":
                each.arguments = arguments(
                    ("by", list[self.grouping], "What to group by."),  # type: ignore[name-defined]
                    ("first", int | None, "How many groups at most; 100 when not given."),
                )
        return cls

    def _groups(self) -> list[str]:
        return [f for f, fact in self.shape.facts.items() if isinstance(fact, Column | One) and fact.group]


def comparison(kind: Any) -> type[Any]:
    """Return the input type that compares values of a kind.

    >>> comparison(Decimal).__name__
    'DecimalFilter'
    """
    if kind not in _FILTERS:
        name = {strawberry.ID: "IDFilter", str: "StringFilter", bool: "BooleanFilter", datetime: "DateTimeFilter"}
        cls = type(name.get(kind, f"{kind.__name__[0].upper()}{kind.__name__[1:]}Filter"), (), {"__annotations__": {}})
        for word in COMPARISONS.get(kind, ("eq", "in", "isNull")):
            annotation = {"in": list[kind], "isNull": bool}.get(word, kind)
            _optional(cls, f"f_{word}", annotation, word, _WORDS[word])
        _FILTERS[kind] = strawberry.input(cls, description="All that are given must hold.")
    return _FILTERS[kind]


def _optional(cls: type[Any], python: str, annotation: Any, name: str, description: str) -> None:
    cls.__annotations__[python] = annotation | None
    setattr(cls, python, strawberry.field(name=name, description=description, default=strawberry.UNSET))


def _enum(name: str, members: dict[str, str], description: str) -> type[Enum] | None:
    if not members:
        return None
    made: Any = Enum.__call__(name, members)
    kind: type[Enum] = strawberry.enum(made, description=description)
    return kind


def _upper(field: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in field)
