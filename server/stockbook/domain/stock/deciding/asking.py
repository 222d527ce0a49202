"""What the acting organisation's own guards ask of an entry: once a line, of each change of state in it."""

from collections.abc import Sequence
from decimal import Decimal

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.conditions import OwnGuard, Seen, missing
from stockbook.domain.stock.deciding.occasion import Facts, Occasion
from stockbook.domain.stock.facts import Lot
from stockbook.domain.stock.movement import Inspection, Leg, NewLot
from stockbook.domain.stock.verbs import Verb


def unmet(
    own: Sequence[OwnGuard],
    occasion: Occasion,
    facts: Facts,
    books: Books,
    legs: Sequence[Leg],
    lots: Sequence[NewLot],
    inspections: Sequence[Inspection],
) -> Refusal | None:
    """Return why a guard keeps goods from their new state, or None. What takes a movement back asks none."""
    if occasion.verb is Verb.REVERSE:
        return None
    me, states = occasion.organisation, facts.states
    found = facts.virtual.get((me, "DISCREPANCY"))  # nobody brought what the books lacked: it is a fact
    changes: dict[tuple[int, int, int, int], Decimal] = {}
    for leg in legs:
        source, target = states.seen(leg.source.state, me), leg.target.state
        if target and source != target and (source or leg.source.place != found):
            change = (leg.item, leg.lot, source, target)
            changes[change] = changes.get(change, Decimal(0)) + leg.quantity
    totals: dict[tuple[int, int, int], Decimal] = {}
    for (item, _, source, target), quantity in changes.items():
        totals[item, source, target] = totals.get((item, source, target), Decimal(0)) + quantity
    new = {lot.id: lot for lot in lots}
    for item, lot_id, source, target in changes:
        for guard in own:
            if not _stands(guard, (source, states.base(source)), (target, states.base(target))):
                continue
            passed = any(each.passed for each in inspections if (each.item, each.lot) == (item, lot_id))
            lot = _lot(lot_id, books, new)
            seen = Seen(
                lot,
                occasion.at.date(),
                passed or (lot is not None and lot.passed is True),
                occasion.document,
                facts.kinds.get(occasion.document, ""),
                occasion.reason,
                totals[item, source, target],
            )
            if what := missing(guard, seen):
                return Refusal(Code.GUARD_NOT_MET, f"guard {guard.name}: {states.name(target)} only when {what}")
    return None


def _stands(guard: OwnGuard, source: tuple[int, int], target: tuple[int, int]) -> bool:
    """Return whether a guard stands between two states: named themselves, or as what they map to."""
    return guard.target in target and guard.source in {0, *source}


def _lot(id_: int, books: Books, new: dict[int, NewLot]) -> Lot | None:
    if made := new.get(id_):
        return Lot(made.id, made.item, made.code, made.producer, made.expiry, None)
    return books.lots.get(id_) if id_ else None
