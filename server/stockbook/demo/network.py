"""Who takes part, where, and what they agreed: derived from the sales, nothing else.

A category of raw produce is one co-operative's, a made category one kitchen's;
shops and kitchens share the carriers. Organisations, places and items are named
by external references made of the data's own numbers.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stockbook.demo.recipes import CRATE, KITCHENS, Part, recipe
from stockbook.demo.sales import Product, Trade

CARRIERS = 8
Registration = dict[str, Any]
"""The input of one entry of a registry mutation."""


def item(product: int) -> str:
    """Return an item's external reference.

    >>> item(1082185)
    'CJ-1082185'
    """
    return f"CJ-{product}"


def slug(category: str) -> str:
    """Return a category as part of a reference.

    >>> slug("ORGANICS FRUIT & VEGETABLES")
    'ORGANICS-FRUIT-VEGETABLES'
    """
    return "-".join("".join(letter if letter.isalnum() else " " for letter in category).split())


def title(words: str) -> str:
    """Return the register's capitals as a name.

    >>> title("APPLES GALA (BULK&BAG)")
    'Apples gala (bulk&bag)'
    """
    return words[:1] + words[1:].lower()


@dataclass(frozen=True)
class Network:
    """The organisations of a trade and the references of their places."""

    trade: Trade

    @cached_property
    def sold(self) -> Counter[int]:
        """Units of each product sold in all."""
        units: Counter[int] = Counter()
        for assortment in self.trade.ranges.values():
            units.update(assortment)
        return units

    @cached_property
    def products(self) -> tuple[int, ...]:
        """Every product that is sold or goes into one that is, ascending."""
        made = {self.trade.products[product].kind for product in self.sold if self.made(product)}
        return tuple(sorted({*self.sold, *(self.stands_for[part.kind] for kind in made for part in recipe(kind))}))

    @cached_property
    def stands_for(self) -> dict[str, int]:
        """The raw product that is meant when a recipe names a kind: the one most sold."""
        best: dict[str, int] = {}
        for product, facts in sorted(self.trade.products.items()):
            raw = facts.category not in KITCHENS
            if raw and (facts.kind not in best or self.sold[product] > self.sold[best[facts.kind]]):
                best[facts.kind] = product
        return best

    @cached_property
    def cooperatives(self) -> tuple[str, ...]:
        """The categories that have a co-operative."""
        return tuple(sorted({self.trade.products[product].category for product in self.products} - set(KITCHENS)))

    @cached_property
    def kitchens(self) -> tuple[str, ...]:
        """The categories that have a kitchen."""
        return tuple(sorted({self.trade.products[product].category for product in self.products} & set(KITCHENS)))

    def made(self, product: int) -> bool:
        """Return whether a kitchen makes it."""
        return self.trade.products[product].category in KITCHENS

    def supplier(self, product: int) -> str:
        """Return the organisation whose goods it is at first."""
        return organisation(self.trade.products[product].category)

    def ingredients(self, product: int) -> tuple[tuple[int, int], ...]:
        """Return (raw product, units) for one crate of a made product."""
        parts: tuple[Part, ...] = recipe(self.trade.products[product].kind)
        return tuple((self.stands_for[part.kind], part.quantity) for part in parts)

    @cached_property
    def buyers(self) -> tuple[str, ...]:
        """The organisations that goods are carried to."""
        return (*map(shop, self.trade.shops), *map(organisation, self.kitchens))

    def carrier(self, buyer: str) -> str:
        """Return the carrier that serves a shop or kitchen."""
        return f"CARRIER-{self.buyers.index(buyer) % CARRIERS + 1}"

    def shipment(self, buyer: str) -> str:
        """Return the place in the carrier's vehicle that is bound for the buyer."""
        return f"{self.carrier(buyer)}/VAN/{buyer}"

    def suppliers(self, buyer: str) -> tuple[str, ...]:
        """Return whose goods a buyer takes."""
        return self._suppliers[buyer]

    @cached_property
    def _suppliers(self) -> dict[str, tuple[str, ...]]:
        of = {shop(number): {self.supplier(product) for product in sold} for number, sold in self.trade.ranges.items()}
        for product in self.sold:
            if self.made(product):
                of.setdefault(self.supplier(product), set()).update(
                    self.supplier(raw) for raw, _ in self.ingredients(product)
                )
        return {buyer: tuple(sorted(suppliers)) for buyer, suppliers in of.items()}


