"""A `DemandBook` in dictionaries, for worlds that a generator plays week by week: the same learning, no database."""

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from stockbook.domain.demand.lead_time import LeadTime
from stockbook.domain.demand.learner import Outlook
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.shelf import Turn
from stockbook.domain.demand.threshold import Terms, Threshold
from stockbook.flows.demand.lesson import (
    BEGINNING,
    Class,
    Kept,
    KeptLevel,
    Lesson,
    Line,
    Progress,
    Receipt,
    Revision,
    Row,
    SeriesKey,
    Stretch,
    Supply,
)
from stockbook.flows.demand.news import News, Past, Reach, Stir

NOWHERE = Reach((), (), (), (), "", Terms())


@dataclass
class MemoryBook:
    """What was posted, declared and learnt."""

    lines: list[Line | Receipt] = field(default_factory=list)
    turns: list[tuple[SeriesKey, Turn]] = field(default_factory=list)
    reaches: dict[SeriesKey, Reach] = field(default_factory=dict)
    usual: Reach = NOWHERE
    kept: dict[SeriesKey, tuple[Kept, int, datetime]] = field(default_factory=dict)
    revisions: dict[SeriesKey, Revision] = field(default_factory=dict)
    offsets: dict[int, Progress] = field(default_factory=dict)
    shared: dict[int, dict[str, tuple[str, bytes]]] = field(default_factory=dict)
    known: dict[Supply, LeadTime] = field(default_factory=dict)
    classes: dict[Class, KeptLevel] = field(default_factory=dict)
    tx: int = 10

    def sell(self, key: SeriesKey, quantity: float, at: datetime) -> None:
        self.tx += 1
        self.lines.append(Line(Row(self.tx, self.tx), key, quantity, at))

    def receive(self, buyer: int, supplier: int, item: int, hours: float, late: float | None, at: datetime) -> None:
        self.tx += 1
        self.lines.append(Receipt(Row(self.tx, self.tx), buyer, supplier, item, hours, late, at))

    def turn(self, key: SeriesKey, empty: bool, at: datetime) -> None:
        self.tx += 1
        self.turns.append((key, Turn(at, self.tx, empty)))

    def declare(self, key: SeriesKey, **reach: object) -> None:
        self.reaches[key] = replace_reach(self.reaches.get(key, self.usual), reach)

    def threshold(self, key: SeriesKey) -> Threshold:
        return self.revisions[key].threshold

    def outlook(self, key: SeriesKey) -> Outlook:
        return self.revisions[key].outlooks[0][1]

    async def progress(self, partitions: Sequence[int]) -> dict[int, Progress]:
        return {each: self.offsets.get(each, Progress(BEGINNING)) for each in partitions}

    async def pieces(self, partition: int) -> dict[str, tuple[str, bytes]]:
        return dict(self.shared.get(partition, {}))

    async def stretch(self, after: Row, limit: int) -> Stretch:
        first = bisect_right(self.lines, after, key=lambda line: line.row)
        found = self.lines[first : first + limit]
        return Stretch(len(found), found[-1].row if found else after, found)

    async def series(self, keys: Sequence[SeriesKey]) -> list[Kept]:
        return [self.kept[key][0] for key in keys if key in self.kept]

    async def due(self, partition: int, until: datetime) -> list[tuple[int, SeriesKey]]:
        return sorted((kept.id, kept.key) for kept, of, at in self.kept.values() if of == partition and at <= until)

    async def news(self, since: int, at: datetime | None, partitions: Sequence[int]) -> News:
        first = bisect_left(self.turns, since, key=lambda each: each[1].recorded)
        turns = tuple(self.turns[first:])
        return News((), (), turns, (), self.tx + 1, False)

    async def reach(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Reach]:
        return {key: self.reaches.get(key, self.usual) for key in keys}

    async def stirred(self, stir: Stir, partitions: Sequence[int], limit: int) -> list[Kept]:
        return []

    async def deliveries(self, items: Sequence[tuple[int, int]]) -> dict[Supply, LeadTime]:
        return {each: copy.copy(kept) for each, kept in self.known.items() if (each.buyer, each.item) in set(items)}

    async def levels(self, partitions: Sequence[int]) -> dict[Class, KeptLevel]:
        return {each: copy.deepcopy(kept) for each, kept in self.classes.items() if each.partition in partitions}

    async def pasts(self, asked: Sequence[tuple[SeriesKey, int, datetime, int]], period: Period) -> list[Past]:
        return [self._past(key._replace(item=item), at, before, period) for key, item, at, before in asked]

    def _past(self, key: SeriesKey, at: datetime, before: int, period: Period) -> Past:
        sold = [line for line in self.lines if isinstance(line, Line) and line.key == key and line.row.tx < before]
        if not sold:
            return Past(0, 0, 0.0)
        periods = {period.number(line.at) for line in sold}
        return Past(period.number(at) - min(periods), len(periods), sum(line.quantity for line in sold))

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        for partition, (before, after) in lesson.steps.items():
            assert self.offsets.get(partition, Progress(BEGINNING)) == before
            self.offsets[partition] = after
        born: dict[SeriesKey, int] = {}
        for one in lesson.revisions:
            if one.id is None:
                born[one.key] = len(self.kept) + 1
            kept = Kept(one.id or born[one.key], one.key, one.state)
            self.kept[one.key] = kept, one.partition, one.due_at
            self.revisions[one.key] = one
        for partition, name, version, state in lesson.pieces:
            self.shared.setdefault(partition, {})[name] = (version, state)
        self.known |= {supply: copy.copy(kept) for supply, kept, _ in lesson.deliveries}
        self.classes |= {of: copy.deepcopy(kept) for of, kept, _ in lesson.levels}
        return born


def replace_reach(reach: Reach, changes: dict[str, object]) -> Reach:
    """Return a reach with other fields; `terms` may be a part of the terms."""
    terms = changes.pop("terms", None)
    changed = reach._replace(**changes)  # type: ignore[arg-type]
    return changed._replace(terms=replace(changed.terms, **terms)) if isinstance(terms, dict) else changed
