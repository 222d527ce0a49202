"""The fields of `Query`: one by its id, a page, anything by global ids, who asks."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from graphql import FieldNode

from stockbook.access.masks import ALL
from stockbook.domain.capture.event import CODE_LENGTH_MAX
from stockbook.domain.capture.udi import Traced, traced
from stockbook.domain.refusal import Refusal
from stockbook.graph.declare import SHAPES, One, Shape
from stockbook.graph.planner import feed, page, select
from stockbook.graph.planner.compiler import Compiler, Path, Row
from stockbook.graph.planner.filters import LIST_MAX, identified
from stockbook.graph.planner.given import Slot
from stockbook.graph.planner.ids import gid
from stockbook.graph.planner.refused import Refused, Unplanned
from stockbook.graph.planner.text import Sql, concat
from stockbook.graph.viewer import Viewer

NODES_MAX = 100


def root(compiler: Compiler, nodes: list[FieldNode], key: str) -> list[str]:
    """Return the pieces of a root field."""
    name = nodes[0].name.value
    path = (key,)
    if name == "__typename":
        return ['"Query"']
    if name.startswith("__"):
        raise Unplanned
    if name == "me":
        return _me(compiler, nodes, path)
    if name == "node":
        return _node(compiler, nodes, path)
    if name == "nodes":
        return _nodes(compiler, nodes, path)
    if name == "trace":
        return _trace(compiler, nodes, path)
    if name == "replica":
        return feed.replica(compiler, nodes, path)
    for shape in SHAPES.values():
        if name == shape.plural:
            return page.connection(compiler, shape, nodes, path, "Query")
        if name == shape.single:
            return _single(compiler, shape, nodes, path)
    raise Unplanned


def _single(compiler: Compiler, shape: Shape, nodes: list[FieldNode], path: Path) -> list[str]:
    if select.closed(compiler, shape, path):
        return ["null"]
    given = compiler.arguments(nodes[0], "Query")
    row = select.row_of(compiler, shape)
    if shape.name == "Forecast":
        of = [("item", "item", "Item"), ("location", "site", "Place")]
        where = [
            f"{compiler.sql(_to(shape, fact), p=row.alias)} = {identified(compiler, compiler.shape(kind), given[name])}"
            for name, fact, kind in of
        ]
        where.append(f"{row.alias}.horizon = {compiler.bound(given['horizon'], 'bigint')}")
    else:
        where = [f"{row.alias}.id = {identified(compiler, shape, given['id'])}"]
    return [found(compiler, row, nodes, path, where)]


def _trace(compiler: Compiler, nodes: list[FieldNode], path: Path) -> list[str]:
    """Return the page of movements of what a UDI names, as far as the asker may see them."""
    slot = compiler.arguments(nodes[0], "Query")["udi"]

    def part(name: str) -> Callable[[Mapping[str, Any], Viewer], Any]:
        return lambda values, _: getattr(_traced(slot.read(values)), name)

    bound = {
        name: compiler.bind(part(name), kind, ("traced", slot.path or slot, name))
        for name, kind in (("device", "text"), ("lots", "text[]"), ("within", "text"))
    }
    within = compiler.sql(_TRACED, ALL, c="{c}", **bound)
    return page.connection(compiler, SHAPES["Movement"], nodes, path, "Query", (within, ""))


@lru_cache(maxsize=1024)
def _traced(code: str) -> Traced:
    if len(code) > CODE_LENGTH_MAX:  # reading takes time by the letter
        raise Refused("BAD_USER_INPUT", f"a UDI has at most {CODE_LENGTH_MAX} characters")
    found = traced(code)
    if isinstance(found, Refusal):
        raise Refused("BAD_USER_INPUT", found.message)
    return found


_TRACED = """
{c}.id in (
  select g.movement_id from leg g where g.lot_id <> 0 and g.lot_id in (
    select o.id from lot o join item_code e on e.item_id = o.item_id
    where e.normal = {device} and e.organisation_id in (0, {me})
      and (o.code = any({lots}) or {within} <> '' and starts_with(o.code, {within}))
  ) and {seen_leg}
)
"""


def _to(shape: Shape, name: str) -> str:
    fact = shape.facts[name]
    assert isinstance(fact, One)
    return fact.to


def found(compiler: Compiler, row: Row, nodes: list[FieldNode], path: Path, where: list[str]) -> Sql:
    """Return the subselect of one row, null when it isn't there or isn't visible."""
    element = concat(select.row(compiler, row, nodes, path))
    conditions = " and ".join([*where, *compiler.scope(row.shape, row.alias)])
    source = f"{compiler.source(row.shape, row.alias)} {' '.join(row.joins)}"
    return Sql(f"coalesce((select {element} from {source}{f' where {conditions}' if conditions else ''}), 'null')")


def _me(compiler: Compiler, nodes: list[FieldNode], path: Path) -> list[str]:
    return [found(compiler, select.row_of(compiler, SHAPES["Me"]), nodes, path, [])]


def _kind(given: Any) -> str | None:
    """Look which type a global id is of."""
    read = gid(given)
    return read.kind if read and read.kind in SHAPES and SHAPES[read.kind].fetch else None


def _kinds(given: Any) -> Any:
    """Look how many global ids there are, and of which types."""
    return len(given), tuple(sorted({kind for kind in map(_kind, given) if kind}))


def _located(shape: Shape, alias: str, first: str, rest: str, compiler: Compiler) -> str:
    template = shape.locate or "{p}.id = {first}::bigint and {rest} = ''"
    return compiler.sql(template, p=alias, first=first, rest=rest)


def _node(compiler: Compiler, nodes: list[FieldNode], path: Path) -> list[str]:
    slot: Slot = compiler.arguments(nodes[0], "Query")["id"]
    kind = compiler.values.peek(slot, _kind)
    if kind is None or select.closed(compiler, SHAPES[kind], path):
        return ["null"]
    row = select.row_of(compiler, SHAPES[kind])
    first = compiler.bound(slot, "bigint", lambda given: _part(given, 1))
    rest = compiler.bound(slot, "text", lambda given: _part(given, 2))
    return [found(compiler, row, nodes, path, [_located(SHAPES[kind], row.alias, first, rest, compiler)])]


def _nodes(compiler: Compiler, nodes: list[FieldNode], path: Path) -> list[str]:
    slot: Slot = compiler.arguments(nodes[0], "Query")["ids"]
    count, kinds = compiler.values.peek(slot, _kinds)
    if count > min(NODES_MAX, LIST_MAX):
        raise Refused("BAD_USER_INPUT", f"at most {NODES_MAX} ids at once", path)
    asked = compiler.alias()
    cases = []
    with compiler.repeated(max(count, 1)):
        for kind in kinds:
            if select.closed(compiler, SHAPES[kind], path):
                continue
            row = select.row_of(compiler, SHAPES[kind])
            where = [_located(SHAPES[kind], row.alias, f"{asked}.first", f"{asked}.rest", compiler)]
            cases.append(f"when '{kind}' then {found(compiler, row, nodes, path, where)}")
    element = f"case {asked}.kind {' '.join(cases)} else 'null' end" if cases else "'null'"
    given = ", ".join(
        compiler.bound(slot, f"{type_}[]", lambda ids, at=at: [_part(each, at) for each in ids])  # type: ignore[misc]
        for at, type_ in enumerate(("text", "bigint", "text"))
    )
    table = f"unnest({given}) with ordinality {asked}(kind, first, rest, n)"
    return [Sql(f"(select concat('[', string_agg({element}, ',' order by {asked}.n), ']') from {table})")]


def _part(given: Any, at: int) -> Any:
    """Return a part of a global id: its type, its number, the rest."""
    read = gid(given)
    return read[at] if read else None
