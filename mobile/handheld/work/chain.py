"""Who takes a scan: handlers in order, and the first that takes it wins.

Commands are the shift's; then badge, place or pallet, second code of a label,
goods. What nobody takes is answered as unknown, never silently dropped.
"""

from collections.abc import Callable
from dataclasses import replace

from handheld.work import goods as reading_goods
from handheld.work.answer import Answer, ask, note, stop
from handheld.work.checking.blocks import Why
from handheld.work.flow import Flow
from handheld.work.ports import World
from handheld.work.pressing import press
from handheld.work.saying.feedback import NO, Block, Lift
from handheld.work.saying.words import Spelt, tell
from handheld.work.scan import Scan
from handheld.work.tasks.progress import Allowed, Progress, Stopped
from stockbook.domain.capture import hibc
from stockbook.domain.capture.reading import Kind, Problem, Reading

Handler = Callable[[Scan, Progress, World, Flow], Answer | None]


def turn(
    scan: Scan, progress: Progress, world: World, flow: Flow, handlers: tuple[Handler, ...] | None = None
) -> Answer:
    """Return the answer of the first handler that takes the scan."""
    for handler in handlers or HANDLERS:
        answer = handler(scan, progress, world, flow)
        if answer is not None:
            return answer
    return stop(Why.UNKNOWN_CODE, progress, None, {"code": scan.reading.code[:40]})


def again(stopped: Stopped, progress: Progress, world: World, flow: Flow, reason: str = "", second: str = "") -> Answer:
    """Take a stopped scan or command once more with its block allowed."""
    before = stopped.allowed
    allowed = Allowed(before.blocks | {stopped.why}, reason or before.reason, second or before.second)
    return once_more(stopped._replace(allowed=allowed), progress, world, flow)


def once_more(stopped: Stopped, progress: Progress, world: World, flow: Flow) -> Answer:
    """Take a stopped scan or command once more, as it came or as it was completed since."""
    allowed = stopped.allowed
    as_it_came = replace(progress, stopped=None, allowed=allowed, typed=stopped.typed, weight=stopped.weight)
    if isinstance(stopped.act, Scan):
        return turn(stopped.act, as_it_came, world, flow)
    return press(stopped.act, "", as_it_came, world, flow)


def chosen(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer | None:
    """Take goods that a person has named."""
    return known_goods(scan, progress, world, flow) if scan.chosen else None


def unreadable(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer | None:
    """Codes that can't be relied on; a scanner that swallows the separator is told by name."""
    problem = scan.reading.problem
    if problem is None:
        return None
    why = Why.SCANNER_NOT_GS1 if problem is Problem.SEPARATOR_LOST else Why.UNREADABLE
    values = {} if why is Why.SCANNER_NOT_GS1 else {"problem": tell(f"problem_{problem.name.lower()}")}
    return stop(why, progress, None, values)


def badge(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer | None:
    """Take somebody's badge: it lifts what a second person must look at, unless it is the same person's."""
    reading, stopped = scan.reading, progress.stopped
    if reading.kind is not Kind.PERSON:
        return None
    if stopped is None or stopped.lift is not Lift.SECOND_PERSON:
        return flow.badge(reading.reference, progress) if flow.badge else note(progress, tell("no_badge"))
    if reading.reference == progress.person:
        return note(progress, tell("same_person"), NO, block=Block(stopped.why, stopped.lift))
    return again(stopped, progress, world, flow, second=reading.reference)


def place(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer | None:
    """Take a bin, site or vehicle, by our own label or by any text that is a place's reference."""
    reading = scan.reading
    if reading.kind not in {Kind.BIN, Kind.VEHICLE, Kind.LOGISTIC_UNIT, Kind.TEXT}:
        return None
    found = world.known.place(reading.sscc or reading.reference)
    if found is not None:
        return flow.place(found, scan, progress, world)
    if reading.kind is Kind.TEXT:
        return None
    return stop(Why.UNKNOWN_PLACE, progress, None, {"place": Spelt(reading.sscc or reading.reference)})


def details(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer | None:
    """Join the two codes of one label (UDI): product here, lot and expiry there, whichever comes first."""
    reading, stopped, half = scan.reading, progress.stopped, progress.half
    if reading.kind is Kind.DETAILS:
        if stopped is None or stopped.lift is not Lift.SECOND_CODE or not isinstance(stopped.act, Scan):
            return ask(progress.settled(half=reading), tell("scan_first_code"))
        first, whole = stopped.act, _joined(stopped.act.reading, reading)
        after = replace(progress, stopped=None, typed=stopped.typed)
    elif reading.kind is Kind.ITEM and half is not None and not reading.production_identified:
        first, whole, after = scan, _joined(reading, half), replace(progress, half=None)
    else:
        return None
    if whole is None:
        return stop(Why.OTHER_LABEL, progress, None)
    return known_goods(first._replace(reading=whole, joined=True), after, world, flow)


def named(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer:
    """Take goods that a person has named, with the lot and expiry that were read from their print before."""
    reading, half = scan.reading, progress.half
    if half is not None and not half.scheme and not reading.production_identified:
        scan = scan._replace(reading=_joined(reading, half) or reading, joined=True)
        progress = replace(progress, half=None)
    return known_goods(scan, progress, world, flow)


def _joined(product: Reading, details: Reading) -> Reading | None:
    if "HIBC" in {product.scheme, details.scheme}:
        return hibc.joined(product, details)
    said = {name: getattr(details, name) for name in ("lot", "serial", "expiry", "produced", "quantity")}
    return replace(product, **said)


def goods(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer | None:
    """Take goods: a GTIN, a HIBC, or a text that is an item's own label."""
    if scan.reading.kind not in {Kind.ITEM, Kind.TEXT}:
        return None
    known = world.known.packing(scan.reading.gtin or scan.reading.reference)
    if known is None and scan.reading.kind is Kind.TEXT:
        return None
    return known_goods(scan, progress, world, flow)


def known_goods(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer:
    """Take what can only be goods."""
    found = reading_goods.recognise(scan, progress, world)
    if isinstance(found, Why):
        return stop(found, progress, scan, {"code": scan.reading.gtin or scan.reading.reference})
    return flow.goods(found, scan, progress, world)


HANDLERS: tuple[Handler, ...] = (chosen, unreadable, badge, place, details, goods)
