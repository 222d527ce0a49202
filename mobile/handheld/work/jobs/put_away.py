"""Put-away: goods, then their bin; or the bin first, and everything scanned after it goes there."""

from handheld.work.answer import Answer, ask, stop
from handheld.work.checking.blocks import Why
from handheld.work.checking.checks import Case, stray
from handheld.work.flow import Flow
from handheld.work.hand import hold, release
from handheld.work.ports import Place, World
from handheld.work.saying.words import Sentence, Spelt, tell
from handheld.work.scan import Goods, Scan
from handheld.work.taking import judge, take
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Job


def goods(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    """Take goods into the hand, or straight into the bin that is open."""
    if progress.place:
        return _store(found, scan, progress, world, progress.place)
    case = judge(found, scan, progress, world)
    if isinstance(case, Answer):
        return case
    bin_ = suggested(case)
    return hold(case, scan, tell("go_to_place", place=Spelt(bin_)) if bin_ else tell("scan_place"))


def place(found: Place, scan: Scan, progress: Progress, world: World) -> Answer:
    """Put what is in hand into the bin; with nothing in hand open it, or close it when it is open."""
    where = found.reference
    if where == progress.read_point and not progress.place:
        return ask(progress.settled(source=where), tell("from_place", place=Spelt(where)))
    if progress.hand:
        return release(progress, lambda goods, now: _store(goods, scan, now, world, where))
    if where == progress.place:
        return ask(progress.settled(place=""), tell("place_closed", place=Spelt(where)))
    if amiss := stray(where, progress, lambda line: line.place):
        return stop(Why.WRONG_BIN, progress, scan, amiss)
    return ask(progress.settled(place=where), tell("place_open", place=Spelt(where)))


def hint(progress: Progress, world: World) -> Sentence:
    """Ask for whatever is missing."""
    return tell("scan_place") if progress.hand else tell("scan_goods_or_place")


def suggested(case: Case) -> str:
    """Return the bin that the goods are meant for."""
    rows = case.match.rows
    return next((row.line.place for row in rows if row.open and row.line.place), "")


def _store(found: Goods, scan: Scan, progress: Progress, world: World, where: str) -> Answer:
    case = judge(found, scan, progress, world, place=where)
    if isinstance(case, Answer):
        return case
    source = progress.source or next((row.line.source for row in case.match.rows if row.line.source), "")
    meant = {"action": "put_away", "source": source or progress.read_point, "shelf": where}
    return take(case, scan, meant, "stored")


FLOW = Flow(Job.PUT_AWAY, goods, place, hint)
