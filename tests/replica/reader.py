"""A device's copy, kept by the feed alone, and the world whose tables it must come to equal."""

import itertools
import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

from stockbook.graph.execute import Request
from tests.graph.askers import EVERYTHING, principal

DOCUMENT = """query R($after: String, $first: Int) { replica(after: $after, first: $first) {
  cursor complete restart version gone
  items { id name codes { code } }
  places { id name site { id } }
  lots { id code }
  positions { id quantity site { id } lot { id } }
  tasks { id state resolution lines { number done } } } }"""
KINDS = ("items", "places", "lots", "positions", "tasks")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Reader:
    """Follows the feed as a device does."""

    def __init__(self, graph: Any, who: int = 2, sites: tuple[int, ...] = (), mask: Any = EVERYTHING) -> None:
        self.graph = graph
        self.asker = (principal(who, sites), mask)
        self.cursor: str | None = None
        self.kept: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self.stale: set[tuple[str, str]] = set()
        self.forbidden: set[str] = set()
        self.restarts = 0
        self.pages = 0

    async def page(self, first: int = 100) -> bool:
        """Take one page; return whether it is complete."""
        request = Request(DOCUMENT, None, {"after": self.cursor, "first": first})
        answer = orjson.loads(await self.graph.execute(request, *self.asker))
        codes = {each["extensions"]["code"] for each in answer.get("errors", ())}
        assert answer["data"] and codes <= self.forbidden, answer
        page = answer["data"]["replica"]
        self.pages += 1
        if page["restart"]:
            self.restarts += 1
            self.stale = {(kind, id_) for kind in KINDS for id_ in self.kept[kind]}
        for kind in KINDS:
            for row in page[kind] or ():
                self.kept[kind][row["id"]] = row
                self.stale.discard((kind, row["id"]))
        for id_ in page["gone"]:
            for kind in ("positions", "tasks"):
                self.kept[kind].pop(id_, None)
        if page["complete"]:
            for kind, id_ in self.stale:
                self.kept[kind].pop(id_, None)
            self.stale = set()
        self.cursor = page["cursor"]
        return page["complete"]

    async def catch_up(self, first: int = 100) -> None:
        """Take pages until there is no more for now."""
        for _ in range(10_000):
            if await self.page(first):
                return
        raise AssertionError("it never ends")


