"""The two numbers, defined once: what may be promised now, and counting what is on its way.

``sellable`` is on hand in a selling state, with one's own sale right and no
hold, less what is reserved. ``sellable_now`` adds what is inbound and whose
seller is the shop (capability A44).
"""

from decimal import Decimal

from stockbook.domain.stock.movement import Tally


def sellable(tally: Tally) -> Decimal:
    """Return what may be promised from the shelf.

    >>> sellable(Tally(on_hand=Decimal(10), inbound=Decimal(6), held=Decimal(1), reserved=Decimal(4)))
    Decimal('6')
    """
    return tally.on_hand - tally.reserved


def sellable_now(tally: Tally) -> Decimal:
    """Return what may be promised counting goods on their way.

    >>> sellable_now(Tally(on_hand=Decimal(10), inbound=Decimal(6), held=Decimal(1), reserved=Decimal(4)))
    Decimal('12')
    """
    return tally.on_hand + tally.inbound - tally.reserved
