"""Plans: one statement for a read operation, kept for every request of the same shape."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import FieldNode, GraphQLSchema, OperationType

from stockbook.access.masks import Mask
from stockbook.graph.declare import SHAPES
from stockbook.graph.planner import roots, select
from stockbook.graph.planner.compiler import Bind, Compiler, Path
from stockbook.graph.planner.document import Documents, Operation, coerced
from stockbook.graph.planner.given import Values, reach
from stockbook.graph.planner.refused import Refused, Unplanned
from stockbook.graph.planner.text import concat, fields
from stockbook.graph.viewer import Viewer
from stockbook.settings import Settings

_LOOKS_MAX = 200
_PARAMETER = re.compile(r"\$(\d+)::")


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement that answers an operation.

    Its first column is the answer's beginning, `{"data":...`; the others are the
    versions that the viewer must have been made from. `suffix` ends the answer.
    """

    sql: str
    binds: tuple[Bind, ...]
    errors: tuple[Refused, ...]
    cost: int
    suffix: bytes

    def bind(self, values: Mapping[str, Any], viewer: Viewer) -> list[Any]:
        """Return the statement's arguments for these (coerced) variables."""
        return [each(values, viewer) for each in self.binds]


@dataclass(frozen=True, slots=True)
class Rows:
    """A statement for rows of one type by their ids.

    It answers one row: the ids of the visible ones, for each selection their JSON
    texts in the same order, and the version that the viewer must have been made from.
    """

    sql: str
    binds: tuple[Bind, ...]
    errors: tuple[Refused, ...]
    cost: int

    def bind(self, values: Mapping[str, Any], viewer: Viewer, ids: Sequence[int]) -> list[Any]:
        """Return the statement's arguments."""
        return [list(ids), *(each(values, viewer) for each in self.binds)]


class Planner:
    """Plans operations and keeps the plans used last."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self.schema = schema
        self.settings = settings
        self.documents = Documents(schema, settings)
        self._plans: OrderedDict[Any, Plan | None] = OrderedDict()

    def plan(
        self,
        document: str,
        operation_name: str | None,
        variables: Mapping[str, Any] | None,
        mask: Mask,
        *,
        limited: bool = False,
        wide: bool = False,
    ) -> tuple[Plan, dict[str, Any]]:
        """Return the plan of an operation and its coerced variables.

        Raises `Refused` when it can't be answered, `Unplanned` when it is not a
        read or asks for what only the ordinary executor knows.
        """
        try:
            operation = self.documents.operation(document, operation_name)
            values = coerced(self.schema, operation, variables)
            if operation.kind is not OperationType.QUERY:
                raise Unplanned
            key = self._key(operation, values, mask, limited, wide)
            plan = self._plans.get(key, False)
            if plan is False:
                plan = self._compile(operation, values, mask, limited, wide)
            else:
                self._plans.move_to_end(key)
        except RecursionError as error:
            raise Refused("COST_LIMIT", "the variables are too deep") from error
        if plan is None:
            raise Unplanned
        assert isinstance(plan, Plan)
        return plan, values

    def compiler(
        self, operation: Operation, values: Values, mask: Mask, *, limited: bool, python: bool, wide: bool = False
    ) -> Compiler:
        """Return a fresh compiler."""
        return Compiler(
            self.schema, operation.fragments, values, mask, self.settings, limited=limited, python=python, wide=wide
        )

    def _key(self, operation: Operation, values: Mapping[str, Any], mask: Mask, limited: bool, wide: bool) -> Any:
        seen = tuple([look(reach(values, path)) for path, look in operation.looks])
        return operation.name, mask.id, limited, wide, seen

    def _compile(
        self, operation: Operation, given: Mapping[str, Any], mask: Mask, limited: bool, wide: bool
    ) -> Plan | None:
        values = Values(given)
        compiler = self.compiler(operation, values, mask, limited=limited, python=False, wide=wide)
        try:
            asked = compiler.collect([operation.node], "Query")
            pairs = [(key, roots.root(compiler, nodes, key)) for key, nodes in asked.items()]
            plan = finished(compiler, pairs)
        except Unplanned:
            plan = None
        operation.looks.update(values.looks)
        if len(operation.looks) > _LOOKS_MAX:  # a document whose variables have ever new shapes is not worth keeping
            operation.looks.clear()
            return plan
        self._plans[self._key(operation, given, mask, limited, wide)] = plan
        while len(self._plans) > self.settings.plans_max:
            self._plans.popitem(last=False)
        return plan


def finished(compiler: Compiler, pairs: list[tuple[str, list[str]]]) -> Plan:
    """Return the plan of root fields' pieces."""
    spent(compiler)
    pieces = ['{"data":', *fields(pairs)]
    errors = tuple(compiler.errors.values())
    answer = f"convert_to({concat(pieces)}, 'UTF8')"
    sql, binds = used(compiler.statement(f"select {answer}, {compiler.version(answer)}"), compiler.binds)
    return Plan(
        sql=sql,
        binds=binds,
        errors=errors,
        cost=compiler.cost,
        suffix=suffix(errors, compiler.cost, compiler.settings.cost_max),
    )


