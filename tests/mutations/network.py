"""A co-operative, a carrier and two shops, made through the mutations themselves."""

from datetime import UTC, datetime
from typing import Any

import orjson

from stockbook.access.principal import Principal
from stockbook.graph.execute import Request

OPERATOR = 1
SYSTEM = 1


class Network:
    """The parts of a running Stockbook with a small trade in it."""

    def __init__(self, parts: Any) -> None:
        self.parts = parts
        self.ids = {"OPERATOR": OPERATOR}
        self.people = {"OPERATOR": SYSTEM}

    def asker(self, organisation: str, *roles: str, sites: tuple[int, ...] = ()) -> tuple[Principal, Any]:
        mask = self.parts.policies.mask(frozenset(roles))
        who = Principal(
            self.people[organisation],
            self.ids[organisation],
            frozenset(roles),
            sites,
            datetime(2099, 1, 1, tzinfo=UTC),
            mask.id,
        )
        return who, mask

    async def bytes(self, document: str, variables: Any, organisation: str, *roles: str, door: bool = True) -> bytes:
        executor = self.parts.door if door else self.parts.graph
        return await executor.execute(Request(document, None, variables), *self.asker(organisation, *roles))

    async def ask(
        self, document: str, variables: Any, organisation: str, *roles: str, door: bool = True
    ) -> dict[str, Any]:
        return orjson.loads(await self.bytes(document, variables, organisation, *roles, door=door))

    async def register(self, name: str, lines: list[dict[str, Any]], organisation: str = "OPERATOR") -> list[str]:
        document = f"""mutation R($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
            errors {{ code message path }} results {{ line outcome id code transient }} }} }}"""
        role = "network_admin" if organisation == "OPERATOR" else "org_admin"
        answer = await self.ask(document, {"input": {"lines": lines}}, organisation, role)
        assert answer["data"], answer
        assert answer["data"][name]["errors"] == [], answer
        return [each["id"] for each in answer["data"][name]["results"]]

    async def post(self, verb: str, key: str, *lines: dict[str, Any], by: str = "SHOP", **more: Any) -> dict[str, Any]:
        role = more.pop("role", "org_admin")
        answer = await self.ask(posting(verb), {"input": {"key": key, "lines": lines, **more}}, by, role)
        assert answer.get("errors") is None, answer
        return answer["data"][verb]

    async def count(self) -> dict[str, int]:
        """Count the rows of every table: what is refused leaves all of them as they were."""
        tables = await self.parts.writes.fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        counts = {}
        for (table,) in tables:
            counts[table] = await self.parts.writes.fetchval(f'select count(*) from "{table}"')
        return counts


def posting(verb: str, below: str = "id") -> str:
    kind = verb[0].upper() + verb[1:] + "Input"
    return f"""mutation Post($input: {kind}!) {{ {verb}(input: $input) {{
        errors {{ code message path requested available expected actual }}
        results {{ line outcome code transient claims movement {{ {below} }} }} }} }}"""


async def network(parts: Any) -> Network:
    made = Network(parts)
    names = ["FARM", "CARRIER", "SHOP", "SHOP-2"]
    kinds = ["COOPERATIVE", "CARRIER", "SHOP", "SHOP"]
    found = await made.register(
        "registerOrganisations",
        [{"externalReference": n, "name": n.title(), "kind": k} for n, k in zip(names, kinds, strict=True)],
    )
    made.ids |= {name: int(each.rpartition("/")[2]) for name, each in zip(names, found, strict=True)}
    people = await made.register(
        "registerPrincipals",
        [
            {
                "externalReference": f"{name}-BOSS",
                "name": "Boss",
                "memberships": [{"role": "org_admin", "organisation": name}],
            }
            for name in names
        ],
    )
    made.people |= {name: int(each.rpartition("/")[2]) for name, each in zip(names, people, strict=True)}
    await made.register(
        "registerItems",
        [
            {
                "externalReference": "TOMATO",
                "name": "Tomato",
                "baseUnit": "kg",
                "decimals": 3,
                "units": [{"unit": "box", "factor": "5"}],
            },
            {"externalReference": "SOUP", "name": "Soup", "baseUnit": "each", "category": "MADE"},
        ],
    )
    await made.register(
        "registerPlaces",
        [
            place
            for name in names
            for place in (
                {"externalReference": f"{name}/SITE", "name": "Site", "kind": "SITE", "organisation": name},
                {
                    "externalReference": f"{name}/SHELF",
                    "name": "Shelf",
                    "kind": "BIN",
                    "organisation": name,
                    "parent": f"{name}/SITE",
                },
            )
        ],
    )
    return made


async def stock(made: Network, key: str, quantity: str = "20", shop: str = "SHOP", item: str = "TOMATO") -> None:
    """Goods received and put on the shelf."""
    line = {"item": item, "quantity": quantity, "place": f"{shop}/SITE"}
    received = await made.post("receive", f"{key}-r", line, by=shop)
    assert received["errors"] == [], received
    away = {"item": item, "quantity": quantity, "source": f"{shop}/SITE", "place": f"{shop}/SHELF"}
    put = await made.post("putAway", f"{key}-p", away, by=shop)
    assert put["errors"] == [], put
