"""Learn from the stream of sales: every line once, in order, each series' forecast moved at once.

What a batch of lines taught and how far it came commit together, so a learner
may be killed at any moment and goes on where it stood. The clock is the
event's time: a partition's periods close when a later sale of it shows that
they are over, never by the time on the wall, so a replay of last year learns
what last year would have taught. All closing that a sale brings about happens
before that sale is taken up, and so nothing depends on where batches are cut.

What is known of a period besides past sales (`hearing`) is read as of the sale
that is learnt. When something new is heard, the forecasts that hear it are
revised as soon as no sale waits.

A partition is the items whose id leaves the same rest: all sites of an item
teach each other. Its series share models and habits; partitions share nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import orjson

from stockbook.domain.demand.influence import Heard
from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.shared import FAR, VERSION, Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.threshold import Threshold, threshold
from stockbook.domain.demand.track import Track
from stockbook.flows.demand_book import (
    BEGINNING,
    Closing,
    DemandBook,
    Kept,
    Lesson,
    Line,
    Progress,
    Revision,
    Row,
    Said,
    SeriesKey,
)
from stockbook.flows.hearing import Hearing

HORIZONS = (1, FAR)
"""Periods taken together, the open one among them."""
ALL_TOLD = 2**63
"""Above every transaction: everything that was recorded is heard."""


@dataclass(slots=True)
class Figures:
    """Running totals of one process, for whoever watches it."""

    rows: int = 0
    lines: int = 0
    forecasts: int = 0
    swept: int = 0


@dataclass(slots=True)
class _Followed:
    id: int | None
    track: Track
    touched: datetime | None = None
    """When it was last moved since it was saved."""
    outlooks: tuple[tuple[int, Outlook], ...] | None = None
    threshold: Threshold | None = None
    heard: Heard | None = None


class Learning:
    """Follows the stream for some partitions of `of`.

    Parameters
    ----------
    batch
        Stream rows read, and series swept, in one transaction.
    remember
        Series kept in memory between batches.
    """

    def __init__(
        self,
        book: DemandBook,
        partitions: Sequence[int],
        of: int,
        *,
        period: Period = Period.WEEK,
        batch: int = 1000,
        remember: int = 50_000,
    ) -> None:
        self._book, self._partitions, self._of = book, tuple(partitions), of
        self._period, self._batch, self._remember = period, batch, remember
        self._followed: OrderedDict[SeriesKey, _Followed] = OrderedDict()
        self._shared: dict[int, Shared] = {}
        self._saved: dict[int, Progress] = {}
        self._now: dict[int, Progress] = {}
        self._hearing = Hearing(book)
        self._closings: list[Closing] = []
        self._stirred: tuple[list[Said], int] = ([], 0)
        """Points that forecasts are being revised for, and the series up to which that is done."""
        self.figures = Figures()

    def follow(self, partitions: Iterable[int]) -> None:
        """Follow these partitions from now on; what is remembered of others is forgotten, all of it is saved."""
        wanted = tuple(sorted(partitions))
        if wanted != self._partitions:
            self._partitions = wanted
            self._forget()

    def _forget(self) -> None:
        self._followed.clear()
        self._shared.clear()
        self._saved.clear()
        self._now.clear()
        self._closings.clear()
        self._hearing = Hearing(self._book)
        self._stirred = ([], 0)

    async def step(self) -> int:
        """Learn the next rows of the stream; return how many there were.

        When anything fails, all that is in memory is forgotten and the next step
        goes on from what was saved.
        """
        try:
            return await self._step()
        except BaseException:
            self._forget()
            raise

    async def _step(self) -> int:
        if not self._saved:
            await self._take_up()
        stretch = await self._book.stretch(min(p.row for p in self._now.values()), self._batch)
        await self._hearing.listen(max((p.clock for p in self._now.values() if p.clock), default=None))
        if not stretch.rows:
            return await self._revise()
        mine = [line for line in stretch.lines if line.row > self._row(self._partition(line.key))]
        await self._meet({line.key for line in mine})
        waiting: list[tuple[Line, datetime]] = []
        reached = BEGINNING
        for row, legs in groupby(mine, key=lambda line: line.row):
            together = list(legs)
            for line in together:
                partition, opens = self._partition(line.key), self._opens(line.at)
                if self._needs_sweep(partition, opens):
                    self._advance(reached)
                    await self._learn(waiting)
                    waiting = []
                    await self._sweep(partition, opens, row)
            for line in together:
                self._tick(self._partition(line.key), line.at)
            waiting += [(line, self._clock(line.key)) for line in together]
            reached = row
        self._advance(stretch.last)
        await self._learn(waiting)
        while len(self._followed) > self._remember:
            self._followed.popitem(last=False)
        self.figures.rows += stretch.rows
        self.figures.lines += len(mine)
        return stretch.rows

    def _partition(self, key: SeriesKey) -> int:
        return key.item % self._of

    def _row(self, partition: int) -> Row:
        # a line of a partition that others follow is behind any row
        return self._now[partition].row if partition in self._now else Row(2**63, 0)

    def _opens(self, at: datetime) -> datetime:
        return self._period.start(self._period.number(at))

    def _needs_sweep(self, partition: int, opens: datetime) -> bool:
        swept = self._now[partition].swept
        return swept is None or opens > swept

    def _tick(self, partition: int, at: datetime) -> None:
        now = self._now[partition]
        if now.clock is None or at > now.clock:
            self._now[partition] = replace(now, clock=at)

    def _clock(self, key: SeriesKey) -> datetime:
        clock = self._now[self._partition(key)].clock
        assert clock is not None, "a line moves its partition's clock before it is learnt"
        return clock

    def _advance(self, row: Row) -> None:
        for partition, now in self._now.items():
            if row > now.row:
                self._now[partition] = replace(now, row=row)

    async def _take_up(self) -> None:
        self._saved = await self._book.progress(self._partitions)
        self._now = dict(self._saved)
        for partition in self._partitions:
            shared = self._shared[partition] = Shared()
            shared.restore(_read(await self._book.pieces(partition)))

    async def _meet(self, keys: Iterable[SeriesKey]) -> None:
        """Bring the series of these keys to memory; those that do not exist begin with their first line."""
        keys = set(keys)
        unknown = [key for key in sorted(keys) if key not in self._followed]
        if unknown:
            self._take_in(await self._book.series(unknown))
        await self._hearing.meet(keys)

    def _take_in(self, kept: Iterable[Kept]) -> None:
        for one in kept:
            if one.key not in self._followed:
                shared = self._shared[self._partition(one.key)]
                track = Track.restore(shared, str(one.key.item), orjson.loads(one.state))
                self._followed[one.key] = _Followed(one.id, track)

    async def _learn(self, lines: Sequence[tuple[Line, datetime]]) -> None:
        """Take up lines that open no new period, each with the clock's time, and save."""
        await self._save(await asyncio.to_thread(self._sell, lines) if lines else [])

    def _sell(self, lines: Sequence[tuple[Line, datetime]]) -> list[SeriesKey]:
        last = {line.key: at for at, (line, _) in enumerate(lines)}
        for at, (line, clock) in enumerate(lines):
            followed = self._followed.get(line.key)
            if followed is None:
                shared = self._shared[self._partition(line.key)]
                track = Track.begin(shared, str(line.key.item), self._period, line.at)
                followed = self._followed[line.key] = _Followed(None, track)
            self._hear(line.key, followed, clock, line.row.tx)
            self._close_until(line.key, followed.track, self._period.number(line.at))
            followed.track.sell(line.at, line.quantity)
            self._close_until(line.key, followed.track, self._period.number(clock))
            if last[line.key] == at:  # forecasts before it would be written over unseen
                self._look_ahead(line.key, followed, clock, line.row.tx)
                self._followed.move_to_end(line.key)
        return list(last)

    def _hear(self, key: SeriesKey, followed: _Followed, clock: datetime, before: int) -> None:
        """Let a series know its periods as of a transaction."""
        followed.track.plans = lambda index: self._hearing.plan(key, self._period, index, clock, before)

    def _close_until(self, key: SeriesKey, track: Track, index: int) -> None:
        """Close periods, remembering what was promised of each and what came."""
        opened, promised, came = track.opened, track.promised, track.sold
        track.close_until(index)
        for closed in range(opened, track.opened):
            if promised is not None:
                self._closings.append(Closing(key, self._period.start(closed), promised, came))
            promised, came = track.promised, 0.0

    def _look_ahead(self, key: SeriesKey, followed: _Followed, clock: datetime, before: int) -> None:
        track, terms = followed.track, self._hearing.terms(key)
        heard = self._hearing.hear(key, self._period, track.opened, clock, before)
        followed.touched, followed.heard = clock, heard
        served = (0.5, max(terms.service_level, 0.5))
        horizons = (*HORIZONS, terms.horizon(self._period, heard))
        *outlooks, whole = track.outlooks(clock, horizons, sorted({*LEVELS, *served}))
        followed.outlooks = tuple(zip(HORIZONS, (each.at(LEVELS) for each in outlooks), strict=True))
        followed.threshold = threshold(terms, heard, self._period, whole.at(served))

    async def _revise(self) -> int:
        """Revise forecasts that hear something new, some at a time; return how many."""
        points, after = self._stirred
        if not points:
            points, after = self._hearing.stirred, 0
            self._hearing.stirred = []
        if not points:
            return 0
        kept = await self._book.hearers(points, self._partitions, after, self._batch)
        self._stirred = ([] if len(kept) < self._batch else points, kept[-1].id if kept else 0)
        self._take_in(kept)
        keys = [one.key for one in kept]
        await self._hearing.meet(keys)
        for key in keys:
            followed, clock = self._followed[key], self._clock(key)
            self._hear(key, followed, clock, ALL_TOLD)
            self._look_ahead(key, followed, clock, ALL_TOLD)
        await self._save(keys)
        return len(keys)

    async def _sweep(self, partition: int, until: datetime, row: Row) -> None:
        """Close what is due in a partition, by id, saving as it goes; a sweep cut off goes on with what is left.

        `row` is the sale that brings it about; what was recorded before it is heard.
        """
        while True:
            kept = await self._book.due(partition, until, self._batch)
            self._take_in(kept)
            keys = [one.key for one in kept]
            if keys:
                await self._hearing.meet(keys)
                await asyncio.to_thread(self._close, keys, until, row.tx)
            done = len(kept) < self._batch
            if done:
                self._now[partition] = replace(self._now[partition], swept=until)
            await self._save(keys)
            self.figures.swept += len(keys)
            if done:
                return

    def _close(self, keys: Sequence[SeriesKey], until: datetime, before: int) -> None:
        for key in keys:
            followed = self._followed[key]
            self._hear(key, followed, until, before)
            self._close_until(key, followed.track, self._period.number(until))
            self._look_ahead(key, followed, until, before)

    async def _save(self, keys: Sequence[SeriesKey]) -> None:
        revisions = tuple(self._revisions(keys))
        steps = {p: (self._saved[p], now) for p, now in self._now.items() if now != self._saved[p]}
        if not revisions and not steps:
            return
        pieces = tuple(
            (partition, name, VERSION, orjson.dumps(state))
            for partition, shared in self._shared.items()
            if shared.changed
            for name, state in shared.pieces(shared.changed)
        )
        fence = {p: steps.get(p, (self._saved[p], self._saved[p])) for p in self._partitions}
        born = await self._book.commit(Lesson(revisions, pieces, fence, tuple(self._closings)))
        self._closings.clear()
        self._saved = dict(self._now)
        for shared in self._shared.values():
            shared.changed.clear()
        for key in keys:
            followed = self._followed[key]
            followed.touched = followed.outlooks = followed.threshold = followed.heard = None
            if followed.id is None:
                followed.id = born[key]
        self.figures.forecasts += len(HORIZONS) * len(revisions)

    def _revisions(self, keys: Sequence[SeriesKey]) -> Iterator[Revision]:
        for key in keys:
            followed = self._followed[key]
            track = followed.track
            assert followed.outlooks and followed.touched and followed.threshold and followed.heard
            yield Revision(
                id=followed.id,
                key=key,
                partition=self._partition(key),
                period=self._period.value,
                due_at=self._period.start(track.due),
                state=orjson.dumps(track.state()),
                starts_at=self._period.start(track.opened),
                revised_at=followed.touched,
                past_error=track.past_error,
                learner=track.learner.kind,
                outlooks=followed.outlooks,
                threshold=followed.threshold,
                heard=followed.heard.used if track.listens else (),
                stale=followed.heard.stale if track.listens else (),
            )


def _read(pieces: Mapping[str, tuple[str, bytes]]) -> dict[str, object]:
    """Decode shared pieces.

    Those of another version of the library are taken up as well: they are plain
    numbers that mean the same in every version of the models we use.
    """
    return {name: orjson.loads(state) for name, (_, state) in pieces.items()}
