"""How suppliers deliver, as one learner holds it: learnt from receipts, in the order of the stream."""

from collections.abc import Callable, Iterable
from datetime import datetime

from stockbook.domain.demand.lead_time import LeadTime, learnt
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand.book import DemandBook
from stockbook.flows.demand.lesson import Receipt, Supply

Bought = tuple[int, int]
"""A buyer and an item."""


class Deliveries:
    """Lead times by buyer and item, of each supplier."""

    def __init__(self, book: DemandBook) -> None:
        self._book = book
        self._known: dict[Bought, dict[int, LeadTime]] = {}
        self._changed: dict[Supply, datetime] = {}

    async def meet(self, bought: Iterable[Bought]) -> None:
        """Bring to memory what was learnt of these."""
        unknown = sorted({each for each in bought if each not in self._known})
        if not unknown:
            return
        found = await self._book.deliveries(unknown)
        self._known |= {each: {} for each in unknown}
        for supply, lead_time in found.items():
            self._known[supply.buyer, supply.item][supply.supplier] = lead_time

    def learn(self, receipt: Receipt) -> None:
        """Take up a receipt."""
        suppliers = self._known[receipt.buyer, receipt.item]
        suppliers.setdefault(receipt.supplier, LeadTime()).learn(receipt.hours, receipt.late_hours)
        self._changed[Supply(receipt.buyer, receipt.item, receipt.supplier)] = receipt.at

    def terms(self, bought: Bought, agreed: Terms) -> Terms:
        """Return agreed terms with what was learnt."""
        suppliers = self._known.get(bought)
        return learnt(agreed, [suppliers[each] for each in sorted(suppliers)]) if suppliers else agreed

    def changes(self) -> tuple[tuple[Supply, LeadTime, datetime], ...]:
        """Return what changed since it was saved."""
        return tuple(
            (supply, self._known[supply.buyer, supply.item][supply.supplier], at)
            for supply, at in self._changed.items()
        )

    def saved(self, mine: Callable[[int], bool]) -> None:
        """Hold for saved all that changed of items that are `mine`."""
        self._changed = {supply: at for supply, at in self._changed.items() if not mine(supply.item)}
