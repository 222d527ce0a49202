"""When an order is proposed, of how much, and when that still holds.

A proposal is opened where less is there or coming than the reorder point, of
what is missing to the ceiling, in whole packs. While nobody has decided, another
takes its place when the need has moved by a tenth; smaller moves leave it, so
that what a buyer looks at holds still. What was dismissed is proposed again at
the next review, not before.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from stockbook.domain.supply.packs import LOOSE, Order, Packs

MOVED = Decimal("0.1")
"""The share of a proposal by which the need must differ before another takes its place."""
STARTLING = 3
"""How many times the ceiling an order may make what is there or coming before one is asked whether it is meant."""


class ProposalState(StrEnum):
    """What became of a proposal; one that was accepted can still be dismissed, as far as its goods have not come."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    DISMISSED = "DISMISSED"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True, slots=True)
class Shelf:
    """How one item stands at one site: what is there or coming, and what it is ordered by."""

    position: Decimal
    reorder_point: float
    ceiling: float
    decimals: int = 0
    resting: bool = False
    """Whether somebody dismissed a proposal since the last review."""
    packs: Packs = LOOSE


def proposed(shelf: Shelf) -> Order | None:
    """Return how much to order, in whole packs and rounded up; None where nothing is short.

    >>> proposed(Shelf(Decimal(8), reorder_point=10.0, ceiling=24.3)).quantity
    Decimal('17')
    >>> proposed(Shelf(Decimal(8), reorder_point=10.0, ceiling=24.3, packs=Packs(Decimal(6))))
    Order(quantity=Decimal('18'), needed=Decimal('17'))
    >>> proposed(Shelf(Decimal(10), reorder_point=10.0, ceiling=24.3)), proposed(Shelf(Decimal(8), 10.0, 24.3, 0, True))
    (None, None)
    """
    if shelf.resting or not shelf.position < Decimal(shelf.reorder_point):
        return None
    return shelf.packs.order(Decimal(repr(shelf.ceiling)) - shelf.position, shelf.decimals)


def holds(open_for: Decimal, needed: Decimal | None) -> bool:
    """Tell whether a proposal may stand as it is.

    >>> holds(Decimal(20), Decimal(22)), holds(Decimal(20), Decimal(23)), holds(Decimal(20), None)
    (True, False, False)
    """
    return needed is not None and abs(needed - open_for) <= MOVED * open_for


def startles(quantity: Decimal, proposed: Decimal, position: Decimal, ceiling: float) -> bool:
    """Tell whether an order is so much more than was proposed that it may be a slip of the hand.

    Where packs lead above the ceiling by themselves, they are what one measures by.

    >>> [startles(Decimal(n), Decimal(17), position=Decimal(8), ceiling=24.3) for n in (17, 67, 68, 100_000)]
    [False, False, True, True]
    >>> startles(Decimal(150), Decimal(48), position=Decimal(8), ceiling=24.3)
    False
    """
    usual = max(Decimal(repr(ceiling)), position + proposed)
    return quantity > proposed and position + quantity > STARTLING * usual
