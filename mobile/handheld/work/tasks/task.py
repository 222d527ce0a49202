"""A task: a read point, a business step (GS1 CBV) and the lines that are expected there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple


class Job(Enum):
    """The seven jobs of a shift; the value is GS1's business step (CBV), one of our own where it has none."""

    GOODS_IN = "receiving"
    PUT_AWAY = "storing"
    PICKING = "picking"
    TRANSFER = "internal_transfer"
    STOCKTAKE = "cycle_counting"
    QUALITY = "inspecting"
    HAND_OVER = "departing"


@dataclass(frozen=True, slots=True)
class Line:
    """What is expected: of which item, which lot, how much, from where, to where. Quantities in the base unit."""

    key: str
    item: str
    quantity: Decimal
    lot: str = ""
    source: str = ""
    place: str = ""
    expiry: date | None = None
    done: Decimal = Decimal(0)
    """What the server knows to be done already."""


class Tolerance(NamedTuple):
    """How far off is near enough: the larger of a share and a figure in the base unit.

    >>> tolerance = Tolerance(Decimal("0.02"), Decimal(1))
    >>> tolerance.of(Decimal(10)), tolerance.of(Decimal(500))
    (Decimal('1'), Decimal('10.00'))
    """

    share: Decimal = Decimal(0)
    least: Decimal = Decimal(0)

    def of(self, quantity: Decimal) -> Decimal:
        """Return how much may differ from a quantity."""
        return max(quantity * self.share, self.least)


EXACT = Tolerance()
SERIOUS = Tolerance(Decimal("0.1"), Decimal(10))


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done; without lines it is a free job, in which everything is accepted that is sound.

    Attributes
    ----------
    read_point
        The place where the scanning happens: a dock, a site, a bin.
    vehicle
        The vehicle that goods are handed over to or taken from.
    presets
        Labels that every scan of the task is given, e.g. ``{"quality": "pass"}``.
    tolerance
        Over-receipt that is accepted; in a stocktake the difference that needs no recount.
    serious
        In a stocktake the difference that a second person must confirm.
    """

    reference: str
    job: Job
    read_point: str
    lines: tuple[Line, ...] = ()
    document: str = ""
    vehicle: str = ""
    arriving: bool = False
    """A hand-over in which goods are taken from the vehicle rather than given to it."""
    presets: Mapping[str, str] = field(default_factory=dict)
    tolerance: Tolerance = EXACT
    serious: Tolerance = SERIOUS
    by_item: Mapping[str, tuple[Line, ...]] = field(init=False, repr=False, compare=False)
    """The lines of each item: a list of thousands isn't gone through at each scan."""

    def __post_init__(self) -> None:
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.item, []).append(line)
        object.__setattr__(self, "by_item", {item: tuple(lines) for item, lines in found.items()})

    @property
    def free(self) -> bool:
        """Whether nothing in particular is expected."""
        return not self.lines
