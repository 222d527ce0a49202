"""Who takes a scan: handlers in order, and the first that takes it wins.

Command, badge, place, handling unit, second code of a label, goods; what nobody
takes is answered as unknown, never silently dropped.
"""

from collections.abc import Callable
from dataclasses import replace

from handheld.work import goods as reading_goods
from handheld.work.answer import Answer, note, stop
from handheld.work.blocks import Why
from handheld.work.feedback import Lift
from handheld.work.flow import Flow
from handheld.work.ports import World
from handheld.work.progress import Allowed, Progress, Stopped
from handheld.work.scan import Scan
from handheld.work.words import Spelt, tell
from stockbook.domain.capture.reading import Kind, Problem

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
    """Take a stopped scan once more with its block allowed."""
    before = stopped.allowed
    allowed = Allowed(before.blocks | {stopped.why}, reason or before.reason, second or before.second)
    as_it_came = replace(progress, stopped=None, allowed=allowed, typed=stopped.typed, weight=stopped.weight)
    return turn(stopped.scan, as_it_came, world, flow)


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
    reading = scan.reading
    if reading.kind is not Kind.PERSON:
        return None
    stopped = progress.stopped
    if stopped is None or stopped.lift is not Lift.SECOND_PERSON:
        return None
    if reading.reference == progress.person:
        return note(progress, tell("same_person"))
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


def goods(scan: Scan, progress: Progress, world: World, flow: Flow) -> Answer | None:
    """Take goods: a GTIN, a HIBC, or a text that is an item's own label."""
    if scan.reading.kind not in {Kind.ITEM, Kind.TEXT}:
        return None
    found = reading_goods.recognise(scan, progress, world)
    if found is Why.UNKNOWN_ITEM and scan.reading.kind is Kind.TEXT:
        return None
    if isinstance(found, Why):
        return stop(found, progress, scan, {"code": scan.reading.gtin or scan.reading.reference})
    return flow.goods(found, scan, progress, world)


HANDLERS: tuple[Handler, ...] = (unreadable, badge, place, goods)
