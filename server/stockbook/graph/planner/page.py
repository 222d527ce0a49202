"""A page of rows: one subselect reads it once, with totals, sums and groups only when asked for."""

import re
import zlib
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode

from stockbook.graph.declare import Column, One, Shape
from stockbook.graph.planner import groups, select
from stockbook.graph.planner.compiler import Compiler, Path, Row
from stockbook.graph.planner.filters import expression, fixed, holds
from stockbook.graph.planner.given import Slot, exactly
from stockbook.graph.planner.order import Key, mark, ordered, past, said
from stockbook.graph.planner.refused import Refused
from stockbook.graph.planner.text import Sql, cast, concat, fields, listed

PAGE_DEFAULT = 50

Asked = dict[str, list[FieldNode]]


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the whole is asked for."""

    size: int
    backward: bool
    after: Slot | None
    before: Slot | None


def connection(
    compiler: Compiler,
    shape: Shape,
    nodes: list[FieldNode],
    path: Path,
    parent: str,
    within: tuple[str, str] | None = None,
) -> list[str]:
    """Return the pieces of a connection; `within` is the condition and alias of the row it belongs to."""
    if select.closed(compiler, shape, path):
        return ["null"]
    given = compiler.arguments(nodes[0], parent)
    row = select.row_of(compiler, shape)
    where = compiler.scope(shape, row.alias)
    if within:
        where.insert(0, compiler.sql(within[0], c=row.alias, p=within[1]))
    if given["filter"]:
        where.append(holds(compiler, row, given["filter"], path))
        row.fixed = fixed(compiler, row, given["filter"])
    window = _window(compiler, given, path)
    keys = _keys(compiler, row, given.get("sort"), path)
    asked = compiler.collect(nodes, f"{shape.name}Connection")
    compiler.spend()
    made = _Page(compiler, row, where, window, keys, asked)
    pairs = [(key, made.field(same, (*path, key))) for key, same in asked.items()]
    return [made.whole(fields(pairs))]


class _Page:
    """Composes the fields of one connection over one page subselect."""

    def __init__(
        self, compiler: Compiler, row: Row, where: list[str], window: Window, keys: list[Key], asked: Asked
    ) -> None:
        self.compiler = compiler
        self.row = row
        self.where = where
        self.window = window
        self.keys = keys
        order = (row.shape.name, [(key.name, key.descending) for key in keys])
        self.tag = f"{zlib.crc32(repr(order).encode()) & 0xFFFF:04x}"
        info = [node for same in asked.values() if same[0].name.value == "pageInfo" for node in same]
        told = {same[0].name.value for same in compiler.collect(info, "PageInfo").values()} - {"__typename"}
        self.read = False
        """Whether the page itself is read, not only totals: known when all fields are composed."""
        self.numbered = bool(told)
        """Whether its rows are numbered, and one more is read to see whether there are more."""

    def field(self, nodes: list[FieldNode], path: Path) -> list[str]:
        """Return the pieces of a field of the connection."""
        shape, compiler = self.row.shape, self.compiler
        match nodes[0].name.value:
            case "edges":
                return self._list(lambda: self._edge(nodes, path))
            case "nodes":
                return self._list(lambda: select.row(compiler, self.row, nodes, path))
            case "pageInfo":
                return self._info(nodes)
            case "totalCount":
                compiler.spend(select.LIST_COST)
                return [Sql(f"(select count(*) from {self._from()})")]
            case "aggregate":
                compiler.spend(select.LIST_COST)
                pieces = groups.aggregate(compiler, self.row, nodes, path)
                plain = not any(isinstance(each, Sql) for each in pieces)
                return pieces if plain else [Sql(f"(select {concat(pieces)} from {self._from()})")]
            case "groups":
                return groups.groups(compiler, self.row, self._from(), nodes, path)
            case _:
                return [f'"{shape.name}Connection"']

    def whole(self, pieces: list[str]) -> Sql:
        """Return the subselect of the whole connection."""
        if not self.read:
            return concat(pieces)
        alias, window = self.row.alias, self.window
        where = [*self.where, *self._bounds()]
        order = ordered(self.keys, window.backward)
        joins = " ".join(self.row.joins)
        inner = (
            f"select {_columns(alias, f'{concat(pieces)} {joins}')} from {self.compiler.source(self.row.shape, alias)}"
            f"{_where(where)} order by {order} limit {window.size + self.numbered}"
        )
        if self.numbered:
            inner = f"select {alias}.*, row_number() over () as n_, count(*) over () as m_ from ({inner}) {alias}"
        return Sql(f"(select {concat(pieces)} from ({inner}) {alias} {joins})")

    def _from(self) -> str:
        return f"{self.compiler.source(self.row.shape, self.row.alias)}{_where(self.where)}"

    def _list(self, element: Any) -> list[str]:
        with self.compiler.repeated(max(self.window.size, 1)):
            pieces = element()
        self.read = True
        alias, size = self.row.alias, self.window.size
        if not self.numbered:
            return listed(concat(pieces), ordered(self.keys, backward=False))
        way = " desc" if self.window.backward else ""
        return listed(concat(pieces), f"{alias}.n_{way}", f"{alias}.n_ <= {size}")

    def _edge(self, nodes: list[FieldNode], path: Path) -> list[str]:
        pairs: list[tuple[str, list[str]]] = []
        for key, same in self.compiler.collect(nodes, f"{self.row.shape.name}Edge").items():
            match same[0].name.value:
                case "cursor":
                    pairs.append((key, ['"', self._cursor(), '"']))
                case "node":
                    pairs.append((key, select.row(self.compiler, self.row, same, (*path, key))))
                case _:
                    pairs.append((key, [f'"{self.row.shape.name}Edge"']))
        return fields(pairs)

    def _info(self, nodes: list[FieldNode]) -> list[str]:
        alias, window = self.row.alias, self.window
        pairs: list[tuple[str, list[str]]] = []
        for key, same in self.compiler.collect(nodes, "PageInfo").items():
            name = same[0].name.value
            if name == "__typename":
                pairs.append((key, ['"PageInfo"']))
                continue
            more: list[str] = [Sql(f"case when max({alias}.m_) > {window.size} then 'true' else 'false' end")]
            if (name, window.backward) in {("hasNextPage", True), ("hasPreviousPage", False)}:
                passed = window.before if window.backward else window.after
                pairs.append((key, ["true" if passed else "false"]))
                continue
            self.read = True
            if name in {"hasNextPage", "hasPreviousPage"}:
                pairs.append((key, more))
            else:
                first = (name == "startCursor") is not window.backward
                which = "1" if first else f"least({alias}.m_, {window.size})"
                only = f"{alias}.n_ = {which}" + (f" and {window.size} > 0" if first else "")
                found = f"""'"' || string_agg({self._cursor()}, '') filter (where {only}) || '"'"""
                pairs.append((key, [Sql(f"coalesce({found}, 'null')")]))
        return fields(pairs)

    def _cursor(self) -> Sql:
        joined = " || chr(31) || ".join(said(key) for key in self.keys)
        return Sql(f"('{self.tag}' || encode(convert_to({joined}, 'UTF8'), 'hex'))")

    def _bounds(self) -> list[str]:
        window = self.window
        bounds = []
        if window.after:
            bounds.append(self._beyond(window.after, backward=False))
        if window.before:
            bounds.append(self._beyond(window.before, backward=True))
        return bounds

    def _beyond(self, slot: Slot, *, backward: bool) -> str:
        """Return the condition for a row to come after (or before) a cursor."""
        tag, keys = self.tag, self.keys
        marks = [
            self.compiler.bind(
                lambda values, _, at=at: mark(slot.read(values), tag, keys, at),  # type: ignore[misc]
                f"text::{key.kind}",
                ("cursor", slot.path, tag, at) if slot.path else None,
            )
            for at, key in enumerate(keys)
        ]
        if not any(key.null for key in self.keys) and len({key.descending for key in self.keys}) == 1:
            way = "<" if self.keys[0].descending is not backward else ">"
            return f"({', '.join(key.sql for key in self.keys)}) {way} ({', '.join(marks)})"
        either = []
        for at, key in enumerate(self.keys):
            same = [
                f"{k.sql} is not distinct from {m}" if k.null else f"{k.sql} = {m}"
                for k, m in zip(self.keys[:at], marks[:at], strict=True)
            ]
            either.append(" and ".join([*same, past(key, marks[at], backward=backward)]))
        return f"({' or '.join(f'({each})' for each in either)})"


def _columns(alias: str, sql: str) -> str:
    """Return the columns of a page that what is made of it names: the others need not be sorted along.

    >>> _columns("t1", "concat(t1.name, t11.kind) order by t1.id, t1.name, t1.n_")
    't1.id, t1.name'
    """
    named = {*re.findall(rf"\b{alias}\.(\w+)", sql)} - {"n_", "m_"}
    return ", ".join(f"{alias}.{each}" for each in sorted(named)) or "1"


def _where(conditions: list[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""


def _window(compiler: Compiler, given: dict[str, Any], path: Path) -> Window:
    first, last = (
        compiler.values.peek(given[name], exactly) if given[name] is not None else None for name in ("first", "last")
    )
    if first is not None and last is not None:
        raise Refused("BAD_USER_INPUT", "give `first` or `last`, not both", path)
    size = first if first is not None else last if last is not None else PAGE_DEFAULT
    if not 0 <= size <= compiler.settings.page_max:
        raise Refused("BAD_USER_INPUT", f"a page has between 0 and {compiler.settings.page_max} rows", path)
    return Window(size, last is not None, given["after"], given["before"])


def _keys(compiler: Compiler, row: Row, given: list[Slot] | None, path: Path) -> list[Key]:
    """Return the sort keys, the id last so that no two rows are equal."""
    keys: list[Key] = []
    if given:
        for slot in given:
            name, _, way = str(compiler.values.peek(slot, exactly).value).partition(" ")
            if not compiler.shown(row.shape, name):
                raise Refused("FIELD_FORBIDDEN", f"your roles do not show {row.shape.name}.{name}", path)
            keys.append(_key(compiler, row, name, way == "DESC"))
    else:
        for word in row.shape.order:
            name = word.removeprefix("-")
            if compiler.shown(row.shape, name):
                keys.append(_key(compiler, row, name, word.startswith("-")))
    descending = bool(keys) and keys[-1].descending
    return [*keys, Key("id", f"{row.alias}.id", "bigint", descending, null=False)]


def _key(compiler: Compiler, row: Row, name: str, descending: bool) -> Key:
    fact = row.shape.facts[name]
    assert isinstance(fact, Column | One)
    kind = "bigint" if isinstance(fact, One) else cast(row.shape.types[name])
    sql, masked = expression(compiler, row, name)
    return Key(name, sql, kind, descending, masked or select.nullable(row.shape, fact))
