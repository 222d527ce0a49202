"""Adds up what orders have announced and not received, over the movements that are remembered."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from stockbook.domain.stock.books import Announced, Recorded
from stockbook.domain.stock.states import State, States
from stockbook.flows.ports import OrderedItem


def announced(movements: Iterable[Recorded], states: States, items: Collection[OrderedItem]) -> Announced:
    """Return what is left of the documents that are named; in memory no task is of a document."""
    left: dict[tuple[int, int, int], Decimal] = {}
    for document, leg in ((each.entry.document, leg) for each in movements for leg in each.entry.legs):
        for end, change in ((leg.source, -leg.quantity), (leg.target, leg.quantity)):
            if (document, 0, leg.item) in items and end.state and states.base(end.state) is State.EXPECTED:
                at = document, leg.item, end.place
                left[at] = left.get(at, Decimal(0)) + change
    return Announced({at: quantity for at, quantity in left.items() if quantity > 0})
