"""Goods-in: every scan is a receipt; with a bin scanned before, the label `shelf` makes it a put-away too."""

from handheld.work.answer import Answer, ask
from handheld.work.checking.checks import Case
from handheld.work.flow import Flow
from handheld.work.ports import Place, World
from handheld.work.saying.words import Sentence, Spelt, tell
from handheld.work.scan import Goods, Scan
from handheld.work.taking import judge, take
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Job

_ROLLING = frozenset({"VEHICLE", "SHIPMENT"})


def goods(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    """Receive goods at the read point."""
    case = judge(found, scan, progress, world)
    if isinstance(case, Answer):
        return case
    source = progress.source or _announced(case)
    meant = {"action": "inbound", "place": progress.read_point, "shelf": progress.place, "source": source}
    return take(case, scan, meant, "received", expires=True)


def _announced(case: Case) -> str:
    """Return from where goods were announced, when all lines that they answer to name one place: an order's."""
    sources = {row.line.source for row in case.match.booked}
    return sources.pop() if len(sources) == 1 else ""


def place(found: Place, scan: Scan, progress: Progress, world: World) -> Answer:
    """Open a bin, which what follows is put into; the same bin again closes it. A vehicle is where goods come from."""
    where = Spelt(found.reference)
    if found.kind in _ROLLING:
        return ask(progress.settled(source=found.reference), tell("from_place", place=where))
    if found.reference in {progress.place, progress.read_point}:
        return ask(progress.settled(place=""), tell("place_closed", place=where))
    return ask(progress.settled(place=found.reference), tell("place_open", place=where))


def hint(progress: Progress, world: World) -> Sentence:
    """Goods come first."""
    return tell("scan_goods")


FLOW = Flow(Job.GOODS_IN, goods, place, hint)
