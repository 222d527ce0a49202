"""A task taken up again: what the journal still knows of it is folded over the task's beginning."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from handheld.work.counting import key
from handheld.work.ports import Known, Recorded
from handheld.work.scan import Goods, lot_code
from handheld.work.taking import book
from handheld.work.tasks.progress import Counted, Progress, begin
from handheld.work.tasks.task import Job, Task
from handheld.work.told import Told, told


class Past(NamedTuple):
    """What was done at once: how the task stood before, and the ids of its events."""

    before: Progress
    ids: tuple[str, ...]


def resume(task: Task, events: Iterable[Recorded], known: Known, person: str = "") -> tuple[Progress, tuple[Past, ...]]:
    """Return the progress of a task after events of it, and what can be taken back; what was undone is left out."""
    events = list(events)
    undone = {event.labels["undoes"] for event in events if "undoes" in event.labels}
    live = [event for event in events if event.id not in undone and "undoes" not in event.labels]
    progress, past = begin(task, person), []
    for _, together in groupby(live, key=_at_once):
        done = tuple(together)
        past.append(Past(progress, tuple(event.id for event in done)))
        for event in done:
            said = told(event, known)
            if said is not None:
                progress = _count(said, progress) if task.job is Job.STOCKTAKE else _take(said, progress)
    return progress, tuple(past)


def _at_once(event: Recorded) -> str:
    """Return what events have in common that one scan wrote: a chain, or the bin that was closed."""
    counted = event.labels.get("action") == "count"
    return event.chain or (event.labels.get("place", "") if counted else event.id)


def _take(said: Told, progress: Progress) -> Progress:
    goods = Goods(said.item, said.base, said.base, lot=said.lot, serial=said.serial)
    return book(goods, progress, *_narrowed(said, progress.task))[0]


def _narrowed(said: Told, task: Task) -> tuple[str, str]:
    """Return the source and place by which the job tells its lines apart."""
    match task.job:
        case Job.PICKING:
            return said.source, ""
        case Job.TRANSFER:
            return said.source, said.shelf
        case Job.PUT_AWAY:
            return "", said.shelf
        case Job.QUALITY:
            return "", said.place
        case Job.HAND_OVER:
            return ("" if task.arriving else said.source), ""
        case _:
            return "", ""


def _count(said: Told, progress: Progress) -> Progress:
    lot = lot_code(said.lot, said.serial)
    name = key(said.place, said.item.reference, lot, said.state)
    book = said.base if said.seen is None else said.seen
    row = Counted(said.place, said.item.reference, lot, said.base, book, said.item.unit)
    return replace(progress, counted={**progress.counted, name: row}, bins=progress.bins | {said.place})
