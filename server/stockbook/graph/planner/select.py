"""The fields of a row: values, rows of other types, lists."""

import re
from collections.abc import Sequence
from typing import Any

from graphql import FieldNode
from sqlmodel import SQLModel

from stockbook.graph.declare import ID_PREFIX, Column, Computed, Identity, Many, One, Part, Shape
from stockbook.graph.planner import page
from stockbook.graph.planner.compiler import Compiler, Path, Row
from stockbook.graph.planner.refused import Unplanned
from stockbook.graph.planner.text import Sql, concat, fields, listed, value
from stockbook.store import tables

LIST_COST = 10
"""What a plain list counts as: they are short by nature (units, legs, inspections)."""

_COLUMN = re.compile(r"\{p\}[._](\w+)")
_PLAIN = re.compile(r"[\s()+-]*")


def row_of(compiler: Compiler, shape: Shape, alias: str | None = None) -> Row:
    """Return a fresh row of a shape."""
    return Row(shape, alias or compiler.alias(), compiler.seen(shape))


def row(compiler: Compiler, row: Row, nodes: Sequence[FieldNode], path: Path) -> list[str]:
    """Return the pieces of a row's object, adding the joins it needs."""
    compiler.spend()
    pairs: list[tuple[str, list[str]]] = []
    if compiler.python:
        pairs.append(("~", [f'"{row.shape.name}"']))
    for key, same in compiler.collect(nodes, row.shape.name).items():
        pairs.append((key, _field(compiler, row, same, (*path, key))))
    return fields(pairs)


def _field(compiler: Compiler, row: Row, nodes: list[FieldNode], path: Path) -> list[str]:
    name = nodes[0].name.value
    if name == "__typename":
        return [f'"{row.shape.name}"']
    if compiler.hides(row, name, path):
        return ["null"]
    guard = compiler.guard(row, name)
    fact = row.shape.facts[name]
    match fact:
        case Identity():
            sql = compiler.sql(fact.sql, p=row.alias)
            if fact.sql.endswith(".id"):
                return [f'"{ID_PREFIX}{row.shape.name}/', Sql(sql), '"']
            return [Sql(f"to_json('{ID_PREFIX}{row.shape.name}/'::text || {sql})")]
        case Column():
            kind = row.shape.types[name]
            if fact.told:
                return _when([guard] if guard else [], [Sql(compiler.sql(fact.told, p=row.alias))])
            sql = compiler.sql(fact.sql, p=row.alias)
            if guard:
                sql = f"(case when {guard} then {sql} end)"
            return value(kind, sql, null=bool(guard) or nullable(row.shape, fact), json_text=fact.json)
        case Computed():
            if not compiler.python:
                raise Unplanned
            return _when([guard] if guard else [], [Sql(_needs(compiler, row, fact))])
        case One():
            return one(compiler, row, fact, compiler.shape(row.shape.types[name].__name__), nodes, path, guard)
        case Part():
            return _part(compiler, row, fact, compiler.shape(row.shape.types[name].__name__), nodes, path, guard)
        case Many():
            pieces = _many(compiler, row, fact, row.shape.types[name], nodes, path)
            return _when([guard] if guard else [], pieces)


def _needs(compiler: Compiler, row: Row, fact: Computed) -> str:
    compiler.spend(LIST_COST)
    pairs = (f"'{name}', {compiler.sql(sql, p=row.alias)}" for name, sql in fact.needs.items())
    return f"json_build_object({', '.join(pairs)})::text"


