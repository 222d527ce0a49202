"""What happens in a shop: opening counts, sales, goods brought back, goods past their date."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from stockbook.demo.network import Network, item, shop
from stockbook.demo.plan import LINES_MAX, Order, Phase, Posting, chance, lot
from stockbook.demo.recipes import CRATE
from stockbook.demo.review import Left
from stockbook.demo.sales import NIGHT, Basket

BROUGHT_BACK = 150
"""Of one basket in so many the first product comes back: packed goods are sold again, produce is thrown away."""


def opening(network: Network, start: date) -> Phase:
    """Return the counts with which the shops begin: a crate of everything in their range is on the shelf."""
    at = midnight(start)
    return [
        Posting(
            shop(number),
            "count",
            f"opening-{first}",
            at,
            tuple(
                {"item": item(product), "place": f"{shop(number)}/SHELF", "counted": str(CRATE), "expected": "0"}
                for product in sorted(assortment)[first : first + LINES_MAX]
            ),
        )
        for number, assortment in network.trade.ranges.items()
        for first in range(0, len(assortment), LINES_MAX)
    ]


def first_orders(network: Network) -> list[Order]:
    """Return the first delivery: a crate of what each shop sells most of, from everybody who supplies it."""
    best: dict[tuple[int, str], int] = {}
    for number, assortment in network.trade.ranges.items():
        for product, units in sorted(assortment.items()):
            pair = (number, network.supplier(product))
            if pair not in best or units > assortment[best[pair]]:
                best[pair] = product
    return [Order(number, product, CRATE) for (number, _), product in sorted(best.items())]


def midnight(day: date) -> datetime:
    """Return when a shops' day begins, in UTC.

    >>> midnight(date(2026, 11, 23)).isoformat()
    '2026-11-23T05:00:00+00:00'
    """
    return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00") + NIGHT


def sale(basket: Basket) -> Posting:
    """Return a basket as one posting; its key is the basket's number, its lines are its products."""
    shelf = f"{shop(basket.shop)}/SHELF"
    lines = tuple({"item": item(p), "quantity": str(units), "place": shelf} for p, units in basket.lines)
    return Posting(shop(basket.shop), "sell", f"basket-{basket.id}", basket.at, lines)


def brought_back(network: Network, baskets: Iterable[Basket], until: datetime) -> Iterator[Phase]:
    """Yield what becomes of goods that are brought back within the hour."""
    back = [b for b in baskets if chance("back", b.id, one_in=BROUGHT_BACK) and b.at + timedelta(hours=1) < until]
    whole = [basket for basket in back if network.made(basket.lines[0].product)]
    damaged = [basket for basket in back if not network.made(basket.lines[0].product)]

    def postings(of: Iterable[Basket], verb: str, minutes: int, place: str = "", **more: str) -> Phase:
        return [
            Posting(
                shop(basket.shop),
                verb,
                f"back-{basket.id}-{verb}",
                basket.at + timedelta(minutes=minutes),
                (
                    {
                        "item": item(basket.lines[0].product),
                        "quantity": str(basket.lines[0].quantity),
                        "place": f"{shop(basket.shop)}/{place or 'DOCK'}",
                        **({"source": f"{shop(basket.shop)}/DOCK"} if place else {}),
                        **more,
                    },
                ),
            )
            for basket in of
        ]

    yield postings(back, "return", 20)
    yield [
        *postings(whole, "putAway", 30, place="SHELF"),
        *postings(damaged, "changeState", 30, fromState="RETURNED", toState="DAMAGED"),
    ]
    yield postings(damaged, "dispose", 40, state="DAMAGED")


def expired(goods: Iterable[Left], day: date) -> Iterator[Phase]:
    """Yield the end of goods past their date."""
    kept = list(goods)
    for minutes, verb, state in ((5, "expire", {}), (10, "dispose", {"state": "EXPIRED"})):
        yield [
            Posting(
                shop(number),
                verb,
                f"expired-{day:%Y%m%d}-{product}-{verb}",
                midnight(day) + timedelta(minutes=minutes),
                (
                    {
                        "item": item(product),
                        "lot": lot(product, came),
                        "place": f"{shop(number)}/SHELF",
                        "quantity": units,
                        **state,
                    },
                ),
            )
            for number, product, came, units in kept
        ]
