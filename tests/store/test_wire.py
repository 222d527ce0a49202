"""Decimals and times cross the wire as they are: PostgreSQL itself says what it was sent and what it sends."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from stockbook.store.posting.wire import moment_read, moment_written, read, written

QUANTITIES = (
    *("0", "-0", "0.000000", "1", "-1", "9999", "10000", "10001", "-12.500000", "0.000001", "-0.0001", "0.00001234"),
    *(
        "999999999999.999999",
        "-999999999999.999999",
        "1E+3",
        "1E+20",
        "100000000",
        "1234567890123456789.000100",
        "1E-20",
    ),
    *("NaN", "Infinity", "-Infinity"),
)
MOMENTS = (
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999999, UTC),
    datetime(2026, 11, 28, 13, 0, 0, 1, timezone(timedelta(hours=1))),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
)


@pytest.mark.parametrize("text", QUANTITIES)
async def test_a_decimal_is_to_postgresql_what_it_is_to_us(db, text):
    told = await db.fetchval("select $1::numeric::text", Decimal(text))
    assert told == "NaN" if text == "NaN" else Decimal(told) == Decimal(text)


@pytest.mark.parametrize("text", QUANTITIES)
async def test_a_numeric_is_read_with_its_digits(db, text):
    numeric, told = await db.fetchrow("select n, n::text from (select $1::text::numeric as n) t", text)
    assert str(numeric) == str(Decimal(told))


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
async def test_a_moment_is_the_same_on_both_sides(db, moment):
    told, back = await db.fetchrow("select extract(epoch from t)::text, t from (select $1::timestamptz as t) s", moment)
    assert back == moment
    assert Decimal(told) == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) / Decimal(10**6)


async def test_they_cross_inside_rows_and_lists_too(db):
    row = (1, 1, 1, 0, Decimal("2.500000"), 1, 8, 0, 0, 1, 2, 0, 0, 0, 1)
    told = await db.fetchval("select array(select quantity::text from unnest($1::leg[]))", [row, row])
    assert told == ["2.500000", "2.500000"]
    assert await db.fetchval("select array[1.50, null, -3]::numeric[]") == [Decimal("1.50"), None, Decimal(-3)]


def test_what_was_worked_out_once_is_the_same_again():
    for text in ("1", "1.0", "1.00"):
        assert read(written(Decimal(text))) == 1
    assert moment_read(moment_written(MOMENTS[2])) == MOMENTS[2]
