"""The answer to a scan: the progress after it, what is told, and the deeds that become events."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from handheld.work.checking.blocks import Why, lift
from handheld.work.checking.shelf_life import Age, age, days_left
from handheld.work.commands import Command
from handheld.work.deed import Deed
from handheld.work.ports import World
from handheld.work.saying.feedback import NEXT, NO, OK, RED, WARN, Block, Feedback, Figure, Lift, Tone, feedback
from handheld.work.saying.words import Sentence, Spelt, Unit, tell
from handheld.work.scan import Goods, Scan
from handheld.work.tasks.progress import Progress, Stopped
from stockbook.domain.capture.labels import QUALITIES
from stockbook.domain.quantity import in_unit, plain


class Answer(NamedTuple):
    """What became of one scan."""

    progress: Progress
    feedback: Feedback
    deeds: tuple[Deed, ...] = ()
    chained: bool = False
    """Whether the deeds stand or fall together."""


_CHIPS = ("batch", "serial", "source", "shelf", "place", "quality", "state", "hold", "document", "reason")
_SPELT = frozenset({"batch", "serial", "source", "shelf", "place", "document"})


def stop(
    why: Why,
    progress: Progress,
    act: Scan | Command | None,
    values: Mapping[str, Any] | None = None,
    *,
    title: str = "",
) -> Answer:
    """Return the answer to a scan that is not taken; the scan is kept for whoever may lift the block."""
    ends = lift(why, progress.task.job) or Lift.RESCAN
    values = values or {}
    lines = [tell(f"compare_{name}", value=values[name]) for name in ("expected", "scanned") if name in values]
    told = feedback(
        NO,
        tell(why.value, **values),
        title=title,
        lines=(*lines, tell(f"lift_{ends.value}")),
        block=Block(why.value, ends),
    )
    halted = Stopped(act, why.value, ends, progress.allowed, progress.typed, progress.weight) if act else None
    return Answer(progress.settled(stopped=halted), told)


def ask(progress: Progress, headline: Sentence, **shown: Any) -> Answer:
    """Return the answer to half a statement: what comes next."""
    return Answer(progress, feedback(NEXT, headline, **shown))


def note(progress: Progress, headline: Sentence, tone: Tone = WARN, **shown: Any) -> Answer:
    """Return an answer that leaves no event."""
    return Answer(progress, feedback(tone, headline, **shown))


def figure(done: Decimal, expected: Decimal, goods: Goods) -> Figure:
    """Return how much is done of how much, in the unit that was scanned where both are whole in it."""
    factor = goods.item.units.get(goods.unit) if goods.unit else None
    if factor is None or done % factor or expected % factor:
        return Figure(plain(done), plain(expected) if expected else "", goods.item.unit)
    return Figure(plain(in_unit(done, factor)), plain(in_unit(expected, factor)) if expected else "", goods.unit)


def chips(labels: Mapping[str, str]) -> tuple[Sentence, ...]:
    """Return the labels of a scan for the eye."""
    return tuple(
        tell(f"chip_{name}", value=Spelt(labels[name]) if name in _SPELT else _worded(name, labels[name]))
        for name in _CHIPS
        if name in labels
    )


def ageing(goods: Goods, world: World) -> tuple[Tone, tuple[Sentence, ...]]:
    """Return the tone that the expiry asks for, and what is told of it; an unsure clock is told too."""
    if goods.expiry is None:
        return OK, ()
    today = world.today
    how = age(goods.expiry, today, world.near_expiry_days)
    unsure = () if world.clock.sure else (tell("clock_unsure"),)
    if how is Age.EXPIRED:
        return RED, (tell("expired", expiry=goods.expiry), *unsure)
    left = tell("days_left", days=days_left(goods.expiry, today), expiry=goods.expiry)
    return (RED if how is Age.NEAR else OK), (left, *unsure)


def amount(goods: Goods) -> dict[str, Any]:
    """Return quantity and unit for a sentence."""
    return {"quantity": goods.quantity, "unit": Unit(goods.unit or goods.item.unit, goods.quantity)}


def _worded(name: str, value: str) -> Sentence | str:
    return tell(f"quality_{value}") if name == "quality" and value in QUALITIES else value
