"""What shops and co-operatives look up in the graph: what is left, what is forecast, what is past its date."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from stockbook.demo.client import Client, Json
from stockbook.demo.network import Network, item, shop, site
from stockbook.demo.plan import SHELF_LIFE_DAYS, Order, crates, expiry, lot

T = TypeVar("T")
HORIZON = 4
LEVEL = 0.9
"""Shops order up to this quantile of four weeks' demand."""
PAGE = 100
LOTS = 25

SHELVES = """
query shelves($site: ID!, $items: [ID!]!, $horizon: Int!) {
  availabilities(first: 100, filter: { site: { eq: $site }, item: { in: $items } }) {
    nodes { onHand inbound item { externalReference } }
  }
  forecasts(first: 100, filter: { site: { eq: $site }, item: { in: $items }, horizon: { eq: $horizon } }) {
    nodes { levels quantiles item { externalReference } }
  }
}
"""

DATED = """
query dated($codes: [String!]!, $after: String) {
  lots(first: 25, filter: { code: { in: $codes } }) {
    nodes {
      code
      item { externalReference }
      positions(first: 100, after: $after, filter: { state: { eq: "SELLABLE" } }) {
        nodes { quantity holds place { externalReference } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


class Left(NamedTuple):
    """Units of a product past its date on a shop's shelf, and the night they came."""

    shop: int
    product: int
    came: date
    units: str


async def ordered(client: Client, sold: dict[int, set[int]]) -> list[Order]:
    """Return what the shops order: for what sold since, up to the quantile of the forecast."""
    pages = [(number, page) for number, products in sorted(sold.items()) for page in _pages(sorted(products), PAGE)]
    found = await asyncio.gather(*(_order(client, number, page) for number, page in pages))
    return [order for orders in found for order in orders]


async def _order(client: Client, number: int, products: list[int]) -> list[Order]:
    items = {item(product): product for product in products}
    data = await client.ask(shop(number), SHELVES, site=site(shop(number)), items=list(items), horizon=HORIZON)
    position = {
        items[row["item"]["externalReference"]]: float(row["onHand"]) + float(row["inbound"])
        for row in data["availabilities"]["nodes"]
    }
    wanted = {items[row["item"]["externalReference"]]: _quantile(row) for row in data["forecasts"]["nodes"]}
    orders = [
        Order(number, product, crates(position.get(product, 0.0), wanted.get(product, 0.0))) for product in products
    ]
    return [order for order in orders if order.units]


def _quantile(forecast: Json) -> float:
    """Return the first quantile at or above the level shops order up to.

    >>> _quantile({"levels": [0.5, 0.9, 0.95], "quantiles": [3.0, 6.0, 7.5]})
    6.0
    """
    rows = zip(forecast["levels"], forecast["quantiles"], strict=True)
    return next((float(quantity) for level, quantity in rows if level >= LEVEL), 0.0)


async def past_date(client: Client, network: Network, day: date) -> list[Left]:
    """Return what lies on shelves, not held, of the lots that may not be sold from `day` on; their owners see it."""
    came = day - timedelta(days=SHELF_LIFE_DAYS + 1)
    lots: dict[str, list[str]] = {}
    for product in network.products:
        if not network.made(product) and expiry(product, came):
            lots.setdefault(network.supplier(product), []).append(lot(product, came))
    asked = [(owner, page) for owner, codes in sorted(lots.items()) for page in _pages(codes, LOTS)]
    answers = await asyncio.gather(*(_where(client, owner, page) for owner, page in asked))
    shelves = {f"{shop(number)}/SHELF": number for number in network.trade.shops}
    products = {item(product): product for product in network.products}
    units: Counter[tuple[int, int]] = Counter()
    for found in (lot_found for answer in answers for lot_found in answer):
        for row in found["positions"]["nodes"]:
            place = row["place"]["externalReference"] if row["place"] else None
            if place in shelves and not row["holds"]:
                units[shelves[place], products[found["item"]["externalReference"]]] += int(row["quantity"])
    return [Left(number, product, came, str(left)) for (number, product), left in sorted(units.items())]


async def _where(client: Client, owner: str, codes: list[str], after: str | None = None) -> list[Json]:
    """Return the lots with where they are; one that is in more places than a page holds, several times."""
    found: list[Json] = (await client.ask(owner, DATED, codes=codes, after=after))["lots"]["nodes"]
    for lot_found in list(found):
        page = lot_found["positions"]["pageInfo"]
        if page["hasNextPage"]:
            found += await _where(client, owner, [lot_found["code"]], page["endCursor"])
    return found


def _pages(things: list[T], size: int) -> Iterable[list[T]]:
    return (things[start : start + size] for start in range(0, len(things), size))
