"""One declaration a field: its name, its type, the SQL that yields it, and its words.

::

    @shape(table="position", scope=Scope.SHARED, visible={...})
    class Position:
        quantity: Decimal | None = column("{p}.quantity", "How much lies here.")
        item: "Item | None" = one("{p}.item_id", "What lies here.")

Nobody writes a resolver for a stored fact: the planner composes these
declarations to one statement. In the SQL, `{p}` is the row itself and `{c}` the
row of a list; `{me}` is the acting organisation, `{actor}` the principal,
`{rights}` the rights rows it may see (`= any({rights})` asks an index, `{of_rights}`
after a column looks at rows found otherwise), `{givers}` those who let it view their
goods, `{sites}` the sites its role is limited to. All are bound parameters.
`{seen_leg}` holds for a leg `g` that may be seen.

`offset 0` in an `exists` keeps PostgreSQL from reading the whole inner table
into a hash: pages are short, so asking row by row is always cheaper.

A shape without a scope can't be declared.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

import strawberry

from stockbook.access.masks import ALL, Relation

T = TypeVar("T")

HOLDERS = Relation.OWNER | Relation.CUSTODIAN | Relation.DISPOSER | Relation.SELLER | Relation.VIEWER
"""The relations that a rights row gives."""

ID_PREFIX = "gid://stockbook/"


class Scope(StrEnum):
    """Whose rows of a type an organisation sees."""

    PRIVATE = "private"
    """Its own."""
    NETWORK = "network"
    """Everybody's."""
    SHARED = "shared"
    """Those it is party to; what it sees of them depends on its relation to the row."""


@strawberry.interface(description="Anything that has a global id.")
class Node:
    """Anything that has a global id."""

    id: strawberry.ID = strawberry.field(description="Global id, opaque.")


class Connection(Generic[T]):
    """Annotates a paged list; `pages` makes the GraphQL types of it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A value of the row.

    `null` says whether the SQL can yield null (None: look at the table), `json`
    that it yields JSON text already; `told` yields the same as JSON text, where that is quicker.
    `total` is what rows together have of it, where that is not the sum of what each has.
    """

    sql: str
    null: bool | None = None
    json: bool = False
    sort: bool = False
    filter: bool = True
    sum: bool = False
    group: bool = False
    told: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """The global id: the type's name and `sql`."""

    sql: str


@dataclass(frozen=True, slots=True)
class One:
    """A row of another type, whose id is `to`.

    `via` joins what `to` needs, as (alias suffix, join); `key` yields the same id
    without the join, for filters and groups. `implied`: whoever sees this row sees
    that one, so its scope need not be asked again.
    """

    to: str
    via: tuple[str, str] | None = None
    implied: bool = False
    filter: bool = True
    group: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """Rows of another type for which `on` holds; paged, or all of them (few) in `order`."""

    on: str
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Columns of this row that make an object of their own; `prefix` is what they have before their names."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Computed:
    """What only Python can make, of what the row yields: `needs` are SQL expressions by name.

    The ordinary executor answers it: one statement yields the needs of all rows,
    `make` is then called a row, with the field's arguments by name.
    """

    needs: Mapping[str, str]
    make: Callable[..., Any]
    arguments: tuple[tuple[str, Any, str, Any], ...] = ()


Fact = Column | Identity | One | Many | Part | Computed


@dataclass(slots=True)
class Shape:
    """A declared type. `facts` and `types` are by GraphQL name."""

    name: str
    cls: type[Any]
    scope: Scope
    table: str | None
    source: str
    visible: Mapping[Relation, str]
    where: str | None = None
    pointed: bool = True
    sites: str | None = None
    order: tuple[str, ...] = ()
    single: str | None = None
    plural: str | None = None
    present: str = "{p}.id"
    locate: str | None = None
    reference: str | None = None
    fetch: bool = True
    facts: dict[str, Fact] = field(default_factory=dict)
    types: dict[str, Any] = field(default_factory=dict)

    @property
    def relations(self) -> Relation:
        """Every relation that makes a row visible."""
        union = Relation(0)
        for relation in self.visible:
            union |= relation
        return union


