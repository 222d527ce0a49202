"""Lots: goods of one make, known by item and code, with the lots they were made of."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.facts import Item, Lot
from stockbook.domain.stock.movement import NO_LOT, NewLot

CODE_LENGTH_MAX = 64


def known(books: Books, item: Item, code: str) -> Lot | Refusal:
    """Return the lot of a code."""
    lot = books.lots.get(books.lot_codes.get((item.id, code), NO_LOT))
    return lot or Refusal(Code.LOT_UNKNOWN, "the item has no lot of that code", ("lot",))


def made(
    books: Books,
    item: Item,
    code: str | None,
    expiry: date | None,
    producer: int,
    on: date,
    parents: Iterable[tuple[int, Decimal]] | None = None,
) -> tuple[int, NewLot | None] | Refusal:
    """Return the lot's id, and the new lot when the code was not known; no code, no lot.

    `parents` are the lots that went into it (genealogy); what came out of work
    is always a new lot, so that its genealogy stays true.
    """
    if code is None:
        if expiry is not None:
            return Refusal(Code.BAD_INPUT, "an expiry is a lot's: name the lot", ("lot",))
        return NO_LOT, None
    if not code.isprintable() or not code.strip() or len(code) > CODE_LENGTH_MAX:
        return Refusal(Code.BAD_INPUT, f"a lot's code has 1 to {CODE_LENGTH_MAX} printable characters", ("lot",))
    id_ = books.lot_codes.get((item.id, code))
    if id_ is None:
        if parents is None:
            return _new(books, item, code, expiry, producer, on, ())
        return _new(books, item, code, expiry, producer, on, tuple(parents))
    if parents is not None:
        return Refusal(Code.BAD_INPUT, "a lot of that code was made before", ("lot",))
    if expiry is not None and books.lots[id_].expiry != expiry:
        return Refusal(Code.BAD_INPUT, "the lot has another expiry", ("expiry",))
    return id_, None


def _new(
    books: Books,
    item: Item,
    code: str,
    expiry: date | None,
    producer: int,
    on: date,
    parents: tuple[tuple[int, Decimal], ...],
) -> tuple[int, NewLot]:
    lot = NewLot(books.stranger(), item.id, code, producer, expiry, on, parents)
    return lot.id, lot
