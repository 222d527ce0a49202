"""What the work needs of the rooms around it, and no more: what is known, the time, the journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from handheld.work.deed import Deed
from stockbook.domain.stock.states import TRAITS, Presence


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
    def state(self) -> str:
        """The state that it is in: SELLABLE, QUARANTINED ..."""

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


class Pending(Protocol):
    """What the device did since the replica's version."""

    def after(self, place: str, known: tuple[Stock, ...]) -> tuple[Stock, ...]:
        """Return what lies at a place after it."""


class Clock(Protocol):
    """The time, corrected by what the server's clock was seen to be."""

    def now(self) -> datetime:
        """Return the corrected time, in the zone of the site."""

    @property
    def sure(self) -> bool:
        """Whether the correction can be relied on: no clock was set and no start was made since."""


class Recorded(Protocol):
    """An event in the journal: what a deed became."""

    @property
    def id(self) -> str:
        """The event's own id."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What it means."""

    @property
    def code(self) -> str:
        """What was scanned."""

    @property
    def symbology(self) -> str:
        """Its AIM identifier."""

    @property
    def chain(self) -> str:
        """Events of one chain stand or fall together."""


class Reason(Protocol):
    """Why nothing was recorded: STOPPED, FULL, TOO_OLD, UNFIT or DISK."""

    @property
    def name(self) -> str:
        """Its word."""


class Unkept(Protocol):
    """Nothing was recorded."""

    @property
    def reason(self) -> Reason:
        """Why."""


class Journal(Protocol):
    """The outbox."""

    def append(self, *entries: Deed, draft: tuple[str, str] | None = None) -> tuple[object, ...] | Unkept:
        """Write deeds together: a receipt each when they are on the disk, or why none is recorded.

        A draft, by its name, is written with them; alone it counts against no limit.
        """

    def draft(self, name: str) -> str:
        """Return a draft that was kept; empty when there is none."""

    def unknown(self, task: str | None = None) -> Iterable[Recorded]:
        """Return the events that the replica can't know of yet, oldest first: all, or those of a task."""


@dataclass(frozen=True, slots=True)
class World:
    """What a scan is judged against: what is known, the time, and the organisation's settings."""

    known: Known
    clock: Clock
    near_expiry_days: int = 30
    pending: "Pending | None" = None
    """What this device did that the replica can't know of yet."""

    def stock(self, place: str) -> tuple["Stock", ...]:
        """Return what lies at a place as far as the device can tell: what is known, and what it did since."""
        known = tuple(self.known.stock(place))
        return self.pending.after(place, known) if self.pending else known

    @property
    def today(self) -> date:
        """The day by corrected time."""
        return self.clock.now().date()


_COMING = frozenset(state.name for state, traits in TRAITS.items() if traits.presence is not Presence.HERE)
HANDLING_UNITS = frozenset({"PALLET", "TOTE"})
"""Places that goods are packed into and move with; a vehicle carries goods of many, a pallet those of one."""


def here(stock: Stock) -> bool:
    """Return whether goods are there: what is only expected, or on the road, can't be seen by anybody."""
    return stock.state not in _COMING


def handling_unit(reference: str, world: World) -> str:
    """Return a place's reference when it is a handling unit, else nothing."""
    found = world.known.place(reference) if reference else None
    return reference if found is not None and found.kind in HANDLING_UNITS else ""
