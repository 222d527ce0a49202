"""Goods that come for an order which is named, though not from where it had announced them.

They are those that it announced, as far as it did: else they would be counted
as on hand and as coming. What comes beyond that comes from outside.
"""

from collections.abc import Iterator
from decimal import Decimal

from stockbook.domain.refusal import Refusal
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.allocation import Pick, Terms, pick
from stockbook.domain.stock.deciding.draft import Draft, end, where
from stockbook.domain.stock.deciding.taking import late
from stockbook.domain.stock.facts import Item, Place
from stockbook.domain.stock.lines import Receive
from stockbook.domain.stock.movement import NO_LOT, End
from stockbook.domain.stock.states import State

_ZERO = Decimal(0)


def come_as_announced(
    line: Receive, draft: Draft, item: Item, lot: int, rights: Rights, quantity: Decimal, place: Place
) -> Decimal | Refusal:
    """Receive what the order announced for this site; return how much that was."""
    outside, come = draft.virtual("SUPPLIER"), _ZERO
    new_holders = bool(line.owner or line.custodian or line.disposer or line.seller)
    for source, left in _sources(draft, item, place):
        for position, taken in _fit(draft, item, lot, source, min(left, quantity - come)):
            if source.strict and not draft.fact and (no := late(draft, position, taken)):
                return no
            come += taken
            if not new_holders and (lot == NO_LOT or position.lot != NO_LOT):
                if no := draft.shift(item, (position, taken), place, State.RECEIVED):
                    return no
                continue
            # announced otherwise: what was announced is taken back, and what came is received
            draft.leg(item.id, position.lot, taken, end(position), outside)
            held = draft.passing(item, lot, taken, rights if new_holders else position.rights, where(place))
            draft.leg(item.id, lot, taken, outside, End(place.id, State.RECEIVED, position.holds, held))
    return come


def _sources(draft: Draft, item: Item, place: Place) -> Iterator[tuple[Place, Decimal]]:
    """Yield where the order that is named expects an item for the site of a place, and how much."""
    announced, occasion = draft.books.announced, draft.occasion
    document = occasion.document or announced.of_tasks.get(occasion.task, 0)
    for (of, wanted, where_), left in list(announced.left.items()) if document else ():
        source = draft.facts.places.get(where_)
        if (of, wanted) == (document, item.id) and left > 0 and source is not None:
            promised_by_work = source.kind == "PRODUCTION"
            if place.site in {source.site, source.bound_for} and not promised_by_work:
                yield source, left


def _fit(draft: Draft, item: Item, lot: int, source: Place, wanted: Decimal) -> Iterator[Pick]:
    """Yield what is expected of a lot, then of none yet; of a receipt that names none, whatever is expected."""
    there = draft.books.at(item.id, source.id)
    terms = Terms(draft.ranked({State.EXPECTED: 0}), lambda _: True, draft.sees(source), draft.on)
    groups = [there] if lot == NO_LOT else [[p for p in there if p.lot == of] for of in (lot, NO_LOT)]
    for group in groups:
        for position, taken in pick(group, wanted, terms, draft.books, draft.spent).picks if wanted > 0 else ():
            wanted -= taken
            yield position, taken
