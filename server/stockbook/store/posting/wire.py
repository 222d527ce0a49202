"""Quantities and times in PostgreSQL's binary form, each worked out once.

A batch of a hundred sales carries some two thousand decimals and times, nearly
all of them the same few. asyncpg works each out anew, which took as long as
laying out the batch.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from struct import pack, unpack

import asyncpg

REMEMBERED_MAX = 2**14
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NEGATIVE = 0x4000
_SPECIAL = {"NaN": 0xC000, "Infinity": 0xD000, "-Infinity": 0xF000}
_NAMES = {sign: name for name, sign in _SPECIAL.items()}


async def taught(connection: asyncpg.Connection) -> None:
    """Let a connection write and read decimals and times by the functions below."""
    for name, encode, decode in (("numeric", written, read), ("timestamptz", moment_written, moment_read)):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=encode, decoder=decode, format="binary")


@lru_cache(REMEMBERED_MAX)
def written(value: Decimal) -> bytes:
    """Return a decimal as `numeric_recv` reads it: digits to the base of ten thousand.

    >>> written(Decimal("12345.678")).hex(" ", 2)
    '0003 0001 0000 0003 0001 0929 1a7c'
    """
    value = Decimal(value)
    if not value.is_finite():
        return pack(">hhHH", 0, 0, _SPECIAL[str(value)], 0)
    sign, _, exponent = value.as_tuple()
    scale = max(-int(exponent), 0)
    fourths = -(-scale // 4)
    top, bottom = abs(value).as_integer_ratio()
    left = top * 10_000**fourths // bottom
    digits: list[int] = []
    while left:
        left, digit = divmod(left, 10_000)
        digits.insert(0, digit)
    return pack(
        f">hhHH{len(digits)}h", len(digits), len(digits) - 1 - fourths, _NEGATIVE if sign else 0, scale, *digits
    )


@lru_cache(REMEMBERED_MAX)
def read(data: bytes) -> Decimal:
    """Return the decimal that `numeric_send` wrote, with all its digits after the point.

    >>> read(written(Decimal("-12.500000")))
    Decimal('-12.500000')
    """
    _, weight, sign, scale, *digits = unpack(f">hhHH{len(data) // 2 - 4}h", data)
    if sign in _NAMES:
        return Decimal(_NAMES[sign])
    value = 0
    for digit in digits:
        value = value * 10_000 + digit
    shift = 4 * (weight + 1 - len(digits)) + scale
    value = value * 10**shift if shift >= 0 else value // 10**-shift
    return Decimal(f"{'-' if sign else ''}{value}E-{scale}")


@lru_cache(REMEMBERED_MAX)
def moment_written(value: datetime) -> bytes:
    """Return a time as `timestamptz_recv` reads it: microseconds since the year 2000."""
    return pack(">q", (value - _EPOCH) // _MICROSECOND)


def moment_read(data: bytes) -> datetime:
    """Return the time that `timestamptz_send` wrote.

    >>> moment_read(moment_written(datetime(2026, 11, 28, 12, tzinfo=UTC)))
    datetime.datetime(2026, 11, 28, 12, 0, tzinfo=datetime.timezone.utc)
    """
    return _EPOCH + timedelta(microseconds=unpack(">q", data)[0])
