"""The facts that deciding reads: items, places, lots and promises, as plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from stockbook.domain.stock.movement import Position, Shelf

VIRTUAL = frozenset({"SUPPLIER", "CUSTOMER", "PROCESS", "LOSS", "DISCREPANCY"})
"""Kinds of places without a balance: where goods come from and go to."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item as deciding needs it; `units` maps a unit to its factor, the base unit to 1."""

    id: int
    category: str
    base_unit: str
    decimals: int
    inspected: bool
    units: dict[str, Decimal]
    udi: bool = False
    """Whether it comes in with its production identifier (a lot, or a serial, which is a lot of one), or not at all."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place; `site` is the nearest site at or above it, `path` its ids from the root to itself."""

    id: int
    organisation: int
    kind: str
    parent: int | None
    site: int | None
    bound_for: int | None
    strict: bool
    path: tuple[int, ...]

    @property
    def virtual(self) -> bool:
        """Whether it has no balance: supplier, customer, process, loss, discrepancy."""
        return self.kind in VIRTUAL

    @property
    def counts_for(self) -> int | None:
        """The site that a position here belongs to: the one it is bound for, else its own."""
        return self.bound_for or self.site


class Lot(NamedTuple):
    """A lot as deciding needs it; `passed` is its latest inspection, None when never inspected."""

    id: int
    item: int
    code: str
    producer: int
    expiry: date | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Claim:
    """An open promise."""

    id: int
    shelf: Shelf
    position: Position | None
    quantity: Decimal
    state: str
    document: int
    expires_at: datetime | None