class Shop:
    """Organisation 2 with a site and bins; what happens there is written by hand, transaction by transaction."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.numbers = itertools.count(1)
        self.places: list[int] = []

    async def open(self, connection: Any) -> None:
        await connection.execute(
            "insert into organisation (id, external_reference, name, kind) overriding system value"
            " values (2, 'SHOP', 'Shop', 'SHOP'), (3, 'OTHER', 'Other', 'SHOP')"
        )
        for organisation in (2, 3):
            await connection.execute(
                "insert into rights (id, owner_id, custodian_id, disposer_id, seller_id) overriding system value"
                " values ($1, $1, $1, $1, $1)", organisation
            )  # fmt: skip
            place = await self.place(connection, organisation, "SITE")
            for _ in range(3):
                self.places.append(await self.place(connection, organisation, "BIN", place))
        for _ in range(5):
            await self.item(connection)

    async def place(self, connection: Any, organisation: int, kind: str, site: int | None = None) -> int:
        number = next(self.numbers)
        id_ = await connection.fetchval(
            "insert into place (organisation_id, external_reference, name, kind, parent_id, site_id, public, strict)"
            " values ($1, $2, $2, $3, $4, $4, false, true) returning id", organisation, f"P{number}", kind, site
        )  # fmt: skip
        if kind == "SITE":
            await connection.execute("update place set site_id = id where id = $1", id_)
        return id_

    async def item(self, connection: Any) -> None:
        number = next(self.numbers)
        await connection.execute(
            "insert into item (external_reference, name, category, base_unit, decimals, inspected, registrar_id)"
            " values ($1, $1, '', 'kg', 3, false, 2)", f"I{number}"
        )  # fmt: skip

    async def code(self, connection: Any) -> None:
        code = f"C{next(self.numbers)}"
        await connection.execute(
            "insert into item_code (organisation_id, item_id, code, normal, unit)"
            " select 0, id, $1, $1, '' from item where id <> 0 order by (id * 7919 + $2) % 101 limit 1",
            code, self.chance.randrange(101)
        )  # fmt: skip

    async def rename(self, connection: Any) -> None:
        await connection.execute(
            "update place set name = name || '+' where id = (select id from place where organisation_id = 2"
            " and kind = 'BIN' order by (id * 7919 + $1) % 101 limit 1)", self.chance.randrange(101)
        )  # fmt: skip

    async def move(self, connection: Any) -> None:
        """Bring goods to a bin or take what is there, as the posting function does: balance, journal, parties."""
        place = self.chance.choice(self.places)
        item = await connection.fetchval(
            "select id from item where id <> 0 and id < 8 order by (id * 31 + $1) % 17 limit 1",
            self.chance.randrange(17)
        )  # fmt: skip
        host = await connection.fetchval("select organisation_id from place where id = $1", place)
        quantity = await connection.fetchval(
            "insert into position as b (item_id, place_id, state, holds, rights_id, quantity, host_id, site_id)"
            " select $1, p.id, 8, 0, $3, 5, p.organisation_id, p.site_id from place p where p.id = $2"
            " on conflict (item_id, lot_id, place_id, state, holds, rights_id)"
            " do update set quantity = case when b.quantity = 0 then 7 else 0 end returning quantity",
            item, place, host
        )  # fmt: skip
        number = next(self.numbers)
        movement = await connection.fetchval(
            "insert into movement (organisation_id, verb, key, line, digest, occurred_at, actor_id, reason)"
            " values ($1, 'MOVE', $2, 0, '', $3, 1, '') returning id", host, f"K{number}", NOON
        )  # fmt: skip
        end = (place, 8, 0, host, host)
        nowhere = (0, 0, 0, 0, 0)
        source, target = (nowhere, end) if quantity else (end, nowhere)
        await connection.execute(
            "insert into leg (movement_id, number, item_id, quantity, source_place_id, source_state, source_holds,"
            " source_rights_id, source_host_id, target_place_id, target_state, target_holds, target_rights_id,"
            " target_host_id) values ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            movement, item, Decimal(5), *source, *target
        )  # fmt: skip
        await connection.execute(
            "insert into movement_party (organisation_id, movement_id, topic, relations, occurred_at)"
            " values ($1, $2, 'MOVED', 31, $3)", host, movement, NOON
        )  # fmt: skip

    async def task(self, connection: Any) -> None:
        organisation = self.chance.choice([2, 2, 3])
        own = [place for at, place in enumerate(self.places) if (at < 3) == (organisation == 2)]
        id_ = await connection.fetchval(
            "insert into task (organisation_id, kind, note, place_id) values ($1, 'PICK', '', $2) returning id",
            organisation, self.chance.choice(own)
        )  # fmt: skip
        await connection.execute(
            "insert into task_line (task_id, number, item_id, quantity, unit, state)"
            " select $1, 1, max(id), 4, '', 'OPEN' from item", id_
        )  # fmt: skip

    async def work(self, connection: Any) -> None:
        await connection.execute(
            "update task_line set done = done + 1 where id = (select id from task_line order by (id * 31 + $1) % 37"
            " limit 1)", self.chance.randrange(37)
        )  # fmt: skip

    async def settle(self, connection: Any) -> None:
        age = self.chance.choice(["0 days", "30 days"])
        await connection.execute(
            f"update task set state = 'DONE', resolution = 'COMPLETED', closed_at = now() - interval '{age}' where id ="
            " (select id from task where state = 'OPEN' order by (id * 31 + $1) % 37 limit 1)",
            self.chance.randrange(37)
        )  # fmt: skip

    @property
    def deeds(self) -> list[Any]:
        return [self.item, self.code, self.rename, self.move, self.move, self.move, self.task, self.work, self.settle]


async def state(connection: Any, sites: tuple[int, ...] = ()) -> dict[str, dict[str, Any]]:
    """Return what a copy must say, straight from the tables."""
    at = list(sites) or None
    items = await connection.fetch(
        "select i.id, i.name, array(select c.code from item_code c where c.item_id = i.id order by c.id) from item i"
        " where i.id <> 0"
    )
    places = await connection.fetch("select id, name, site_id from place where organisation_id = 2")
    positions = await connection.fetch(
        "select id, quantity, site_id from position where host_id = 2 and quantity > 0"
        " and ($1::bigint[] is null or site_id = any($1))", at
    )  # fmt: skip
    tasks = await connection.fetch(
        "select t.id, t.state, array(select l.done from task_line l where l.task_id = t.id order by l.number)"
        " from task t left join place p on p.id = t.place_id"
        " where t.organisation_id = 2 and t.state in ('OPEN', 'DOING') and"
        " ($1::bigint[] is null or p.site_id = any($1) or t.place_id is null)",
        at,
    )
    return {
        "items": {gid("Item", row[0]): (row[1], list(row[2])) for row in items},
        "places": {gid("Place", row[0]): (row[1], row[2]) for row in places},
        "positions": {gid("Position", row[0]): (Decimal(row[1]), row[2]) for row in positions},
        "tasks": {gid("Task", row[0]): [Decimal(done) for done in row[2]] for row in tasks},
    }


def said(reader: Reader) -> dict[str, dict[str, Any]]:
    """Return what a copy says, in the same words."""
    kept = reader.kept
    return {
        "items": {id_: (row["name"], [each["code"] for each in row["codes"]]) for id_, row in kept["items"].items()},
        "places": {id_: (row["name"], number(row["site"])) for id_, row in kept["places"].items()},
        "positions": {id_: (Decimal(row["quantity"]), number(row["site"])) for id_, row in kept["positions"].items()},
        "tasks": {
            id_: [Decimal(line["done"]) for line in row["lines"]]
            for id_, row in kept["tasks"].items()
            if row["state"] in {"OPEN", "DOING"}
        },
    }


def gid(kind: str, number: int) -> str:
    return f"gid://stockbook/{kind}/{number}"


def number(row: Any) -> int | None:
    return int(row["id"].rpartition("/")[2]) if row else None
