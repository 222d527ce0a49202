"""On which terms series are bought: as agreed, as deliveries turned out, and as safe as fills what is aimed at."""

from datetime import datetime

from stockbook.domain.demand.period import Period
from stockbook.domain.demand.service import unmet
from stockbook.domain.demand.threshold import Terms
from stockbook.domain.demand.track import Track
from stockbook.flows.demand.book import DemandBook
from stockbook.flows.demand.deliveries import Deliveries
from stockbook.flows.demand.hearing import Hearing
from stockbook.flows.demand.lesson import Class, Closing, SeriesKey
from stockbook.flows.demand.levels import Levels

_GIVEN_UP = 8.0
"""Periods of what was promised: more than that is not held for lost on an empty shelf."""


class Buying:
    """Deliveries and levels of service, beside the terms that were heard."""

    def __init__(self, book: DemandBook, hearing: Hearing, period: Period) -> None:
        self._hearing, self._period = hearing, period
        self.deliveries, self.levels = Deliveries(book), Levels(book)

    def delivered(self, key: SeriesKey) -> Terms:
        """Return the terms of a series as deliveries turned out."""
        return self.deliveries.terms((key.seller, key.item), self._hearing.terms(key))

    def terms(self, key: SeriesKey, partition: int, track: Track) -> Terms:
        """Return the same, at the level of service that its class has learnt."""
        return self.levels.terms(key.seller, partition, track.learner.dense is not None, self.delivered(key))

    def fill(self, closed: Closing, index: int, partition: int, track: Track, clock: datetime, before: int) -> None:
        """Note what a closed period asked for and what was filled, where the terms aim at a fill rate.

        What was lost on a shelf that stays empty counts when it is filled again: of
        goods that never come back nobody asks how safe to order them.
        """
        key, aim = closed.key, self._hearing.terms(closed.key).fill_rate
        if aim is None:
            return
        empty = self._hearing.empty(key, self._period, index, clock, before)
        lost = unmet(closed.promised, closed.came, empty, track.steadiness)
        if empty >= 1:
            track.lost = min(track.lost + lost, _GIVEN_UP * closed.promised)
            return
        of = Class(key.seller, partition, track.learner.dense is not None, aim)
        heard = self._hearing.hear(key, self._period, index, clock, before)
        horizon = self.delivered(key).horizon(self._period, heard)
        self.levels.note(of, closed.came + lost + track.lost, closed.came, horizon, clock)
        track.lost = 0.0
