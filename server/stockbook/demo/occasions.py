"""What else happens in shops now and then: promises made and kept or given back, goods frozen, a right lent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from stockbook.demo.client import Client
from stockbook.demo.network import Network, item, shop, site
from stockbook.demo.plan import Order, Posting, lottery

AFTER_HOURS = 6
"""When in the morning: the night's goods are on the shelf."""


async def occasions(client: Client, network: Network, orders: Sequence[Order], start: datetime) -> None:
    """Let them happen to goods that came this night, so that there is something to promise."""
    picked = sorted(orders, key=lambda order: lottery(start, order.shop, order.product))[:4]
    at = start + timedelta(hours=AFTER_HOURS)
    if len(picked) == 4:
        kept, given_back, frozen, lent = picked
        await promised(client, kept, at, "commit")
        await promised(client, given_back, at, "release")
        await held(client, frozen, at)
        neighbour = next(number for number in network.trade.shops if number != lent.shop)
        await client.post(_post(lent, "grant", at, right="SALE", organisation=shop(neighbour), quantity="2"))


async def promised(client: Client, order: Order, at: datetime, then: str) -> None:
    """Reserve two units of a shelf's goods, then make the promise firm or give it back."""
    reserved = Posting(
        shop(order.shop),
        "reserve",
        f"reserve-{at:%Y%m%d}-{order.product}",
        at,
        ({"item": item(order.product), "quantity": "2", "site": site(shop(order.shop))},),
    )
    for result in await client.post(reserved):
        for claim in result["claims"]:
            line = {"claim": claim}
            key = f"{then}-{at:%Y%m%d}-{order.product}"
            await client.post(Posting(shop(order.shop), then, key, at + timedelta(minutes=5), (line,)))


async def held(client: Client, order: Order, at: datetime) -> None:
    """Freeze two units of what came, and let one of them go again."""
    await client.post(_post(order, "hold", at, overlay="FROZEN", quantity="2"))
    await client.post(_post(order, "unhold", at + timedelta(minutes=5), overlay="FROZEN", quantity="1"))


def _post(order: Order, verb: str, at: datetime, **line: str) -> Posting:
    where = {"item": item(order.product), "place": f"{shop(order.shop)}/SHELF"}
    return Posting(shop(order.shop), verb, f"{verb}-{at:%Y%m%d}-{order.product}", at, ({**where, **line},))
