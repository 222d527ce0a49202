"""What a command does where the job has no meaning of its own for it."""

from dataclasses import replace
from typing import Any

from handheld.work.answer import Answer, ask, note
from handheld.work.commands import Command
from handheld.work.flow import Flow
from handheld.work.goods import of
from handheld.work.ports import Item, World
from handheld.work.saying.feedback import NEXT, OK, WARN, Figure
from handheld.work.saying.words import Spelt, Unit, tell
from handheld.work.scan import Goods
from handheld.work.tasks.progress import Progress, ahead
from handheld.work.tasks.task import Job, Line
from stockbook.domain.quantity import parse, plain
from stockbook.domain.refusal import Refusal


def press(said: Command, more: str, progress: Progress, world: World, flow: Flow) -> Answer:
    """Return the answer to a command: the job's own, else the common one."""
    answer = flow.command(said, more, progress, world)
    if answer is not None:
        return answer
    match said:
        case Command.CONFIRM | Command.QUANTITY if progress.typed:
            return _enter(progress, world, flow)
        case Command.CONFIRM:
            return _stand(progress, world, flow)
        case Command.NEXT:
            return _put_off(progress, world, flow)
        case Command.CANCEL:
            return note(
                progress.settled(hand=(), unit="", source="", place="", carried=None, half=None), tell("cancelled")
            )
        case Command.UNIT:
            return _switch(progress)
        case _:
            return note(progress, tell("not_here"))


def _enter(progress: Progress, world: World, flow: Flow) -> Answer:
    """Enter after digits: the quantity of what is in hand, else of what comes next."""
    quantity = parse(progress.typed)
    if isinstance(quantity, Refusal) or quantity < 0:
        return note(replace(progress, typed=""), tell("bad_quantity"))
    if not progress.hand:
        return ask(progress, tell("quantity_next", quantity=quantity))
    held = progress.hand[-1]
    last = held.goods
    if not quantity:
        return note(progress.settled(hand=progress.hand[:-1]), tell("not_in_hand", item=last.item.name))
    changed = of(last, quantity, last.unit)
    if not isinstance(changed, Goods):
        return note(replace(progress, typed=""), tell("bad_quantity"))
    after = progress.settled(hand=(*progress.hand[:-1], held._replace(goods=changed)))
    return note(after, tell("in_hand", quantity=quantity, unit=Unit(last.unit or last.item.unit, quantity)), NEXT)


def _stand(progress: Progress, world: World, flow: Flow) -> Answer:
    """Confirm with nothing to confirm: how the task stands."""
    if progress.complete:
        return note(progress, tell("task_done"), OK)
    if progress.task.free:
        return ask(progress, flow.hint(progress, world))
    left = sum(map(progress.is_open, progress.task.lines))
    return note(progress, tell("lines_open", count=left), WARN, lines=(flow.hint(progress, world),))


def _put_off(progress: Progress, world: World, flow: Flow) -> Answer:
    """Put the line off that comes first, and show the next one; after the last the first comes again."""
    left = list(ahead(progress))
    if not left:
        return _stand(progress, world, flow)
    passed = progress.passed | {left[0].key}
    after = replace(progress, passed=frozenset() if passed >= {line.key for line in left} else passed)
    return ask(after, flow.hint(after, world), **_line(next(ahead(after)), after, world))


def _line(line: Line, progress: Progress, world: World) -> dict[str, Any]:
    """Return what is shown of a line; of a stocktake no figure."""
    item = world.known.item(line.item) if line.item else None
    if item is None:
        return {}
    row = progress.row(line)
    blind = progress.task.job is Job.STOCKTAKE
    figure = None if blind else Figure(plain(row.done), plain(line.quantity), item.unit)
    where = [tell("from_place", place=Spelt(line.source))] if line.source else []
    where += [tell("to_place", place=Spelt(line.place))] if line.place and not blind else []
    return {"title": item.name, "figure": figure, "lines": tuple(where)}


def _switch(progress: Progress) -> Answer:
    """Go on to the next unit of what was scanned last."""
    if not progress.hand and progress.last is None:
        return note(progress, tell("scan_goods"))
    item = progress.hand[-1].goods.item if progress.hand else progress.last
    assert item is not None
    unit = _following(item, progress.unit or item.unit)
    return note(replace(progress, unit=unit), tell("unit_now", unit=Unit(unit)), NEXT)


def _following(item: Item, unit: str) -> str:
    names = [item.unit, *sorted(item.units)]
    return names[(names.index(unit) + 1) % len(names)] if unit in names else item.unit
