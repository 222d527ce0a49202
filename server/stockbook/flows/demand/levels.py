"""How safe each class of series orders, as one learner holds it: moved by what was filled, once a period."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from stockbook.domain.demand.service import Service
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand.book import DemandBook
from stockbook.flows.demand.lesson import Class, KeptLevel


class Levels:
    """Controllers by class."""

    def __init__(self, book: DemandBook) -> None:
        self._book = book
        self._known: dict[Class, KeptLevel] = {}
        self._changed: dict[Class, datetime] = {}

    async def take_up(self, partitions: tuple[int, ...]) -> None:
        """Bring to memory what was learnt of partitions."""
        self._known = await self._book.levels(partitions)
        self._changed.clear()

    def note(self, of: Class, asked: float, filled: float, horizon: float, at: datetime) -> None:
        """Take up what a closed period of one series asked for, what of it was filled, and how far ahead one orders."""
        kept = self._known.setdefault(of, KeptLevel(Service(of.target)))
        kept.asked_since += asked
        kept.filled_since += filled
        kept.spanned_since += asked * horizon
        kept.squared_since += asked * asked
        self._changed[of] = at

    def learn(self, partition: int, at: datetime) -> None:
        """Let the controllers of a partition learn what all its periods that closed came to."""
        for of in sorted(self._known):
            kept = self._known[of]
            if of.partition != partition or kept.asked_since <= 0:
                continue
            horizon = max(kept.spanned_since / kept.asked_since, 1.0)
            kept.service.learn(kept.asked_since, kept.filled_since, kept.squared_since, horizon)
            kept.asked += kept.asked_since
            kept.filled += kept.filled_since
            kept.asked_since = kept.filled_since = kept.spanned_since = kept.squared_since = 0.0
            self._changed[of] = at

    def terms(self, seller: int, partition: int, often: bool, agreed: Terms) -> Terms:
        """Return terms with the level that holds their fill rate, where they aim at one."""
        if agreed.fill_rate is None:
            return agreed
        kept = self._known.get(Class(seller, partition, often, agreed.fill_rate))
        return replace(agreed, service_level=(kept.service if kept else Service(agreed.fill_rate)).level)

    def changes(self) -> tuple[tuple[Class, KeptLevel, datetime], ...]:
        """Return what changed since it was saved."""
        return tuple((of, self._known[of], at) for of, at in self._changed.items())

    def saved(self, mine: Callable[[int], bool]) -> None:
        """Hold for saved all that changed of partitions that are `mine`."""
        self._changed = {of: at for of, at in self._changed.items() if not mine(of.partition)}
