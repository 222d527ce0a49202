"""What comes in: a scan with what its code means, and the goods that it turns out to be."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from handheld.work.ports import Item
from stockbook.domain.capture.reading import Reading


class Scan(NamedTuple):
    """One scan: what its code says.

    `joined` when a second code completed it (UDI in two codes), `chosen` when a
    person said which item the code means.
    """

    reading: Reading
    joined: bool = False
    chosen: Item | None = None


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
    chosen: bool = False
    """Whether a person said which item it is."""
    source: str = ""
    """The pallet they lie on, when all of it was scanned at once."""
    rights: str = ""
    """Whose the goods are, as far as the replica knows."""

    @property
    def lot_code(self) -> str:
        """The lot as the books call it: a serial is a lot of one, within its batch where both are known."""
        return lot_code(self.lot, self.serial)


def lot_code(batch: str, serial: str) -> str:
    """Return the books' code of a lot.

    >>> lot_code("B1", "S7"), lot_code("", "S7"), lot_code("B1", "")
    ('B1/S7', 'S7', 'B1')
    """
    return "/".join(part for part in (batch, serial) if part)
