"""The live comparison: is what was scanned what should be here? Each check tells its figures when it finds fault."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from handheld.work.checking.blocks import RULES, Why
from handheld.work.checking.shelf_life import Age, age
from handheld.work.ports import Stock, World, here
from handheld.work.saying.words import Spelt, Unit
from handheld.work.scan import Goods
from handheld.work.tasks.matching import Match
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Line
from stockbook.domain.capture.udi import lacks_production

Values = Mapping[str, Any]


class Case(NamedTuple):
    """What is compared."""

    goods: Goods
    match: Match
    progress: Progress
    world: World
    source: str = ""
    """Where the goods are taken from, when that is known."""
    place: str = ""
    """The bin they are put into."""
    unit: str = ""
    """The pallet, tote or vehicle they are put into."""


def fault(case: Case) -> tuple[Why, Values] | None:
    """Return the first reason that stops the goods on this job and that nobody has allowed."""
    rules, allowed = RULES[case.progress.task.job], case.progress.allowed.blocks
    for why, check in CHECKS.items():
        if why in rules and why.value not in allowed and (values := check(case)) is not None:
            return why, values
    return None


def is_of(stock: Stock, goods: Goods) -> bool:
    """Return whether a position may be the goods: those of any lot when the code tells none."""
    return stock.item == goods.item.reference and (not goods.lot_code or stock.lot in {goods.lot, goods.lot_code})


def serial_key(goods: Goods) -> str:
    """Return what tells one serial from all others."""
    return f"{goods.item.reference}#{goods.serial}"


def _missing_pi(case: Case) -> Values | None:
    item = case.goods.item
    return {"item": item.name} if lacks_production(case.goods.reading, item.risk_class) else None


def _scanned_already(case: Case) -> Values | None:
    goods = case.goods
    again = goods.serial and serial_key(goods) in case.progress.seen
    return {"code": Spelt(goods.serial)} if again else None


def _expired(case: Case) -> Values | None:
    expired = age(case.goods.expiry, case.world.today) is Age.EXPIRED
    return {"expiry": case.goods.expiry} if expired else None


def _expiry_differs(case: Case) -> Values | None:
    goods = case.goods
    lot = case.world.known.lot(goods.item.reference, goods.lot) if goods.lot else None
    said = goods.reading.expiry
    if lot is None or lot.expiry is None or said is None or lot.expiry == said:
        return None
    return {"lot": Spelt(goods.lot), "scanned": said, "expected": lot.expiry}


def _held(case: Case) -> Values | None:
    """Held when all that is known of it at its place is held: what isn't held may be taken."""
    goods = case.goods
    lying = [
        stock
        for stock in (case.world.stock(case.source) if case.source else ())
        if is_of(stock, goods) and here(stock) and stock.quantity > 0
    ]
    if not lying or any(not stock.holds for stock in lying):
        return None
    return {"item": goods.item.name, "hold": lying[0].holds[0]}


def _not_on_list(case: Case) -> Values | None:
    listed = case.progress.task.free or case.match.of_item
    return None if listed else {"item": case.goods.item.name}


def _wrong_lot(case: Case) -> Values | None:
    expected = [row for row in case.match.of_item if row.line.lot]
    if case.match.of_lot or not expected or case.progress.task.free:
        return None
    wanted = next((row for row in expected if row.open), expected[0])
    return {"scanned": Spelt(case.goods.lot), "expected": Spelt(wanted.line.lot)}


def _wrong_bin(case: Case) -> Values | None:
    if case.progress.task.free or case.match.rows or not case.match.of_lot:
        return None
    row = next((row for row in case.match.of_lot if row.open), case.match.of_lot[0])
    if case.source and not any(row.line.source in {"", case.source} for row in case.match.of_lot):
        return {"scanned": Spelt(case.source), "expected": Spelt(row.line.source)}
    return {"scanned": Spelt(case.place), "expected": Spelt(row.line.place)}


def _rights_differ(case: Case) -> Values | None:
    unit, rights = case.unit, case.goods.rights
    if not unit or not rights:
        return None
    packed = {case.progress.packed.get(unit, ""), *(stock.rights for stock in case.world.stock(unit))} - {"", rights}
    return {"unit": Spelt(unit)} if packed else None


def _over(case: Case) -> Values | None:
    """Beyond what the fitting lines ask for and the tolerance; what nobody expected has no measure."""
    rows = [row for row in case.match.booked if row.line.quantity]
    if not rows or case.progress.task.free:
        return None
    expected, done = case.match.expected, case.match.done
    after = done + case.goods.base
    if after <= expected + case.progress.task.tolerance.of(expected):
        return None
    return {"scanned": after, "expected": expected, "unit": Unit(case.goods.item.unit)}


def stray(where: str, progress: Progress, side: Callable[[Line], str]) -> Values | None:
    """Return what is amiss with opening a bin that no open line of the task names on that side."""
    if progress.task.free or Why.WRONG_BIN.value in progress.allowed.blocks:
        return None
    named = [side(row.line) for row in progress.rows() if row.open]
    if not named or any(each in {"", where} for each in named):
        return None
    return {"scanned": Spelt(where), "expected": Spelt(named[0])}


CHECKS: dict[Why, Callable[[Case], Values | None]] = {
    Why.MISSING_PI: _missing_pi,
    Why.SCANNED_ALREADY: _scanned_already,
    Why.EXPIRED: _expired,
    Why.EXPIRY_DIFFERS: _expiry_differs,
    Why.HELD: _held,
    Why.NOT_ON_LIST: _not_on_list,
    Why.WRONG_LOT: _wrong_lot,
    Why.WRONG_BIN: _wrong_bin,
    Why.RIGHTS_DIFFER: _rights_differ,
    Why.OVER: _over,
}
"""In order of precedence."""
