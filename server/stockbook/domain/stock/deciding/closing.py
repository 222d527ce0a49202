"""What an entry must bear before it is one: promises to others, and the rights in a handling unit."""

from collections.abc import Sequence
from decimal import Decimal

from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding.occasion import Facts
from stockbook.domain.stock.movement import Leg, Position, Shelf, Tally

HANDLING_UNITS = frozenset({"PALLET", "TOTE"})
"""Places whose whole content has the same rights."""

Changes = tuple[tuple[Shelf, Tally], ...]

_ZERO = Decimal(0)
_NOTHING = Tally()


def unguarded(changes: Changes, books: Books) -> tuple[tuple[Shelf, ...], Refusal | None]:
    """Refuse to take what is promised to others; return the shelves that were looked at too."""
    lowered: tuple[Shelf, ...] = ()
    for shelf, change in changes:
        drop = change.reserved - change.on_hand
        if drop > 0:
            lowered += (shelf,)
            free = books.tallies.get(shelf, _NOTHING).sellable
            if free < drop:
                return lowered, exceeds(drop, free)
    return lowered, None


def overpromised(changes: Changes, books: Books) -> Refusal | None:
    """Refuse to promise more than is there and coming."""
    for shelf, change in changes:
        free = books.tallies.get(shelf, _NOTHING).sellable_now
        if free < change.reserved:
            return exceeds(change.reserved, free)
    return None


def mixed(legs: Sequence[Leg], facts: Facts, books: Books) -> Refusal | None:
    """Refuse to leave goods of differing rights in one handling unit."""
    for leg in legs:
        place = facts.places.get(leg.target.place)
        if place is None or place.kind not in HANDLING_UNITS:
            continue
        inside = {position: books.positions[position] for position in books.inside(place.id)}
        for other in legs:
            if other.source.place == place.id:
                taken = Position.at(other, other.source)
                inside[taken] = inside.get(taken, _ZERO) - other.quantity
            if other.target.place == place.id:
                put = Position.at(other, other.target)
                inside[put] = inside.get(put, _ZERO) + other.quantity
        if len({position.rights for position, quantity in inside.items() if quantity > 0}) > 1:
            return Refusal(Code.RIGHTS_DIFFER, "goods of differing rights do not share a handling unit", ("place",))
    return None


def exceeds(requested: Decimal, available: Decimal) -> Refusal:
    """Return the refusal of a promise, or of taking what is promised."""
    figures = {"requested": plain(requested), "available": plain(max(available, _ZERO))}
    return Refusal(Code.EXCEEDS_AVAILABLE, "that much is not free to promise", ("quantity",), figures)
