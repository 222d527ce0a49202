"""Goods that leave to customers and come back: sell, return."""

from decimal import Decimal

from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.deciding.draft import Draft, end, where
from stockbook.domain.stock.deciding.promising import fulfil, promised
from stockbook.domain.stock.deciding.taking import take
from stockbook.domain.stock.facts import Item, Place
from stockbook.domain.stock.lines import Return, Sell
from stockbook.domain.stock.movement import Charge, End, Entry
from stockbook.domain.stock.states import State
from stockbook.domain.stock.verbs import Verb


def sell(line: Sell, draft: Draft) -> Entry | Refusal:
    """Sell goods from a place: first expired first, by the right of sale, against a promise when one is named.

    Consigned goods have kept their owner until now: ownership passes as agreed
    and leaves a charge.
    """
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    promise = promised(draft, line.claim, item) if line.claim is not None else None
    if isinstance(promise, Refusal):
        return promise
    me, states = draft.me, draft.facts.states
    picks = take(
        draft,
        item,
        lot,
        place,
        quantity,
        rank=lambda state: 0 if states.traits(state).sells else None,
        may=lambda rights: rights.seller == me,
        unheld=True,
        fresh=True,
        spare_claimed=promise is None or promise.position is None,
        fill=State.SELLABLE,
    )
    if isinstance(picks, Refusal):
        return picks
    customer, destination = draft.virtual("CUSTOMER"), where(place)
    for position, taken in picks:
        draft.passing(item, position.lot, taken, position.rights, destination)
        draft.leg(item.id, position.lot, taken, end(position), customer)
    if promise is not None:
        fulfil(draft, promise, quantity)
    return draft.close(guarded=place.strict)


def return_(line: Return, draft: Draft) -> Entry | Refusal:
    """Take back what a customer brings; with the movement that sold it, it comes back whose it was."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(place := draft.own(line.place), Refusal):
        return place
    if line.movement is not None:
        return _return_sold(line, draft, item, quantity, place)
    rights = Rights(draft.me, draft.me, draft.me, draft.me)
    if isinstance(lot := draft.new_lot(item, line.lot, None, draft.me), Refusal):
        return lot
    draft.leg(item.id, lot, quantity, draft.virtual("CUSTOMER"), End(place.id, State.RETURNED, 0, rights))
    return draft.close()


def _return_sold(line: Return, draft: Draft, item: Item, quantity: Decimal, place: Place) -> Entry | Refusal:
    id_ = draft.facts.resolve("Movement", line.movement or "")
    sold = draft.books.movements.get(id_) if id_ is not None else None
    if sold is None or sold.entry.organisation != draft.me or sold.entry.verb is not Verb.SELL:
        return Refusal(Code.MOVEMENT_UNKNOWN, "there is no such sale", ("movement",))
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    customer = draft.virtual("CUSTOMER")
    legs = [
        leg
        for leg in sold.entry.legs
        if leg.item == item.id and leg.target.place == customer.place and (lot is None or leg.lot == lot.id)
    ]
    if (there := sum((leg.quantity for leg in legs), Decimal(0))) < quantity:
        figures = {"requested": plain(quantity), "available": plain(there)}
        return Refusal(Code.INSUFFICIENT_STOCK, "less than that was sold", ("quantity",), figures)
    missing = quantity
    for leg in legs:
        part = min(leg.quantity, missing)
        if part <= 0:
            break
        missing -= part
        draft.leg(item.id, leg.lot, part, customer, End(place.id, State.RETURNED, 0, leg.source.rights))
        for charge in sold.entry.charges:
            if (charge.lot, charge.creditor) == (leg.lot, leg.source.rights.owner):
                draft.charges += (Charge(item.id, leg.lot, part, charge.creditor, charge.debtor, charge.agreement),)
    return draft.close()
