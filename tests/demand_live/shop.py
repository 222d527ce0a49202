"""A shop that sells tomatoes through the real mutations, and a learner that follows it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stockbook.flows.demand.learning import Learning
from stockbook.store.demand.book import PostgresDemand
from tests.mutations.network import Network

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
WEEKS = 9
"""How long a shop sells that runs short."""
SITE, SHELF, TOMATO = "SHOP/SITE", "SHOP/SHELF", "TOMATO"
FORECAST = """query F($item: ID!, $site: ID!, $horizon: Int = 1) {
  forecast(item: $item, location: $site, horizon: $horizon) {
  mean inForce levels quantiles shares pastError learner startsAt cleared
  influences { name kind scope unit } staleInfluences { name kind }
  override { quantity reason until actor { name } }
  threshold { horizon serviceLevel expected safetyStock reorderPoint ceiling low high peak }
  zh: explanation { text parts { input words share quantity } changes }
  en: explanation(language: EN) { text parts { input words share quantity } changes } } }"""


def week(number: float) -> datetime:
    return MONDAY + timedelta(weeks=number)


def said(moment: datetime) -> str:
    return moment.isoformat()


class Shop:
    """One seller; `learn` goes through whatever was posted since."""

    def __init__(self, trade: Network, partitions: int = 2) -> None:
        self.trade, self.keys = trade, 0
        self.partitions = partitions
        self.learning = self.learner()

    def learner(self) -> Learning:
        return Learning(PostgresDemand(self.trade.parts.beside), range(self.partitions), self.partitions)

    async def open(self) -> None:
        await self.fill("100000")

    async def fill(self, quantity: str, item: str = TOMATO, at: str = "") -> None:
        line = {"item": item, "quantity": quantity, "place": SITE}
        early = at or said(MONDAY - timedelta(days=1))
        self.keys += 1
        received = await self.trade.post("receive", f"fill-{self.keys}", line, occurredAt=early)
        assert not received["errors"], received
        away = {"item": item, "quantity": quantity, "source": SITE, "place": SHELF}
        put = await self.trade.post("putAway", f"away-{self.keys}", away, occurredAt=early)
        assert not put["errors"], put

    async def sell(self, quantity: float, at: datetime, item: str = TOMATO) -> None:
        self.keys += 1
        line = {"item": item, "quantity": str(quantity), "place": SHELF}
        sold = await self.trade.post("sell", f"sale-{self.keys}", line, occurredAt=said(at))
        assert not sold["errors"], sold

    async def weeks(self, first: int, last: int, item: str = TOMATO, promoted: float = 30.0) -> None:
        """Sell ten a week, three times as many in each sixth."""
        for number in range(first, last):
            whole = promoted if number % 6 == 0 else 10.0
            for day in (0, 2, 5):
                await self.sell(round(whole / 3, 3), week(number) + timedelta(days=day, hours=9), item)

    async def learn(self) -> None:
        while await self.learning.step():
            pass

    async def tell(self, name: str, *lines: dict[str, Any], role: str = "buyer", by: str = "SHOP") -> dict[str, Any]:
        document = f"""mutation T($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
            errors {{ code message path }} results {{ line outcome id code }} }} }}"""
        answer = await self.trade.ask(document, {"input": {"lines": list(lines)}}, by, role)
        assert "errors" not in answer, answer
        return answer["data"][name]

    async def told(self, name: str, *lines: dict[str, Any], role: str = "buyer", by: str = "SHOP") -> list[str]:
        payload = await self.tell(name, *lines, role=role, by=by)
        assert not payload["errors"], payload
        return [each["id"] for each in payload["results"]]

    async def forecast(self, item: str = TOMATO, horizon: int = 1, role: str = "buyer") -> dict[str, Any]:
        answer = await self.trade.ask(FORECAST, {"item": item, "site": SITE, "horizon": horizon}, "SHOP", role)
        assert "errors" not in answer, answer
        return answer["data"]["forecast"]

    async def promote(self, first: int, last: int) -> None:
        """Every sixth week is a promotion of grade S, known ahead."""
        lines = [
            {"influence": "PROMO", "at": said(week(number) + timedelta(days=day)), "text": "S"}
            for number in range(first, last)
            if number % 6 == 0
            for day in range(7)
        ]
        for at in range(0, len(lines), 50):
            await self.told("recordInfluences", *lines[at : at + 50])
