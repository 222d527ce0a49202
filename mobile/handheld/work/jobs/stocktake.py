"""Stocktake: blind, bin by bin.

A bin is opened by its label and closed by the next bin's, its own, or Confirm.
Nothing expected is ever told while it is open. Where the count differs by more
than the tolerance the bin is counted again, still blind, until two counts agree;
a large difference needs a second person. Only then the counts are written.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from handheld.work.answer import Answer, ageing, ask, note, stop
from handheld.work.checking.blocks import Why
from handheld.work.commands import Command
from handheld.work.counting import Tally, beyond, by_state, key, labels, tallies, totals
from handheld.work.deed import Deed
from handheld.work.flow import Flow
from handheld.work.hand import merged
from handheld.work.ports import Place, World
from handheld.work.review import review
from handheld.work.saying.feedback import OK, WARN, Figure, feedback
from handheld.work.saying.words import Sentence, Spelt, Unit, tell
from handheld.work.scan import NO_CODE, Goods, Scan
from handheld.work.tasks.progress import Counted, Held, Progress, ahead
from handheld.work.tasks.task import Job
from stockbook.domain.capture.event import Drafted
from stockbook.domain.quantity import plain

ROUNDS_MAX = 3


def goods(found: Goods, scan: Scan, progress: Progress, world: World) -> Answer:
    """Count goods in the bin that is open; the same goods add up."""
    if not progress.place:
        return note(progress.settled(), tell("scan_place_first"), WARN)
    if found.serial and any(_same_serial(held.goods, found) for held in progress.hand):
        return stop(Why.SCANNED_ALREADY, progress, None, {"code": Spelt(found.serial)}, title=found.item.name)
    hand = merged(progress.hand, found) or (*progress.hand, Held(found, scan))
    after = progress.settled(hand=hand, last=found.item)
    return _counted_so_far(after, world)


def place(found: Place, scan: Scan, progress: Progress, world: World) -> Answer:
    """Open a bin; the one that is open is closed by it."""
    where = found.reference
    if progress.place:
        closed = close(scan, progress, world)
        if closed.feedback.blocked or where == progress.place:
            return closed
        opened = _open(where, scan, closed.progress)
        if opened.feedback.blocked:
            return Answer(opened.progress, opened.feedback, closed.deeds)
        both = tell("both", first=closed.feedback.show.headline, second=opened.feedback.show.headline)
        return Answer(opened.progress, feedback(OK, opened.feedback.show.headline, say=both), closed.deeds)
    return _open(where, scan, progress)


def command(said: Command, more: str, progress: Progress, world: World) -> Answer | None:
    """Close the bin on Confirm; on Recount count the open one from the beginning, or one that is done anew."""
    if said is Command.CONFIRM and progress.place and not progress.typed:
        return close(said, progress, world)
    if said is Command.RECOUNT:
        where = more or progress.place
        if not where:
            return None
        again = progress.settled(hand=())
        if where != progress.place:
            again = _begun(where, again)
        return ask(again, tell("count_again", place=Spelt(where)))
    return None


def hint(progress: Progress, world: World) -> Sentence:
    """Send the counter to the first bin that isn't done."""
    if progress.place:
        return tell("scan_goods")
    left = next((line.place for line in ahead(progress)), "")
    return tell("go_to_place", place=Spelt(left)) if left else tell("scan_place")


def close(act: Scan | Command, progress: Progress, world: World) -> Answer:
    """Close the bin: ask for another count, for a second person, or write what was counted."""
    where, task, allowed = progress.place, progress.task, progress.allowed
    found = tallies(progress, world)
    counted = totals(progress)
    if beyond(found, task.tolerance) and not allowed.second:
        agreed = progress.rounds > 0 and counted == progress.earlier
        if not agreed and progress.rounds + 1 < ROUNDS_MAX:
            anew = replace(progress, hand=(), rounds=progress.rounds + 1, earlier=counted)
            return stop(Why.RECOUNT, anew, None, {"place": Spelt(where)})
        if not agreed or beyond(found, task.serious):
            return stop(Why.LARGE_DIFFERENCE, progress, act, {"place": Spelt(where)})
    return _write(found, progress)


