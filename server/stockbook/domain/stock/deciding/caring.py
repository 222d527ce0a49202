"""Goods that change where they lie: change state, expire, dispose, hold, unhold."""

from decimal import Decimal

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.allocation import Pick
from stockbook.domain.stock.deciding.covering import Cover, cover_of
from stockbook.domain.stock.deciding.draft import Draft, end
from stockbook.domain.stock.deciding.taking import take
from stockbook.domain.stock.facts import Item, Lot, Place
from stockbook.domain.stock.lines import ChangeState, Dispose, Expire, PutOnHold, Unhold
from stockbook.domain.stock.movement import Entry
from stockbook.domain.stock.states import Presence, State
from stockbook.domain.stock.verbs import Basis


def change_state(line: ChangeState, draft: Draft) -> Entry | Refusal:
    """Take goods from one state to another where they lie, under the state's guard."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if isinstance(before := draft.state(line.from_state, 0, "fromState"), Refusal):
        return before
    if isinstance(after := draft.state(line.to_state, 0, "toState"), Refusal):
        return after
    states = draft.facts.states
    if any(states.traits(state).presence is not Presence.HERE for state in (before, after)) or before == after:
        return Refusal(
            Code.STATE_FORBIDS, f"{states.name(before)} becomes {states.name(after)} by its own verb", ("toState",)
        )
    if states.guard(before, after) is None:
        return Refusal(Code.STATE_FORBIDS, f"{states.name(before)} never becomes {states.name(after)}", ("toState",))
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    seen = draft.occasion.basis is Basis.SEEN
    picks = take(
        draft,
        item,
        lot,
        place,
        quantity,
        rank=lambda state: 0 if states.seen(state, draft.me) == before else None,
        may=draft.keeps(place),
        fill=State.NONE if seen else before,
    )
    if isinstance(picks, Refusal):
        return _moved(picks) if seen else picks
    for picked in picks:
        if no := draft.shift(item, picked, place, after):
            return no
    return draft.close()


def _moved(no: Refusal) -> Refusal:
    """Return what a device is told whose goods are not in the state that it saw."""
    if no.code not in {Code.INSUFFICIENT_STOCK, Code.STATE_FORBIDS}:
        return no
    return Refusal(Code.STALE_STATE, "the state moved since it was seen", ("fromState",), no.figures)


def expire(line: Expire, draft: Draft) -> Entry | Refusal:
    """Take a lot whose expiry has passed out of use; all of it when no quantity is named."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := _some_or_all(draft, item, line.quantity), Refusal):
        return quantity
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    states = draft.facts.states
    picks = take(
        draft,
        item,
        lot,
        place,
        quantity,
        rank=lambda state: 0 if states.guard(state, State.EXPIRED) is not None else None,
        may=draft.keeps(place),
        spare_claimed=False,
    )
    if isinstance(picks, Refusal):
        return picks
    for picked in picks:
        if no := draft.shift(item, picked, place, State.EXPIRED):
            return no
    return draft.close()


def dispose(line: Dispose, draft: Draft) -> Entry | Refusal:
    """Throw goods away: they go to the loss place, by the right of disposal."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if isinstance(state := draft.state(line.state, 0), Refusal):
        return state
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    picks = take(
        draft,
        item,
        lot,
        place,
        quantity,
        rank=lambda each: 0 if draft.facts.states.seen(each, draft.me) == state else None,
        may=lambda rights: rights.disposer == draft.me,
        fill=state,
    )
    if isinstance(picks, Refusal):
        return picks
    loss = draft.virtual("LOSS")
    for position, taken in picks:
        draft.leg(item.id, position.lot, taken, end(position), loss)
    return draft.close()


def hold(line: PutOnHold, draft: Draft) -> Entry | Refusal:
    """Lay an overlay over goods. Never refused for what is promised: the shortfall is signalled."""
    return _overlay(line, draft, on=True)


def unhold(line: Unhold, draft: Draft) -> Entry | Refusal:
    """Take an overlay off."""
    return _overlay(line, draft, on=False)


def _overlay(line: PutOnHold | Unhold, draft: Draft, *, on: bool) -> Entry | Refusal:
    if isinstance(cover := cover_of(line, draft), Refusal):
        return cover
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := _some_or_all(draft, item, line.quantity), Refusal):
        return quantity
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    picks = _to_overlay(draft, item, lot, place, quantity, cover, on=on)
    if isinstance(picks, Refusal):
        return picks
    for position, taken in picks:
        after = position._replace(holds=cover.on(position.holds) if on else cover.off(position.holds))
        draft.leg(item.id, position.lot, taken, end(position), end(after))
    return draft.close()


def _to_overlay(
    draft: Draft, item: Item, lot: Lot | None, place: Place, quantity: Decimal | None, cover: Cover, *, on: bool
) -> list[Pick] | Refusal:
    """Choose goods without the overlay (or with it), in states that it may meet."""
    states, books = draft.facts.states, draft.books

    def may(rights: Rights) -> bool:
        return place.organisation == draft.me or draft.me in {rights.custodian, rights.owner}

    for position in books.at(item.id, place.id):
        if cover.lies(position.holds) == on:
            draft.spent[position] = books.positions[position]
    return take(
        draft,
        item,
        lot,
        place,
        quantity,
        rank=lambda state: 0 if not on or states.base(state) in cover.meets else None,
        may=may,
        spare_claimed=False,
        fill=draft.seen(State.SELLABLE) if on else State.NONE,
    )


def _some_or_all(draft: Draft, item: Item, quantity: Decimal | None) -> Decimal | Refusal | None:
    return None if quantity is None else draft.quantity(item, quantity, None)
