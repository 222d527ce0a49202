"""Global ids and cursors: opaque to clients, read only here."""

from typing import Any, NamedTuple

from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.planner.refused import Refused

BIGINT_MAX = 2**63 - 1
NULL = "\x1e"
SPLIT = "\x1f"


class Gid(NamedTuple):
    """A global id in its parts; `rest` follows the first hyphen."""

    kind: str
    first: int
    rest: str


def gid(text: Any) -> Gid | None:
    """Return the parts of a global id, or None when it is none.

    >>> gid("gid://stockbook/Leg/17-2")
    Gid(kind='Leg', first=17, rest='2')
    >>> gid("tomatoes") is None
    True
    """
    if not isinstance(text, str) or not text.startswith(ID_PREFIX):
        return None
    kind, _, key = text[len(ID_PREFIX) :].partition("/")
    number, _, rest = key.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 20) or int(number) > BIGINT_MAX:
        return None
    return Gid(kind, int(number), rest)


def number(kind: str, text: Any) -> int | None:
    """Return the id that a global id of this type has."""
    found = gid(text)
    return found.first if found and found.kind == kind and not found.rest else None


def reference(text: Any) -> str | None:
    """Return an external reference, which is whatever isn't a global id."""
    return text if isinstance(text, str) and not text.startswith(ID_PREFIX) else None


def is_global(text: Any) -> bool:
    """Look whether what names a row is a global id, well made or not, rather than an external reference.

    A statement has either in it: even asked for nothing, the other would have to be opened.

    >>> is_global("gid://stockbook/Item/7"), is_global("tomatoes")
    (True, False)
    """
    return isinstance(text, str) and text.startswith(ID_PREFIX)


def keys(cursor: str, tag: str, count: int) -> list[str | None]:
    r"""Return the sort keys in a cursor.

    >>> keys("ab01" + "7\x1f12".encode().hex(), "ab01", 2)
    ['7', '12']
    """
    try:
        parts = bytes.fromhex(cursor[len(tag) :]).decode().split(SPLIT)
    except ValueError:
        parts = []
    if not cursor.startswith(tag) or len(parts) != count:
        raise Refused("BAD_USER_INPUT", "this cursor is not one of a page in this order")
    return [None if part == NULL else part for part in parts]
