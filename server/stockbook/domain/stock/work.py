"""Work: what is expected where, and how far postings have brought it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from stockbook.domain.stock.movement import NO_LOT
from stockbook.domain.stock.verbs import Verb

_ZERO = Decimal(0)


class TaskKind(StrEnum):
    """What a task is for: the jobs of a shift, and what was left for a person to settle."""

    RECEIVE = "RECEIVE"
    PUT_AWAY = "PUT_AWAY"
    PICK = "PICK"
    TRANSFER = "TRANSFER"
    COUNT = "COUNT"
    QUALITY = "QUALITY"
    HAND_OVER = "HAND_OVER"
    DISCREPANCY = "DISCREPANCY"
    SHORTFALL = "SHORTFALL"
    REFUSED = "REFUSED"
    CONFLICT = "CONFLICT"


STEPS = {
    TaskKind.RECEIVE: "receiving",
    TaskKind.PUT_AWAY: "storing",
    TaskKind.PICK: "picking",
    TaskKind.TRANSFER: "internal_transfer",
    TaskKind.COUNT: "cycle_counting",
    TaskKind.QUALITY: "inspecting",
    TaskKind.HAND_OVER: "departing",
}
"""The business step of each job, in the words of GS1's Core Business Vocabulary."""

SETTLED = frozenset({TaskKind.DISCREPANCY, TaskKind.SHORTFALL, TaskKind.REFUSED, TaskKind.CONFLICT})
"""Opened by what happened, and closed by a person."""

ADVANCED_BY = {
    TaskKind.RECEIVE: frozenset({Verb.RECEIVE, Verb.ARRIVE, Verb.RETURN}),
    TaskKind.PUT_AWAY: frozenset({Verb.PUT_AWAY, Verb.MOVE}),
    TaskKind.PICK: frozenset({Verb.MOVE, Verb.DISPATCH, Verb.SELL}),
    TaskKind.TRANSFER: frozenset({Verb.MOVE, Verb.DISPATCH, Verb.ARRIVE, Verb.PUT_AWAY}),
    TaskKind.QUALITY: frozenset({Verb.INSPECT}),
    TaskKind.HAND_OVER: frozenset({Verb.DISPATCH, Verb.ARRIVE}),
}
"""Which verbs are the work itself: a scan may mean more than the task asks for."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A line of a task: `lot` 0 and a `place` of None mean any."""

    id: int
    item: int
    lot: int
    quantity: Decimal
    done: Decimal
    source: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What a posting did of a task: below zero when it takes back what was done."""

    item: int
    lot: int
    quantity: Decimal
    source: int
    place: int


def received(done: Sequence[Done], outside: Collection[int]) -> list[Done]:
    """Return what a receipt did, as seen by who expected the goods somewhere; `outside` are places that hold nothing.

    What was announced otherwise than it came was taken back to the outside, and
    comes from where it had been announced; so does what came beyond that.

    >>> back, again = Done(7, 0, Decimal(6), 20, 1), Done(7, 5, Decimal(8), 1, 21)
    >>> [(each.lot, str(each.quantity), each.source) for each in received([back, again], {1})]
    [(5, '6', 20), (5, '2', 20)]
    >>> received([again], {1}) == [again]
    True
    """
    sources = [each.source for each in done if each.source not in outside]
    if not sources:
        return list(done)
    taken_back = [(each.source, abs(each.quantity)) for each in done if each.place in outside]
    found = []
    for each in done:
        if each.place in outside:
            continue
        left = abs(each.quantity) if each.source in outside else _ZERO
        sign = 1 if each.quantity > 0 else -1
        while left and taken_back:
            source, there = taken_back.pop(0)
            part = min(left, there)
            found.append(replace(each, quantity=sign * part, source=source))
            left -= part
            if there > part:
                taken_back.insert(0, (source, there - part))
        if each.source not in outside:
            found.append(each)
        elif left:
            found.append(replace(each, quantity=sign * left, source=sources[-1]))
    return found


def advance(lines: Sequence[Expected], done: Iterable[Done]) -> dict[int, Decimal]:
    """Return what is done of the lines that postings have brought further, by id.

    The line that says most about what was done comes first, and is filled
    before the next; what is over goes to the first, so that it shows.

    >>> lines = [Expected(1, 7, 0, Decimal(4), Decimal(0)), Expected(2, 7, 5, Decimal(2), Decimal(0))]
    >>> advance(lines, [Done(7, 5, Decimal(3), 20, 21)])
    {2: Decimal('2'), 1: Decimal('1')}
    >>> advance(lines, [Done(8, 0, Decimal(3), 20, 21)])
    {}
    """
    now = {line.id: line.done for line in lines}
    changed: dict[int, None] = {}
    for each in done:
        fitting = sorted((line for line in lines if _fits(line, each)), key=lambda line: -_said(line))
        left = each.quantity
        for line in fitting:
            room = line.quantity - now[line.id] if left > 0 else -now[line.id]
            part = min(left, max(room, _ZERO)) if left > 0 else max(left, min(room, _ZERO))
            if part:
                now[line.id] += part
                left -= part
                changed[line.id] = None
        if left > 0 and fitting:
            now[fitting[0].id] += left
            changed[fitting[0].id] = None
    return {id_: now[id_] for id_ in changed}


def _fits(line: Expected, done: Done) -> bool:
    return (
        line.item == done.item
        and line.lot in {NO_LOT, done.lot}
        and line.source in {None, done.source}
        and line.place in {None, done.place}
    )


def _said(line: Expected) -> int:
    return (line.lot != NO_LOT) + (line.source is not None) + (line.place is not None)
