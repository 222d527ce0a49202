"""What comes in: a scan with what its code means, and the goods that it turns out to be."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from handheld.work.ports import Item
from stockbook.domain.capture.reading import Reading


class Scan(NamedTuple):
    """One scan: what its code says, and the code that completed it when there were two (UDI in two codes)."""

    reading: Reading
    joined: bool = False


NO_CODE = Reading("")


@dataclass(frozen=True, slots=True)
class Goods:
    """So much of an item and lot: `quantity` in `unit` as it was said, `base` in the item's base unit."""

    item: Item
    quantity: Decimal
    base: Decimal
    unit: str = ""
    lot: str = ""
    serial: str = ""
    expiry: date | None = None
    weight: Decimal | None = None
    reading: Reading = NO_CODE
    """What was scanned; says nothing when the goods were chosen from a list."""
    joined: bool = False
    """Whether lot, serial and expiry came from a second code."""
    source: str = ""
    """The pallet they lie on, when all of it was scanned at once."""
    rights: str = ""
    """Whose the goods are, as far as the replica knows."""
