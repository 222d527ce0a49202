"""Random queries over everything that the graph gives, and their text."""

import json
import random
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle.facts import TYPES
from tests.oracle.kinds import Few, Many, One, Part, Value
from tests.oracle.oracle import PREFIX, Pick

HOWS = {
    "str": ["eq", "in", "contains", "startsWith", "isNull"],
    "bool": ["eq", "isNull"],
    "enum": ["eq", "in", "isNull"],
    "int": ["eq", "in", "gt", "gte", "lt", "lte", "isNull"],
    "float": ["gt", "gte", "lt", "lte", "isNull"],
    "decimal": ["eq", "in", "gt", "gte", "lt", "lte", "isNull"],
    "date": ["eq", "gt", "gte", "lt", "lte", "isNull"],
    "moment": ["eq", "gt", "gte", "lt", "lte", "isNull"],
}
ROOTS = [name for type_ in TYPES.values() if type_.roots for name in type_.roots if name]
UNREACHABLE = {"LegEnd"}


class Word(str):
    """A member of an enumeration, which no quotes are put about."""

    __slots__ = ()


class Asker:
    """Makes queries that make sense in a world; half of what they name the asker may not see."""

    def __init__(self, chance: random.Random, world: Any) -> None:
        self.chance = chance
        self.world = world

    def query(self) -> list[Pick]:
        names = self.chance.sample([*ROOTS, "node"], self.chance.choice([1, 1, 2]))
        return [self.root(name) for name in names]

    def root(self, name: str) -> Pick:
        if name == "node":
            kind = self.chance.choice([kind for kind in TYPES if kind not in UNREACHABLE])
            return Pick("node", {"id": self.gid(kind)}, self.row(kind, 2))
        for kind, type_ in TYPES.items():
            if type_.roots and name == type_.roots[0]:
                return Pick(name, {"id": self.name(kind)}, self.row(kind, 2))
            if type_.roots and name == type_.roots[1]:
                return self.page(name, kind, 2)
        raise AssertionError(name)

    # what is named

    def gid(self, kind: str) -> str:
        rows = self.world.tables[TYPES[kind].table]
        if not rows or self.chance.random() < 0.05:
            return f"{PREFIX}{kind}/999999"
        return f"{PREFIX}{kind}/{TYPES[kind].key(self.chance.choice(rows))}"

    def name(self, kind: str) -> str:
        type_ = TYPES[kind]
        rows = self.world.tables[type_.table] if type_.reference else []
        named = [said for row in rows if (said := type_.fields["externalReference"].read(self.world, row))]
        return self.chance.choice(named) if named and self.chance.random() < 0.4 else self.gid(kind)

    # what is asked

    def row(self, kind: str, depth: int) -> list[Pick]:
        names = list(TYPES[kind].fields)
        some = self.chance.sample(names, min(len(names), self.chance.randint(2, 7)))
        below = [pick for name in some if (pick := self.field(kind, name, depth)) is not None]
        own = [] if kind == "LegEnd" else [Pick("id")]
        return own + below if own or below else [Pick("state")]

    def field(self, kind: str, name: str, depth: int) -> Pick | None:
        fact = TYPES[kind].fields[name]
        if isinstance(fact, Value):
            return Pick(name)
        if depth == 0:
            return None
        if isinstance(fact, Many):
            return self.page(name, fact.type, depth - 1)
        if isinstance(fact, Part):
            return Pick(name, {}, self.row("LegEnd", depth - 1))
        assert isinstance(fact, One | Few)
        return Pick(name, {}, self.row(fact.type, depth - 1))

    def page(self, name: str, kind: str, depth: int) -> Pick:
        chance, type_ = self.chance, TYPES[kind]
        args: dict[str, Any] = {}
        if chance.random() < 0.4:
            args["first"] = chance.randint(0, 9)
        if chance.random() < 0.5:
            args["filter"] = self.filter(kind, 2)
        sorts = [each for each, fact in type_.fields.items() if isinstance(fact, Value) and fact.sort]
        if sorts and chance.random() < 0.5:
            args["sort"] = [(each, chance.random() < 0.5) for each in chance.sample(sorts, min(2, len(sorts)))]
        below = [Pick("nodes", {}, self.row(kind, depth))]
        if chance.random() < 0.5:
            below.append(Pick("totalCount"))
        sums = [each for each, fact in type_.fields.items() if isinstance(fact, Value) and fact.sum]
        if sums and chance.random() < 0.5:
            below.append(Pick("aggregate", {}, self.totals(sums)))
        groups = [each for each, fact in type_.fields.items() if getattr(fact, "group", False)]
        if groups and chance.random() < 0.4:
            by = chance.sample(groups, chance.randint(1, 2))
            shown = [pick for each in by if (pick := self.field(kind, each, 1)) is not None]
            below.append(Pick("groups", {"by": by}, (self.totals(sums) if sums else [Pick("count")]) + shown))
        return Pick(name, args, below)

    def totals(self, sums: list[str]) -> list[Pick]:
        some = self.chance.sample(sums, self.chance.randint(1, len(sums)))
        return [Pick("count"), Pick("sum", {}, [Pick(each) for each in some])]

    def filter(self, kind: str, depth: int) -> dict[str, Any]:
        chance = self.chance
        if depth and chance.random() < 0.35:
            word = chance.choice(["and", "or", "not"])
            if word == "not":
                return {"not": self.filter(kind, depth - 1)}
            return {word: [self.filter(kind, depth - 1) for _ in range(chance.randint(1, 2))]}
        fields = TYPES[kind].fields
        names = [
            name for name, fact in fields.items() if isinstance(fact, Value | One) and getattr(fact, "filter", False)
        ]
        return {name: self.comparison(kind, name) for name in chance.sample(names, chance.choice([1, 1, 2]))}

    def comparison(self, kind: str, name: str) -> dict[str, Any]:
        fact, chance = TYPES[kind].fields[name], self.chance
        if isinstance(fact, One):
            how = chance.choice(["eq", "eq", "in", "isNull"])
            if how == "isNull":
                return {how: chance.random() < 0.5}
            return {how: [self.name(fact.type) for _ in range(2)] if how == "in" else self.name(fact.type)}
        how = chance.choice(HOWS[fact.kind])
        if how == "isNull":
            return {how: chance.random() < 0.5}
        values = [fact.read(self.world, row) for row in self.world.tables[TYPES[kind].table]]
        there = [Word(value) if fact.kind == "enum" else value for value in values if value is not None]
        if not there:
            return {"isNull": True}
        value = chance.choice(there)
        if how in {"contains", "startsWith"}:
            return {how: value[: chance.randint(1, 3)]}
        return {how: [value, chance.choice(there)] if how == "in" else value}


