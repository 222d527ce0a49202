"""Pages while others post: whoever stays comes once, in every order that is offered, forward and backward.

The tally is asked of PostgreSQL beside the server: which rows the shop had
before the first page and still has after the last, with their keys at both times.
"""

import asyncio
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from graphql import build_schema

from tests.serving import Market, Served, market, served

SCHEMA = build_schema(Path("schema/schema.graphql").read_text(encoding="utf-8"))
PAGES = 6
"""Pages that a reader's rows make at the beginning; meanwhile there come more."""
CHANGES = {"QUANTITY"}
"""What a posting may change of a row that is there."""
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

TALLY = {
    "positions": """
        select p.id, i.category as "CATEGORY", o.expiry as "EXPIRY", p.quantity as "QUANTITY"
        from position p join item i on i.id = p.item_id left join lot o on o.id = p.lot_id and o.id <> 0
        join place l on l.id = p.place_id where l.organisation_id = $1 and p.quantity > 0""",
    "movements": """
        select m.id, m.occurred_at as "OCCURRED_AT" from movement m where m.organisation_id = $1""",
    "lots": """
        select o.id, i.category as "CATEGORY", o.code as "CODE", o.expiry as "EXPIRY", o.produced_on as "PRODUCED_ON"
        from lot o join item i on i.id = o.item_id where o.producer_id = $1""",
    "documents": """
        select d.id, d.created_at as "CREATED_AT", d.due_at as "DUE_AT", d.external_reference as "EXTERNAL_REFERENCE",
          d.kind as "KIND", d.ordered_at as "ORDERED_AT" from document d where d.organisation_id = $1""",
}
MIXED = {
    "positions": [("EXPIRY", "DESC"), ("CATEGORY", "ASC")],
    "movements": [("OCCURRED_AT", "ASC"), ("OCCURRED_AT", "DESC")],
    "lots": [("CATEGORY", "DESC"), ("PRODUCED_ON", "ASC"), ("EXPIRY", "DESC")],
    "documents": [("KIND", "ASC"), ("DUE_AT", "DESC")],
}
Order = list[tuple[str, str]]


def orders(kind: str) -> list[Order]:
    """Return every order that the schema offers, and one of several keys."""
    offered = SCHEMA.query_type.fields[kind].args["sort"].type.of_type.of_type.values
    return [*([tuple(name.rsplit("_", 1))] for name in offered), MIXED[kind], []]


def ordered(rows: dict[int, Any], order: Order) -> list[int]:
    """Sort rows as a schoolbook would: by id, then by each key from the last to the first; who has none comes last."""
    ids = sorted(rows, reverse=bool(order) and order[-1][1] == "DESC")
    for name, way in reversed(order):
        having = [each for each in ids if rows[each][name] is not None]
        having.sort(key=lambda each: rows[each][name], reverse=way == "DESC")
        ids = having + [each for each in ids if rows[each][name] is None]
    return ids


@dataclass
class Reader:
    """Reads all pages of a kind in one order."""

    trade: Market
    kind: str
    order: Order
    backward: bool
    size: int
    found: list[int] = field(default_factory=list)
    more: bool = True
    cursor: str | None = None

    async def page(self) -> None:
        """Read the next page."""
        ends = ("last", "before", "hasPreviousPage", "startCursor") if self.backward else (
            "first", "after", "hasNextPage", "endCursor"
        )  # fmt: skip
        size, beyond, more, cursor = ends
        sort = f", sort: [{', '.join('_'.join(each) for each in self.order)}]" if self.order else ""
        asked = f"query($c: String) {{ {self.kind}({size}: {self.size}, {beyond}: $c{sort}) {{ nodes {{ id }}"
        asked += f" pageInfo {{ {more} {cursor} }} }} }}"
        answer = (await self.trade.served.ask(asked, self.trade.shop, "org_admin", c=self.cursor))[self.kind]
        ids = [int(each["id"].rpartition("/")[2]) for each in answer["nodes"]]
        self.found = ids + self.found if self.backward else self.found + ids
        self.cursor, self.more = answer["pageInfo"][cursor], answer["pageInfo"][more]


