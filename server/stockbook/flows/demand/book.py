"""What learning demand needs of the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from stockbook.domain.demand.lead_time import LeadTime
from stockbook.domain.demand.period import Period
from stockbook.flows.demand.lesson import Class, Kept, KeptLevel, Lesson, Progress, Row, SeriesKey, Stretch, Supply
from stockbook.flows.demand.news import News, Past, Reach, Stir


class Overtaken(Exception):
    """Somebody else learnt on: the lesson is void, nothing of it was written."""


class DemandBook(Protocol):
    """What learning needs of the store."""

    async def progress(self, partitions: Sequence[int]) -> dict[int, Progress]:
        """Return how far each partition has come, beginning those that never began."""
        ...

    async def pieces(self, partition: int) -> dict[str, tuple[str, bytes]]:
        """Return the partition's shared pieces: (version, state) by name."""
        ...

    async def stretch(self, after: Row, limit: int) -> Stretch:
        """Return the next `limit` settled rows, in commit order."""
        ...

    async def series(self, keys: Sequence[SeriesKey]) -> list[Kept]:
        """Return the series that exist."""
        ...

    async def due(self, partition: int, until: datetime) -> list[tuple[int, SeriesKey]]:
        """Return the series that the clock must have closed at `until`, by id."""
        ...

    async def news(self, since: int, at: datetime | None, partitions: Sequence[int]) -> News:
        """Return what transactions from `since` on recorded of moments after `at`, as far as all have ended.

        Guests are told of the series of some partitions.
        """
        ...

    async def reach(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Reach]:
        """Return what each series hears."""
        ...

    async def stirred(self, stir: Stir, partitions: Sequence[int], limit: int) -> list[Kept]:
        """Return the next series of some partitions that hear a point, stand for a shelf, or are ordered by terms."""
        ...

    async def deliveries(self, items: Sequence[tuple[int, int]]) -> dict[Supply, LeadTime]:
        """Return what was learnt of deliveries, by buyer and item."""
        ...

    async def levels(self, partitions: Sequence[int]) -> dict[Class, KeptLevel]:
        """Return how safe the classes of these partitions order."""
        ...

    async def pasts(self, asked: Sequence[tuple[SeriesKey, int, datetime, int]], period: Period) -> list[Past]:
        """Return what another item did of late at a series' site, or where it never sold there at the seller's others.

        Asked with the moment and the transaction before which it counts.
        """
        ...

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        """Write it all or, when a partition does not stand where the lesson began, raise `Overtaken`.

        Returns the ids of the series that are new.
        """
        ...
