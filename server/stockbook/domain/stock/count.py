"""Counting: what a blind count says against what the books said when it began (R12)."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from stockbook.domain.quantity import bad, plain
from stockbook.domain.refusal import Code, Refusal


class Difference(NamedTuple):
    """What a count found; one of the two is zero."""

    surplus: Decimal
    missing: Decimal


def compare(counted: Decimal, expected: Decimal, book: Decimal) -> Difference | Refusal:
    """Return what a count found, or refuse it when the books moved since the counter looked.

    >>> compare(Decimal(7), Decimal(10), Decimal(10))
    Difference(surplus=Decimal('0'), missing=Decimal('3'))
    >>> compare(Decimal(7), Decimal(10), Decimal(9)).figures
    {'expected': '10', 'actual': '9'}
    """
    if book != expected:
        figures = {"expected": plain(expected), "actual": plain(book)}
        return Refusal(Code.STALE_QUANTITY, "the quantity moved since it was seen", ("expected",), figures)
    return Difference(max(counted - book, Decimal(0)), max(book - counted, Decimal(0)))


def figure(value: Decimal, decimals: int, field: str) -> Refusal | None:
    """Return why a counted figure can't be one: a count may be zero, never less."""
    no = bad(value)
    if no is None and (value < 0 or value != round(value, decimals)):
        no = Refusal(Code.BAD_QUANTITY, f"a count is zero or more, with at most {decimals} digits after the point")
    return None if no is None else Refusal(no.code, no.message, (field,))


class Verdict(StrEnum):
    """What a figure of a count sheet leads to."""

    AGREED = "AGREED"
    """It goes into the books."""
    RECOUNT = "RECOUNT"
    """Somebody counts again, not knowing why."""
    REVIEW = "REVIEW"
    """Counted twice and far off: a person who sees the books decides."""


def judge(counted: Decimal, book: Decimal, before: int, tolerance: Decimal) -> Verdict:
    """Return what a count leads to that was counted `before` times already; `tolerance` is a share of the books.

    >>> judge(Decimal(98), Decimal(100), 0, Decimal("0.02")), judge(Decimal(7), Decimal(10), 0, Decimal("0.02"))
    (<Verdict.AGREED: 'AGREED'>, <Verdict.RECOUNT: 'RECOUNT'>)
    >>> judge(Decimal(7), Decimal(10), 1, Decimal("0.02"))
    <Verdict.REVIEW: 'REVIEW'>
    """
    if abs(counted - book) <= tolerance * book:
        return Verdict.AGREED
    return Verdict.REVIEW if before else Verdict.RECOUNT