def used(sql: str, binds: Sequence[Bind]) -> tuple[str, tuple[Bind, ...]]:
    """Return a statement with the parameters that it came to use, numbered anew.

    >>> used("select $3::text, $1::bigint, $3::text", (1, 2, 3))
    ('select $2::text, $1::bigint, $2::text', (1, 3))
    """
    numbers = sorted({int(each) for each in _PARAMETER.findall(sql)})
    anew = {old: at for at, old in enumerate(numbers, 1)}
    return _PARAMETER.sub(lambda found: f"${anew[int(found[1])]}::", sql), tuple(binds[old - 1] for old in numbers)


def spent(compiler: Compiler) -> None:
    """Raise `Refused` when a document costs more than is allowed."""
    if compiler.cost > compiler.settings.cost_max:
        said = f"the document costs {compiler.cost}; {compiler.settings.cost_max} is the most"
        raise Refused("COST_LIMIT", said)


def suffix(errors: Sequence[Refused], cost: int, most: int) -> bytes:
    """Return the end of an answer: its errors, and what it cost."""
    said = b',"errors":' + orjson.dumps([each.entry() for each in errors]) if errors else b""
    return said + b',"extensions":{"cost":{"requested":%d,"maximum":%d}}}' % (cost, most)


def rows(compiler: Compiler, kind: str, selections: Sequence[tuple[Path, Sequence[FieldNode]]]) -> Rows:
    """Compile selections (with their paths) on rows of a type that are named by their ids; `$1` is the list of ids."""
    shape = SHAPES[kind]
    first = compiler.bind(lambda _, __: None, "bigint[]")
    compiler.spend()
    columns: list[str] = []
    row = select.row_of(compiler, shape)
    closed = [select.closed(compiler, shape, path) for path, _ in selections]  # each says so in the errors
    if any(closed):
        columns = ["null::bytea"] * len(selections)
        where = ["false"]
    else:
        columns = [
            f"convert_to({concat(select.row(compiler, row, nodes, path))}, 'UTF8')" for path, nodes in selections
        ]
        where = [f"{row.alias}.id = any({first})", *compiler.scope(shape, row.alias)]
    spent(compiler)
    source = f"{compiler.source(shape, row.alias)} {' '.join(row.joins)}"
    names = [f"c{at}" for at in range(len(columns))]
    listed = ", ".join(f"{column} as {name}" for column, name in zip(columns, names, strict=True))
    inner = f"select {row.alias}.id{listed and ', ' + listed} from {source} where {' and '.join(where)}"
    arrays = ", ".join(f"array_agg({name})" for name in ["id", *names])
    version = compiler.version(inner)
    sql, binds = used(
        compiler.statement(f"select {version}, {arrays} from ({inner}) x where {first} is not null"), compiler.binds
    )
    return Rows(
        sql=sql,
        binds=binds[1:],
        errors=tuple(compiler.errors.values()),
        cost=compiler.cost,
    )
