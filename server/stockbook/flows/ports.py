"""What flows need of the world. `store` implements these twice: PostgreSQL and memory.

Deciding works on `Books`, a working set loaded for one batch: every decided
entry is applied to the books before the next is decided, so a batch's verdicts
equal deciding its events one by one. The store then checks, under lock, only
what may have moved since: quantities, the version of the facts, open periods
and keys.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from stockbook.domain.refusal import Refusal
from stockbook.domain.rights.agreement import Pact
from stockbook.domain.stock.books import Announced, Books, Recorded
from stockbook.domain.stock.conditions import OwnGuard
from stockbook.domain.stock.facts import Claim, Item, Lot, Place
from stockbook.domain.stock.movement import Entry, Shelf
from stockbook.domain.stock.overlays import CustomOverlay
from stockbook.domain.stock.states import CustomState

__all__ = [
    "Books",
    "Catalogue",
    "Claim",
    "CustomState",
    "Fault",
    "Item",
    "Ledger",
    "Lot",
    "OrderedItem",
    "Outcome",
    "Pact",
    "Place",
    "Recorded",
    "Want",
]


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
    later: frozenset[tuple[int, int, datetime]] = frozenset()
    """(item, place, moment): what moved there after the moment, for entries that come late."""
    timed: bool = False
    """Whether it matters when each position last moved: some command says when it happened."""


class OrderedItem(NamedTuple):
    """An item of an order: of a document, or of the one that a task is of; 0 where it isn't named."""

    document: int
    task: int
    item: int


class Outcome(NamedTuple):
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

    async def announced(self, items: Collection[OrderedItem]) -> Announced:
        """Return what orders have announced of items and not received, by the place where it is expected."""
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

    async def resolve(self, kind: str, references: Sequence[str], organisation: int = 0) -> dict[str, int]:
        """Map global ids and external references to ids; unknown ones are absent.

        A document's external reference is `organisation`'s own, and only documents
        it is party to are known.

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
        """Return all agreements that pass rights; the same tuple as long as none changed."""
        ...

    async def states(self) -> tuple[CustomState, ...]:
        """Return the states that were added; the same tuple as long as none changed."""
        ...

    async def overlays(self) -> tuple[CustomOverlay, ...]:
        """Return the overlays that were added; the same tuple as long as none changed."""
        ...

    async def overlay_sets(self, numbers: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Return the sets of added overlays, as sorted ids, that have these numbers."""
        ...

    async def number_sets(self, sets: Sequence[tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
        """Give sets of added overlays numbers, those that they have already if they do."""
        ...

    async def guards(self) -> tuple[OwnGuard, ...]:
        """Return the guards that were added; the same tuple as long as none changed."""
        ...

    async def kinds(self, documents: Sequence[int]) -> dict[int, str]:
        """Return what kinds documents are of."""
        ...

    async def virtual(self, organisation: int, kind: str) -> int:
        """Return the organisation's virtual place of this kind, made when first asked for."""
        ...


class Fault(Exception):
    """The world failed (database away, statement cancelled): the same request may be retried."""
