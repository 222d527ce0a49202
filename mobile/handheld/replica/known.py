"""What is known of the world: values, as the replica gives them out."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from handheld.replica.words import look


class Item(NamedTuple):
    """A kind of goods."""

    reference: str
    name: str
    category: str
    gtin: str
    unit: str
    decimals: int
    units: Mapping[str, Decimal]
    risk_class: str
    """Of a device that needs its production identifier ``II``, else empty."""
    brand: str = ""
    style: str = ""
    size: str = ""

    @property
    def look(self) -> str:
        """What it has in common with its other sizes; empty where brand and style aren't said of it."""
        return look(self.brand, self.style)


class Packing(NamedTuple):
    """What a barcode stands for: an item in one of its units, empty for the base unit."""

    item: Item
    unit: str


class Lot(NamedTuple):
    """Goods of one make."""

    code: str
    expiry: date | None
    produced: date | None


class Place(NamedTuple):
    """A bin, site, vehicle, pallet or tote."""

    reference: str
    name: str
    kind: str
    parent: str
    """The reference of the place it is in."""


class Stock(NamedTuple):
    """So much of an item and lot at a place, in one state, under one set of holds and rights."""

    item: str
    lot: str
    place: str
    state: str
    quantity: Decimal
    holds: tuple[str, ...]
    rights: str
