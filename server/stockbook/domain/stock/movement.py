"""A movement is a list of legs; a leg takes a quantity from one position to another.

So quantity is conserved by construction: nothing is ever added or removed, it
only changes ends, and what comes from outside comes from a virtual place.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from stockbook.domain.rights.holders import NOBODY, Right, Rights
from stockbook.domain.rights.sellable import Tally
from stockbook.domain.stock.verbs import FACTS, Basis, Verb

__all__ = [
    "NO_LOT",
    "Charge",
    "ClaimChange",
    "End",
    "Entry",
    "Granted",
    "Inspection",
    "Leg",
    "NewLot",
    "Position",
    "Relocation",
    "Shelf",
    "Tally",
]

NO_LOT = 0
"""The lot of goods that are not kept by lot."""


class End(NamedTuple):
    """One end of a leg: where, in which state, under which holds, whose.

    `state` is a code of `states.State`, `holds` what was laid over the goods
    (see `overlays`); a virtual place has state 0, no holds and nobody's rights.
    """

    place: int
    state: int = 0
    holds: int = 0
    rights: Rights = NOBODY


class Leg(NamedTuple):
    """`quantity` (base units, above zero) of one item and lot, from `source` to `target`.

    >>> shelf = End(place=3, state=8, rights=Rights(7, 7, 7, 7))
    >>> Leg(item=1, lot=0, quantity=Decimal(5), source=End(place=9), target=shelf).target.place
    3
    """

    item: int
    lot: int
    quantity: Decimal
    source: End
    target: End


class Position(NamedTuple):
    """The key under which a quantity lies; the balance's primary key."""

    item: int
    lot: int
    place: int
    state: int
    holds: int
    rights: Rights

    @classmethod
    def at(cls, leg: Leg, end: End) -> "Position":
        """Return the position that `end` of `leg` takes from or adds to."""
        return cls(leg.item, leg.lot, *end)


class Shelf(NamedTuple):
    """What an availability row counts: one seller's goods of one item at one site."""

    seller: int
    site: int
    item: int


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot that a posting brings into being; `id` is negative until the store gives it one."""

    id: int
    item: int
    code: str
    producer: int
    expiry: date | None = None
    produced_on: date | None = None
    parents: tuple[tuple[int, Decimal], ...] = ()
    """Genealogy: the lots that went into it, with the quantity of each."""


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim made, firmed, reduced or ended.

    `id` is negative for a new claim. `quantity` is the signed change of what is
    claimed. `position` is set for a hard claim.
    """

    id: int
    shelf: Shelf
    quantity: Decimal
    state: str
    document: int = 0
    expires_at: datetime | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """The result of an inspection, a fact of the lot at a place."""

    item: int
    lot: int
    place: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count found beside what the books said when it was made; `lot` 0 is all lots.

    `drafted` is what recognition had counted first, by the model of that sha256.
    """

    item: int
    lot: int
    place: int
    book: Decimal
    counted: Decimal
    drafted: Decimal | None = None
    drafted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What passing ownership leaves to settle between two parties."""

    item: int
    lot: int
    quantity: Decimal
    debtor: int
    creditor: int
    agreement: int


@dataclass(frozen=True, slots=True)
class Granted:
    """A right granted on a place (0: wherever it lies) or a lot; a child's own grant outlives its parent's."""

    place: int
    lot: int
    right: Right
    organisation: int


@dataclass(frozen=True, slots=True)
class Relocation:
    """A place that moves with all that lies in it: its parent changes."""

    place: int
    parent: int


class Entry(NamedTuple):
    """One decided event, ready to be written: all of it or nothing.

    Attributes
    ----------
    key, line, digest
        Idempotency: (organisation, key, line) names the event, `digest` is the
        hash of its input; same name and other digest is refused.
    chain
        Entries of one batch with the same chain stand or fall together.
    promises
        Shelves whose `sellable` must not be below zero after this entry;
        `inbound_promises` the same for `sellable_now`.
    notes
        Texts for the DISCREPANCY `Task` rows this entry opens: a shortfall met
        through the place's discrepancy place.
    grants
        Rights granted, to be kept beside the legs that carry them out.
    relocations
        Places that get another parent; the sites of all that lies in them follow.
    basis
        What it stands on.
    task
        The task it belongs to, whose expected lines it brings further.
    counts
        What was counted, for the difference rate.
    """

    organisation: int
    verb: Verb
    key: str
    line: int
    digest: bytes
    chain: int
    occurred_at: datetime
    actor: int
    legs: tuple[Leg, ...] = ()
    document: int = 0
    reason: str = ""
    reverses: int = 0
    claims: tuple[ClaimChange, ...] = ()
    lots: tuple[NewLot, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    charges: tuple[Charge, ...] = ()
    tallies: tuple[tuple[Shelf, Tally], ...] = ()
    promises: tuple[Shelf, ...] = ()
    inbound_promises: tuple[Shelf, ...] = ()
    notes: tuple[str, ...] = ()
    grants: tuple[Granted, ...] = ()
    relocations: tuple[Relocation, ...] = ()
    basis: Basis = Basis.SAID
    task: int = 0
    counts: tuple[Counted, ...] = ()

    @property
    def is_fact(self) -> bool:
        """Whether it says what is so: never refused for what is promised of the goods, the shortfall is signalled."""
        return self.basis is Basis.FACT or self.verb in FACTS
