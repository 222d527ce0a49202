"""Hand-over of custody: goods or whole pallets into the right vehicle, or out of it, with the carrier's badge."""

from dataclasses import replace

from handheld.work.answer import Answer, ask, stop
from handheld.work.checking.blocks import Why
from handheld.work.flow import Flow
from handheld.work.hand import hold, release
from handheld.work.ports import HANDLING_UNITS, Place, Stock, World, here
from handheld.work.saying.words import Sentence, Spelt, tell
from handheld.work.scan import Goods, Scan
from handheld.work.taking import judge, take
from handheld.work.tasks.progress import Held, Progress
from handheld.work.tasks.task import Job

ROLLING = frozenset({"VEHICLE", "SHIPMENT"})


def goods(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    """Hand goods over to the vehicle, or keep them in hand until it is scanned."""
    if progress.place:
        return _hand_over(found, scan, progress, world, progress.place)
    case = judge(found, scan, progress, world, source=_source(progress))
    return case if isinstance(case, Answer) else hold(case, scan, tell("scan_vehicle"))


def place(found: Place, scan: Scan, progress: Progress, world: World) -> Answer:
    """Take the vehicle, a pallet with all it holds, or the place where the goods stand."""
    where = found.reference
    if found.kind in HANDLING_UNITS:
        return _whole(where, scan, progress, world)
    if found.kind not in ROLLING:
        return ask(progress.settled(source=where), tell("from_place", place=Spelt(where)))
    expected = progress.task.vehicle
    if expected and where != expected and Why.WRONG_VEHICLE.value not in progress.allowed.blocks:
        values = {"scanned": Spelt(where), "expected": Spelt(expected)}
        return stop(Why.WRONG_VEHICLE, progress, scan, values)
    because = f"checked by {progress.allowed.second}" if progress.allowed.second else ""
    progress = replace(progress, because=because)
    if progress.hand:
        return release(progress, lambda goods, now: _hand_over(goods, scan, now, world, where), place=where)
    return ask(progress.settled(place=where), tell("vehicle", place=Spelt(where)))


def badge(reference: str, progress: Progress) -> Answer:
    """Note who takes the goods over."""
    return ask(progress.settled(carrier=reference), tell("carrier", person=Spelt(reference)))


def hint(progress: Progress, world: World) -> Sentence:
    """Ask for the vehicle first."""
    return tell("scan_goods") if progress.place else tell("scan_vehicle")


def _whole(unit: str, scan: Scan, progress: Progress, world: World) -> Answer:
    """Hand over a pallet with all it holds: each of its goods is an event, and they stand or fall together."""
    if unit in progress.seen:
        return stop(Why.SCANNED_ALREADY, progress, None, {"code": Spelt(unit)})
    held = tuple(held for stock in world.stock(unit) if (held := _content(unit, stock, scan, progress, world)))
    if not held:
        return stop(Why.EMPTY_UNIT, progress, None, {"unit": Spelt(unit)})
    vehicle, loaded = progress.place, replace(progress, seen=progress.seen | {unit}, typed="")
    if not vehicle:
        return ask(loaded.settled(hand=(*progress.hand, *held)), tell("scan_vehicle"))
    answer = release(replace(loaded, hand=held), lambda goods, now: _hand_over(goods, scan, now, world, vehicle))
    if answer.feedback.blocked:
        return answer._replace(progress=replace(progress, stopped=answer.progress.stopped))
    return answer._replace(progress=replace(answer.progress, hand=progress.hand), chained=True)


def _content(unit: str, stock: Stock, scan: Scan, progress: Progress, world: World) -> Held | None:
    item = world.known.item(stock.item)
    if item is None or not (progress.task.arriving or here(stock)):
        return None
    lot = world.known.lot(stock.item, stock.lot) if stock.lot else None
    goods = Goods(
        item,
        stock.quantity,
        stock.quantity,
        lot=stock.lot,
        expiry=lot.expiry if lot else None,
        reading=scan.reading,
        source=unit,
    )
    return Held(goods, scan, progress.allowed)


def _source(progress: Progress) -> str:
    return progress.source or ("" if progress.task.arriving else progress.read_point)


def _hand_over(found: Goods, scan: Scan, progress: Progress, world: World, vehicle: str) -> Answer:
    if progress.task.arriving:
        return _take_from(found, scan, progress, world, vehicle)
    source = found.source or _source(progress)
    case = judge(found, scan, progress, world, source=source)
    if isinstance(case, Answer):
        return case
    meant = {"action": "dispatch", "source": source, "place": vehicle, "reason": _why(progress)}
    return take(case, scan, meant, "handed_over", place=vehicle)


def _take_from(found: Goods, scan: Scan, progress: Progress, world: World, vehicle: str) -> Answer:
    case = judge(found, scan, progress, world)
    if isinstance(case, Answer):
        return case
    where = progress.source or progress.read_point
    meant = {"action": "arrive", "source": found.source or vehicle, "place": where, "reason": _why(progress)}
    return take(case, scan, meant, "taken_over", place=vehicle)


def _why(progress: Progress) -> str:
    """Return who took the goods over, and who let another vehicle be right."""
    carrier = f"carrier {progress.carrier}" if progress.carrier else ""
    lifted = "" if progress.allowed.second else progress.because
    return "; ".join(part for part in (carrier, lifted) if part)


FLOW = Flow(Job.HAND_OVER, goods, place, hint, badge=badge)
