"""The replay clock: day by day to now, shops sell; each Monday's night restocks them.

A barrier stands after each day and after each phase of a night. A document says
which nights are complete, and a rerun begins after the last of them; what it
posts again is the same under the same key.
"""

import asyncio
from collections import defaultdict
from datetime import date, datetime

from stockbook.demo.cast import OPERATOR
from stockbook.demo.client import Client
from stockbook.demo.network import Network
from stockbook.demo.occasions import occasions
from stockbook.demo.plan import Phase, night
from stockbook.demo.review import ordered, past_date
from stockbook.demo.sales import Basket
from stockbook.demo.screen import Figures, Screen
from stockbook.demo.till import brought_back, expired, first_orders, midnight, opening, sale

MONDAY = 0
WAITING = ("stockbook_stream_waiting", "stockbook_learner_waiting")
PATIENCE = 600
"""How often to look whether the forecasts are up to date; it is no reason to stop."""
NIGHT = "DEMO-NIGHT-{:%Y%m%d}"


class Replay:
    """Plays a trade into a server."""

    def __init__(self, client: Client, network: Network, screen: Screen, until: datetime) -> None:
        self.client, self.network, self.screen, self.until = client, network, screen, until
        self.figures: Figures = screen.figures
        self.nights = 0
        self.sold: defaultdict[int, set[int]] = defaultdict(set)
        """Products each shop sold since it last reviewed its shelf."""

    async def run(self, after: date | None = None) -> None:
        """Play every day, or those from the night known to be complete."""
        for number, (day, baskets) in enumerate(self.network.trade.days()):
            self.figures.day = day
            if number == 0 and after is None:
                await self.open(day)
            if day.weekday() == MONDAY and number and (after is None or day > after):
                await self.monday(day)
            if after is None or day >= after:
                await self.day(baskets)
            else:
                self.figures.sales += sum(len(basket.lines) for basket in baskets)
            if day.weekday() == MONDAY and after is not None and day <= after:
                self.sold.clear()
            for basket in baskets:
                self.sold[basket.shop].update(line.product for line in basket.lines)

    async def open(self, day: date) -> None:
        """Count the shelves as they are and bring the first delivery."""
        await self.phase(opening(self.network, day))
        for phase in night(self.network, first_orders(self.network), midnight(day)):
            await self.phase(phase)

    async def day(self, baskets: list[Basket]) -> None:
        """Sell what was sold, then take back what was brought back."""
        tills: defaultdict[int, list[Basket]] = defaultdict(list)
        for basket in baskets:
            tills[basket.shop].append(basket)
        await asyncio.gather(*(self.sell(of_one) for of_one in tills.values()))
        for phase in brought_back(self.network, baskets, self.until):
            await self.phase(phase)

    async def sell(self, baskets: list[Basket]) -> None:
        """Post a shop's baskets one after the other, as its till does."""
        for basket in baskets:
            await self.client.post(sale(basket))
            self.figures.sales += len(basket.lines)
            self.screen.tick()

    async def monday(self, day: date) -> None:
        """Clear what is past its date, review the shelves, restock them, and note that the night is complete.

        The first night of a rerun may have been cut short: it orders by what is
        there now, and what it then posts under keys used already is refused.
        """
        sold, self.sold = self.sold, defaultdict(set)
        tally = self.client.tally
        cut_short, before = tally.duplicate > 0 and not self.nights, tally.refused.copy()
        self.nights += 1
        for phase in expired(await past_date(self.client, self.network, day), day):
            await self.phase(phase)
        await self.learnt()
        orders = await ordered(self.client, sold)
        for phase in night(self.network, orders, midnight(day)):
            await self.phase(phase)
        await occasions(self.client, self.network, orders, midnight(day))
        if cut_short:
            tally.refused = before
        document = {"externalReference": NIGHT.format(day), "kind": "NIGHT"}
        await self.client.register("openDocuments", [document], OPERATOR)

    async def learnt(self) -> None:
        """Wait until the forecasts know of every sale, so that every replay orders the same."""
        for _ in range(PATIENCE):
            gauges = await self.client.gauges()
            if not any(gauges.get(name, 0) for name in WAITING):
                return
            await asyncio.sleep(0.05)

    async def phase(self, postings: Phase) -> None:
        """Post everything side by side and wait until all of it is answered."""
        await asyncio.gather(*(self.client.post(posting) for posting in postings))
        self.screen.tick()
