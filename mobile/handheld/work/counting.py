"""What was counted in a bin, beside what the books were seen to say (R12); the counter is told neither."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from handheld.work.deed import labelled
from handheld.work.ports import World
from handheld.work.progress import ZERO, Counted, Progress
from handheld.work.task import Tolerance
from stockbook.domain.quantity import plain


class Tally(NamedTuple):
    """One item and lot in the bin that is open."""

    key: str
    item: str
    lot: str
    counted: Decimal
    book: Decimal
    unit: str = ""
    serial: str = ""
    code: str = ""
    symbology: str = ""


def key(place: str, item: str, lot: str) -> str:
    """Return what tells one counted position from all others."""
    return f"{place}|{item}|{lot}"


def totals(progress: Progress) -> Mapping[str, Decimal]:
    """Return what is counted so far, by position, in the base unit."""
    found: dict[str, Decimal] = {}
    for held in progress.hand:
        goods = held.goods
        name = key(progress.place, goods.item.reference, goods.lot or goods.serial)
        found[name] = found.get(name, ZERO) + goods.base
    return found


def tallies(progress: Progress, world: World) -> tuple[Tally, ...]:
    """Return every position of the bin: what was counted, and what the books say is there but nobody found."""
    where = progress.place
    named = {line.item for line in progress.task.lines if line.place == where and line.item}
    books: dict[str, Decimal] = {}
    parts: dict[str, tuple[str, str]] = {}
    for stock in world.stock(where):
        if named and stock.item not in named:
            continue
        name = key(where, stock.item, stock.lot)
        books[name] = books.get(name, ZERO) + stock.quantity
        parts[name] = (stock.item, stock.lot)
    counted = totals(progress)
    seen = {
        key(where, held.goods.item.reference, held.goods.lot or held.goods.serial): held.goods for held in progress.hand
    }
    found = []
    for name in (*counted, *(name for name in books if name not in counted)):
        goods = seen.get(name)
        item, lot = parts.get(name) or (goods.item.reference, goods.lot or goods.serial)  # type: ignore[union-attr]
        unit = goods.item.unit if goods else _unit(world, item)
        serial = goods.serial if goods else ""
        read = (goods.reading.code, goods.reading.symbology) if goods else ("", "")
        found.append(Tally(name, item, lot, counted.get(name, ZERO), books.get(name, ZERO), unit, serial, *read))
    return tuple(found)


def beyond(found: Iterable[Tally], tolerance: Tolerance) -> bool:
    """Return whether any position differs by more than is tolerated."""
    return any(abs(tally.counted - tally.book) > tolerance.of(tally.book) for tally in found)


def labels(tally: Tally, progress: Progress) -> Mapping[str, str]:
    """Return the labels of a count: an absolute write, with what the device saw before."""
    meant = {
        "action": "count",
        "item": tally.item,
        "quantity": plain(tally.counted),
        "seen": plain(tally.book),
        "place": progress.place,
        "batch": "" if tally.serial and tally.lot == tally.serial else tally.lot,
        "serial": tally.serial,
        "reason": f"2: {progress.allowed.second}" if progress.allowed.second else "",
    }
    told = labelled(meant, {"document": progress.task.document}, code=tally.code, keep=frozenset(meant))
    return told or labelled(meant, {}, code=tally.code) or {}


def difference_rate(counted: Iterable[Counted]) -> Decimal | None:
    """Return the account-to-physical difference rate (A100): Σ|counted − book| ÷ Σ book.

    Of one unit of measure: pieces and kilograms are not added up. None when the
    books say that nothing is there and nothing was found, one when only the
    count found something.

    >>> rows = [Counted("A1", "MILK", "", Decimal(counted), Decimal(book)) for counted, book in ((99, 100), (101, 100))]
    >>> difference_rate(rows), difference_rate([])
    (Decimal('0.01'), None)
    """
    rows = list(counted)
    off = sum((abs(row.quantity - row.book) for row in rows), ZERO)
    book = sum((row.book for row in rows), ZERO)
    if book:
        return off / book
    return Decimal(1) if off else None


def _unit(world: World, item: str) -> str:
    known = world.known.item(item)
    return known.unit if known else ""
