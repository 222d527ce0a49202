"""What the work needs of the rooms around it, and no more: what is known, the time, the journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from handheld.work.blocks import Why
from handheld.work.deed import Deed
from handheld.work.task import Task


class Item(Protocol):
    """A kind of goods, as the replica has it."""

    @property
    def reference(self) -> str:
        """What it is called in events."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def unit(self) -> str:
        """The base unit."""

    @property
    def decimals(self) -> int:
        """Digits after the point that its quantities may have."""

    @property
    def units(self) -> Mapping[str, Decimal]:
        """Other units: how many base units each is."""

    @property
    def risk_class(self) -> str:
        """Of a medical device its class; from II on it comes in with its production identifier or not at all."""


class Packing(Protocol):
    """What a code on goods stands for: an item, in one of its units."""

    @property
    def item(self) -> Item:
        """The item."""

    @property
    def unit(self) -> str:
        """The unit that one such code is one of; empty for the base unit."""


class Lot(Protocol):
    """A lot of an item."""

    @property
    def expiry(self) -> date | None:
        """The day after which it is expired."""


class Place(Protocol):
    """A bin, site, vehicle, pallet or tote."""

    @property
    def reference(self) -> str:
        """What it is called in events and on its label."""

    @property
    def kind(self) -> str:
        """SITE, BIN, VEHICLE, SHIPMENT, PALLET, TOTE or PRODUCTION."""


class Stock(Protocol):
    """A position: so much of an item and lot lies at a place, and under which rights and holds."""

    @property
    def item(self) -> str:
        """The item's reference."""

    @property
    def lot(self) -> str:
        """The lot's code; empty for none."""

    @property
    def quantity(self) -> Decimal:
        """In the base unit."""

    @property
    def holds(self) -> tuple[str, ...]:
        """Blocking overlays: FROZEN, RECALLED, COUNTING, EXCURSION."""

    @property
    def rights(self) -> str:
        """Whose the four rights are, as a text that is equal when they are."""


class Known(Protocol):
    """The replica: what the device knows of the world without network."""

    @property
    def version(self) -> str:
        """The version of what is known, told with each event."""

    def packing(self, code: str) -> Packing | None:
        """Return what a GTIN of 14 digits, a HIBC product or an own item label stands for."""

    def item(self, reference: str) -> Item | None:
        """Return an item by its reference."""

    def lot(self, item: str, code: str) -> Lot | None:
        """Return a lot."""

    def place(self, reference: str) -> Place | None:
        """Return a place by what its label says, or by an SSCC."""

    def stock(self, place: str) -> Iterable[Stock]:
        """Return what lies at a place, as of `version`."""


class Clock(Protocol):
    """The time, corrected by what the server's clock was seen to be."""

    def now(self) -> datetime:
        """Return the corrected time, in the zone of the site."""

    @property
    def sure(self) -> bool:
        """Whether the correction can be relied on: no clock was set and no start was made since."""


class Journal(Protocol):
    """The outbox: what is appended is durable when the call returns."""

    def append(self, deeds: tuple[Deed, ...]) -> Why | None:
        """Write deeds together, all or none; return None, or why nothing more is taken (full, offline too long)."""

    def of(self, task: Task) -> Iterable[Deed]:
        """Return the deeds of a task that the replica does not know of yet, oldest first."""

    def waiting(self) -> Iterable[Deed]:
        """Return the deeds of every task that the replica does not know of yet, oldest first."""


@dataclass(frozen=True, slots=True)
class World:
    """What a scan is judged against: what is known, the time, and the organisation's settings."""

    known: Known
    clock: Clock
    near_expiry_days: int = 30

    @property
    def today(self) -> date:
        """The day by corrected time."""
        return self.clock.now().date()
