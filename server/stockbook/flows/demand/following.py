"""The series that a learner follows, in memory: moved by sales, closed by the clock, looked ahead of.

What lines are about is brought to memory first (`meet`); the rest takes time of
the processor only. When and what is saved is `learning`'s to say.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import orjson

from stockbook.domain.demand.influence import Heard
from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.shared import FAR, VERSION, Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED
from stockbook.domain.demand.threshold import threshold
from stockbook.domain.demand.track import Track, stocked
from stockbook.flows.demand.book import DemandBook
from stockbook.flows.demand.buying import Buying
from stockbook.flows.demand.coming import Coming
from stockbook.flows.demand.followed import Followed
from stockbook.flows.demand.hearing import Hearing
from stockbook.flows.demand.lesson import Closing, Kept, Lesson, Line, Progress, Receipt, Revision, SeriesKey
from stockbook.flows.demand.likes import Likes

HORIZONS = (1, FAR)
"""Periods taken together, the open one among them."""
_UNHEARD = Heard(UNPLANNED)


class Told(NamedTuple):
    """A line of the stream, and the clock of its partition after its movement."""

    line: Line | Receipt
    clock: datetime


class Following:
    """Series of some partitions of `of`, and everything that they hear and share."""

    def __init__(self, book: DemandBook, partitions: Sequence[int], of: int, period: Period) -> None:
        self._book, self._of, self._period = book, of, period
        self.series: OrderedDict[SeriesKey, Followed] = OrderedDict()
        self.shared: dict[int, Shared] = {}
        self.hearing = Hearing(book, partitions)
        self.buying = Buying(book, self.hearing, period)
        self._likes = Likes(book, period)
        self.closings: list[Closing] = []
        self.changed: dict[SeriesKey, tuple[datetime, int]] = {}
        """Series that are not kept as they are, the one that changed first first, and as of when each was moved."""
        self.coming = Coming()

    def partition(self, item: int) -> int:
        """Return the partition that an item belongs to."""
        return item % self._of

    async def take_up(self, partitions: tuple[int, ...]) -> None:
        """Bring to memory what the series of partitions share."""
        for partition in partitions:
            shared = self.shared[partition] = Shared()
            shared.restore(_read(await self._book.pieces(partition)))
        await self.buying.levels.take_up(partitions)

    async def meet(self, lines: Sequence[Line | Receipt]) -> None:
        """Bring to memory what lines are about; series that do not exist begin with their first line."""
        first: dict[SeriesKey, Line] = {}
        for line in lines:
            if isinstance(line, Line):
                first.setdefault(line.key, line)
        unknown = [key for key in sorted(first) if key not in self.series]
        if unknown:
            await self.bring(unknown)
        await self.hear_of(first)
        await self.buying.deliveries.meet((line.buyer, line.item) for line in lines if isinstance(line, Receipt))
        begin = [first[key] for key in unknown if key not in self.series]
        await self._likes.look_up([(line, *each) for line in begin for each in self.hearing.alike(line.key)])

    async def bring(self, keys: Iterable[SeriesKey]) -> None:
        """Bring to memory those of some series that are kept."""
        unknown = [key for key in keys if key not in self.series]
        if unknown:
            await asyncio.to_thread(self.take_in, await self._book.series(unknown))

    async def hear_of(self, keys: Iterable[SeriesKey]) -> None:
        """Bring to memory what series hear, and how their items are delivered."""
        keys = list(keys)
        await self.hearing.meet(keys)
        await self.buying.deliveries.meet((key.seller, key.item) for key in keys)

    def take_in(self, kept: Iterable[Kept]) -> None:
        """Bring to memory series that are kept, unless they are there."""
        for one in kept:
            if one.key not in self.series:
                shared = self.shared[self.partition(one.key.item)]
                track = Track.restore(shared, str(one.key.item), orjson.loads(one.state))
                self.series[one.key] = Followed(one.id, track)

    def learn(self, lines: Sequence[Told]) -> None:
        """Take up sales and receipts that open no new period.

        A series that begins with sales of long ago is a shop's history, told to a
        network that is further: its periods are closed by the lines that follow, as
        if they had been told in time, until the next sweep takes it along.
        """
        for line, clock in lines:
            if isinstance(line, Receipt):
                self.buying.deliveries.learn(line)
                continue
            key, tx = line.key, line.row.tx
            known = self.series.get(key)
            followed = known or self._begin(key, line.at)
            track, at, now = followed.track, self._period.number(line.at), self._period.number(clock)
            told_late = known is None or (track.sold > 0 and track.opened < now)
            self.hear(key, followed, clock, tx)
            self._close_until(key, track, at, clock, tx)
            track.sell(line.at, line.quantity)
            if not (told_late and track.sold > 0):
                self._close_until(key, track, now, clock, tx)
            self.coming.over(line)
            self._move(key, followed, clock, tx)

    def close(self, keys: Sequence[SeriesKey], until: datetime, before: int) -> None:
        """Close the periods of series that are over at a moment, as transactions before `before` knew them."""
        for key in keys:
            followed = self.series[key]
            self.hear(key, followed, until, before)
            self._close_until(key, followed.track, self._period.number(until), until, before)
            self._move(key, followed, until, before)

    def revise(self, key: SeriesKey, clock: datetime, before: int) -> None:
        """Look ahead anew with what was heard."""
        followed = self.series[key]
        self.hear(key, followed, clock, before)
        self._move(key, followed, clock, before)

    def _move(self, key: SeriesKey, followed: Followed, clock: datetime, before: int) -> None:
        """Hold a series for changed; forecasts that will be written over unseen are not made."""
        self.changed[key] = clock, before
        self.series.move_to_end(key)
        followed.outlooks = None
        if not self.coming.moves(key, self.partition(key.item), lambda: self._period.start(followed.track.due)):
            self.look_ahead(key, followed, clock, before)

    def due(self, partition: int, until: datetime, kept: Iterable[tuple[int, SeriesKey]]) -> list[SeriesKey]:
        """Return the series to be closed, by id, those not kept yet as they began; `kept` is what the store holds due.

        Of series that changed since they were kept, memory knows better.
        """
        due: list[tuple[bool, int, SeriesKey]] = [(False, id_, key) for id_, key in kept if key not in self.changed]
        last = self._period.number(until)
        for key in self.changed_of(partition):
            followed = self.series[key]
            if followed.track.due <= last:
                due.append((followed.id is None, followed.id or 0, key))
        return [key for _, _, key in sorted(due, key=lambda one: one[:2])]

    def changed_of(self, partition: int) -> list[SeriesKey]:
        """Return the series of a partition that changed."""
        of = self._of
        return [key for key in self.changed if key.item % of == partition]

    def _begin(self, key: SeriesKey, at: datetime) -> Followed:
        shared = self.shared[self.partition(key.item)]
        self._group(key)
        track = Track.begin(shared, str(key.item), self._period, at, self._likes.taken(key))
        followed = self.series[key] = Followed(None, track)
        return followed

    def _group(self, key: SeriesKey) -> None:
        """Let the habits know in which category an item is."""
        category = self.hearing.category(key)
        if category:
            self.shared[self.partition(key.item)].habits.groups[str(key.item)] = category

    def hear(self, key: SeriesKey, followed: Followed, clock: datetime, before: int) -> None:
        """Let a series know its periods, and its shelf, as of a transaction."""
        self._group(key)
        hearing, track = self.hearing, followed.track
        track.plans = lambda index: hearing.plan(key, self._period, index, clock, before)
        track.shelf = stocked
        if hearing.turned_ever(key):
            track.shelf = lambda index: hearing.empty(key, self._period, index, clock, before)

    def _close_until(self, key: SeriesKey, track: Track, index: int, clock: datetime, before: int) -> None:
        """Close periods, remembering what was promised of each and what came."""
        opened, promised, came = track.opened, track.promised, track.sold
        if index > opened:  # one order that is late changes nothing of what is learnt
            track.aim(self.buying.delivered(key).horizon(self._period, _UNHEARD))
        track.close_until(index)
        for closed in range(opened, track.opened):
            if promised is not None:
                self.closings.append(Closing(key, self._period.start(closed), promised, came))
                self.buying.fill(self.closings[-1], closed, self.partition(key.item), track, clock, before)
            promised, came = track.promised, 0.0

    def look_ahead(self, key: SeriesKey, followed: Followed, clock: datetime, before: int) -> None:
        """Make a series' forecasts and its threshold anew."""
        track = followed.track
        now = max(track.opened, self._period.number(clock))
        heard = self.hearing.hear(key, self._period, now, clock, before)
        terms = self.buying.terms(key, self.partition(key.item), track)
        served = terms.levels
        cover = terms.horizon(self._period, heard)
        later = range(now + 1, now + math.ceil(cover) + 1)
        heard = self.hearing.peaks(key, heard, self._period, later, clock, before)
        followed.touched, followed.heard, followed.terms = clock, heard, terms
        if track.listens:
            further = range(now + 1, now + FAR)
            followed.heard_further = self.hearing.further(key, heard, self._period, further, clock, before)
        outlooks, whole = track.look_ahead(clock, HORIZONS, cover, _all_of(served))
        followed.outlooks = tuple(zip(HORIZONS, (each.at(LEVELS) for each in outlooks), strict=True))
        followed.threshold = threshold(terms, heard, self._period, whole.at(served))

    def lesson(
        self, mine: Callable[[int], bool], keys: Sequence[SeriesKey], steps: dict[int, tuple[Progress, Progress]]
    ) -> Lesson:
        """Return what commits together of partitions that are `mine`: series that changed, and everything shared."""
        return Lesson(
            tuple(self._revisions(keys)),
            tuple(
                (partition, name, VERSION, orjson.dumps(state))
                for partition, shared in self.shared.items()
                if mine(partition) and shared.changed
                for name, state in shared.pieces(shared.changed)
            ),
            steps,
            tuple(one for one in self.closings if mine(self.partition(one.key.item))),
            tuple(one for one in self.buying.deliveries.changes() if mine(self.partition(one[0].item))),
            tuple(one for one in self.buying.levels.changes() if mine(one[0].partition)),
        )

    def _revisions(self, keys: Sequence[SeriesKey]) -> Iterator[Revision]:
        """Yield what is to be written of series that changed."""
        for key in keys:
            followed = self.series[key]
            if followed.outlooks is None:
                self.look_ahead(key, followed, *self.changed[key])
            yield followed.revision(key, self.partition(key.item), self._period)

    def saved(self, mine: Callable[[int], bool], keys: Sequence[SeriesKey], born: dict[SeriesKey, int]) -> None:
        """Hold for saved what `lesson` gave, and everything shared, of partitions that are `mine`."""
        self.closings = [one for one in self.closings if not mine(self.partition(one.key.item))]
        self.buying.deliveries.saved(lambda item: mine(self.partition(item)))
        self.buying.levels.saved(mine)
        for partition, shared in self.shared.items():
            if mine(partition):
                shared.changed.clear()
        for key in keys:
            del self.changed[key]
            followed = self.series[key]
            followed.saved()
            if followed.id is None:
                followed.id = born[key]

    def forget_beyond(self, most: int) -> None:
        """Keep no more than so many series in memory, those looked at last."""
        while len(self.series) > most:
            self.series.popitem(last=False)


@lru_cache(1024)
def _all_of(served: tuple[float, ...]) -> tuple[float, ...]:
    """Return the levels of a forecast and those of a threshold, in order."""
    return tuple(sorted({*LEVELS, *served}))


def _read(pieces: Mapping[str, tuple[str, bytes]]) -> dict[str, object]:
    """Decode shared pieces.

    Those of another version of the library are taken up as well: they are plain
    numbers that mean the same in every version of the models we use.
    """
    return {name: orjson.loads(state) for name, (_, state) in pieces.items()}
