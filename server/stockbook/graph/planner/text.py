"""JSON text composed in SQL: literal pieces and expressions, joined by one `concat`.

PostgreSQL builds the answer's bytes; no row becomes a Python object. Written out
piece by piece this takes a third less time than `json_build_object` (measured).
"""

import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

_ARGUMENTS_MAX = 90
"""PostgreSQL passes 100 to a function at most."""


class Sql(str):
    """An expression; a plain string among pieces is literal JSON text."""

    __slots__ = ()


def quote(literal: str) -> str:
    """Return an SQL string literal.

    >>> quote("it's")
    "'it''s'"
    """
    return "'" + literal.replace("'", "''") + "'"


def concat(pieces: Iterable[str]) -> Sql:
    """Return one expression for the pieces, nulls being empty.

    >>> print(concat(['{"a":', Sql("t1.a"), "}"]))
    concat('{"a":', t1.a, '}')
    """
    merged: list[str] = []
    literal = ""
    for piece in pieces:
        if isinstance(piece, Sql):
            if literal:
                merged.append(quote(literal))
                literal = ""
            merged.append(piece)
        else:
            literal += piece
    if literal:
        merged.append(quote(literal))
    while len(merged) > _ARGUMENTS_MAX:
        merged = [
            f"concat({', '.join(merged[at : at + _ARGUMENTS_MAX])})" for at in range(0, len(merged), _ARGUMENTS_MAX)
        ]
    return Sql(f"concat({', '.join(merged)})")


def fields(pairs: Iterable[tuple[str, list[str]]]) -> list[str]:
    """Return the pieces of a JSON object."""
    pieces = ["{"]
    for number, (key, value) in enumerate(pairs):
        pieces += [("," if number else "") + json.dumps(key) + ":", *value]
    return [*pieces, "}"]


def listed(element: str, order: str, keep: str = "") -> list[str]:
    """Return the pieces of a JSON list of rows; `keep` says which rows are in it."""
    only = f" filter (where {keep})" if keep else ""
    return ["[", Sql(f"string_agg({element}, ',' order by {order}){only}"), "]"]


def value(kind: Any, sql: str, *, null: bool, json_text: bool = False) -> list[str]:
    """Return the pieces for a value of a Python type.

    >>> value(Decimal, "t1.quantity", null=False)
    ['"', 'trim_scale(t1.quantity)', '"']
    """
    if json_text:
        return [Sql(f"coalesce({sql}, 'null')")] if null else [Sql(sql)]
    if kind is Decimal:
        return _quoted(f"trim_scale({sql})", null)
    if kind is date or (isinstance(kind, type) and issubclass(kind, Enum)):
        return _quoted(sql, null)
    if kind in (int, float):
        return [Sql(f"coalesce(({sql})::text, 'null')" if null else sql)]
    if kind is bool and not null:
        return [Sql(f"case when {sql} then 'true' else 'false' end")]
    assert kind in (str, bool, datetime), kind
    return [Sql(f"coalesce(to_json({sql}), 'null'::json)" if null else f"to_json({sql})")]


def _quoted(sql: str, null: bool) -> list[str]:
    return [Sql(f"""coalesce('"'::text || {sql} || '"', 'null')""")] if null else ['"', Sql(sql), '"']


def cast(kind: Any) -> str:
    """Return the SQL type of a Python type.

    >>> cast(Decimal), cast(datetime)
    ('numeric', 'timestamptz')
    """
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "text"
    return _CASTS[kind]


_CASTS: dict[Any, str] = {
    Decimal: "numeric",
    datetime: "timestamptz",
    date: "date",
    int: "bigint",
    float: "float8",
    bool: "boolean",
    str: "text",
}
