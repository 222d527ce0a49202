"""Draws documents from the schema itself: selections, arguments, aliases, fragments, directives, variables."""

import json
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
)
from hypothesis import strategies as st

IDS = (
    *(f"gid://stockbook/{kind}/{number}" for kind, number in (
        ("Item", 1), ("Item", 4), ("Place", 1), ("Place", 9), ("Place", 22), ("Organisation", 2), ("Lot", 40),
        ("Position", 12), ("Position", 90), ("Availability", 3), ("Movement", 5), ("Movement", 44), ("Claim", 2),
        ("Document", 1), ("Principal", 10), ("Agreement", 9), ("Charge", 1), ("Listing", 5), ("Task", 5),
        ("Forecast", 11), ("Inspection", 2), ("Membership", 10), ("Item", 999), ("Nothing", 1),
    )),
    "gid://stockbook/Leg/5-1", "gid://stockbook/ItemUnit/3-box \"12\"", "gid://stockbook/Me/1", "gid://stockbook/Item/x",
    "item-4", "item-7", "place-1", "place-3", "org-2", "doc-1", "", "né",
)  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "String": ("", "the", "1", "OPEN", "kg", "SELLABLE", "番", "100%"),
    "Int": (0, 1, 2, 3),
    "Float": (0.25, 3.0),
    "Boolean": (True, False),
    "Decimal": ("0", "12.5", "8.123", "40", "-1"),
    "Date": ("2026-06-20", "2026-07-10"),
    "DateTime": ("2026-03-01T08:30:00Z", "2026-03-02T01:00:00+02:00"),
    "Long": (1,),
}
UNSTEADY = {"ageSeconds", "secondsOpen"}
"""Differ between two readings."""


@dataclass
class Document:
    """A document with its variables."""

    text: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)