@dataclass
class Others:
    """Post for the shop, and for a neighbour, while pages are read."""

    trade: Market
    neighbour: int
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    numbers: Any = field(default_factory=itertools.count)

    def line(self, place: str = "SHELF", **more: Any) -> dict[str, Any]:
        """Return a line about a lot that nobody knows yet; some have an expiry, and its name lies anywhere."""
        name = "".join(self.chance.choices("abcxyz019", k=4)) + f"n{next(self.numbers)}"
        expiry = f"{NOON.date() + timedelta(self.chance.randrange(9)):%Y-%m-%d}"
        line = {
            "item": self.chance.choice(self.trade.items),
            "place": place,
            "quantity": str(self.chance.randint(1, 9)),
        }
        return {**line, "lot": name, **({"expiry": expiry} if self.chance.random() < 0.6 else {}), **more}

    def document(self) -> dict[str, Any]:
        """Return a document to open."""
        number = next(self.numbers)
        at = f"{NOON + timedelta(hours=self.chance.randrange(9)):%Y-%m-%dT%H:%M:%SZ}"
        given = {"externalReference": "".join(self.chance.choices("abcxyz019", k=4)) + f"n{number}"}
        given["kind"] = self.chance.choice(("ORDER", "DELIVERY", "COUNT"))
        return {**given, **({"orderedAt": at} if number % 3 else {}), **({"dueAt": at} if number % 2 else {})}

    async def begin(self, rows: int) -> None:
        """Let there be something to read."""
        lines = [self.line() for _ in range(rows)]
        at = [NOON - timedelta(minutes=self.chance.randrange(40)) for _ in range(4)]
        parts = [lines[start::4] for start in range(4)]
        for moment, part in zip(at, parts, strict=True):
            await self.trade.served.post("receive", self.trade.shop, *part, occurredAt=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
        self.moving = [{"item": each["item"], "lot": each["lot"], "place": "SHELF"} for each in lines[::5]]
        await self.trade.served.register(
            "openDocuments", *(self.document() for _ in range(rows)), organisation=self.trade.shop
        )

    async def step(self) -> None:
        """Post new goods late and now, more of what is there, what comes and goes, a document, and a neighbour's."""
        post, shop = self.trade.served.post, self.trade.shop
        late = f"{NOON - timedelta(minutes=self.chance.randrange(40)):%Y-%m-%dT%H:%M:%SZ}"
        more = {**self.chance.choice(self.moving), "quantity": str(self.chance.randint(1, 30))}
        passing = {"item": self.trade.items[0], "quantity": "1"}
        await asyncio.gather(
            post("receive", shop, self.line(), self.line(), occurredAt=late),
            post("receive", shop, more, self.line()),
            self.trade.served.register("openDocuments", self.document(), organisation=shop),
            post("receive", self.neighbour, self.line(place="THEIRS")),
        )
        await post("receive", shop, {**passing, "place": "SITE"})
        await post("move", shop, {**passing, "source": "SITE", "place": "SHELF"})


@pytest_asyncio.fixture(scope="module")
async def others(fresh) -> Others:
    async with served(await fresh()) as serving:
        trade = await market(serving, items=4)
        (neighbour,) = await serving.register(
            "registerOrganisations", {"externalReference": "NEIGHBOUR", "name": "Neighbour", "kind": "SHOP"}
        )
        theirs = {"externalReference": "THEIRS", "organisation": "NEIGHBOUR", "name": "Theirs", "kind": "SITE"}
        await serving.register("registerPlaces", theirs)
        posting = Others(trade, neighbour)
        await posting.begin(60)
        yield posting


async def tally(serving: Served, kind: str, organisation: int) -> dict[int, Any]:
    rows = await serving.app.parts.beside.fetch(TALLY[kind], organisation)
    return {row["id"]: dict(row) for row in rows}


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("kind", TALLY)
async def test_whoever_stays_comes_once(others, kind, backward):
    trade = others.trade
    before = await tally(trade.served, kind, trade.shop)
    size = min(100, len(before) // PAGES)
    readers = [Reader(trade, kind, order, backward, size) for order in orders(kind)]
    while reading := [each for each in readers if each.more]:
        await asyncio.gather(others.step(), *(each.page() for each in reading))
    after = await tally(trade.served, kind, trade.shop)
    assert len(after) > len(before), "others did post"
    for reader in readers:
        names = [name for name, _ in reader.order] or (["OCCURRED_AT"] if kind == "movements" else [])
        order = reader.order or ([("OCCURRED_AT", "DESC")] if kind == "movements" else [])
        stayed = {
            each: after[each]
            for each in before.keys() & after.keys()
            if all(before[each][name] == after[each][name] for name in names)
        }
        assert len(stayed) > len(before) / 2
        times = Counter(reader.found)
        assert [each for each in reader.found if each in stayed] == ordered(stayed, order), reader.order
        if not CHANGES & set(names):
            assert max(times.values()) == 1, reader.order
        assert times.keys() <= await ever(trade.served, kind, trade.shop), "nobody else's"
    assert any(len(reader.found) > len(before) for reader in readers), (
        "what came meanwhile is found where it lies ahead"
    )


async def ever(serving: Served, kind: str, organisation: int) -> set[int]:
    """Return all rows that the shop ever had, emptied ones included."""
    rows = await serving.app.parts.beside.fetch(TALLY[kind].replace("and p.quantity > 0", ""), organisation)
    return {row["id"] for row in rows}
