"""The ledger: a line is decided into an entry or a refusal; an entry is applied to the books.

Both are pure. Each entry is applied before the next line is decided, so a
batch's verdicts equal deciding its lines one by one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books, Later
from stockbook.domain.stock.deciding import caring, carrying, incoming, making, promising, selling, settling
from stockbook.domain.stock.deciding.draft import Draft
from stockbook.domain.stock.deciding.occasion import Facts, Occasion
from stockbook.domain.stock.facts import Claim, Lot
from stockbook.domain.stock.lines import Line
from stockbook.domain.stock.movement import ClaimChange, Entry, Position, Tally
from stockbook.domain.stock.states import State
from stockbook.domain.stock.verbs import Verb

Decide = Callable[[Any, Draft], Entry | Refusal]

VERBS: dict[Verb, Decide] = {
    Verb.EXPECT: incoming.expect,
    Verb.RECEIVE: incoming.receive,
    Verb.INSPECT: incoming.inspect,
    Verb.PUT_AWAY: incoming.put_away,
    Verb.MOVE: carrying.move,
    Verb.DISPATCH: carrying.dispatch,
    Verb.ARRIVE: carrying.arrive,
    Verb.TRANSFORM: making.transform,
    Verb.RESERVE: promising.reserve,
    Verb.COMMIT: promising.commit,
    Verb.RELEASE: promising.release,
    Verb.SELL: selling.sell,
    Verb.RETURN: selling.return_,
    Verb.CHANGE_STATE: caring.change_state,
    Verb.EXPIRE: caring.expire,
    Verb.DISPOSE: caring.dispose,
    Verb.COUNT: settling.count,
    Verb.GRANT: settling.grant,
    Verb.HOLD: caring.hold,
    Verb.UNHOLD: caring.unhold,
    Verb.REVERSE: settling.reverse,
}
"""Who decides each verb."""

_NOTHING = Tally()
_OF_ORDERS = frozenset({Verb.EXPECT, Verb.RECEIVE})


def decide(line: Line, occasion: Occasion, facts: Facts, books: Books) -> Entry | Refusal:
    """Return what a line means for the books, or why it may not be."""
    closed = books.closed_before.get(occasion.organisation) if books.closed_before else None
    if closed is not None and occasion.at < closed:
        return Refusal(Code.PERIOD_CLOSED, "that period is closed", ("occurredAt",))
    decided = VERBS[occasion.verb](line, Draft(occasion, facts, books))
    if isinstance(decided, Refusal):
        return replace(decided, path=("lines", str(occasion.line), *decided.path))
    return decided


def apply(entry: Entry, books: Books, facts: Facts) -> None:
    """Write a decided entry into the books (undone by `Books.undo`)."""
    timed = bool(books.moved_at or books.later)
    for item, lot, quantity, source, target in entry.legs:
        for end, change in ((source, -quantity), (target, quantity)):
            if end.state:
                position = Position(item, lot, *end)
                books.take(position, change)
                if timed:
                    _remember(position, Later(entry.occurred_at, change, entry.verb is Verb.COUNT), books)
    for shelf, tally in entry.tallies:
        books.put(books.tallies, shelf, books.tallies.get(shelf, _NOTHING) + tally)
    for claimed in entry.claims:
        _apply_claim(claimed, books)
    if entry.lots or entry.inspections:
        _apply_lots(entry, books)
    if entry.verb in _OF_ORDERS and (entry.document or entry.task):
        _apply_announced(entry, books, facts)
    for granted in entry.grants:
        books.put(books.grants, (granted.place, granted.lot, granted.right), granted.organisation)
    if entry.reverses:
        books.put(books.movements, entry.reverses, replace(books.movements[entry.reverses], reversed_by=0))
    for relocation in entry.relocations:
        for place in facts.relocated(relocation.place, relocation.parent):
            books.put(facts.places, place.id, place)


def _apply_lots(entry: Entry, books: Books) -> None:
    for lot in entry.lots:
        if lot.id not in books.new_lots:
            books.put(books.new_lots, lot.id, lot)
            books.put(books.lots, lot.id, Lot(lot.id, lot.item, lot.code, lot.producer, lot.expiry, None))
            books.put(books.lot_codes, (lot.item, lot.code), lot.id)
    for inspection in entry.inspections:
        if inspection.lot in books.lots:
            books.put(books.lots, inspection.lot, books.lots[inspection.lot]._replace(passed=inspection.passed))


def _apply_announced(entry: Entry, books: Books, facts: Facts) -> None:
    document, left = entry.document or books.announced.of_tasks.get(entry.task, 0), books.announced.left
    for leg in entry.legs if document else ():
        for end, change in ((leg.source, -leg.quantity), (leg.target, leg.quantity)):
            if end.state and facts.states.base(end.state) is State.EXPECTED:
                at = document, leg.item, end.place
                books.put(left, at, left.get(at, 0) + change)


def _apply_claim(change: ClaimChange, books: Books) -> None:
    claim = books.claims.get(change.id)
    quantity = change.quantity if claim is None else claim.quantity + change.quantity
    books.put(
        books.claims,
        change.id,
        Claim(change.id, change.shelf, change.position, quantity, change.state, change.document, change.expires_at),
    )
    if change.position is not None:
        claimed = books.claimed.get(change.position, 0) + change.quantity
        books.put(books.claimed, change.position, claimed)


def _remember(position: Position, later: Later, books: Books) -> None:
    """Keep the times, for entries of the same batch that come late."""
    moved_at = books.moved_at.get(position)
    if moved_at is None or moved_at < later.at:
        books.put(books.moved_at, position, later.at)
    books.put(books.later, position, [*books.later.get(position, ()), later])
