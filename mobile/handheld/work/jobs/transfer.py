"""Transfer: from a bin to a bin, in any order; the first place is where goods come from, the second where they go."""

from collections.abc import Callable

from handheld.work.answer import Answer, ask, chips, stop
from handheld.work.checking.blocks import Why
from handheld.work.checking.checks import stray
from handheld.work.deed import Deed, labelled
from handheld.work.flow import Flow
from handheld.work.hand import hold, release
from handheld.work.ports import HANDLING_UNITS, Place, World, handling_unit
from handheld.work.saying.feedback import OK, feedback
from handheld.work.saying.words import Sentence, Spelt, tell
from handheld.work.scan import Goods, Scan
from handheld.work.taking import judge, take
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Job, Line


def goods(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    """Move goods at once when both bins are known, else keep them in hand."""
    if progress.source and progress.place:
        return _move(found, scan, progress, world, progress.source, progress.place)
    case = judge(found, scan, progress, world, source=progress.source)
    if isinstance(case, Answer):
        return case
    asked = tell("scan_target") if progress.source else tell("scan_source")
    return hold(case, scan, asked)


def place(found: Place, scan: Scan, progress: Progress, world: World) -> Answer:
    """Take the first place as the source and the second as the target; a third begins anew."""
    where = found.reference
    if progress.carried is not None:
        return _relocate(progress.carried, progress, where)
    if scan.reading.sscc and found.kind in HANDLING_UNITS and not progress.hand and not progress.place:
        return ask(progress.settled(carried=scan), tell("whole_unit", unit=Spelt(where)))
    begins = not progress.source or (progress.place and not progress.hand)
    side: Callable[[Line], str] = (lambda line: line.source) if begins else (lambda line: line.place)
    amiss = stray(where, progress, side) if where != progress.source else None
    if amiss and not progress.hand:
        return stop(Why.WRONG_BIN, progress, scan, amiss)
    if begins:
        return ask(progress.settled(source=where, place=""), tell("from_place", place=Spelt(where)))
    if where == progress.source:
        return ask(progress.settled(), tell("from_place", place=Spelt(where)))
    if not progress.hand:
        return ask(progress.settled(place=where), tell("to_place", place=Spelt(where)))
    source = progress.source
    return release(progress, lambda goods, now: _move(goods, scan, now, world, source, where), source="", place="")


def _relocate(unit: Scan, progress: Progress, where: str) -> Answer:
    """Move a pallet with all it holds."""
    reading = unit.reading
    labels = labelled({"action": "move", "shelf": where}, {"document": progress.task.document})
    assert labels is not None, "two labels and a document are not nine"
    deed = Deed(labels, reading.code, reading.symbology, progress.task.reference)
    told = feedback(OK, tell("moved_whole", unit=Spelt(reading.sscc), place=Spelt(where)), chips=chips(labels))
    return Answer(progress.settled(carried=None, source="", place=""), told, (deed,))


def hint(progress: Progress, world: World) -> Sentence:
    """Ask for whatever is missing."""
    if progress.carried is not None:
        return tell("scan_target")
    if not progress.source:
        return tell("scan_source")
    return tell("scan_target") if progress.hand else tell("scan_goods")


def _move(found: Goods, scan: Scan, progress: Progress, world: World, source: str, target: str) -> Answer:
    case = judge(found, scan, progress, world, source=source, place=target, unit=handling_unit(target, world))
    if isinstance(case, Answer):
        return case
    return take(case, scan, {"action": "move", "source": source, "shelf": target}, "moved")


FLOW = Flow(Job.TRANSFER, goods, place, hint)