SHAPES: dict[str, Shape] = {}
"""Every declared type by name, in order of declaration."""


def shape(
    *,
    scope: Scope,
    table: str | None,
    visible: Mapping[Relation, str],
    source: str | None = None,
    where: str | None = None,
    pointed: bool = True,
    sites: str | None = None,
    order: tuple[str, ...] = (),
    roots: tuple[str, str] | None = None,
    present: str = "{p}.id",
    locate: str | None = None,
    reference: str | None = None,
    fetch: bool = True,
) -> Callable[[type[T]], type[T]]:
    """Declare a type of the graph.

    Parameters
    ----------
    scope, visible
        Whose rows are seen: for each relation, the condition that makes the
        acting organisation so related to the row. Either of them is enough.
    where
        What must hold besides, for everybody.
    pointed
        Whether a row may point at one that `where` leaves out.
    sites
        The condition for roles limited to sites.
    source
        What to select from, when it is more than the table.
    order
        Fields of the default order, `-` before a descending one; the id comes last by itself.
    roots
        Names of the fields of `Query` that give one and a page of it.
    locate
        The row of global id `{id}` when that is not a number; parts are split at `-`.
    reference
        Finds the id by an external reference `{ref}`, where there is one.
    fetch
        Whether `node` finds it.
    """

    def declare(cls: type[T]) -> type[T]:
        single, plural = roots or (None, None)
        SHAPES[cls.__name__] = Shape(
            name=cls.__name__,
            cls=cls,
            scope=scope,
            table=table,
            source=source or f'"{table}"',
            visible=visible,
            where=where,
            pointed=pointed,
            sites=sites,
            order=order,
            single=single,
            plural=plural,
            present=present,
            locate=locate,
            reference=reference,
            fetch=fetch,
        )
        return cls

    return declare


def identity(sql: str = "{p}.id", description: str = "Global id, opaque.") -> Any:
    """Declare the id of a type."""
    return _field(Identity(sql), description)


def column(
    sql: str,
    description: str,
    *,
    null: bool | None = None,
    json: bool = False,
    sort: bool = False,
    filter: bool = True,  # noqa: A002
    sum: bool = False,  # noqa: A002
    group: bool = False,
    told: str | None = None,
    total: str | None = None,
) -> Any:
    """Declare a value of the row."""
    return _field(Column(sql, null, json, sort, filter and not json, sum, group, told, total), description)


def one(
    to: str,
    description: str,
    *,
    via: tuple[str, str] | None = None,
    implied: bool = False,
    filter: bool = True,  # noqa: A002
    group: bool = False,
    key: str | None = None,
) -> Any:
    """Declare a relation to the row whose id is `to`."""
    return _field(One(to, via, implied, filter, group, key), description)


def many(on: str, description: str) -> Any:
    """Declare a paged relation: the annotation is `Connection[Type]`."""
    return _field(Many(on), description)


def each(on: str, description: str, *, order: str) -> Any:
    """Declare a relation to few rows, given as a plain list."""
    return _field(Many(on, order), description)


def part(prefix: str, description: str) -> Any:
    """Declare an object made of columns of this row whose names begin with `prefix`."""
    return _field(Part(prefix), description)


def computed(
    needs: Mapping[str, str], make: Callable[..., Any], description: str, *arguments: tuple[str, Any, str, Any]
) -> Any:
    """Declare a value that Python makes; arguments are (name, type, description, default)."""
    return _field(Computed(needs, make, arguments), description)


def _field(fact: Fact, description: str) -> Any:
    return strawberry.field(description=description, metadata={"fact": fact})


def camel(name: str) -> str:
    """Return the GraphQL name of a Python one.

    >>> camel("sellable_now")
    'sellableNow'
    """
    return re.sub(r"_([a-z0-9])", lambda found: found.group(1).upper(), name)


def disclosed() -> dict[str, str]:
    """Return every field that a policy may withhold, with the scope of its type."""
    return {f"{each.name}.{name}": each.scope.value for each in SHAPES.values() for name in each.facts}


NETWORK = {ALL: "true"}
"""Seen by everybody."""
OWN = {ALL: "{p}.organisation_id = {me}"}
"""Seen by the organisation whose row it is."""
