"""What the organisations agreed: which right passes to whom, on which verb, where.

Produce is consigned: the co-operative stays its owner until the shop sells it,
and then is owed for it. What kitchens make, and what they buy to make it of,
changes owner on arrival. The sale right goes to the shop with the dispatch, so
what is on the way counts as sellable now; custody goes from hand to hand.
"""

from collections.abc import Iterator

from stockbook.demo.network import Network, Registration, organisation, shop, site


def agreements(network: Network) -> Iterator[Registration]:
    """Yield every agreement."""
    for buyer in network.buyers:
        yield _passes(network.carrier(buyer), buyer, "ARRIVE", "CUSTODY", site(buyer))
    carried = {(supplier, network.carrier(buyer)) for buyer in network.buyers for supplier in network.suppliers(buyer)}
    for supplier, carrier in sorted(carried):
        yield _passes(supplier, carrier, "DISPATCH", "CUSTODY", f"{carrier}/VAN")
    for number in network.trade.shops:
        for supplier in network.suppliers(shop(number)):
            yield from _sold_on(network, supplier, shop(number))
    for category in network.kitchens:
        kitchen = organisation(category)
        for supplier in network.suppliers(kitchen):
            for right in ("OWNERSHIP", "DISPOSAL", "SALE"):
                yield _passes(supplier, kitchen, "ARRIVE", right, site(kitchen), charges=right == "OWNERSHIP")
            yield {"giver": supplier, "taker": kitchen, "views": True}


def _sold_on(network: Network, supplier: str, to: str) -> Iterator[Registration]:
    yield _passes(supplier, to, "DISPATCH", "SALE", network.shipment(to))
    yield _passes(supplier, to, "ARRIVE", "DISPOSAL", site(to))
    if supplier.startswith("COOP-"):
        yield _passes(supplier, to, "SELL", "OWNERSHIP", site(to), charges=True)
    else:
        yield _passes(supplier, to, "ARRIVE", "OWNERSHIP", site(to), charges=True)


def _passes(giver: str, taker: str, verb: str, right: str, place: str, *, charges: bool = False) -> Registration:
    return {"giver": giver, "taker": taker, "verb": verb, "right": right, "place": place, "charges": charges}