class Drawer:
    """Draws one document."""

    def __init__(self, draw: Any, schema: GraphQLSchema) -> None:
        self.draw = draw
        self.schema = schema
        self.document = Document()
        self.names = 0

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(1, 100)) > 100 - percent

    def pick(self, several: Any) -> Any:
        return self.draw(st.sampled_from(list(several)))

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def whole(self) -> Document:
        query = self.schema.query_type
        assert query is not None
        body = self.selection(query, self.draw(st.integers(2, 4)), self.draw(st.integers(1, 3)))
        head = f"query Drawn({', '.join(self.document.declared)})" if self.document.declared else "query Drawn"
        self.document.text = "\n".join([f"{head} {body}", *self.document.fragments])
        return self.document

    def selection(self, kind: Any, depth: int, most: int = 4) -> str:
        if isinstance(kind, GraphQLInterfaceType):
            return self.abstract(depth)
        fields = {
            name: each
            for name, each in kind.fields.items()
            if name not in UNSTEADY and (depth > 0 or not _composite(each.type))
        }
        parts = ["__typename"] if not fields or self.chance(15) else []
        for name in self.draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=most)) if fields else ():
            parts += self.field(name, fields[name], depth)
        if self.chance(20) and kind.name != "Query":
            inner = self.selection(kind, depth, 2)
            if self.chance(50):
                parts.append(f"...{self.condition(kind)}{self.directive()} {inner}")
            else:
                fragment = self.name("F")
                self.document.fragments.append(f"fragment {fragment} on {kind.name} {inner}")
                parts += [f"...{fragment}{self.directive()}"] * self.draw(st.integers(1, 2))
        return "{ " + " ".join(parts) + " }"

    def abstract(self, depth: int) -> str:
        kinds = self.schema.get_possible_types(self.schema.type_map["Node"])  # type: ignore[arg-type]
        parts = ["id"] if self.chance(50) else ["__typename"]
        for kind in self.draw(st.lists(st.sampled_from(sorted(kinds, key=str)), max_size=4, unique=True)):
            fields = {
                n: f for n, f in kind.fields.items() if n not in UNSTEADY and (depth > 0 or not _composite(f.type))
            }
            inner = " ".join(part for n in {self.pick(sorted(fields)) for _ in range(2)}
                             for part in self.field(n, fields[n], depth, unique=True))  # fmt: skip
            parts.append(f"... on {kind.name} {{ {inner} }}")
        return "{ " + " ".join(parts) + " }"

    def condition(self, kind: GraphQLObjectType) -> str:
        among = ["", f" on {kind.name}"]
        if any(each.name == "Node" for each in kind.interfaces):
            pass  # `... on Node` would need the interface's own fields only
        return self.pick(among)

    def directive(self) -> str:
        if not self.chance(20):
            return ""
        word, value = self.pick(["include", "skip"]), self.chance(60)
        if self.chance(50):
            return f" @{word}(if: {json.dumps(value)})"
        return f" @{word}(if: {self.variable('Boolean!', value)})"

    def variable(self, kind: str, value: Any) -> str:
        name = self.name("v")
        if kind.endswith("!") or self.chance(80):
            self.document.declared.append(f"${name}: {kind}")
            self.document.variables[name] = value
        elif self.chance(50):
            self.document.declared.append(f"${name}: {kind}")  # left out
        else:
            self.document.declared.append(f"${name}: {kind} = {self.literal(self.type(kind), value)}")
        return f"${name}"

    def type(self, kind: str) -> Any:
        return self.schema.type_map.get(kind.strip("![]"))

    def field(self, name: str, made: Any, depth: int, *, unique: bool = False) -> list[str]:
        arguments = self.arguments(made)
        alias = f"{self.name('a')}: " if arguments or unique or self.chance(20) else ""
        head = f"{alias}{name}{arguments}"
        if not _composite(made.type):
            return [f"{head}{self.directive()}"]
        times = 2 if self.chance(15) else 1  # selected twice: the selections below merge
        kind = get_named_type(made.type)
        return [f"{head}{self.directive()} {self.selection(kind, depth - 1)}" for _ in range(times)]

    def arguments(self, made: Any) -> str:
        given = []
        names = set(made.args)
        for name, argument in made.args.items():
            required = isinstance(argument.type, GraphQLNonNull)
            if not required and not self.chance(80 if name == "first" else 35):
                continue
            if name in {"last", "before", "after"} and not self.chance(15):
                continue
            if name == "last" and "first" in names and any(each.startswith("first") for each in given):
                continue
            value = self.value(argument.type, 2)
            nullable = self.chance(40) and str(argument.type)
            shown = self.variable(str(argument.type), value) if nullable else self.literal(argument.type, value)
            given.append(f"{name}: {shown}")
        return f"({', '.join(given)})" if given else ""

    def value(self, kind: Any, depth: int) -> Any:
        kind = get_nullable_type(kind)
        if isinstance(kind, GraphQLList):
            least = 1 if isinstance(get_nullable_type(kind.of_type), GraphQLEnumType) else 0
            return [self.value(kind.of_type, depth - 1) for _ in range(self.draw(st.integers(least, 3)))]
        if isinstance(kind, GraphQLEnumType):
            return self.pick(kind.values)
        if isinstance(kind, GraphQLInputObjectType):
            names = [name for name, each in kind.fields.items()
                     if depth > 0 or not isinstance(get_named_type(each.type), GraphQLInputObjectType)]  # fmt: skip
            chosen = self.draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
            return {name: self.value(kind.fields[name].type, depth - 1) for name in chosen}
        return self.pick(IDS if kind.name == "ID" else VALUES[kind.name])

    def literal(self, kind: Any, value: Any) -> str:
        kind = get_nullable_type(kind)
        if isinstance(value, list):
            inner = kind.of_type if isinstance(kind, GraphQLList) else kind
            return "[" + ", ".join(self.literal(inner, each) for each in value) + "]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{k}: {self.literal(kind.fields[k].type, v)}" for k, v in value.items()) + "}"
        if isinstance(kind, GraphQLEnumType):
            return str(value)
        assert isinstance(kind, GraphQLScalarType), kind
        return json.dumps(value, ensure_ascii=False)


def _composite(kind: Any) -> bool:
    return isinstance(get_named_type(kind), GraphQLObjectType | GraphQLInterfaceType)


@st.composite
def documents(draw: Any, schema: GraphQLSchema) -> Document:
    """Draw a document."""
    return Drawer(draw, schema).whole()
