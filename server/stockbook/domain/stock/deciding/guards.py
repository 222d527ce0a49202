"""Named guards: what must hold of the goods before a state may become another (capability A50)."""

from datetime import date

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.facts import Item, Lot
from stockbook.domain.stock.states import Guard, State, States


def transition(
    states: States, me: int, source: int, target: int, item: Item, lot: Lot | None, on: date, *, passed: bool = False
) -> Refusal | None:
    """Return why goods in state `source` may not become `target`, or None.

    `me` is who does it: goods in another's own state are to him in the built-in one.
    `passed` says that the inspection ends well in this very entry.
    """
    if source == target:
        return None
    source = states.seen(source, me)
    guard = states.guard(source, target)
    if guard is None:
        return Refusal(Code.STATE_FORBIDS, f"{states.name(source)} never becomes {states.name(target)}")
    if guard is Guard.NONE:
        return None
    if guard in {Guard.INSPECTED, Guard.INSPECTED_AND_FRESH} and not (passed or inspected(item, lot, source)):
        return Refusal(Code.GUARD_NOT_MET, f"{states.name(target)} only when {Guard.INSPECTED.value}")
    if guard in {Guard.FRESH, Guard.INSPECTED_AND_FRESH} and overdue(lot, on):
        return Refusal(Code.LOT_EXPIRED, f"{states.name(target)} only when {Guard.FRESH.value}")
    if guard is Guard.OVERDUE and not overdue(lot, on):
        return Refusal(Code.GUARD_NOT_MET, f"{states.name(target)} only when {Guard.OVERDUE.value}")
    return None


def inspected(item: Item, lot: Lot | None, state: int) -> bool:
    """Return whether the goods need no inspection or passed it.

    Goods without a lot prove it by their state: only a passed inspection leads
    them to AWAITING_PUTAWAY.
    """
    if not item.inspected:
        return True
    if lot is None:
        return state in {State.AWAITING_PUTAWAY, State.SELLABLE, State.AWAITING_PROCESSING}
    return lot.passed is True


def overdue(lot: Lot | None, on: date) -> bool:
    """Return whether the lot's expiry has passed; on the day itself it has not."""
    return lot is not None and lot.expiry is not None and lot.expiry < on
