"""Goods that are carried: move, dispatch, arrive; and pallets and vehicles that move with all they hold."""

from dataclasses import replace

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.allocation import Pick
from stockbook.domain.stock.availability import counted
from stockbook.domain.stock.deciding.draft import Draft, end, where
from stockbook.domain.stock.deciding.incoming import neighbour
from stockbook.domain.stock.deciding.naming import unknown_place
from stockbook.domain.stock.deciding.promising import fulfil, promised
from stockbook.domain.stock.deciding.taking import take
from stockbook.domain.stock.facts import Item, Place
from stockbook.domain.stock.lines import Arrive, Dispatch, Move
from stockbook.domain.stock.movement import Entry, Leg, Relocation
from stockbook.domain.stock.states import Presence, State

MOVABLE = frozenset({"PALLET", "TOTE", "VEHICLE", "SHIPMENT"})
"""Places that move: their parent changes, and what they hold goes with them."""

_STAYS = Refusal(Code.BAD_INPUT, "they are there already", ("place",))
_LEAVING = {State.SELLABLE: 0, State.AWAITING_PUTAWAY: 1, State.AWAITING_PROCESSING: 2}
_ANNOUNCED = {State.EXPECTED: 0}
_IN_TRANSIT = {State.IN_TRANSIT: 0}


def move(line: Move, draft: Draft) -> Entry | Refusal:
    """Move goods between places, or a whole handling unit."""
    if line.unit_place is not None:
        return _relocate(line, draft)
    if line.item is None or line.quantity is None or line.source is None:
        return Refusal(Code.BAD_INPUT, "name item, quantity and source, or the pallet or vehicle that moves", ("item",))
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(source := draft.place(line.source, "source"), Refusal):
        return source
    if isinstance(place := neighbour(draft, line.place, source), Refusal):
        return place
    if isinstance(after := draft.state(line.state, State.NONE), Refusal):
        return after
    if place.id == source.id and not after:
        return _STAYS
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    picks = take(
        draft,
        item,
        lot,
        source,
        quantity,
        rank=lambda state: _preference(draft, state, after),
        may=draft.keeps(source),
        fill=after or State.SELLABLE,
        field="source",
    )
    if isinstance(picks, Refusal):
        return picks
    if place.id == source.id and any(draft.facts.states.seen(p.state, draft.me) == after for p, _ in picks):
        return _STAYS
    return _bring(draft, item, picks, source, place, after)


def _bring(draft: Draft, item: Item, picks: list[Pick], source: Place, place: Place, after: int) -> Entry | Refusal:
    for picked in picks:
        if no := draft.shift(item, picked, place, after or picked[0].state):
            return no
    return draft.close(guarded=source.strict)


def _preference(draft: Draft, state: int, after: int) -> int | None:
    """Rank states: those the goods shall be in first, then what sells; goods on their way are not moved by hand."""
    states = draft.facts.states
    if states.traits(state).presence is not Presence.HERE:
        return None
    if not after:
        return 0 if states.traits(state).sells else state
    seen = states.seen(state, draft.me)
    if seen == after:
        return 0
    comes = states.traits(after).presence is Presence.HERE and states.guard(seen, after) is not None
    return state if comes else None


def _relocate(line: Move, draft: Draft) -> Entry | Refusal:
    if line.item is not None or line.quantity is not None or line.source is not None or line.state is not None:
        return Refusal(Code.BAD_INPUT, "a pallet or vehicle moves with all it holds", ("unitPlace",))
    if isinstance(unit := draft.own(line.unit_place or "", "unitPlace"), Refusal):
        return unit
    if unit.kind not in MOVABLE:
        return Refusal(Code.BAD_INPUT, "that place does not move", ("unitPlace",))
    if isinstance(parent := draft.place(line.place), Refusal):
        return parent
    if unit.id in parent.path:
        return Refusal(Code.BAD_INPUT, "a place can't be put into itself", ("place",))
    if parent.organisation != draft.me and parent.kind == "BIN":
        return unknown_place("place")
    states = draft.facts.states
    inside = [
        (position, quantity)
        for position, quantity in draft.books.positions.items()
        if quantity > 0 and unit.id in draft.facts.places[position.place].path
    ]
    for position, quantity in inside:
        item = draft.facts.items[position.item]
        before = draft.facts.places[position.place]
        after = replace(before, site=parent.site if before.site == unit.site else before.site)
        rights = draft.passing(item, position.lot, quantity, position.rights, (*where(before)[:-1], *where(parent)))
        draft.legs.append(
            Leg(position.item, position.lot, quantity, end(position), end(position._replace(rights=rights)))
        )
        for stood, where_it_stood, sign in ((position, before, -1), (position._replace(rights=rights), after, 1)):
            shelf = counted(stood.item, stood, where_it_stood, states)
            if shelf is not None:
                draft.tallies.add(*shelf, quantity * sign)
    draft.relocations += (Relocation(unit.id, parent.id),)
    return draft.close(guarded=unit.strict)


def dispatch(line: Dispatch, draft: Draft) -> Entry | Refusal:
    """Give goods to a vehicle or shipment: IN_TRANSIT; rights pass as agreed."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(source := draft.place(line.source, "source"), Refusal):
        return source
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if place.kind not in MOVABLE:
        return Refusal(Code.BAD_INPUT, "goods are dispatched into a vehicle or shipment", ("place",))
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    promise = promised(draft, line.claim, item) if line.claim is not None else None
    if isinstance(promise, Refusal):
        return promise

    def may(rights: Rights) -> bool:
        return source.organisation == draft.me or draft.me in {rights.custodian, rights.disposer}

    here = _is_here(draft, item, source)
    picks = take(
        draft,
        item,
        lot,
        source,
        quantity,
        rank=draft.ranked(_LEAVING if here else _ANNOUNCED),
        may=may,
        unheld=True,
        spare_claimed=promise is None or promise.position is None,
        fill=State.SELLABLE,
        field="source",
    )
    if isinstance(picks, Refusal):
        return picks
    for picked in picks:
        if no := draft.shift(item, picked, place, State.IN_TRANSIT):
            return no
    if promise is not None:
        fulfil(draft, promise, quantity)
    return draft.close(guarded=source.strict)


def _is_here(draft: Draft, item: Item, place: Place) -> bool:
    """Return whether anything of the item is there already: else what was announced sets out."""
    states, quantities = draft.facts.states, draft.books.positions
    positions = draft.books.at(item.id, place.id)
    return not any(
        quantities[position] > 0 and states.base(position.state) is State.EXPECTED for position in positions
    ) or any(quantities[p] > 0 and states.traits(p.state).presence is Presence.HERE for p in positions)


def arrive(line: Arrive, draft: Draft) -> Entry | Refusal:
    """Take goods out of a vehicle or shipment where they were bound for: RECEIVED; rights pass as agreed."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(source := draft.place(line.source, "source"), Refusal):
        return source
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    bound_here = source.bound_for is not None and source.bound_for in place.path
    if place.organisation != draft.me and not (source.organisation == draft.me and bound_here):
        return unknown_place("place")
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot

    def may(rights: Rights) -> bool:
        return draft.me in {rights.custodian, source.organisation} or bound_here

    picks = take(
        draft,
        item,
        lot,
        source,
        quantity,
        rank=draft.ranked(_IN_TRANSIT),
        may=may,
        fill=draft.seen(State.IN_TRANSIT),
        guest=bound_here,
        field="source",
    )
    if isinstance(picks, Refusal):
        return picks
    for picked in picks:
        if no := draft.shift(item, picked, place, State.RECEIVED):
            return no
    return draft.close()
