"""Which goods a line takes, and why it may not take them."""

from collections.abc import Callable
from decimal import Decimal

from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.allocation import Pick, Terms, pick
from stockbook.domain.stock.deciding.draft import Draft, end
from stockbook.domain.stock.deciding.naming import unknown_place
from stockbook.domain.stock.facts import Item, Lot, Place
from stockbook.domain.stock.movement import NO_LOT, Position

_ZERO = Decimal(0)
_WHY = {
    Code.INSUFFICIENT_STOCK: "there is not that much",
    Code.RIGHT_NOT_HELD: "another organisation holds the right over these goods",
    Code.STATE_FORBIDS: "the goods are in a state that forbids it",
    Code.OVERLAY_HOLDS: "a hold lies over the goods",
    Code.LOT_EXPIRED: "the lot's expiry has passed",
}


def take(
    draft: Draft,
    item: Item,
    lot: Lot | None,
    place: Place,
    quantity: Decimal | None,
    *,
    rank: Callable[[int], int | None],
    may: Callable[[Rights], bool],
    unheld: bool = False,
    fresh: bool = False,
    spare_claimed: bool = True,
    fill: int = 0,
    guest: bool = False,
    field: str = "place",
) -> list[Pick] | Refusal:
    """Choose goods; what a loose place lacks comes through its discrepancy place in state `fill`.

    So does what a strict place lacks of goods that were scanned there: a fact
    is never refused for lack of book stock, only for what else stands against
    it. `guest` lets that be at another's place.
    """
    books = draft.books
    positions = books.at(item.id, place.id)
    if lot is not None:
        positions = [position for position in positions if position.lot == lot.id]
    terms = Terms(rank, may, draft.sees(place), draft.on, unheld, fresh, spare_claimed and not draft.fact)
    found = pick(positions, quantity, terms, books, draft.spent)
    if quantity is None:
        return found.picks or _missing(draft, place, positions, Decimal(1), found.available, found.reason(_ZERO), field)
    if found.available < quantity:
        reason = found.reason(quantity)
        lacking = reason is Code.INSUFFICIENT_STOCK
        loose = (not place.strict and (lot is None or lacking)) or (draft.fact and lacking)
        if not (fill and loose and (guest or place.organisation == draft.me)):
            return _missing(draft, place, positions, quantity, found.available, reason, field)
        found.picks.append(_discrepancy(draft, item, lot, place, quantity - found.available, fill, may))
    if books.moved_at and place.strict and not draft.fact:
        for position, taken in found.picks:
            if no := late(draft, position, taken):
                return no
    return found.picks


def late(draft: Draft, position: Position, quantity: Decimal) -> Refusal | None:
    """Refuse to take, as of an earlier moment, what later entries have relied on."""
    books, at = draft.books, draft.occasion.at
    moved_at = books.moved_at.get(position)
    if moved_at is None or moved_at <= at:
        return None
    least = balance = books.positions[position]
    later = [each for each in books.later.get(position, ()) if each.at > at]
    for each in sorted(later, key=lambda each: each.at, reverse=True):
        balance -= each.change
        least = min(least, balance)
    if least >= quantity:
        return None
    figures = {"requested": plain(quantity), "available": plain(max(least, _ZERO))}
    return Refusal(Code.FUTURE_NEGATIVE, "later entries have relied on these goods", ("quantity",), figures)


def _missing(
    draft: Draft,
    place: Place,
    positions: list[Position],
    quantity: Decimal,
    available: Decimal,
    reason: Code,
    field: str,
) -> Refusal:
    me, balances = draft.me, draft.books.positions
    if place.organisation != me and not any(me in position.rights for position in positions if balances[position] > 0):
        return unknown_place(field)
    figures = {"requested": plain(quantity), "available": plain(available)}
    return Refusal(reason, _WHY[reason], ("quantity",), figures)


def _discrepancy(
    draft: Draft,
    item: Item,
    lot: Lot | None,
    place: Place,
    quantity: Decimal,
    state: int,
    may: Callable[[Rights], bool],
) -> Pick:
    """Bring in what the books lack but the shelf had, as such goods there are held."""
    me, books = draft.me, draft.books
    rights = Rights(me, me, me, me)
    for position in books.at(item.id, place.id):
        if books.positions[position] > 0 and may(position.rights):
            rights = position.rights
    found = Position(item.id, lot.id if lot else NO_LOT, place.id, state, 0, rights)
    draft.leg(found.item, found.lot, quantity, draft.virtual("DISCREPANCY"), end(found))
    draft.notes += (f"{plain(quantity)} {item.base_unit} more were taken than the books had",)
    return found, quantity
