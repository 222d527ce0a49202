"""What sets the books right: count, grant, reverse."""

from decimal import Decimal

from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import NOBODY, Right, Rights
from stockbook.domain.stock.allocation import Pick
from stockbook.domain.stock.count import Difference, compare, figure
from stockbook.domain.stock.deciding.draft import Draft, end
from stockbook.domain.stock.deciding.taking import late, take
from stockbook.domain.stock.facts import Item, Lot, Place
from stockbook.domain.stock.lines import Count, Grant, Reverse
from stockbook.domain.stock.movement import (
    NO_LOT,
    Charge,
    ClaimChange,
    Counted,
    Entry,
    Granted,
    Inspection,
    Position,
)
from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.states import State
from stockbook.domain.stock.verbs import Basis, Verb

_PROMISES = frozenset({Verb.COMMIT, Verb.RELEASE})


def count(line: Count, draft: Draft) -> Entry | Refusal:
    """Set the books to what was counted; the difference comes from or goes to the discrepancy place."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if no := _no_figures(line, item):
        return no
    if isinstance(place := draft.own(line.place), Refusal):
        return place
    if isinstance(state := draft.state(line.state, State.SELLABLE), Refusal):
        return state
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    seen = draft.facts.states.seen
    counted = [
        position
        for position in draft.books.at(item.id, place.id)
        if seen(position.state, draft.me) == state
        and draft.books.positions[position]
        and (lot is None or position.lot == lot.id)
    ]
    book = sum((draft.books.positions[position] for position in counted), Decimal(0))
    found = _found(line, draft, Position(item.id, lot.id if lot else NO_LOT, place.id, state, 0, NOBODY), book)
    if isinstance(found, Refusal):
        return found
    then = line.counted - found.surplus + found.missing
    draft.counts += (_counted(line, item, lot, place, then),)
    discrepancy = draft.virtual("DISCREPANCY")
    if found.surplus:
        rights = Rights(draft.me, draft.me, draft.me, draft.me)
        target = Position(item.id, lot.id if lot else NO_LOT, place.id, state, 0, rights)
        if counted:
            target = max(counted, key=lambda position: (not position.holds & BLOCKS, draft.books.positions[position]))
        draft.leg(item.id, target.lot, found.surplus, discrepancy, end(target))
    if found.missing:
        picks = take(
            draft,
            item,
            lot,
            place,
            found.missing,
            rank=lambda each: 0 if seen(each, draft.me) == state else None,
            may=lambda _: True,
            spare_claimed=False,
        )
        if isinstance(picks, Refusal):
            return picks
        for position, missing in picks:
            draft.leg(item.id, position.lot, missing, end(position), discrepancy)
    return draft.close()


def _no_figures(line: Count, item: Item) -> Refusal | None:
    """Return what is wrong with the figures of a count."""
    if (line.drafted is None) is not (line.drafted_by is None):
        return Refusal(Code.BAD_INPUT, "what was drafted has a quantity, and a model that drafted it", ("drafted",))
    figures = {"counted": line.counted, "expected": line.expected, "drafted": line.drafted}
    wrong = (figure(value, item.decimals, name) for name, value in figures.items() if value is not None)
    return next((no for no in wrong if no), None)


def _counted(line: Count, item: Item, lot: Lot | None, place: Place, then: Decimal) -> Counted:
    of = lot.id if lot else NO_LOT
    return Counted(item.id, of, place.id, then, line.counted, line.drafted, line.drafted_by)


def _found(line: Count, draft: Draft, at: Position, book: Decimal) -> Difference | Refusal:
    """Return what a count found, or refuse it when the books moved since the counter looked.

    A device's count is judged as of when it was made, as far as the journal tells:
    what moved since moves on top of it. But another count since then says
    something about the same goods itself, and that is for a person to settle.
    """
    found = compare(line.counted, line.expected, book)
    if not isinstance(found, Refusal) or draft.occasion.basis is not Basis.SEEN:
        return found
    since = [
        each
        for position, moves in draft.books.later.items()
        if (position.item, position.place, draft.facts.states.seen(position.state, draft.me))
        == (at.item, at.place, at.state)
        and at.lot in {NO_LOT, position.lot}
        for each in moves
        if each.at > draft.occasion.at
    ]
    then = compare(line.counted, line.expected, book - sum((each.change for each in since), Decimal(0)))
    if isinstance(then, Refusal) or any(each.counted for each in since) or then.missing > book:
        return found
    return then


def grant(line: Grant, draft: Draft) -> Entry | Refusal:
    """Pass a right by hand, down to all that lies within; what has a grant of its own is skipped (A48)."""
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if isinstance(taker := draft.organisation(line.organisation, "organisation"), Refusal):
        return taker
    item: Item | Refusal | None = draft.item(line.item) if line.item is not None else None
    if isinstance(item, Refusal):
        return item
    if item is None and (line.lot is not None or line.quantity is not None):
        return Refusal(Code.BAD_INPUT, "a lot or quantity is of an item: name it", ("item",))
    lot = draft.lot(item, line.lot) if item is not None else None
    if isinstance(lot, Refusal):
        return lot
    picks = _some_of(draft, line, item, lot, place, taker) if item is not None and line.quantity is not None else None
    if picks is None:
        picks = _within(draft, place, line.right, item, lot.id if lot else NO_LOT, taker)
    if isinstance(picks, Refusal):
        return picks
    for position, taken in picks:
        granted = position._replace(rights=position.rights.grant(line.right, taker))
        draft.leg(position.item, position.lot, taken, end(position), end(granted))
    if line.quantity is None and (item is None or lot is not None):
        draft.grants += (Granted(place.id, lot.id if lot else NO_LOT, line.right, taker),)
    return draft.close(guarded=place.strict)


def _some_of(draft: Draft, line: Grant, item: Item, lot: Lot | None, place: Place, taker: int) -> list[Pick] | Refusal:
    """Return a quantity of one item on which the right is still to be passed."""
    if isinstance(quantity := draft.quantity(item, line.quantity or Decimal(0), None), Refusal):
        return quantity
    for position in draft.books.at(item.id, place.id):
        if position.rights.holder(line.right) == taker:
            draft.spent[position] = draft.books.positions[position]

    def may(rights: Rights) -> bool:
        return draft.me in {rights.holder(line.right), rights.owner}

    return take(draft, item, lot, place, quantity, rank=lambda _: 0, may=may)


def _within(draft: Draft, place: Place, right: Right, item: Item | None, lot: int, taker: int) -> list[Pick] | Refusal:
    """Return all that one may grant in a place and below, but for what has a grant of its own."""
    picks: list[Pick] = []
    others = False
    for position, quantity in draft.books.positions.items():
        path = draft.facts.places[position.place].path if position.place in draft.facts.places else ()
        if quantity <= 0 or place.id not in path or (item is not None and position.item != item.id):
            continue
        if (lot and position.lot != lot) or position.rights.holder(right) == taker:
            continue
        if draft.me not in {position.rights.holder(right), position.rights.owner}:
            others = others or place.organisation == draft.me
            continue
        if not _overridden(draft, position, path[path.index(place.id) :], right, lot):
            picks.append((position, quantity))
    if picks:
        return picks
    if others:
        return Refusal(Code.RIGHT_NOT_HELD, "another organisation holds the right over these goods", ("right",))
    return Refusal(Code.INSUFFICIENT_STOCK, "nothing lies there to pass a right on", ("place",))


def _overridden(draft: Draft, position: Position, path: tuple[int, ...], right: Right, lot: int) -> bool:
    """Return whether a place below the granted one, or the lot there, has a grant of its own."""
    grants = draft.books.grants
    below = any((child, of, right) in grants for child in path[1:] for of in (NO_LOT, position.lot))
    own_lot = not lot and position.lot != NO_LOT and (path[0], position.lot, right) in grants
    return below or own_lot


def reverse(line: Reverse, draft: Draft) -> Entry | Refusal:
    """Undo a movement by its exact opposite, as far as the goods are still there."""
    id_ = draft.facts.resolve("Movement", line.movement)
    recorded = draft.books.movements.get(id_) if id_ is not None else None
    if recorded is None or recorded.entry.organisation != draft.me:
        return Refusal(Code.MOVEMENT_UNKNOWN, "there is no such movement", ("movement",))
    if recorded.reversed_by is not None:
        return Refusal(Code.ALREADY_REVERSED, "the movement was reversed before", ("movement",))
    entry = recorded.entry
    moved = bool(entry.relocations) or any(leg.source == leg.target for leg in entry.legs)
    if entry.verb in _PROMISES or moved:
        why = "a pallet that moved is moved back" if moved else "a promise is made or released anew"
        return Refusal(Code.BAD_INPUT, f"{why}, not reversed", ("movement",))
    draft.reverses = recorded.id
    if line.rest:
        left = _still_expected(draft, entry)
        if isinstance(left, Refusal):
            return left
        entry = left
    if no := _give_back(draft, entry):
        return no
    for leg in reversed(entry.legs):
        draft.leg(leg.item, leg.lot, leg.quantity, leg.target, leg.source)
    for charge in entry.charges:
        draft.charges += (
            Charge(charge.item, charge.lot, charge.quantity, charge.creditor, charge.debtor, charge.agreement),
        )
    if entry.verb is Verb.RESERVE and (no := _take_back(draft, entry)):
        return no
    _unsay(draft, entry)
    return draft.close(guarded=True)


def _still_expected(draft: Draft, entry: Entry) -> Entry | Refusal:
    """Return an announcement cut down to what of it has not come."""
    if entry.verb is not Verb.EXPECT:
        return Refusal(Code.BAD_INPUT, "what was announced has a rest, nothing else", ("rest",))
    legs = []
    for leg in entry.legs:
        there = draft.books.positions.get(Position.at(leg, leg.target), Decimal(0))
        if there > 0:
            legs.append(leg._replace(quantity=min(leg.quantity, there)))
    if not legs:
        return Refusal(Code.INSUFFICIENT_STOCK, "all that was announced has come", ("movement",))
    return entry._replace(legs=tuple(legs))


def _give_back(draft: Draft, entry: Entry) -> Refusal | None:
    """Check that what the movement brought is still where it brought it, in sum."""
    net: dict[Position, Decimal] = {}
    for leg in entry.legs:
        for each, sign in ((leg.source, -1), (leg.target, 1)):
            if each.state:
                position = Position.at(leg, each)
                net[position] = net.get(position, Decimal(0)) + leg.quantity * sign
    for position, quantity in net.items():
        there = draft.books.positions.get(position, Decimal(0))
        if quantity > there:
            figures = {"requested": plain(quantity), "available": plain(there)}
            return Refusal(Code.INSUFFICIENT_STOCK, "the goods have gone on since", ("movement",), figures)
        place = draft.facts.places[position.place]
        if quantity > 0 and place.strict and (no := late(draft, position, quantity)):
            return no
    return None


def _take_back(draft: Draft, entry: Entry) -> Refusal | None:
    """End what is left of the promises that the movement made."""
    for made in entry.claims:
        claim = draft.books.claims.get(made.id)
        if claim is None or claim.quantity <= 0:
            return Refusal(Code.CLAIM_ENDED, "the promise has ended", ("movement",))
        draft.claim(
            ClaimChange(
                claim.id, claim.shelf, -claim.quantity, "RELEASED", claim.document, claim.expires_at, claim.position
            )
        )
    return None


def _unsay(draft: Draft, entry: Entry) -> None:
    """Take back what the movement made known: a passed inspection, a grant."""
    if entry.verb is Verb.INSPECT:
        for leg in entry.legs:
            if leg.target.state == State.AWAITING_PUTAWAY:
                draft.inspections += (Inspection(leg.item, leg.lot, leg.target.place, False),)
    for granted in entry.grants:
        before = next(leg.source.rights.holder(granted.right) for leg in entry.legs)
        draft.grants += (Granted(granted.place, granted.lot, granted.right, before),)
