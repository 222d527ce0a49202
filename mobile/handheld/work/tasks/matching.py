"""Which expected lines a scan answers to, and how much of it each line takes."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from handheld.work.scan import Goods
from handheld.work.tasks.progress import ZERO, Progress, Row
from handheld.work.tasks.task import Line


class Match(NamedTuple):
    """Lines of the item; of these, those of its lot; of these, those of the bin that is open."""

    of_item: tuple[Row, ...] = ()
    of_lot: tuple[Row, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def booked(self) -> tuple[Row, ...]:
        """The lines that goods are booked to: those that fit; when none does, those that fit best."""
        return self.rows or self.of_lot or self.of_item

    @property
    def expected(self) -> Decimal:
        """What these lines ask for."""
        return sum((row.line.quantity for row in self.booked), ZERO)

    @property
    def done(self) -> Decimal:
        """What is done of them."""
        return sum((row.done for row in self.booked), ZERO)


def match(goods: Goods, progress: Progress, source: str = "", place: str = "") -> Match:
    """Return the lines that goods answer to; a line that names no lot or bin takes any."""
    of_item = tuple(progress.rows_of(goods.item.reference))
    of_lot = tuple(row for row in of_item if not goods.lot_code or row.line.lot in {"", goods.lot, goods.lot_code})
    fit = tuple(
        row
        for row in of_lot
        if (not source or row.line.source in {"", source}) and (not place or row.line.place in {"", place})
    )
    exact = tuple(row for row in fit if row.line.lot and row.line.lot in {goods.lot, goods.lot_code})
    return Match(of_item, of_lot, exact or fit)


def shares(quantity: Decimal, rows: tuple[Row, ...]) -> Mapping[str, Decimal]:
    """Return how much each line takes: open ones first, in order; the last takes what is too much.

    >>> rows = tuple(Row(Line(key, "MILK", Decimal(10)), Decimal(done)) for key, done in (("1", 8), ("2", 0)))
    >>> shares(Decimal(5), rows), shares(Decimal(20), rows)
    ({'1': Decimal('2'), '2': Decimal('3')}, {'1': Decimal('2'), '2': Decimal('18')})
    """
    return dict(_shares(quantity, rows))


def _shares(left: Decimal, rows: tuple[Row, ...]) -> Iterator[tuple[str, Decimal]]:
    for row in rows[:-1]:
        part = min(left, row.open)
        if part:
            yield row.line.key, part
            left -= part
    if left and rows:
        yield rows[-1].line.key, left


def unlisted(goods: Goods, progress: Progress, source: str = "", place: str = "") -> Line:
    """Return a line for goods that nobody expected."""
    key = f"+{len(progress.extra) + 1}"
    return Line(key, goods.item.reference, ZERO, goods.lot, source, place)
