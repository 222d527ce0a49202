"""What series that begin are declared to be like, as far as it sold until then."""

from collections.abc import Sequence

from stockbook.domain.demand.period import Period
from stockbook.flows.demand.book import DemandBook
from stockbook.flows.demand.lesson import Line, SeriesKey

Like = tuple[float, float, float]
"""Periods that items were followed for, those in which they sold, and how much, in units of the item that begins."""


class Likes:
    """Waits for series to begin."""

    def __init__(self, book: DemandBook, period: Period) -> None:
        self._book, self._period = book, period
        self._found: dict[SeriesKey, Like] = {}

    async def look_up(self, asked: Sequence[tuple[Line, int, float]]) -> None:
        """Look up what items did until the line with which a series begins; each with the ratio that it stands for."""
        if not asked:
            return
        pasts = await self._book.pasts(
            [(line.key, item, line.at, line.row.tx) for line, item, _ in asked], self._period
        )
        for (line, _, ratio), past in zip(asked, pasts, strict=True):
            if past.periods:
                periods, hits, units = self._found.get(line.key, (0.0, 0.0, 0.0))
                self._found[line.key] = periods + past.periods, hits + past.hits, units + past.units / ratio

    def taken(self, key: SeriesKey) -> Like | None:
        """Return what a series that begins is like, once."""
        return self._found.pop(key, None)
