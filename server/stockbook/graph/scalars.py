"""The scalars: exact decimals as strings, times in UTC, numbers of 64 bits."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NewType

from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

Long = NewType("Long", int)

_DIGITS_MAX = 40
_REMEMBERED_MAX = 2**12
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONG_MAX = 2**53


def _said(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


def _decimal(value: Any) -> Decimal:
    """Read an exact decimal from a string or an integer; a float has already lost its digits."""
    return _digits(str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else "")


@lru_cache(_REMEMBERED_MAX)
def _digits(text: str) -> Decimal:
    """Read digits; a batch says the same few quantities over and over."""
    if len(text) > _DIGITS_MAX or not _DECIMAL.fullmatch(text):
        raise GraphQLError('a Decimal is a string of digits, e.g. "12.5"')
    try:
        read = Decimal(text)
    except InvalidOperation:  # an exponent beyond all limits
        raise GraphQLError("a Decimal is finite") from None
    if not read.is_finite() or abs(read.adjusted()) > _DIGITS_MAX:
        raise GraphQLError("a Decimal is finite")
    return read


def _decimal_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Decimal:
    del variables
    text = getattr(node, "value", None)  # numbers in the document keep their digits
    return _decimal(text if isinstance(text, str) else value_from_ast_untyped(node))


def _moment(value: Any) -> datetime:
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError('a DateTime is ISO 8601 with its offset, e.g. "2026-11-25T08:00:00Z"') from None
    if read.tzinfo is None:
        raise GraphQLError('a DateTime needs its offset, e.g. "2026-11-25T08:00:00Z"')
    if not MINYEAR < read.year < MAXYEAR:  # by its offset it may lie beyond: written down, none could read it
        try:
            read.astimezone(UTC)
        except OverflowError:
            raise GraphQLError("a DateTime lies between the years 1 and 9999 in UTC") from None
    return read


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError('a Date is ISO 8601, e.g. "2026-11-25"') from None


def _long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LONG_MAX:
        raise GraphQLError("a Long is a whole number of at most 53 bits")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: scalar(
        name="Decimal",
        description="An exact decimal number, as a string.",
        serialize=str,
        parse_value=_decimal,
        parse_literal=_decimal_literal,
    ),
    datetime: scalar(
        name="DateTime", description="A moment: ISO 8601, answered in UTC.", serialize=_said, parse_value=_moment
    ),
    date: scalar(name="Date", description="A day: ISO 8601.", serialize=_said, parse_value=_day),
    Long: scalar(name="Long", description="A whole number of at most 53 bits.", serialize=int, parse_value=_long),
}
