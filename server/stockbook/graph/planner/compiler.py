"""What compiling one document carries along: parameters, aliases, disclosure, cost and refused fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode

from stockbook.access.masks import ALL, Mask, Relation
from stockbook.graph.declare import SHAPES, Scope, Shape
from stockbook.graph.planner.given import Slot, Values
from stockbook.graph.planner.refused import Refused, forbidden
from stockbook.graph.viewer import FACTS, NEWEST, Viewer
from stockbook.settings import Settings

SELECTIONS_MAX = 10_000
"""Fields that a document may come to with its fragments: each is work before the cost of the whole is known."""
JOINS_MAX = 300
"""Rows of other types that one statement looks up: PostgreSQL plans a thousand joins for half a minute, unstoppably."""

Bind = Callable[[Mapping[str, Any], Viewer], Any]
Path = tuple[str, ...]


@dataclass(slots=True)
class Row:
    """A row being selected from: its shape, its alias, and the joins that its fields ask for.

    `seen` are the relations by which it is visible; `fixed` maps what a filter
    holds constant to that constant, so that a dimension is told once.
    """

    shape: Shape
    alias: str
    seen: Relation
    joins: list[str] = field(default_factory=list)
    fixed: Mapping[str, str] = field(default_factory=dict)


class _Names(dict[str, str]):
    """What a template may name; parameters are made when they are named."""

    def __init__(self, compiler: "Compiler", relations: Relation, **known: str) -> None:
        super().__init__(known)
        self.compiler = compiler
        self.relations = relations

    def __missing__(self, name: str) -> str:
        return self.compiler.viewer(name, self.relations)


class Compiler:
    """Compiles one operation, or one root field of it, for one mask."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: Values,
        mask: Mask,
        settings: Settings,
        *,
        limited: bool,
        python: bool = False,
        wide: bool = False,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.values = values
        self.mask = mask
        self.settings = settings
        self.limited = limited
        self.python = python
        """Whether the ordinary executor reads the answer; it needs to be told the type of a `Node`."""
        self.wide = wide
        """Whether who asks sees most there is: then ranges are bound instead of a list; no index would help."""
        self.binds: list[Bind] = []
        self.tables: dict[str, str] = {}
        """Rights rows, named once a statement: as text they are bound ten times faster."""
        self.errors: dict[Path, Refused] = {}
        self.cost = 0
        self.conditions = 0
        self.selections = 0
        self.joins = 0
        self._times = 1
        """How often what is being compiled may occur in the answer."""
        self._named: dict[object, str] = {}
        self._aliases = 0

    # what is bound

    def bind(self, read: Bind, kind: str, name: object = None) -> str:
        """Return a parameter of an SQL type; the same `name` gives the same parameter."""
        if name is not None and name in self._named:
            return self._named[name]
        self.binds.append(read)
        made = f"${len(self.binds)}::{kind}"
        if name is not None:
            self._named[name] = made
        return made

    def bound(self, slot: Slot, kind: str, convert: Callable[[Any], Any] | None = None, name: object = None) -> str:
        """Return a parameter for a given value, converted; `name` tells conversions of the same value apart."""
        key = (slot.path or slot, kind, name) if convert is None or name is not None else None
        if convert is None:
            return self.bind(lambda values, _: slot.read(values), kind, key)
        return self.bind(lambda values, _: convert(slot.read(values)), kind, key)

    def viewer(self, name: str, relations: Relation = ALL) -> str:
        """Return the parameter for something of who asks, or what a template knows by name."""
        if name == "bits":
            return str(int(relations))
        if name == "seen_leg":
            leg = SHAPES["Leg"]
            return self.related(leg, "g", self.seen(leg))
        if name == "rights":
            name = f"rights_{int(relations)}"
            self.tables[name] = self.bind(lambda _, viewer: viewer.rights(relations), "text::bigint[]", name)
            return f"(select ids from {name})::bigint[]"
        if name == "of_rights" and not self.wide:
            return f"= any({self.viewer('rights', relations)})"
        if name == "of_rights":
            name = f"ranges_{int(relations)}"
            self.tables[name] = self.bind(lambda _, viewer: viewer.ranges(relations), "text::int8multirange", name)
            return f"<@ (select ids from {name})"
        kind, read = _VIEWER[name]
        return self.bind(read, kind, name)

    def statement(self, sql: str) -> str:
        """Return a statement with the named arrays that it uses."""
        named = ", ".join(f"{name} as (select {bound} as ids)" for name, bound in self.tables.items() if name in sql)
        return f"with {named} {sql}" if named else sql

    def version(self, sql: str) -> str:
        """Return SQL for the versions of what a statement binds of who asks; null for what it doesn't bind."""
        rights = any(name in sql for name in self.tables)
        facts = rights or (self._named.get("givers") or "?") in sql
        return f"{NEWEST if rights else 'null::bigint'}, {FACTS if facts else 'null::bigint'}"

    # what is composed

    @property
    def personal(self) -> bool:
        """Whether the answer depends on the principal, not only on the organisation."""
        return "actor" in self._named

    def alias(self) -> str:
        """Return a fresh table alias."""
        self._aliases += 1
        return f"t{self._aliases}"

    def sql(self, template: str, relations: Relation = ALL, **known: str) -> str:
        """Return a declared template with its names filled in."""
        return template.format_map(_Names(self, relations, **known))

    def source(self, shape: Shape, alias: str) -> str:
        """Return what rows of a shape are selected from."""
        return f"{self.sql(shape.source)} {alias}"

    # what is shown

    def shown(self, shape: Shape, field: str) -> Relation:
        """Return the relations under which a field shows, of those that the shape knows."""
        return self.mask.relations(f"{shape.name}.{field}") & shape.relations

    def seen(self, shape: Shape) -> Relation:
        """Return the relations under which rows of the shape are visible."""
        return self.shown(shape, "id") if "id" in shape.facts else shape.relations

    def related(self, shape: Shape, alias: str, relations: Relation) -> str:
        """Return the condition for being related to a row in one of these ways."""
        either = [
            self.sql(template, relation & relations, p=alias)
            for relation, template in shape.visible.items()
            if relation & relations
        ]
        if "true" in either:
            return "true"
        if not either:
            return "false"
        return either[0] if len(either) == 1 else f"({' or '.join(either)})"

    def scope(self, shape: Shape, alias: str, *, pointed: bool = False) -> list[str]:
        """Return the conditions for a row to be visible, found by itself or `pointed` at by a visible one."""
        conditions = [self.related(shape, alias, self.seen(shape))]
        if shape.where and (shape.pointed or not pointed):
            conditions.append(self.sql(shape.where, p=alias))
        if shape.sites and self.limited:
            conditions.append(self.sql(shape.sites, p=alias))
        return [each for each in conditions if each != "true"]

    def guard(self, row: Row, field: str) -> str | None:
        """Return the condition under which a field of a visible row shows, None when it always does."""
        shown = self.shown(row.shape, field)
        if row.shape.scope is not Scope.SHARED or not row.seen & ~shown:
            return None
        return self.related(row.shape, row.alias, shown)

    def hides(self, row: Row, field: str, path: Path) -> bool:
        """Return whether the role never sees this field, and say so in the errors."""
        if not self.shown(row.shape, field):
            self.errors.setdefault(path, forbidden(path))
            return True
        return False

    # what is selected

    def collect(self, nodes: Sequence[FieldNode | OperationDefinitionNode], kind: str) -> dict[str, list[FieldNode]]:
        """Return the fields selected below some nodes by response key, fragments and directives resolved."""
        found: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for node in nodes:
            if node.selection_set:
                self._collect(node.selection_set.selections, kind, found, visited)
        return found

    def _collect(self, selections: Any, kind: str, found: dict[str, list[FieldNode]], visited: set[str]) -> None:
        self.selections += len(selections)
        if self.selections > SELECTIONS_MAX:
            raise Refused("COST_LIMIT", f"with its fragments the document selects more than {SELECTIONS_MAX} fields")
        for each in selections:
            if not self._included(each):
                continue
            if isinstance(each, FieldNode):
                found.setdefault(each.alias.value if each.alias else each.name.value, []).append(each)
                continue
            name = getattr(each, "name", None)
            fragment = self.fragments[name.value] if name else each
            if name:
                if name.value in visited:
                    continue
                visited.add(name.value)
            if fragment.type_condition is None or self._is(kind, fragment.type_condition.name.value):
                self._collect(fragment.selection_set.selections, kind, found, visited)

    def _is(self, kind: str, condition: str) -> bool:
        made = self.schema.type_map[kind]
        return kind == condition or (
            isinstance(made, GraphQLObjectType) and any(each.name == condition for each in made.interfaces)
        )

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            word = directive.name.value
            if word in {"skip", "include"}:
                slot = self.values.flag(next(iter(directive.arguments)).value)
                if slot is (word == "skip"):
                    return False
        return True

    def arguments(self, node: FieldNode, kind: str) -> dict[str, Any]:
        """Return what a field's arguments are given, defaults included; see `Values.given`."""
        made = self.schema.type_map[kind]
        assert isinstance(made, GraphQLObjectType)
        nodes = {each.name.value: each.value for each in node.arguments or ()}
        given: dict[str, Any] = {}
        for name, argument in made.fields[node.name.value].args.items():
            given[name] = self.values.given(nodes.get(name), argument.type)
            if given[name] is None and isinstance(argument.default_value, int | str):
                given[name] = Slot(constant=argument.default_value)
        return given

    def join(self) -> None:
        """Count a row of another type that is looked up."""
        self.joins += 1
        if self.joins > JOINS_MAX:
            raise Refused("COST_LIMIT", f"the document follows more than {JOINS_MAX} relations")

    def spend(self, cost: int = 1) -> None:
        """Count towards the cost of the document."""
        self.cost += cost * self._times

    @contextmanager
    def repeated(self, times: int) -> Iterator[None]:
        """Compile what may occur so many times wherever it is selected: it costs as much each time."""
        before = self._times
        self._times *= times
        try:
            yield
        finally:
            self._times = before

    def shape(self, kind: str) -> Shape:
        """Return a declared type."""
        return SHAPES[kind]


_VIEWER: dict[str, tuple[str, Bind]] = {
    "me": ("bigint", lambda _, viewer: viewer.organisation),
    "actor": ("bigint", lambda _, viewer: viewer.actor),
    "givers": ("bigint[]", lambda _, viewer: viewer.givers),
    "sites": ("bigint[]", lambda _, viewer: viewer.sites),
}
