"""In which order the rows of a page come, and where in it a cursor lies."""

from collections.abc import Sequence
from dataclasses import dataclass

from stockbook.graph.planner import ids
from stockbook.graph.planner.refused import Refused

_UNREADABLE = "this cursor has been changed: send it as it came"


@dataclass(frozen=True, slots=True)
class Key:
    """A sort key of a page."""

    name: str
    sql: str
    kind: str
    descending: bool
    null: bool


def said(key: Key) -> str:
    """Return a key as a cursor says it; a text in hex, since it may have in it what parts the keys."""
    text = f"encode(convert_to({key.sql}, 'UTF8'), 'hex')" if key.kind == "text" else f"({key.sql})::text"
    return f"coalesce({text}, chr(30))" if key.null else text


def mark(cursor: str, tag: str, keys: Sequence[Key], at: int) -> str | None:
    """Return what a cursor says of a key."""
    key, text = keys[at], ids.keys(cursor, tag, len(keys))[at]
    if text is None:
        if key.null:
            return None
        raise Refused("BAD_USER_INPUT", _UNREADABLE)
    try:
        if key.kind == "bigint":  # it may never come to be compared
            int(text)
        return bytes.fromhex(text).decode() if key.kind == "text" else text
    except ValueError:
        raise Refused("BAD_USER_INPUT", _UNREADABLE) from None


def past(key: Key, mark: str, *, backward: bool) -> str:
    """Return the condition for one key to lie beyond a mark; nulls come last either way."""
    way = "<" if key.descending is not backward else ">"
    if not key.null:
        return f"{key.sql} {way} {mark}"
    if backward:
        return f"case when {mark} is null then {key.sql} is not null else {key.sql} {way} {mark} end"
    return f"({mark} is not null and ({key.sql} is null or {key.sql} {way} {mark}))"


def ordered(keys: Sequence[Key], backward: bool) -> str:
    """Return what rows are ordered by, nulls last; read backward the other way round."""
    parts = []
    for key in keys:
        way = " desc" if key.descending is not backward else ""
        nulls = (" nulls first" if backward else " nulls last") if key.null else ""
        parts.append(f"{key.sql}{way}{nulls}")
    return ", ".join(parts)
