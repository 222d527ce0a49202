"""Texts that no database and no answer can carry are refused where they come in."""

import dataclasses
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from stockbook.domain.refusal import Code, Refusal

LENGTH_MAX = 1000
_TEXTLESS = frozenset({type(None), bool, int, Decimal, date, datetime})


def unfit(value: Any, path: tuple[str, ...]) -> Refusal | None:
    r"""Return the refusal of the first text in `value` with a NUL, half a surrogate pair, or no end.

    >>> unfit({"a": ["fine", "not\0fine"]}, ("input",)).path
    ('input', 'a', '1')
    """
    refusal = _first(value)
    return None if refusal is None else dataclasses.replace(refusal, path=(*path, *refusal.path))


def _first(value: Any) -> Refusal | None:
    """Return the first refusal with its path from `value` down: paths are told only where something is wrong."""
    kind = type(value)
    if kind is str:
        return _judge(value)
    if kind is tuple or kind is list:
        parts: Iterable[tuple[Any, Any]] = enumerate(value)
    elif kind is dict:
        parts = value.items()
    elif kind in _READERS or dataclasses.is_dataclass(kind):
        names, read = _reader(kind)
        parts = zip(names, read(value), strict=True)
    else:
        return None
    for name, inner in parts:
        kind = type(inner)
        if kind in _TEXTLESS or (kind is str and inner.isascii() and "\0" not in inner and len(inner) <= LENGTH_MAX):
            continue  # nearly all there is
        refusal = _first(inner)
        if refusal is not None:
            return dataclasses.replace(refusal, path=(str(name), *refusal.path))
    return None


def _judge(text: str) -> Refusal | None:
    if len(text) > LENGTH_MAX:
        return Refusal(Code.BAD_INPUT, f"a text here has at most {LENGTH_MAX} characters")
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        return Refusal(Code.BAD_INPUT, "a text here is valid Unicode and has no NUL character")
    return None


def _reader(kind: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """Return the names of a dataclass' fields and what reads them all."""
    if kind not in _READERS:
        names = tuple(field.name for field in dataclasses.fields(kind))
        read = attrgetter(*names)
        _READERS[kind] = names, read if len(names) > 1 else lambda value: (read(value),)
    return _READERS[kind]


_READERS: dict[type[Any], tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]] = {}
