"""The two numbers, defined once: what may be promised now, and counting what is on its way.

`sellable` is on hand in a selling state, with one's own sale right and no hold,
less what is reserved. `sellable_now` adds what is inbound and whose seller is
the shop (capability A44).
"""

from decimal import Decimal
from typing import NamedTuple


class Tally(NamedTuple):
    """The quantities of an availability row, or a change to them (base units).

    `on_hand` is in a selling state with no hold, `inbound` on its way or
    promised to the site with no hold, `held` what a hold or a state withdrew
    from sale while it is there, `reserved` the sum of open claims.

    >>> tally = Tally(on_hand=Decimal(10), inbound=Decimal(6), held=Decimal(1), reserved=Decimal(4))
    >>> tally.sellable, tally.sellable_now
    (Decimal('6'), Decimal('12'))
    """

    on_hand: Decimal = Decimal(0)
    inbound: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    def __add__(self, other: "Tally") -> "Tally":  # type: ignore[override]
        return Tally(
            self.on_hand + other.on_hand,
            self.inbound + other.inbound,
            self.held + other.held,
            self.reserved + other.reserved,
        )

    @property
    def sellable(self) -> Decimal:
        """What may be promised from the shelf now."""
        return self.on_hand - self.reserved

    @property
    def sellable_now(self) -> Decimal:
        """What may be promised counting goods on their way (capability A44)."""
        return self.on_hand + self.inbound - self.reserved
