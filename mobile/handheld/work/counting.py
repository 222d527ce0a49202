"""What was counted in a bin, beside what the books were seen to say (R12); the counter is told neither."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from handheld.work.deed import labelled
from handheld.work.ports import World, here
from handheld.work.scan import NO_CODE, Goods
from handheld.work.tasks.progress import ZERO, Counted, Progress
from handheld.work.tasks.task import Tolerance
from stockbook.domain.quantity import plain

SELLABLE = "SELLABLE"


class Tally(NamedTuple):
    """One item and lot in the bin that is open: what was counted, and what the books say, by state."""

    item: str
    lot: str
    counted: Decimal
    books: Mapping[str, Decimal]
    unit: str = ""
    goods: Goods | None = None

    @property
    def book(self) -> Decimal:
        """What the books say, in whichever state."""
        return sum(self.books.values(), ZERO)


def key(place: str, item: str, lot: str, state: str = SELLABLE) -> str:
    """Return what tells one counted position from all others."""
    return f"{place}|{item}|{lot}|{state or SELLABLE}"


def totals(progress: Progress) -> Mapping[tuple[str, str], Decimal]:
    """Return what is counted so far, by item and lot, in the base unit.

    Where one code of an item tells no lot, all of that item is counted without lots.
    """
    without = {held.goods.item.reference for held in progress.hand if not held.goods.lot_code}
    found: dict[tuple[str, str], Decimal] = {}
    for held in progress.hand:
        item = held.goods.item.reference
        at = item, "" if item in without else held.goods.lot_code
        found[at] = found.get(at, ZERO) + held.goods.base
    return found


def tallies(progress: Progress, world: World) -> tuple[Tally, ...]:
    """Return every position of the bin: what was counted, and what the books, or recognition, say nobody found."""
    where = progress.place
    counted = totals(progress)
    named = {line.item for line in progress.task.lines if line.place == where and line.item}
    seen = {item for item, _ in counted} | {*progress.drafted}
    books: dict[tuple[str, str], dict[str, Decimal]] = {}
    for stock in world.stock(where):
        if not here(stock):
            continue
        if named and stock.item not in named and stock.item not in seen:
            continue
        at = stock.item, "" if (stock.item, "") in counted else stock.lot
        states = books.setdefault(at, {})
        states[stock.state] = states.get(stock.state, ZERO) + stock.quantity
    scanned = {held.goods.item.reference: held.goods for held in progress.hand}
    scanned_lots = {(held.goods.item.reference, held.goods.lot_code): held.goods for held in progress.hand}
    found = []
    gone = seen - {item for item, _ in counted} - {item for item, _ in books}
    for at in (*counted, *(at for at in books if at not in counted), *((item, "") for item in sorted(gone))):
        item, lot = at
        like = scanned.get(item)
        unit = like.item.unit if like else _unit(world, item)
        goods = scanned_lots.get(at)
        found.append(Tally(item, lot, counted.get(at, ZERO), books.get(at, {}), unit, goods))
    return tuple(found)


def beyond(found: Iterable[Tally], tolerance: Tolerance) -> bool:
    """Return whether any position differs by more than is tolerated."""
    return any(abs(tally.counted - tally.book) > tolerance.of(tally.book) for tally in found)


def by_state(tally: Tally) -> list[tuple[str, Decimal, Decimal]]:
    """Return state, count and book for each write that a count needs.

    The books count a state at a time, a person counts what lies there. What is
    not sellable is taken to be there as far as the count reaches; the rest of
    the count is what sells.

    >>> mixed = {"SELLABLE": Decimal(10), "QUARANTINED": Decimal(2)}
    >>> by_state(Tally("MILK", "", Decimal(11), mixed))
    [('SELLABLE', Decimal('9'), Decimal('10'))]
    >>> by_state(Tally("MILK", "", Decimal(1), mixed))
    [('QUARANTINED', Decimal('1'), Decimal('2')), ('SELLABLE', Decimal('0'), Decimal('10'))]
    >>> by_state(Tally("MILK", "", Decimal(3), {"RECEIVED": Decimal(3)}))
    [('RECEIVED', Decimal('3'), Decimal('3'))]
    """
    last = SELLABLE if SELLABLE in tally.books or not tally.books else max(tally.books)
    left, writes = tally.counted, []
    for state in sorted(state for state in tally.books if state != last):
        part = min(left, tally.books[state])
        left -= part
        if part != tally.books[state]:
            writes.append((state, part, tally.books[state]))
    return [*writes, (last, left, tally.books.get(last, ZERO))]


def labels(tally: Tally, state: str, counted: Decimal, book: Decimal, progress: Progress) -> Mapping[str, str]:
    """Return the labels of a count: an absolute write in the base unit, with what the device saw before."""
    goods = tally.goods
    meant = {
        "action": "count",
        "item": tally.item,
        "quantity": plain(counted),
        "seen": plain(book),
        "place": progress.place,
        "batch": goods.lot if goods else tally.lot,
        "serial": goods.serial if goods else "",
        "state": "" if state == SELLABLE else state,
        "reason": f"checked by {progress.allowed.second}" if progress.allowed.second else "",
    }
    reading = goods.reading if goods else NO_CODE
    told = labelled(meant, {"document": progress.task.document}, code=reading.code, keep=frozenset({"quantity"}))
    told = told or labelled({**meant, "reason": ""}, {}, code=reading.code)
    assert told is not None, "without document and reason they are eight at most"
    return told


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