def one(
    compiler: Compiler,
    outer: Row,
    fact: One,
    shape: Shape,
    nodes: Sequence[FieldNode],
    path: Path,
    guard: str | None,
    to: str | None = None,
) -> list[str]:
    """Return the pieces of a row of another type, joined to this one; null when it isn't there or isn't visible.

    One that a filter holds constant is told once for all rows, not joined to each.
    """
    if closed(compiler, shape, path):
        return ["null"]
    compiler.join()
    other = row_of(compiler, shape)
    implied = fact.implied and compiler.seen(shape) == shape.relations
    conditions = [] if implied else compiler.scope(shape, other.alias, pointed=True)
    if implied and shape.where and shape.pointed:
        conditions = [compiler.sql(shape.where, p=other.alias)]
    if to is None and fact.to in outer.fixed:
        where = " and ".join([f"{other.alias}.id = {outer.fixed[fact.to]}", *conditions])
        told = concat(row(compiler, other, nodes, path))
        once = f"(select {told} from {compiler.source(shape, other.alias)} {' '.join(other.joins)} where {where})"
        return _when([guard] if guard else [], [Sql(f"coalesce({once}, 'null')")])
    via = f"{outer.alias.replace('.', '_')}_{fact.via[0]}" if fact.via else ""
    if fact.via and to is None:
        join = f"left {compiler.sql(fact.via[1], p=outer.alias, v=via)}"
        if join not in outer.joins:
            outer.joins.append(join)
    target = to or compiler.sql(fact.to, p=outer.alias, v=via)
    on = " and ".join([f"{other.alias}.id = {target}", *conditions])
    outer.joins.append(f"left join {compiler.source(shape, other.alias)} on {on}")
    other.joins = outer.joins
    pieces = row(compiler, other, nodes, path)
    certain = not conditions and not guard and to is None and points(outer.shape, fact)
    return pieces if certain else _when([*([guard] if guard else []), f"{other.alias}.id is not null"], pieces)


def _part(
    compiler: Compiler, outer: Row, fact: Part, shape: Shape, nodes: Sequence[FieldNode], path: Path, guard: str | None
) -> list[str]:
    alias = f"{outer.alias}.{fact.prefix}"
    inner = Row(shape, alias, shape.relations, outer.joins)
    conditions = [*([guard] if guard else []), *compiler.scope(shape, alias)]
    return _when(conditions, row(compiler, inner, nodes, path))


def _many(compiler: Compiler, outer: Row, fact: Many, kind: Any, nodes: list[FieldNode], path: Path) -> list[str]:
    if fact.order is None:
        return page.connection(
            compiler, compiler.shape(kind.__name__), nodes, path, outer.shape.name, (fact.on, outer.alias)
        )
    shape = compiler.shape(kind.__args__[0].__name__)
    if closed(compiler, shape, path):
        return ["null"]
    inner = row_of(compiler, shape)
    with compiler.repeated(LIST_COST):
        element = concat(row(compiler, inner, nodes, path))
    order = compiler.sql(fact.order, c=inner.alias, p=outer.alias)
    where = [compiler.sql(fact.on, c=inner.alias, p=outer.alias), *compiler.scope(shape, inner.alias)]
    return [
        Sql(
            f"(select {concat(listed(element, order))} from {compiler.source(shape, inner.alias)}"
            f" {' '.join(inner.joins)} where {' and '.join(where)})"
        )
    ]


def closed(compiler: Compiler, shape: Shape, path: Path) -> bool:
    """Return whether the role sees no row of this type at all, and say so in the errors."""
    whole = Row(shape, "", shape.relations)
    return "id" in shape.facts and compiler.hides(whole, "id", path)


def _when(conditions: list[str], pieces: list[str]) -> list[str]:
    """Return pieces that are null unless all conditions hold."""
    if not conditions:
        return pieces
    return [Sql(f"case when {' and '.join(conditions)} then {concat(pieces)} else 'null' end")]


def nullable(shape: Shape, fact: Column | One) -> bool:
    """Return whether a declared expression can be null: as the table's columns say, unless it is declared."""
    if isinstance(fact, Column):
        if fact.null is not None:
            return fact.null
        template = fact.sql
    else:
        template = fact.to
    if shape.table is None or not _PLAIN.fullmatch(_COLUMN.sub("", template)):
        return not isinstance(fact, Column) or not fact.json
    assert tables.__all__  # importing them is what declares them
    columns = SQLModel.metadata.tables[shape.table].columns
    return any(name not in columns or columns[name].nullable for name in _COLUMN.findall(template))


def points(shape: Shape, fact: One) -> bool:
    """Return whether the table itself makes sure that the row pointed at is there."""
    name = _COLUMN.fullmatch(fact.to)
    if shape.table is None or name is None or nullable(shape, fact):
        return False
    return bool(SQLModel.metadata.tables[shape.table].columns[name[1]].foreign_keys)
