"""All rows together: their count and sums, whole or by groups."""

from graphql import FieldNode

from stockbook.graph.declare import Column, One
from stockbook.graph.planner import select
from stockbook.graph.planner.compiler import Compiler, Path, Row
from stockbook.graph.planner.filters import expression
from stockbook.graph.planner.given import exactly
from stockbook.graph.planner.refused import Refused
from stockbook.graph.planner.text import Sql, concat, fields, listed, value

GROUPS_DEFAULT = 100
GROUPS_MAX = 1000


def aggregate(compiler: Compiler, row: Row, nodes: list[FieldNode], path: Path) -> list[str]:
    """Return the pieces of the aggregate of the rows selected from."""
    pairs: list[tuple[str, list[str]]] = []
    for key, same in compiler.collect(nodes, f"{row.shape.name}Aggregate").items():
        match same[0].name.value:
            case "count":
                pairs.append((key, [Sql("count(*)")]))
            case "sum":
                pairs.append((key, _sums(compiler, row, same, (*path, key))))
            case _:
                pairs.append((key, [f'"{row.shape.name}Aggregate"']))
    return fields(pairs)


def groups(compiler: Compiler, row: Row, source: str, nodes: list[FieldNode], path: Path) -> list[str]:
    """Return the pieces of the list of groups: one grouped subselect, then what is known of its keys."""
    shape = row.shape
    given = compiler.arguments(nodes[0], f"{shape.name}Connection")
    by: list[str] = []
    for slot in given["by"]:
        name = str(compiler.values.peek(slot, exactly).value)
        if not compiler.shown(shape, name):
            raise Refused("FIELD_FORBIDDEN", f"your roles do not show {shape.name}.{name}", path)
        if name not in by:
            by.append(name)
    size = compiler.values.peek(given["first"], exactly) if given["first"] is not None else GROUPS_DEFAULT
    if not 0 <= size <= GROUPS_MAX:
        raise Refused("BAD_USER_INPUT", f"there are between 0 and {GROUPS_MAX} groups", path)
    group = Row(shape, compiler.alias(), row.seen)
    compiler.spend(select.LIST_COST)
    sums: dict[str, str] = {}
    with compiler.repeated(max(size, 1)):
        pairs = [
            (key, _of_group(compiler, row, group, by, sums, same, (*path, key)))
            for key, same in compiler.collect(nodes, f"{shape.name}Group").items()
        ]
        compiler.spend()
    keys = [f"{expression(compiler, row, name)[0]} as g_{at}" for at, name in enumerate(by)]
    columns = ", ".join([*keys, "count(*) as count_", *(f"{sql} as {name}" for sql, name in sums.items())])
    order = ", ".join(f"g_{at} nulls last" for at in range(len(by))) or "count_"
    grouping = f" group by {', '.join(str(at + 1) for at in range(len(by)))}" if by else ""
    inner = f"select {columns} from {source}{grouping} order by {order} limit {size}"
    order = ", ".join(f"{group.alias}.g_{at} nulls last" for at in range(len(by))) or f"{group.alias}.count_"
    whole = concat(listed(concat(fields(pairs)), order))
    return [Sql(f"(select {whole} from ({inner}) {group.alias} {' '.join(group.joins)})")]


def _of_group(
    compiler: Compiler, row: Row, group: Row, by: list[str], sums: dict[str, str], nodes: list[FieldNode], path: Path
) -> list[str]:
    name = nodes[0].name.value
    if name == "__typename":
        return [f'"{row.shape.name}Group"']
    if name == "count":
        return [Sql(f"{group.alias}.count_")]
    if name == "sum":
        return _sums(compiler, row, nodes, path, (group, sums))
    if compiler.hides(row, name, path) or name not in by:
        return ["null"]
    fact = row.shape.facts[name]
    key = f"{group.alias}.g_{by.index(name)}"
    if isinstance(fact, One):
        shape = compiler.shape(row.shape.types[name].__name__)
        return select.one(compiler, group, fact, shape, nodes, path, f"{key} is not null", key)
    assert isinstance(fact, Column)
    return value(row.shape.types[name], key, null=True)


def _sums(
    compiler: Compiler, row: Row, nodes: list[FieldNode], path: Path, within: tuple[Row, dict[str, str]] | None = None
) -> list[str]:
    pairs: list[tuple[str, list[str]]] = []
    for key, same in compiler.collect(nodes, f"{row.shape.name}Sums").items():
        name = same[0].name.value
        if name == "__typename":
            pairs.append((key, [f'"{row.shape.name}Sums"']))
        elif compiler.hides(row, name, (*path, key)):
            pairs.append((key, ["null"]))
        else:
            sql = _total(compiler, row, name)
            if within:
                group, sums = within
                sql = f"{group.alias}.{sums.setdefault(sql, f's_{len(sums)}')}"
            pairs.append((key, value(row.shape.types[name], sql, null=True)))
    return fields(pairs)


def _total(compiler: Compiler, row: Row, name: str) -> str:
    """Return what rows together have of a field."""
    fact = row.shape.facts[name]
    if isinstance(fact, Column) and fact.total:
        assert compiler.guard(row, name) is None, "a total of its own can't leave out what rows hide"
        return compiler.sql(fact.total, p=row.alias)
    return f"sum({expression(compiler, row, name)[0]})"
