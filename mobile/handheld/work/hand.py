"""Goods in hand: scanned, and waiting for their place or their verdict. All of them are taken, or none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from handheld.work.answer import Answer, ageing, ask, figure
from handheld.work.checking.checks import Case
from handheld.work.deed import Deed
from handheld.work.saying.feedback import RED, feedback
from handheld.work.saying.words import Sentence, tell
from handheld.work.scan import Goods, Scan
from handheld.work.tasks.progress import Allowed, Held, Progress


def hold(case: Case, scan: Scan, headline: Sentence, **changes: Any) -> Answer:
    """Return the answer to goods that are right, but not yet anywhere."""
    goods, progress = case.goods, case.progress
    held = Held(goods, scan, progress.allowed)
    after = progress.settled(**{"hand": (*progress.hand, held), "last": goods.item, **changes})
    tone, lines = ageing(goods, case.world)
    shown: dict[str, Any] = {
        "title": goods.item.name,
        "figure": figure(case.match.done + goods.base, case.match.expected, goods),
        "lines": (headline, *lines),
    }
    if tone is not RED:
        return ask(after, headline, **shown)
    return Answer(after, feedback(RED, headline, say=tell("both", first=lines[0], second=headline), **shown))


def release(progress: Progress, each: Callable[[Goods, Progress], Answer], **changes: Any) -> Answer:
    """Take everything in hand by the same rule; the first that is stopped stops all, and the hand stays full.

    Goods of one scan, a whole pallet, stand or fall together.
    """
    now, answer = replace(progress, hand=()), None
    deeds: list[Deed] = []
    for held in progress.hand:
        answer = each(held.goods, replace(now, allowed=_both(progress.allowed, held.allowed)))
        if answer.feedback.blocked:
            stopped = answer.progress.stopped
            halted = stopped and stopped._replace(allowed=progress.allowed)
            return answer._replace(progress=replace(progress, typed="", stopped=halted))
        now = answer.progress
        deeds += answer.deeds
    assert answer is not None, "somebody looked whether there is anything in hand"
    told = answer.feedback
    if len(progress.hand) > 1:
        many = tell("all_in_hand", count=len(progress.hand))
        told = replace(told, say=many, show=replace(told.show, headline=many, figure=None))
    whole = any(held.goods.source for held in progress.hand)
    return Answer(replace(now, **changes), told, tuple(deeds), chained=whole)


def merged(hand: tuple[Held, ...], goods: Goods) -> tuple[Held, ...] | None:
    """Return the hand with the same goods added up, or None when there are none of them in it."""
    for at, held in enumerate(hand):
        same = held.goods
        if (same.item.reference, same.lot, same.serial) == (goods.item.reference, goods.lot, goods.serial):
            base = same.base + goods.base
            alike = same.unit == goods.unit
            whole = replace(
                same,
                base=base,
                quantity=same.quantity + goods.quantity if alike else base,
                unit=same.unit if alike else "",
            )
            return (*hand[:at], *hand[at + 1 :], held._replace(goods=whole))
    return None


def _both(one: Allowed, other: Allowed) -> Allowed:
    return Allowed(one.blocks | other.blocks, one.reason or other.reason, one.second or other.second)
