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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from stockbook.domain.demand.period import Period
from stockbook.flows.demand.book import DemandBook
from stockbook.flows.demand.coming import Coming
from stockbook.flows.demand.following import HORIZONS, Following, Told
from stockbook.flows.demand.lesson import BEGINNING, Line, Progress, Receipt, Row, Stretch
from stockbook.flows.demand.news import Stir

_BEHIND = 8
"""How many times as much is learnt at once while one is behind."""
ALL_TOLD = 2**63
"""Above every transaction: everything that was recorded is heard."""


@dataclass(slots=True)
class Figures:
    """Running totals of one process, for whoever watches it."""

    rows: int = 0
    lines: int = 0
    forecasts: int = 0
    swept: int = 0


_STILL = Stir()


class Learning:
    """Follows the stream for some partitions of `of`.

    A stretch of the stream is learnt in memory, each series that it moved saved
    once. While more waits than one stretch, stretches grow, up to eightfold.

    Parameters
    ----------
    batch
        Stream rows read, and series of a partition that are saved, at once.
    together
        Series saved in one transaction whatever their partition; more are saved
        partition by partition, for no signal is numbered while one lasts.
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
        together: int = 250,
        remember: int = 50_000,
    ) -> None:
        self._book, self._partitions, self._of = book, tuple(partitions), of
        self.period, self._batch, self._together, self._remember = period, batch, together, remember
        self._rows, self._lasts = batch, timedelta(seconds=period.seconds)
        self._saved: dict[int, Progress] = {}
        self._now: dict[int, Progress] = {}
        self._following = Following(book, self._partitions, of, period)
        self._stir = _STILL
        self.figures = Figures()

    def follow(self, partitions: Iterable[int]) -> None:
        """Follow these partitions from now on; what is remembered of others is forgotten, all of it is saved."""
        wanted = tuple(sorted(partitions))
        if wanted != self._partitions:
            self._partitions = wanted
            self._forget()

    def _forget(self) -> None:
        self._saved.clear()
        self._now.clear()
        self._following = Following(self._book, self._partitions, self._of, self.period)
        self._stir = _STILL

    @property
    def behind(self) -> bool:
        """Whether more waits than the last stretch had."""
        return self._rows > self._batch

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
        stretch = await self._book.stretch(min(p.row for p in self._now.values()), self._rows)
        full = stretch.rows == self._rows
        self._rows = min(2 * self._rows, _BEHIND * self._batch) if full else self._batch
        latest = max((p.clock for p in self._now.values() if p.clock), default=None)
        await self._following.hearing.listen(latest)
        if not stretch.rows:
            return await self._revise()
        mine = [line for line in stretch.lines if line.row > self._row(self._partition(line))]
        await self._following.meet(mine)
        await self._go_through(stretch, mine)
        self._following.forget_beyond(self._remember)
        self.figures.rows += stretch.rows
        self.figures.lines += len(mine)
        return stretch.rows

    async def _go_through(self, stretch: Stretch, mine: Sequence[Line | Receipt]) -> None:
        waiting: list[Told] = []
        reached = BEGINNING
        self._following.coming = self._coming(mine)
        for row, legs in groupby(mine, key=lambda line: line.row):
            together = list(legs)
            sold = [line for line in together if isinstance(line, Line)]
            for line in sold:
                partition = self._partition(line)
                if self._needs_sweep(partition, line.at):
                    self._advance(reached)
                    await self._learn(waiting)
                    waiting = []
                    await self._sweep(partition, self._opens(line.at), row.tx)
            for line in sold:
                self._tick(self._partition(line), line.at)
            waiting += [Told(line, self._now[self._partition(line)].clock or line.at) for line in together]
            reached = row
        self._advance(stretch.last)
        await self._learn(waiting)
        await self._save()

    def _coming(self, mine: Sequence[Line | Receipt]) -> Coming:
        """Return what lines will move: each its series, and those that open a period all that are due."""
        coming = Coming()
        for line in mine:
            if isinstance(line, Line):
                partition = self._partition(line)
                coming.lines[line.key] = line
                if self._needs_sweep(partition, line.at):
                    opens = self._opens(line.at)
                    coming.sweeps[partition] = max(opens, coming.sweeps.get(partition, opens))
        return coming

    def _partition(self, line: Line | Receipt) -> int:
        return self._following.partition(line.key.item if isinstance(line, Line) else line.item)

    def _row(self, partition: int) -> Row:
        # a line of a partition that others follow is behind any row
        return self._now[partition].row if partition in self._now else Row(2**63, 0)

    def _opens(self, at: datetime) -> datetime:
        return self.period.start(self.period.number(at))

    def _needs_sweep(self, partition: int, at: datetime) -> bool:
        """Tell whether a moment lies in a later period than the one until which a partition was swept."""
        swept = self._now[partition].swept
        return swept is None or at >= swept + self._lasts

    def _tick(self, partition: int, at: datetime) -> None:
        now = self._now[partition]
        if now.clock is None or at > now.clock:
            self._now[partition] = replace(now, clock=at)

    def _advance(self, row: Row) -> None:
        for partition, now in self._now.items():
            if row > now.row:
                self._now[partition] = replace(now, row=row)

    async def _take_up(self) -> None:
        self._saved = await self._book.progress(self._partitions)
        self._now = dict(self._saved)
        await self._following.take_up(self._partitions)

    async def _learn(self, lines: Sequence[Told]) -> None:
        """Take up lines that open no new period, each with the clock's time."""
        if lines:
            await asyncio.to_thread(self._following.learn, lines)

    async def _revise(self) -> int:
        """Revise forecasts that hear something new, some at a time; return how many."""
        following, hearing = self._following, self._following.hearing
        if self._stir == _STILL:
            self._stir = hearing.stir()
        kept = await self._book.stirred(self._stir, self._partitions, self._batch) if self._stir != _STILL else []
        self._stir = replace(self._stir, after=kept[-1].id) if len(kept) == self._batch else _STILL
        await asyncio.to_thread(following.take_in, kept)
        keys = [one.key for one in kept]
        await self._following.hear_of(keys)
        for key in keys:
            clock = self._now[following.partition(key.item)].clock
            assert clock is not None, "a line moves its partition's clock before it is learnt"
            following.revise(key, clock, ALL_TOLD)
        if keys:
            await self._save()
        return len(keys)

    async def _sweep(self, partition: int, until: datetime, before: int) -> None:
        """Close what is due in a partition, by id; a sweep cut off goes on with what is left.

        `before` is the transaction that brings it about; what was recorded before it is heard.
        """
        following = self._following
        if following.coming.sweeps.get(partition) == until:
            del following.coming.sweeps[partition]
        due = following.due(partition, until, await self._book.due(partition, until))
        for start in range(0, len(due), self._batch):
            keys = due[start : start + self._batch]
            await following.bring(keys)
            await following.hear_of(keys)
            await asyncio.to_thread(following.close, keys, until, before)
            self.figures.swept += len(keys)
            if len(following.changed) >= self._batch and len(following.changed_of(partition)) >= self._batch:
                await self._save()
        following.buying.levels.learn(partition, until)
        self._now[partition] = replace(self._now[partition], swept=until)

    async def _save(self) -> None:
        """Save all that was learnt, much of it partition by partition."""
        if len(self._following.changed) <= self._together:
            await self._commit(frozenset(self._partitions))
            return
        for partition in self._partitions:
            await self._commit(frozenset((partition,)))

    async def _commit(self, partitions: frozenset[int]) -> None:
        following = self._following
        mine = partitions.__contains__
        keys = [key for key in following.changed if mine(following.partition(key.item))]
        steps = {p: (self._saved[p], self._now[p]) for p in partitions}
        if not keys and all(before == after for before, after in steps.values()):
            return
        lesson = await asyncio.to_thread(following.lesson, mine, keys, steps)
        born = await self._book.commit(lesson)
        self._saved |= {p: self._now[p] for p in partitions}
        following.saved(mine, keys, born)
        self.figures.forecasts += len(HORIZONS) * len(keys)