def shop(number: int) -> str:
    """Return a shop's reference.

    >>> shop(367)
    'SHOP-367'
    """
    return f"SHOP-{number}"


def organisation(category: str) -> str:
    """Return the reference of a category's co-operative or kitchen.

    >>> organisation("BERRIES"), organisation("SALAD BAR")
    ('COOP-BERRIES', 'KITCHEN-SALAD-BAR')
    """
    return f"{'KITCHEN' if category in KITCHENS else 'COOP'}-{slug(category)}"


def organisations(network: Network) -> Iterator[Registration]:
    """Yield every organisation."""
    for category in network.cooperatives:
        yield _party(organisation(category), f"{title(category)} co-operative", "COOPERATIVE")
    for number in range(1, CARRIERS + 1):
        yield _party(f"CARRIER-{number}", f"Carrier {number}", "CARRIER")
    for category in network.kitchens:
        yield _party(organisation(category), f"{title(category)} kitchen", "KITCHEN")
    for number in network.trade.shops:
        yield _party(shop(number), f"Shop {number}", "SHOP")


def _party(reference: str, name: str, kind: str) -> Registration:
    return {"externalReference": reference, "name": name, "kind": kind}


def items(network: Network) -> Iterator[Registration]:
    """Yield every item, with the crate it is ordered in."""
    for product in network.products:
        facts: Product = network.trade.products[product]
        yield {
            "externalReference": item(product),
            "name": ", ".join(filter(None, (title(facts.kind), facts.size.lower()))),
            "category": facts.category,
            "baseUnit": "unit",
            "decimals": 0,
            "inspected": not network.made(product),
            "units": [{"unit": "crate", "factor": str(CRATE)}],
        }


def places(network: Network) -> Iterator[Registration]:
    """Yield every place, parents before what lies in them."""
    for category in network.cooperatives:
        yield from _site(organisation(category), "farm", {"SORTING": "BIN", "STORE": "BIN"})
    for category in network.kitchens:
        yield from _site(organisation(category), "kitchen", {"DOCK": "BIN", "STORE": "BIN", "LINE": "PRODUCTION"})
    for number in network.trade.shops:
        yield from _site(shop(number), "shop", {"DOCK": "BIN", "SHELF": "BIN"}, loose="SHELF")
    for number in range(1, CARRIERS + 1):
        yield _place(f"CARRIER-{number}", f"CARRIER-{number}/VAN", "van", "VEHICLE")
    for buyer in network.buyers:
        van = f"{network.carrier(buyer)}/VAN"
        shipment = _place(network.carrier(buyer), network.shipment(buyer), f"for {buyer}", "SHIPMENT", parent=van)
        yield {**shipment, "boundFor": site(buyer)}


def site(party: str) -> str:
    """Return the reference of an organisation's site.

    >>> site("SHOP-367")
    'SHOP-367/SITE'
    """
    return f"{party}/SITE"


def _site(party: str, name: str, bins: dict[str, str], loose: str = "") -> Iterator[Registration]:
    yield {**_place(party, site(party), name, "SITE"), "public": True}
    for inner, kind in bins.items():
        place = _place(party, f"{party}/{inner}", inner.lower(), kind, parent=site(party))
        yield {**place, "strict": inner != loose}


def _place(party: str, reference: str, name: str, kind: str, parent: str | None = None) -> Registration:
    place = {"externalReference": reference, "organisation": party, "name": name, "kind": kind}
    return {**place, "parent": parent} if parent else place
