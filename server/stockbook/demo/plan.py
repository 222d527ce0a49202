"""How the shops are restocked: from orders to the postings of one night, nothing but arithmetic.

A night is a list of phases. The postings of a phase don't depend on each other;
each phase needs the one before it. Chance is a hash, so every run is the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from math import ceil
from typing import Any, NamedTuple

from stockbook.demo.network import Network, item, shop
from stockbook.demo.recipes import CRATE

LINES_MAX = 250
SPOILED = 40
"""One harvest in so many brings a crate more than was ordered, which fails its inspection."""
PERISHES = 25
"""One harvest in so many has a date after which it may not be sold."""
SHELF_LIFE_DAYS = 27
ANNOUNCED = 4
"""One harvest in so many was expected before it came."""


class Order(NamedTuple):
    """What a shop orders."""

    shop: int
    product: int
    units: int


class Posting(NamedTuple):
    """One mutation: who posts which verb, under which key, when, and its lines."""

    organisation: str
    verb: str
    key: str
    at: datetime
    lines: tuple[dict[str, Any], ...]


Phase = list[Posting]


def chance(*of: object, one_in: int) -> bool:
    """Return the same verdict for the same things, true about one time in `one_in`.

    >>> sum(chance("lot", number, one_in=40) for number in range(40_000))
    1039
    """
    return lottery(*of) % one_in == 0


def lottery(*of: object) -> int:
    """Return the same large number for the same things.

    >>> lottery("lot", 7) == lottery("lot", 7) != lottery("lot", 8)
    True
    """
    return int.from_bytes(blake2b(repr(of).encode(), digest_size=8).digest())


def crates(position: float, target: float) -> int:
    """Return the units that bring `position` (on hand and on the way) up to `target`, in whole crates.

    Nothing is ordered while more than half of the target is there.

    >>> crates(position=9, target=11), crates(position=2, target=11), crates(position=0, target=0.4)
    (0, 16, 8)
    """
    if position > target / 2:
        return 0
    return max(ceil((target - position) / CRATE), 0) * CRATE


def lot(product: int, night: date) -> str:
    """Return the code of the lot harvested or made in a night.

    >>> lot(1082185, date(2026, 11, 23))
    '1082185-20261123'
    """
    return f"{product}-{night:%Y%m%d}"


def expiry(product: int, night: date) -> date | None:
    """Return the last day a night's lot may be sold, for the few that have one."""
    if chance("perishes", product, night, one_in=PERISHES):
        return night + timedelta(days=SHELF_LIFE_DAYS)
    return None


@dataclass(frozen=True, slots=True)
class Need:
    """What a night's orders take: crates to make, produce for the kitchens, units to harvest."""

    orders: tuple[Order, ...]
    batches: dict[int, int]
    parts: dict[tuple[str, int], int]
    harvest: dict[int, int]

    @classmethod
    def of(cls, network: Network, orders: Iterable[Order]) -> "Need":
        """Add the orders up."""
        batches: Counter[int] = Counter()
        parts: Counter[tuple[str, int]] = Counter()
        harvest: Counter[int] = Counter()
        kept = tuple(sorted(order for order in orders if order.units > 0))
        for order in kept:
            if network.made(order.product):
                batches[order.product] += order.units // CRATE
            else:
                harvest[order.product] += order.units
        for product, count in batches.items():
            for raw, units in network.ingredients(product):
                parts[network.supplier(product), raw] += units * count
                harvest[raw] += units * count
        return cls(kept, dict(batches), dict(parts), dict(harvest))


def night(network: Network, orders: Iterable[Order], start: datetime) -> Iterator[Phase]:
    """Yield the phases in which the orders are harvested, sorted, carried, made and shelved."""
    need = Need.of(network, orders)
    clock = _Clock(start)
    day = start.date()
    raw = sorted(need.harvest)
    yield from _sort(network, need, clock)
    carried = [
        (network.supplier(product), product, shop(number), units)
        for number, product, units in need.orders
        if not network.made(product)
    ] + [(network.supplier(product), product, kitchen, units) for (kitchen, product), units in need.parts.items()]
    if raw:
        yield clock.post("dispatch", _dispatched(network, carried, day))
    if need.batches:
        yield from _make(network, need, clock)
        made = [(network.supplier(p), p, shop(number), units) for number, p, units in need.orders if network.made(p)]
        yield clock.post("dispatch", _dispatched(network, made, day))
    yield clock.post(
        "arrive",
        (
            (shop(o.shop), _line(o.product, o.units, day, f"{network.shipment(shop(o.shop))}", f"{shop(o.shop)}/DOCK"))
            for o in need.orders
        ),
    )
    yield clock.post(
        "putAway",
        (
            (shop(o.shop), _line(o.product, o.units, day, f"{shop(o.shop)}/DOCK", f"{shop(o.shop)}/SHELF"))
            for o in need.orders
        ),
    )