def _write(found: tuple[Tally, ...], progress: Progress) -> Answer:
    second = progress.allowed.second
    where = progress.place
    drafts = _drafts(found, progress)
    deeds = tuple(
        _deed(tally, labels(tally, *write, progress), progress, drafts.get(tally.item))
        for tally in found
        for write in by_state(tally)
    )
    rows = {
        key(where, tally.item, tally.lot, state): Counted(
            where, tally.item, tally.lot, counted, book, tally.unit, second
        )
        for tally in found
        for state, counted, book in by_state(tally)
    }
    kept = {key: row for key, row in progress.counted.items() if row.place != where}
    after = progress.settled(
        place="",
        hand=(),
        rounds=0,
        earlier={},
        drafted={},
        model="",
        counted={**kept, **rows},
        bins=progress.bins | {where},
    )
    headline = tell("bin_counted", place=Spelt(where))
    if not after.complete:
        return Answer(after, feedback(OK, headline), deeds)
    done = tell("task_done")
    lines = (done, *(tell("rate", rate=_percent(rate), unit=Unit(unit)) for unit, rate in review(after).rates))
    return Answer(after, feedback(OK, headline, say=tell("both", first=headline, second=done), lines=lines), deeds)


def _percent(rate: Decimal) -> Decimal:
    return round(rate * 100, 2)


def _drafts(found: tuple[Tally, ...], progress: Progress) -> Mapping[str, Drafted]:
    """Return what was drafted of items of which one figure is written: a photograph tells neither lots nor states."""
    writes = Counter(tally.item for tally in found for _ in by_state(tally))
    return {item: Drafted(progress.model, quantity) for item, quantity in progress.drafted.items() if writes[item] == 1}


def _deed(tally: Tally, said: Mapping[str, str], progress: Progress, draft: Drafted | None = None) -> Deed:
    reading = tally.goods.reading if tally.goods else NO_CODE
    return Deed(said, reading.code, reading.symbology, progress.task.reference, draft=draft)


def _open(where: str, scan: Scan, progress: Progress) -> Answer:
    allowed = progress.allowed.blocks
    if where in progress.bins and Why.ALREADY_COUNTED.value not in allowed:
        return stop(Why.ALREADY_COUNTED, progress, scan, {"place": Spelt(where)})
    listed = not progress.task.lines or any(line.place == where for line in progress.task.lines)
    if not listed and Why.WRONG_BIN.value not in allowed:
        expected = next((line.place for line in progress.task.lines if line.place not in progress.bins), "")
        return stop(Why.WRONG_BIN, progress, scan, {"scanned": Spelt(where), "expected": Spelt(expected)})
    return ask(_begun(where, progress.settled(hand=())), tell("count_place", place=Spelt(where)))


def _begun(where: str, progress: Progress) -> Progress:
    """Return the progress with a bin open of which nothing is counted yet."""
    bins = progress.bins - {where}
    return replace(progress, place=where, rounds=0, earlier={}, drafted={}, model="", bins=bins)


def _counted_so_far(after: Progress, world: World) -> Answer:
    held = after.hand[-1].goods
    tone, lines = ageing(held, world)
    figure = Figure(plain(held.quantity), "", held.unit or held.item.unit)
    headline = tell("counted", quantity=held.quantity, item=held.item.name)
    say = tell("number", quantity=held.quantity)
    shown = feedback(tone, headline, say=say, title=held.item.name, figure=figure, lines=lines)
    return Answer(after, shown)


def _same_serial(one: Goods, other: Goods) -> bool:
    return (one.item.reference, one.serial) == (other.item.reference, other.serial)


FLOW = Flow(Job.STOCKTAKE, goods, place, hint, command)
