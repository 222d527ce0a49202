"""Goods that are made of others: transform."""

from decimal import Decimal

from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import Right, Rights
from stockbook.domain.stock.allocation import Pick
from stockbook.domain.stock.deciding import guards
from stockbook.domain.stock.deciding.draft import Draft, end, where
from stockbook.domain.stock.deciding.taking import take
from stockbook.domain.stock.facts import Item, Place
from stockbook.domain.stock.lines import Ingredient, Loss, Product, Transform
from stockbook.domain.stock.movement import NO_LOT, End, Entry
from stockbook.domain.stock.states import Presence, State

_USABLE = {State.IN_PROCESSING: 0, State.AWAITING_PROCESSING: 1, State.SELLABLE: 2}
_RIGHTS = tuple(Right)
PARTS_MAX = 50
"""Ingredients, products or losses of one line at most."""


class _Work:
    """What went in, by item and lot, and whose it was."""

    def __init__(self) -> None:
        self.used: dict[tuple[int, int], Decimal] = {}
        self.owners: set[int] = set()


def transform(line: Transform, draft: Draft) -> Entry | Refusal:
    """Work ingredients into products: each item balances by itself through the kitchen's process place.

    What of the ingredients was lost goes to the loss place. Products are new
    lots with their genealogy.
    """
    if isinstance(place := draft.own(line.place), Refusal):
        return place
    if place.kind != "PRODUCTION":
        return Refusal(Code.BAD_INPUT, "work is done at a production place", ("place",))
    if not line.inputs or not line.outputs or max(map(len, (line.inputs, line.outputs, line.losses))) > PARTS_MAX:
        return Refusal(Code.BAD_INPUT, f"work has 1 to {PARTS_MAX} ingredients and products", ("inputs",))
    work = _Work()
    for number, ingredient in enumerate(line.inputs):
        if no := _put_in(ingredient, draft, place, work):
            return _at(no, "inputs", number)
    for number, loss in enumerate(line.losses):
        if no := _lose(loss, draft, work):
            return _at(no, "losses", number)
    rights = _rights_of_products(draft, work)
    for number, product in enumerate(line.outputs):
        if no := _put_out(product, draft, place, work, rights):
            return _at(no, "outputs", number)
    return draft.close(guarded=place.strict)


def _put_in(line: Ingredient, draft: Draft, place: Place, work: _Work) -> Refusal | None:
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(source := draft.place(line.source, "source"), Refusal):
        return source
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    picks = take(
        draft,
        item,
        lot,
        source,
        quantity,
        rank=draft.ranked(_USABLE),
        may=lambda rights: rights.disposer == draft.me,
        unheld=True,
        fill=State.IN_PROCESSING,
        field="source",
    )
    if isinstance(picks, Refusal):
        return picks
    process = draft.virtual("PROCESS")
    for position, taken in picks:
        lot_taken = draft.books.lots.get(position.lot) if position.lot else None
        states = draft.facts.states
        if states.base(position.state) is State.SELLABLE:
            no = guards.transition(
                states, draft.me, position.state, State.AWAITING_PROCESSING, item, lot_taken, draft.on
            )
        else:
            no = guards.transition(states, draft.me, position.state, State.IN_PROCESSING, item, lot_taken, draft.on)
        if no is not None:
            return no
        rights = draft.passing(item, position.lot, taken, position.rights, where(place))
        draft.leg(item.id, position.lot, taken, end(position), process)
        draft.spent[position] = draft.spent.get(position, Decimal(0)) + taken
        used = (item.id, position.lot)
        work.used[used] = work.used.get(used, Decimal(0)) + taken
        work.owners.add(rights.owner)
    return None


def _lose(line: Loss, draft: Draft, work: _Work) -> Refusal | None:
    """Let a part of what went into the process go on to the loss place."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    gone = [key for key in work.used if key[0] == item.id and (lot is None or key[1] == lot.id)]
    there = sum((work.used[key] for key in gone), Decimal(0))
    if there < quantity:
        figures = {"requested": plain(quantity), "available": plain(there)}
        return Refusal(Code.INSUFFICIENT_STOCK, "less than that went in", ("quantity",), figures)
    process, loss = draft.virtual("PROCESS"), draft.virtual("LOSS")
    missing = quantity
    for key in gone:
        part = min(work.used[key], missing)
        if part > 0:
            work.used[key] -= part
            missing -= part
            draft.leg(item.id, key[1], part, process, loss)
    return None


def _rights_of_products(draft: Draft, work: _Work) -> Rights:
    """Return whose the products are: toll processing keeps them the owner's of the ingredients, else the maker's."""
    rights = Rights(draft.me, draft.me, draft.me, draft.me)
    if len(work.owners) == 1:
        owner = next(iter(work.owners))
        at = draft.occasion.at
        for right in _RIGHTS:
            if owner != draft.me and draft.facts.agreements.tolled(draft.me, owner, right, at):
                rights = rights.grant(right, owner)
    return rights


def _put_out(line: Product, draft: Draft, place: Place, work: _Work, rights: Rights) -> Refusal | None:
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit, down=True), Refusal):
        return quantity
    if isinstance(target := draft.own(line.place), Refusal):
        return target
    if isinstance(state := draft.state(line.state, State.AWAITING_PUTAWAY), Refusal):
        return state
    states = draft.facts.states
    if states.traits(state).presence is not Presence.HERE or states.base(state) is State.RETURNED:
        return Refusal(Code.STATE_FORBIDS, f"work never comes out {states.name(state)}", ("state",))
    parents = [(lot, used) for (_, lot), used in work.used.items() if lot != NO_LOT]
    if isinstance(lot := draft.new_lot(item, line.lot, line.expiry, rights.owner, parents), Refusal):
        return lot
    if line.expiry is not None and line.expiry < draft.on and states.traits(state).sells:
        return Refusal(Code.LOT_EXPIRED, "the product's expiry has passed", ("expiry",))
    process = draft.virtual("PROCESS")
    for position, part in _promised(draft, item, place, quantity):
        draft.leg(item.id, position.lot, part, end(position), process)
        draft.spent[position] = draft.spent.get(position, Decimal(0)) + part
    draft.leg(item.id, lot, quantity, process, End(target.id, state, 0, rights))
    return None


def _promised(draft: Draft, item: Item, place: Place, quantity: Decimal) -> list[Pick]:
    """Return what of the product the work had promised at its place: it is kept by what comes out."""
    promised: list[Pick] = []
    for position in draft.books.at(item.id, place.id):
        if draft.facts.states.base(position.state) is State.EXPECTED and quantity > 0:
            part = min(draft.books.positions[position] - draft.spent.get(position, Decimal(0)), quantity)
            if part > 0:
                promised.append((position, part))
                quantity -= part
    return promised


def _at(refusal: Refusal, part: str, number: int) -> Refusal:
    return Refusal(refusal.code, refusal.message, (part, str(number), *refusal.path), refusal.figures)
