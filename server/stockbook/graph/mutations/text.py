"""Texts that no database and no answer can carry are refused where they come in."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from stockbook.domain.refusal import Code, Refusal

LENGTH_MAX = 1000


def unfit(value: Any, path: tuple[str, ...]) -> Refusal | None:
    r"""Return the refusal of the first text in `value` with a NUL, half a surrogate pair, or no end.

    >>> unfit({"a": ["fine", "not\0fine"]}, ("input",)).path
    ('input', 'a', '1')
    """
    if isinstance(value, str):
        if len(value) > LENGTH_MAX:
            return Refusal(Code.BAD_INPUT, f"a text here has at most {LENGTH_MAX} characters", path)
        if value.isascii():
            return Refusal(Code.BAD_INPUT, "a text here has no NUL character", path) if "\0" in value else None
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            return Refusal(Code.BAD_INPUT, "a text here is valid Unicode and has no NUL character", path)
        return None
    for name, inner in _parts(value):
        if isinstance(inner, str) and inner.isascii() and "\0" not in inner and len(inner) <= LENGTH_MAX:
            continue  # nearly all there is
        refusal = unfit(inner, (*path, name))
        if refusal is not None:
            return refusal
    return None


def _parts(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, list | tuple):
        return ((str(number), each) for number, each in enumerate(value))
    if isinstance(value, dict):
        return value.items()
    if dataclasses.is_dataclass(value):
        return ((name, getattr(value, name)) for name in _names(type(value)))
    return ()


def _names(cls: type[Any]) -> tuple[str, ...]:
    if cls not in _NAMES:
        _NAMES[cls] = tuple(field.name for field in dataclasses.fields(cls))
    return _NAMES[cls]


_NAMES: dict[type[Any], tuple[str, ...]] = {}
