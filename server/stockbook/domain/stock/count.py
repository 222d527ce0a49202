"""Counting: what a blind count says against what the books said when it began (R12)."""

from collections.abc import Mapping
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


class Write(NamedTuple):
    """What a count says of goods in one state, and what the books were seen to say."""

    state: str
    counted: Decimal
    expected: Decimal


def by_state(counted: Decimal, book: Decimal, own: Mapping[str, Decimal]) -> list[Write]:
    """Return what a count of all goods that sell says of each state; `own` is what of the book is in one's own.

    A person counts what lies there, the books count a state at a time: what is in
    states of one's own is taken to be there as far as the count reaches.

    >>> [(state, int(said), int(seen)) for state, said, seen in by_state(Decimal(9), Decimal(10), {"RIPE": Decimal(4)})]
    [('SELLABLE', 5, 6)]
    >>> [(state, int(said), int(seen)) for state, said, seen in by_state(Decimal(3), Decimal(10), {"RIPE": Decimal(4)})]
    [('RIPE', 3, 4), ('SELLABLE', 0, 6)]
    >>> [(state, int(said), int(seen)) for state, said, seen in by_state(Decimal(5), Decimal(4), {"RIPE": Decimal(4)})]
    [('RIPE', 5, 4)]
    """
    left, writes = counted, []
    plainly = max(book - sum(own.values()), Decimal(0))
    *others, last = [*sorted(own), *(["SELLABLE"] if plainly or not own else [])]
    for state in others:
        part = min(left, own[state])
        left -= part
        if part != own[state]:
            writes.append(Write(state, part, own[state]))
    return [*writes, Write(last, left, own.get(last, plainly))]


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
