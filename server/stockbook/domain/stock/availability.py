"""Which figure of which shelf a position counts in: availability is the sum of positions and claims.

::

    on hand   here, in a state that sells, no hold           at the place's site
    held      here, but a state or a hold withdraws it       at the place's site
    inbound   coming, no hold, in a place bound for a site   at the site it is bound for

Everything else counts nowhere. A shelf is one seller's.
"""

from decimal import Decimal

from stockbook.domain.rights.holders import NONE
from stockbook.domain.stock.facts import Place
from stockbook.domain.stock.movement import End, Position, Shelf, Tally
from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.states import Presence, States

ON_HAND, INBOUND, HELD, RESERVED = range(4)
_ZERO = Decimal(0)


class Tallies:
    """Changes of shelves, summed.

    >>> changes = Tallies()
    >>> changes.add(Shelf(seller=9, site=3, item=1), ON_HAND, Decimal(5))
    >>> changes.add(Shelf(seller=9, site=3, item=1), RESERVED, Decimal(2))
    >>> changes.add(Shelf(seller=7, site=3, item=1), HELD, Decimal(0))
    >>> changes.all()
    ((Shelf(seller=9, site=3, item=1), Tally(on_hand=Decimal('5'), inbound=Decimal('0'), ... reserved=Decimal('2'))),)
    """

    __slots__ = ("_by",)

    def __init__(self) -> None:
        self._by: dict[Shelf, list[Decimal]] = {}

    def add(self, shelf: Shelf, figure: int, quantity: Decimal) -> None:
        """Add to one figure of a shelf."""
        figures = self._by.get(shelf)
        if figures is None:
            figures = self._by[shelf] = [_ZERO, _ZERO, _ZERO, _ZERO]
        figures[figure] += quantity

    def all(self) -> tuple[tuple[Shelf, Tally], ...]:
        """Return what changed, in the order it was first met."""
        return tuple((shelf, Tally(*figures)) for shelf, figures in self._by.items() if any(figures))


def counted(item: int, end: End | Position, place: Place, states: States) -> tuple[Shelf, int] | None:
    """Return the shelf and figure that goods at an end count in, or None when they count nowhere."""
    seller = end.rights.seller
    if seller == NONE or not end.state:
        return None
    traits = states.traits(end.state)
    if traits.presence is Presence.HERE:
        site = place.site
        figure = ON_HAND if traits.sells and not end.holds & BLOCKS else HELD
    else:
        site = place.bound_for
        figure = INBOUND
        if end.holds & BLOCKS:
            return None
    return None if site is None else (Shelf(seller, site, item), figure)