def text(picks: list[Pick]) -> str:
    """Return the document of a query."""
    return "{ " + " ".join(_root(pick) for pick in picks) + " }"


def _root(pick: Pick) -> str:
    if pick.name != "node":
        return _pick(pick, _kind_of_root(pick.name))
    kind = pick.args["id"].removeprefix(PREFIX).partition("/")[0]
    return f"node(id: {json.dumps(pick.args['id'])}) {{ ... on {kind} {_below(pick, kind)} }}"


def _kind_of_root(name: str) -> str:
    return next(kind for kind, type_ in TYPES.items() if type_.roots and name in type_.roots)


def _pick(pick: Pick, kind: str) -> str:
    args = ", ".join(f"{name}: {_argument(name, value)}" for name, value in pick.args.items())
    return f"{pick.name}{f'({args})' if args else ''}{' ' + _below(pick, kind) if pick.below is not None else ''}"


def _below(pick: Pick, kind: str) -> str:
    return "{ " + " ".join(_pick(each, _inner(kind, each.name)) for each in pick.below or []) + " }"


def _inner(kind: str, name: str) -> str:
    """Return the type below a field; a page's own fields stay with the type of its rows."""
    fact = TYPES[kind].fields.get(name)
    if isinstance(fact, Part):
        return "LegEnd"
    return fact.type if isinstance(fact, One | Few | Many) else kind


def _argument(name: str, value: Any) -> str:
    if name == "sort":
        return "[" + ", ".join(f"{upper(each)}_{'DESC' if down else 'ASC'}" for each, down in value) + "]"
    if name == "by":
        return "[" + ", ".join(upper(each) for each in value) + "]"
    return literal(value)


def upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)


def literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | datetime | date):
        return json.dumps(str(value) if isinstance(value, Decimal) else value.isoformat())
    if isinstance(value, str):
        return str(value) if isinstance(value, Word) else json.dumps(value, ensure_ascii=False)
    return str(value)
