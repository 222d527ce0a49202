"""Picking: the bin, then the goods, or the goods, then their bin; into a tote or pallet when one was scanned."""

from handheld.work.answer import Answer, ask, stop
from handheld.work.checking.blocks import Why
from handheld.work.checking.checks import stray
from handheld.work.flow import Flow
from handheld.work.hand import hold, release
from handheld.work.ports import Place, World, handling_unit
from handheld.work.saying.words import Sentence, Spelt, tell
from handheld.work.scan import Goods, Scan
from handheld.work.taking import judge, take
from handheld.work.tasks.progress import Progress, ahead
from handheld.work.tasks.task import Job

UNITS = frozenset({"TOTE", "PALLET", "SHIPMENT", "VEHICLE"})
"""Places that goods are picked into."""


def goods(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    """Pick goods from the bin that is open, or keep them in hand until it is scanned."""
    if progress.source:
        return _pick(found, scan, progress, world, progress.source)
    case = judge(found, scan, progress, world, unit=handling_unit(progress.place, world))
    if isinstance(case, Answer):
        return case
    bin_ = next((row.line.source for row in case.match.rows if row.open and row.line.source), "")
    return hold(case, scan, tell("confirm_place", place=Spelt(bin_)) if bin_ else tell("scan_place"))


def place(found: Place, scan: Scan, progress: Progress, world: World) -> Answer:
    """Open a tote to pick into, or the bin to pick from; what is in hand came from it."""
    where = found.reference
    if found.kind in UNITS:
        return ask(progress.settled(place=where), tell("into_place", place=Spelt(where)))
    if progress.hand:
        return release(progress, lambda goods, now: _pick(goods, scan, now, world, where), source=where)
    if amiss := stray(where, progress, lambda line: line.source):
        return stop(Why.WRONG_BIN, progress, scan, amiss)
    return ask(
        progress.settled(source=where), tell("place_open", place=Spelt(where)), lines=_wanted(progress, where, world)
    )


def hint(progress: Progress, world: World) -> Sentence:
    """Send the storeman to the first line that is open."""
    return _next_bin(progress) or tell("scan_goods_or_place")


def _pick(found: Goods, scan: Scan, progress: Progress, world: World, source: str) -> Answer:
    case = judge(found, scan, progress, world, source=source, unit=handling_unit(progress.place, world))
    if isinstance(case, Answer):
        return case
    aside = next((row.line.place for row in case.match.rows if row.line.place), progress.read_point)
    meant = {"action": "pick", "source": source, "place": progress.place or aside}
    return take(case, scan, meant, "picked", onward=_next_bin)


def _wanted(progress: Progress, where: str, world: World) -> tuple[Sentence, ...]:
    """Return what is to be picked here."""
    return tuple(
        tell("wanted", item=_name(row.line.item, world), quantity=row.open)
        for row in progress.rows()
        if row.open and row.line.source == where
    )[:4]


def _name(item: str, world: World) -> str:
    known = world.known.item(item)
    return known.name if known else item


def _next_bin(progress: Progress) -> Sentence | None:
    """Return where to go, when nothing more is to be picked from the bin that is open."""
    if not progress.passed and any(line.source == progress.source for line in ahead(progress) if progress.source):
        return None
    following = next((line.source for line in ahead(progress) if line.source), "")
    return tell("go_to_place", place=Spelt(following)) if following and following != progress.source else None


FLOW = Flow(Job.PICKING, goods, place, hint)
