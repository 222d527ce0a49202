"""Goods that are taken: their labels, the lines they go to, and what is told. The same on every job but counting."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from handheld.work.answer import Answer, ageing, amount, chips, figure, stop
from handheld.work.checking.blocks import Why
from handheld.work.checking.checks import Case, fault, is_of, serial_key
from handheld.work.deed import Deed, labelled
from handheld.work.ports import World
from handheld.work.saying.feedback import OK, WARN, Feedback, feedback
from handheld.work.saying.words import Sentence, Spelt, tell
from handheld.work.scan import Goods, Scan
from handheld.work.tasks.matching import Match, match, shares, unlisted
from handheld.work.tasks.progress import Progress, Row
from stockbook.domain.quantity import plain


def judge(
    goods: Goods, scan: Scan, progress: Progress, world: World, *, source: str = "", place: str = "", unit: str = ""
) -> Case | Answer:
    """Compare goods with what is expected; return the case, or the answer that stops the scan.

    `source` and `place` narrow the lines to those of a bin; `unit` is the
    pallet, tote or vehicle that goods are put into.
    """
    goods = replace(goods, rights=_rights(goods, source, world))
    case = Case(goods, match(goods, progress, source, place), progress, world, source, place, unit)
    no = fault(case)
    return stop(no[0], progress, scan, no[1], title=goods.item.name) if no else case


def take(
    case: Case,
    scan: Scan,
    meant: Mapping[str, str],
    done: str,
    *,
    expires: bool = False,
    onward: Callable[[Progress], Sentence | None] = lambda after: None,
    **changes: Any,
) -> Answer:
    """Return the answer to goods that are accepted: one deed, the lines that it goes to, the figures.

    Parameters
    ----------
    meant
        Labels of the job: action, place and the like.
    done
        Code of the sentence that tells it.
    expires
        Whether the expiry goes with it: it is the lot's, and told when the lot comes in.
    onward
        Where to go from here, when that is told.
    changes
        What else is different in the progress afterwards.
    """
    goods, progress = case.goods, case.progress
    meant = {**meant, "action": progress.presets.get("action", meant["action"])}
    labels = labelled(
        {**meant, **_goods_labels(goods, expires=expires), "reason": _reason(meant.get("reason", ""), progress)},
        {"document": progress.task.document, **progress.presets},
        code=goods.reading.code,
        keep=_differing(goods),
    )
    if labels is None:
        return stop(Why.NINTH_LABEL, progress, scan, title=goods.item.name)
    after, rows = book(goods, progress, case.source, case.place)
    packed = {**progress.packed, case.unit: goods.rights} if case.unit and goods.rights else progress.packed
    after = after.settled(**{"last": goods.item, "packed": packed, **changes})
    deed = Deed(labels, goods.reading.code, goods.reading.symbology, progress.task.reference)
    return Answer(after, _told(case, after, rows, labels, done, onward(after)), (deed,))


def book(goods: Goods, progress: Progress, source: str = "", place: str = "") -> tuple[Progress, tuple[Row, ...]]:
    """Return the progress with goods booked to the lines they answer to, and those lines.

    What answers to none, because nobody expected it there, gets a line of its own.
    """
    found = match(goods, progress, source, place)
    rows, extra = found.booked, progress.extra
    if not rows:
        line = unlisted(goods, progress, source, place)
        extra = (*extra, line)
        rows = (progress.row(line),)
    seen = progress.seen | {serial_key(goods)} if goods.serial else progress.seen
    after = replace(progress, done=progress.plus(shares(goods.base, rows)), extra=extra, seen=seen)
    return after, tuple(after.row(row.line) for row in rows)


def _told(
    case: Case, after: Progress, rows: tuple[Row, ...], labels: Mapping[str, str], done: str, onward: Sentence | None
) -> Feedback:
    goods, progress = case.goods, case.progress
    tone, age_lines = ageing(goods, case.world)
    now = Match((), (), rows)
    lines = [*age_lines, *_warnings(goods, case.match, progress)]
    if tone is OK and (len(lines) > len(age_lines) or progress.allowed.blocks):
        tone = WARN
    headline = tell(done, **amount(goods))
    ending = onward or _ending(after, rows)
    spoken = lines[0] if tone is not OK and lines else ending
    return feedback(
        tone,
        headline,
        say=tell("both", first=headline, second=spoken) if spoken else headline,
        title=goods.item.name,
        figure=figure(now.done, now.expected, goods),
        lines=(*lines, *([ending] if ending else [])),
        chips=chips(labels),
    )


def _warnings(goods: Goods, found: Match, progress: Progress) -> list[Sentence]:
    """Return what a person should look at although the scan is taken."""
    told = []
    named = {row.line.lot for row in found.rows if row.line.lot}
    if named and not goods.lot:
        told.append(tell("lot_unseen", lot=Spelt(min(named))))
    if progress.allowed.blocks:
        told.append(tell("taken_anyway"))
    return told


def _ending(after: Progress, rows: tuple[Row, ...]) -> Sentence | None:
    if any(row.open for row in rows):
        return None
    if after.complete:
        return tell("task_done")
    return tell("line_done") if any(row.line.quantity for row in rows) else None


def _rights(goods: Goods, source: str, world: World) -> str:
    """Return whose goods are that lie where they are taken from, as far as is known."""
    for stock in world.stock(source) if source else ():
        if is_of(stock, goods) and stock.quantity > 0:
            return stock.rights
    return ""


def _goods_labels(goods: Goods, *, expires: bool) -> Mapping[str, str]:
    return {
        "item": goods.item.reference,
        "quantity": plain(goods.quantity),
        "unit": goods.unit,
        "batch": goods.lot,
        "serial": goods.serial,
        "expiry": goods.expiry.isoformat() if expires and goods.expiry else "",
        "weight": plain(goods.weight) if goods.weight is not None else "",
    }


def _differing(goods: Goods) -> frozenset[str]:
    """Return the labels that differ from what the code says, which must be told."""
    reading = goods.reading
    differ = {"batch", "serial", "expiry"} if goods.joined else set()
    if goods.chosen or not reading.gtin:
        differ |= {"item"}
    if goods.lot != reading.lot:
        differ |= {"batch"}
    if goods.expiry != reading.expiry:
        differ |= {"expiry"}
    return frozenset(differ)


def _reason(meant: str, progress: Progress) -> str:
    """Return why, for people: what the job says, why a block was lifted, and who else looked."""
    allowed = progress.allowed
    lifted = allowed.reason or (", ".join(sorted(allowed.blocks)) if allowed.blocks else "")
    return "; ".join(
        part for part in (meant, lifted, f"checked by {allowed.second}" if allowed.second else "") if part
    )[:200]
