"""The digest of a line's input: the same key with another one is refused."""

from datetime import UTC, date, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from stockbook.domain.stock.lines import Line
from stockbook.flows.posting.command import Command

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_REMEMBERED_MAX = 2**12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def heading(command: Command) -> blake2b:
    """Return the hash of what a command says of all its lines."""
    said = (command.verb, command.occurred_at, command.document, command.reason, command.task)
    return blake2b(_text(said), digest_size=16)


def digest(head: blake2b, line: Line) -> bytes:
    """Return the hash of what a line says below its command's heading, however it was written.

    A client that sends a posting again may have read its own words back from
    elsewhere: 2.5 and 2.50 are one quantity, noon in London and one o'clock in
    Berlin one moment.
    """
    said = head.copy()
    said.update(_text(line))
    return said.digest()


def _text(said: Any) -> bytes:
    try:
        return orjson.dumps(said, default=_same, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # half a surrogate pair: no JSON, and no name of anything either
        return repr(said).encode("utf-8", "backslashreplace")


@lru_cache(_REMEMBERED_MAX)
def _plain(value: Decimal) -> str:
    return str(value.normalize(_EXACT)) if value else "0"


def _same(value: Any) -> str:
    """Return what is equal for everything that means the same.

    >>> _same(Decimal("2.50")), _same(Decimal("100")) == _same(Decimal("1E+2")), _same(Decimal("-0.0"))
    ('2.5', True, '0')
    >>> _same(datetime.fromisoformat("2026-11-25T13:00+01:00")) == _same(datetime(2026, 11, 25, 12, tzinfo=UTC))
    True
    """
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return str(value - _EPOCH)  # no `astimezone`: it fails in the year 1
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError
