"""Goods that come in: expect, receive, inspect, put away."""

from decimal import Decimal

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.allocation import Pick
from stockbook.domain.stock.deciding.announced import come_as_announced
from stockbook.domain.stock.deciding.draft import Draft, end, where
from stockbook.domain.stock.deciding.naming import unknown_place
from stockbook.domain.stock.deciding.taking import take
from stockbook.domain.stock.facts import Item, Lot, Place
from stockbook.domain.stock.lines import Expect, Inspect, PutAway, Receive
from stockbook.domain.stock.movement import NO_LOT, End, Entry, Inspection, Position
from stockbook.domain.stock.states import State

_INSPECTABLE = {State.RECEIVED: 0, State.RETURNED: 1, State.AWAITING_PUTAWAY: 2, State.QUARANTINED: 3}
_UNDER_INSPECTION = {State.IN_INSPECTION: 0}
_AT_ONCE = {State.IN_INSPECTION: 0, State.RECEIVED: 1, State.RETURNED: 2, State.AWAITING_PUTAWAY: 3}
_COMING = {State.IN_TRANSIT: 0, State.EXPECTED: 1}
_CAME_IN = {State.AWAITING_PUTAWAY: 0, State.RECEIVED: 1, State.RETURNED: 2}
_PUT_AWAY = frozenset({State.SELLABLE, State.AWAITING_PROCESSING})
_UNIDENTIFIED = Refusal(
    Code.PRODUCTION_IDENTIFIER_MISSING, "it comes in with its production identifier only: name lot or serial", ("lot",)
)


def expect(line: Expect, draft: Draft) -> Entry | Refusal:
    """Announce goods: they are EXPECTED at the place, out of nowhere yet.

    At a production place they are what the work has promised.
    """
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit, down=True), Refusal):
        return quantity
    if isinstance(place := draft.own(line.place), Refusal):
        return place
    if line.source is not None:
        return unknown_place("source")
    if isinstance(rights := _holders(line, draft), Refusal):
        return rights
    if isinstance(lot := draft.new_lot(item, line.lot, line.expiry, rights.owner), Refusal):
        return lot
    source = draft.virtual("PROCESS" if place.kind == "PRODUCTION" else "SUPPLIER")
    draft.leg(item.id, lot, quantity, source, End(place.id, State.EXPECTED, 0, rights))
    return draft.close()


def receive(line: Receive, draft: Draft) -> Entry | Refusal:
    """Take goods in, from where they were expected or in transit, or straight from outside."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(place := draft.own(line.place), Refusal):
        return place
    if line.source is not None:
        return _receive_expected(line, draft, item, quantity, place)
    if isinstance(rights := _holders(line, draft), Refusal):
        return rights
    if isinstance(lot := draft.new_lot(item, line.lot, line.expiry, rights.owner), Refusal):
        return lot
    if item.udi and lot == NO_LOT:
        return _UNIDENTIFIED
    come = come_as_announced(line, draft, item, lot, rights, quantity, place)
    if isinstance(come, Refusal):
        return come
    if come < quantity:
        beyond = quantity - come
        rights = draft.passing(item, lot, beyond, rights, where(place))
        draft.leg(item.id, lot, beyond, draft.virtual("SUPPLIER"), End(place.id, State.RECEIVED, 0, rights))
    return draft.close()


def _receive_expected(line: Receive, draft: Draft, item: Item, quantity: Decimal, place: Place) -> Entry | Refusal:
    if line.owner or line.custodian or line.disposer or line.seller:
        return Refusal(Code.BAD_INPUT, "goods that were expected have their holders already", ("owner",))
    if isinstance(source := draft.place(line.source or "", "source"), Refusal):
        return source
    picks = _expected(line, draft, item, quantity, source, place)
    if isinstance(picks, Refusal):
        return picks
    named = line.lot
    if item.udi and named is None and any(position.lot == NO_LOT for position, _ in picks):
        return _UNIDENTIFIED
    for position, taken in picks:
        if named is None or position.lot != NO_LOT:
            no = draft.shift(item, (position, taken), place, State.RECEIVED)
            if no is not None:
                return no
            continue
        # announced without its lot: what was announced is taken back, and what came is received
        if isinstance(lot := draft.new_lot(item, named, line.expiry, position.rights.owner), Refusal):
            return lot
        outside = draft.virtual("SUPPLIER")
        draft.leg(item.id, NO_LOT, taken, end(position), outside)
        rights = draft.passing(item, lot, taken, position.rights, where(place))
        draft.leg(item.id, lot, taken, outside, End(place.id, State.RECEIVED, position.holds, rights))
    return draft.close()


def _expected(
    line: Receive, draft: Draft, item: Item, quantity: Decimal, source: Place, place: Place
) -> list[Pick] | Refusal:
    lot = draft.books.lots.get(draft.books.lot_codes.get((item.id, line.lot or ""), NO_LOT))
    coming = draft.ranked(_COMING)
    mine = source.organisation == draft.me or (source.bound_for is not None and source.bound_for == place.site)
    may = (lambda _: True) if mine else (lambda rights: draft.me in rights)
    if lot is not None:
        picks = take(draft, item, lot, source, quantity, rank=coming, may=may, field="source")
        if not isinstance(picks, Refusal):
            return picks
    if line.lot is None:
        expected = draft.seen(State.EXPECTED)
        return take(
            draft, item, None, source, quantity, rank=coming, may=may, fill=expected, guest=mine, field="source"
        )
    lotless = Lot(NO_LOT, item.id, "", 0, None, None)
    picks = take(draft, item, lotless, source, quantity, rank=coming, may=may, field="source")
    if isinstance(picks, Refusal) and picks.code is Code.INSUFFICIENT_STOCK and draft.fact:
        scanned = draft.lot(item, line.lot)  # it came, whatever was announced
        if isinstance(scanned, Refusal):
            return scanned
        return take(
            draft,
            item,
            scanned,
            source,
            quantity,
            rank=coming,
            may=may,
            fill=State.EXPECTED,
            guest=mine,
            field="source",
        )
    return picks


def inspect(line: Inspect, draft: Draft) -> Entry | Refusal:
    """Begin an inspection, or end it: its result is a fact of the lot."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(place := draft.place(line.place), Refusal):
        return place
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    accepted = _INSPECTABLE if line.passed is None else _AT_ONCE if draft.fact else _UNDER_INSPECTION
    picks = take(
        draft,
        item,
        lot,
        place,
        quantity,
        rank=draft.ranked(accepted),
        may=draft.keeps(place),
        fill=draft.seen(State.RECEIVED),
    )
    if isinstance(picks, Refusal):
        return picks
    after = State.IN_INSPECTION
    if line.passed is not None:
        after = State.AWAITING_PUTAWAY if line.passed else State.QUARANTINED
    for found in picks:
        picked = _begun(draft, item, found, place) if line.passed is not None else found
        if isinstance(picked, Refusal):
            return picked
        if no := draft.shift(item, picked, place, after, passed=bool(line.passed)):
            return no
    if line.passed is not None:
        for lot_id in {position.lot for position, _ in picks}:
            draft.inspections += (Inspection(item.id, lot_id, place.id, line.passed),)
    return draft.close()


def _begun(draft: Draft, item: Item, picked: Pick, place: Place) -> Pick | Refusal:
    """Return goods under inspection: those that aren't yet begin it now, in the scan that ends it."""
    if draft.facts.states.base(picked[0].state) is State.IN_INSPECTION:
        return picked
    if no := draft.shift(item, picked, place, State.IN_INSPECTION):
        return no
    leg = draft.legs[-1]
    return Position.at(leg, leg.target), leg.quantity


def put_away(line: PutAway, draft: Draft) -> Entry | Refusal:
    """Bring goods that came in to where they are sold from, or where they await processing."""
    if isinstance(item := draft.item(line.item), Refusal):
        return item
    if isinstance(quantity := draft.quantity(item, line.quantity, line.unit), Refusal):
        return quantity
    if isinstance(source := draft.place(line.source, "source"), Refusal):
        return source
    if isinstance(place := neighbour(draft, line.place, source), Refusal):
        return place
    if isinstance(state := draft.state(line.state, State.SELLABLE), Refusal):
        return state
    if draft.facts.states.base(state) not in _PUT_AWAY:
        return Refusal(Code.STATE_FORBIDS, "goods are put away to be sold or to await processing", ("state",))
    if isinstance(lot := draft.lot(item, line.lot), Refusal):
        return lot
    picks = take(
        draft,
        item,
        lot,
        source,
        quantity,
        rank=draft.ranked(_CAME_IN),
        may=draft.keeps(source),
        fill=State.AWAITING_PUTAWAY,
        field="source",
    )
    if isinstance(picks, Refusal):
        return picks
    for picked in picks:
        if no := draft.shift(item, picked, place, state):
            return no
    return draft.close()


def neighbour(draft: Draft, reference: str, source: Place) -> Place | Refusal:
    """Return a place that goods of `source` may be brought to by hand: one's own, or the same host's."""
    place = draft.place(reference)
    if isinstance(place, Refusal) or place.organisation in {draft.me, source.organisation}:
        return place
    return unknown_place("place")


def _holders(line: Expect | Receive, draft: Draft) -> Rights | Refusal:
    holders: list[int] = []
    for field in ("owner", "custodian", "disposer", "seller"):
        holder = draft.organisation(getattr(line, field), field)
        if isinstance(holder, Refusal):
            return holder
        holders.append(holder)
    return Rights(*holders)
