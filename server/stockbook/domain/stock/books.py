"""The books of one batch: what was loaded, and what each decided entry makes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.facts import Claim, Lot
from stockbook.domain.stock.movement import Entry, NewLot, Position, Shelf, Tally


@dataclass(frozen=True, slots=True)
class Recorded:
    """A movement that was posted before: for duplicates and reversals."""

    id: int
    entry: Entry
    reversed_by: int | None


class Later(NamedTuple):
    """What moved at a position after an entry that comes late; `counted`: because somebody counted."""

    at: datetime
    change: Decimal
    counted: bool


@dataclass(slots=True)
class Announced:
    """What orders have announced and not received."""

    left: dict[tuple[int, int, int], Decimal] = field(default_factory=dict)
    """(document, item, place) -> quantity."""
    of_tasks: dict[int, int] = field(default_factory=dict)
    """Task -> the document that it is of."""


@dataclass(slots=True)
class Books:
    """The working set of one batch; deciding reads it and applies each entry to it."""

    version: int
    """Of the facts; a posting decided on an older one is refused with CONFLICT and decided again."""
    positions: dict[Position, Decimal] = field(default_factory=dict)
    claimed: dict[Position, Decimal] = field(default_factory=dict)
    tallies: dict[Shelf, Tally] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    lot_codes: dict[tuple[int, str], int] = field(default_factory=dict)
    claims: dict[int, Claim] = field(default_factory=dict)
    movements: dict[int, Recorded] = field(default_factory=dict)
    keys: dict[tuple[int, str, int], tuple[bytes, int]] = field(default_factory=dict)
    """(organisation, key, line) -> (digest, movement id)."""
    grants: dict[tuple[int, int, Right], int] = field(default_factory=dict)
    """(place, lot, right) -> organisation it was granted to."""
    closed_before: dict[int, datetime] = field(default_factory=dict)
    moved_at: dict[Position, datetime] = field(default_factory=dict)
    """The latest `occurred_at` of anything that touched the position."""
    later: dict[Position, list[Later]] = field(default_factory=dict)
    """What moved after an entry that comes late, where it was asked for."""
    announced: Announced = field(default_factory=Announced)
    """Of the orders that receipts of the batch name."""
    new_lots: dict[int, NewLot] = field(default_factory=dict)
    """Lots that entries of this batch make, by temporary id."""
    strangers: int = -1
    """The next temporary id for a new lot or claim; counts down."""
    _at: dict[tuple[int, int], list[Position]] = field(default_factory=dict)
    _indexed: int = 0
    _log: list[tuple[dict[Any, Any], Any, Any]] = field(default_factory=list)

    def at(self, item: int, place: int) -> list[Position]:
        """Return the positions of an item at a place, in the order they were loaded."""
        if self._indexed != len(self.positions):
            self._index()
        return self._at.get((item, place), _NONE)

    def inside(self, place: int) -> Iterator[Position]:
        """Yield the positions that lie in a place with anything in them."""
        return (position for position, quantity in self.positions.items() if position.place == place and quantity > 0)

    def _index(self) -> None:
        """Index positions anew: they are only ever added, so their number tells."""
        self._at.clear()
        for position in self.positions:
            self._at.setdefault((position.item, position.place), []).append(position)
        self._indexed = len(self.positions)

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Write a value so that it can be undone; a position that is new stays, at zero."""
        self._log.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def take(self, position: Position, quantity: Decimal) -> None:
        """Add `quantity` (or take it, when negative) at a position."""
        before = self.positions.get(position)
        if before is None:
            if self._indexed == len(self.positions):
                self._at.setdefault((position.item, position.place), []).append(position)
                self._indexed += 1
            self.positions[position] = before = _ZERO
        self._log.append((self.positions, position, before))
        self.positions[position] = before + quantity

    def mark(self) -> int:
        """Return where the books stand now, for `undo`."""
        return len(self._log)

    def undo(self, mark: int) -> None:
        """Take back all that was written since `mark`."""
        while len(self._log) > mark:
            table, key, value = self._log.pop()
            if value is _ABSENT:
                del table[key]
            else:
                table[key] = value

    def settle(self) -> None:
        """Keep what was written for good, and forget the temporary ids of the batch."""
        self._log.clear()
        self.new_lots.clear()

    def stranger(self) -> int:
        """Return a fresh temporary id."""
        fresh = self.strangers
        self.strangers -= 1
        return fresh


_ABSENT = object()
_NONE: list[Position] = []
_ZERO = Decimal(0)
