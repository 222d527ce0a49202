"""What flows need of the world. `store` implements these twice: PostgreSQL and memory.

Deciding works on `Books`, a working set loaded for one batch: every decided
entry is applied to the books before the next is decided, so a batch's verdicts
equal deciding its events one by one. The store then checks, under lock, only
what may have moved since: quantities, the version of the facts, open periods
and keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from stockbook.domain.refusal import Refusal
from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.movement import Entry, Position, Shelf, Tally
from stockbook.domain.stock.verbs import Verb


@dataclass(frozen=True, slots=True)
class Item:
    """An item as deciding needs it; `units` maps a unit to its factor, the base unit to 1."""

    id: int
    category: str
    base_unit: str
    decimals: int
    inspected: bool
    units: dict[str, Decimal]


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
        return self.kind in {"SUPPLIER", "CUSTOMER", "PROCESS", "LOSS", "DISCREPANCY"}

    @property
    def counts_for(self) -> int | None:
        """The site whose availability counts what lies here."""
        return self.bound_for or self.site


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as deciding needs it; `passed` is its latest inspection, None when never inspected."""

    id: int
    item: int
    code: str
    producer: int
    expiry: date | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Pact:
    """An agreement that passes `right` from `giver` to `taker` on `verb`."""

    id: int
    giver: int
    taker: int
    verb: Verb
    right: Right
    item: int | None
    category: str | None
    place: int | None
    charges: bool
    since: datetime | None
    until: datetime | None


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


@dataclass(frozen=True, slots=True)
class Want:
    """What a batch needs loaded. Sets of ids, and keys for idempotency.

    `stock` names (item, place): every position of the item at the place and, for
    handling units, below it. `whole` names places whose entire content is wanted.
    """

    stock: frozenset[tuple[int, int]] = frozenset()
    whole: frozenset[int] = frozenset()
    shelves: frozenset[Shelf] = frozenset()
    lot_codes: frozenset[tuple[int, str]] = frozenset()
    claims: frozenset[int] = frozenset()
    movements: frozenset[int] = frozenset()
    keys: frozenset[tuple[int, str]] = frozenset()
    """(organisation, key): all lines posted under it are loaded."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A movement that was posted before: for duplicates and reversals."""

    id: int
    entry: Entry
    reversed_by: int | None


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
    strangers: int = -1
    """The next temporary id for a new lot or claim; counts down."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry. Exactly one of `movement` and `refusal` is set.

    `claims` maps the entry's temporary claim ids to real ones.
    """

    movement: int | None = None
    duplicate: bool = False
    refusal: Refusal | None = None
    claims: tuple[int, ...] = ()


class Ledger(Protocol):
    """Positions and postings."""

    async def load(self, want: Want) -> Books:
        """Return a working set; what does not exist is absent from it."""
        ...

    async def post(self, version: int, entries: Sequence[Entry]) -> list[Outcome]:
        """Write entries in one transaction, an outcome each, in order.

        Every refused entry leaves nothing; a chain stands or falls whole. Refuses
        only for: IDEMPOTENCY_KEY_REUSED, PERIOD_CLOSED, INSUFFICIENT_STOCK,
        EXCEEDS_AVAILABLE, CLAIM_ENDED, ALREADY_REVERSED, CHAIN_FAILED, CONFLICT
        (`version` is not the current one, or a lot was made meanwhile). Takes
        any number of entries; raises `Fault` when the store is away.
        """
        ...


class Catalogue(Protocol):
    """Facts that change seldom. Answers come from a cache of the current version."""

    async def resolve(self, kind: str, references: Sequence[str]) -> dict[str, int]:
        """Map global ids and external references to ids; unknown ones are absent.

        `kind` is the GraphQL type: Item, Place, Organisation, Lot, Document, Claim, Movement.
        """
        ...

    async def items(self, ids: Sequence[int]) -> dict[int, Item]:
        """Return the items that exist."""
        ...

    async def places(self, ids: Sequence[int]) -> dict[int, Place]:
        """Return the places that exist."""
        ...

    async def pacts(self) -> tuple[Pact, ...]:
        """Return all agreements that pass rights."""
        ...

    async def virtual(self, organisation: int, kind: str) -> int:
        """Return the organisation's virtual place of this kind, made when first asked for."""
        ...


class Fault(Exception):
    """The world failed (database away, statement cancelled): the same request may be retried."""
