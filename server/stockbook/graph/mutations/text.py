"""Texts that no database and no answer can carry are refused where they come in."""

import dataclasses
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from stockbook.domain.refusal import Code, Refusal

LENGTH_MAX = 1000


def unfit(value: Any, path: tuple[str, ...]) -> Refusal | None:
    r"""Return the refusal of the first text in `value` with a NUL, half a surrogate pair, or no end.

    >>> unfit({"a": ["fine", "not\0fine"]}, ("input",)).path
    ('input', 'a', '1')
    """
    kind = type(value)
    if kind is str:
        return _judge(value, path)
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
        if inner is None or (type(inner) is str and inner.isascii() and "\0" not in inner and len(inner) <= LENGTH_MAX):
            continue  # nearly all there is
        refusal = unfit(inner, (*path, str(name)))
        if refusal is not None:
            return refusal
    return None


def _judge(text: str, path: tuple[str, ...]) -> Refusal | None:
    if len(text) > LENGTH_MAX:
        return Refusal(Code.BAD_INPUT, f"a text here has at most {LENGTH_MAX} characters", path)
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        return Refusal(Code.BAD_INPUT, "a text here is valid Unicode and has no NUL character", path)
    return None


def _reader(kind: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """Return the names of a dataclass' fields and what reads them all."""
    if kind not in _READERS:
        names = tuple(field.name for field in dataclasses.fields(kind))
        read = attrgetter(*names)
        _READERS[kind] = names, read if len(names) > 1 else lambda value: (read(value),)
    return _READERS[kind]


_READERS: dict[type[Any], tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]] = {}