def _sort(network: Network, need: Need, clock: "_Clock") -> Iterator[Phase]:
    """Yield what co-operatives do: expect, receive, inspect, put away, and set aside what failed."""
    day = clock.now.date()
    spoiled = [product for product in sorted(need.harvest) if chance("spoiled", product, day, one_in=SPOILED)]
    good = [
        (network.supplier(product), product, units, lot(product, day))
        for product, units in sorted(need.harvest.items())
    ]
    bad = [(network.supplier(product), product, CRATE, lot(product, day) + "-B") for product in spoiled]
    awaited = {code for _, product, _, code in good if chance("announced", product, day, one_in=ANNOUNCED)}

    def lines(goods: Iterable[tuple[str, int, int, str]], **more: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        for party, product, units, code in goods:
            places = {key: f"{party}/{value}" if key in {"source", "place"} else value for key, value in more.items()}
            yield party, {"item": item(product), "quantity": str(units), "lot": code, **places}

    def dated(goods: Iterable[tuple[str, int, int, str]], **more: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        kept = list(goods)
        for (_, product, *_), (party, line) in zip(kept, lines(kept, **more), strict=True):
            until = expiry(product, day)
            yield party, {**line, "expiry": until.isoformat()} if until else line

    announced = [goods for goods in good if goods[3] in awaited]
    sudden = [goods for goods in (*good, *bad) if goods[3] not in awaited]
    yield clock.post("expect", dated(announced, place="SORTING"))
    yield [
        *clock.post("receive", dated(announced, source="SORTING", place="SORTING")),
        *clock.post("receive", dated(sudden, place="SORTING"), "new"),
    ]
    yield clock.post("inspect", lines((*good, *bad), place="SORTING"), "begin")
    yield [
        *clock.post("inspect", lines(good, place="SORTING", passed=True), "passed"),
        *clock.post("inspect", lines(bad, place="SORTING", passed=False), "failed"),
    ]
    yield clock.post("putAway", lines(good, source="SORTING", place="STORE"))
    if bad:
        yield clock.post("changeState", lines(bad, place="SORTING", fromState="QUARANTINED", toState="DAMAGED"))
        yield clock.post("dispose", lines(bad, place="SORTING", state="DAMAGED"))


def _make(network: Network, need: Need, clock: "_Clock") -> Iterator[Phase]:
    """Yield what kitchens do: take produce in, bring it to the line, and make."""
    day = clock.now.date()
    parts = sorted(need.parts.items())

    def lines(source: str, place: str, **more: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        for (kitchen, raw), units in parts:
            where = network.shipment(kitchen) if source == "SHIPMENT" else f"{kitchen}/{source}"
            yield kitchen, {**_line(raw, units, day, where, f"{kitchen}/{place}"), **more}

    yield clock.post("arrive", lines("SHIPMENT", "DOCK"), "parts")
    yield clock.post("putAway", lines("DOCK", "STORE", state="AWAITING_PROCESSING"), "parts")
    yield clock.post("move", lines("STORE", "LINE", state="IN_PROCESSING"), "parts")
    yield clock.post(
        "transform", (_batch(network, product, count, day) for product, count in sorted(need.batches.items()))
    )


def _batch(network: Network, product: int, count: int, day: date) -> tuple[str, dict[str, Any]]:
    """Return the line that makes `count` crates; a unit of the first ingredient a crate is lost."""
    kitchen = network.supplier(product)
    parts = network.ingredients(product)
    inputs = [
        {"item": item(raw), "quantity": str(units * count), "lot": lot(raw, day), "source": f"{kitchen}/LINE"}
        for raw, units in parts
    ]
    output = {
        "item": item(product),
        "quantity": str(CRATE * count),
        "lot": lot(product, day),
        "place": f"{kitchen}/STORE",
        "state": "SELLABLE",
    }
    lost = {"item": item(parts[0][0]), "quantity": str(count), "lot": lot(parts[0][0], day)}
    return kitchen, {"place": f"{kitchen}/LINE", "inputs": inputs, "outputs": [output], "losses": [lost]}


def _dispatched(
    network: Network, goods: Iterable[tuple[str, int, str, int]], day: date
) -> Iterator[tuple[str, dict[str, Any]]]:
    for party, product, buyer, units in sorted(goods):
        yield party, _line(product, units, day, f"{party}/STORE", network.shipment(buyer))


def _line(product: int, units: int, day: date, source: str, place: str) -> dict[str, Any]:
    return {"item": item(product), "quantity": str(units), "lot": lot(product, day), "source": source, "place": place}


@dataclass(slots=True)
class _Clock:
    """Gives each phase its time, twenty minutes after the one before, and each posting its key."""

    now: datetime

    def post(self, verb: str, lines: Iterable[tuple[str, dict[str, Any]]], part: str = "") -> Phase:
        """Return a phase: the lines of each organisation in postings of at most 250."""
        self.now += timedelta(minutes=20)
        by: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for party, line in lines:
            by[party].append(line)
        night = f"night-{self.now:%Y%m%d}-{verb}{part}"
        return [
            Posting(party, verb, f"{night}-{start}", self.now, tuple(rows[start : start + LINES_MAX]))
            for party, rows in by.items()
            for start in range(0, len(rows), LINES_MAX)
        ]
