"""Which rows: a filter as one SQL condition. What doesn't show counts as null, so it can't be found out by asking."""

from collections.abc import Callable
from typing import Any

from stockbook.graph.declare import NETWORK, Column, One, Shape
from stockbook.graph.planner import ids
from stockbook.graph.planner.compiler import Compiler, Path, Row
from stockbook.graph.planner.given import Gathered, Slot, exactly
from stockbook.graph.planner.refused import Refused
from stockbook.graph.planner.text import cast

LIST_MAX = 250
CONDITIONS_MAX = 100
"""In one document; each is text in the statement."""
_OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def expression(compiler: Compiler, row: Row, name: str) -> tuple[str, bool]:
    """Return a field's SQL, null where it doesn't show, and whether that can be."""
    fact = row.shape.facts[name]
    assert isinstance(fact, Column | One)
    sql = compiler.sql(fact.sql if isinstance(fact, Column) else fact.key or fact.to, p=row.alias)
    guard = compiler.guard(row, name)
    return (f"(case when {guard} then {sql} end)", True) if guard else (sql, False)


def holds(compiler: Compiler, row: Row, given: dict[str, Any], path: Path) -> str:
    """Return the condition of a filter."""
    compiler.conditions += len(given)
    if compiler.conditions > CONDITIONS_MAX:
        raise Refused("COST_LIMIT", f"filters have at most {CONDITIONS_MAX} conditions", path)
    conditions = []
    for name, inner in given.items():
        if inner is None:
            continue
        if name in {"and", "or"}:
            several = [holds(compiler, row, each, path) for each in inner]
            conditions.append(f"({f' {name} '.join(several)})" if several else "true" if name == "and" else "false")
        elif name == "not":
            conditions.append(f"not {holds(compiler, row, inner, path)}")
        else:
            conditions += _compared(compiler, row, name, inner, path)
    return f"({' and '.join(conditions)})" if conditions else "true"


def fixed(compiler: Compiler, row: Row, given: dict[str, Any]) -> dict[str, str]:
    """Return what a filter holds constant: relations compared for equality on its top level."""
    found = {}
    for name, inner in given.items():
        fact = row.shape.facts.get(name)
        if isinstance(fact, One) and inner and inner.get("eq") is not None and not compiler.guard(row, name):
            found[fact.to] = identified(compiler, compiler.shape(row.shape.types[name].__name__), inner["eq"], fact)
    return found


def _compared(compiler: Compiler, row: Row, name: str, given: dict[str, Any], path: Path) -> list[str]:
    if not compiler.shown(row.shape, name):
        raise Refused("FIELD_FORBIDDEN", f"your roles do not show {row.shape.name}.{name}", path)
    fact = row.shape.facts[name]
    sql, _ = expression(compiler, row, name)
    if isinstance(fact, One):
        shape = compiler.shape(row.shape.types[name].__name__)
        return [
            _related(compiler, shape, fact, sql, operator, slot) for operator, slot in given.items() if slot is not None
        ]
    kind = row.shape.types[name]
    return [_valued(compiler, kind, sql, operator, slot) for operator, slot in given.items() if slot is not None]


def _valued(compiler: Compiler, kind: Any, sql: str, operator: str, slot: Slot) -> str:
    if operator == "isNull":
        return f"{sql} is {'' if compiler.values.peek(slot, exactly) else 'not '}null"
    if operator == "in":
        several = Gathered(slot) if isinstance(slot, list) else slot  # words of an enum come apart
        return f"{sql} = any({compiler.bound(several, f'{cast(kind)}[]', _several)})"
    if operator == "contains":
        return f"position(lower({compiler.bound(slot, 'text')}) in lower({sql})) > 0"
    if operator == "startsWith":
        return f"starts_with({sql}, {compiler.bound(slot, 'text')})"
    return f"{sql} {_OPERATORS[operator]} {compiler.bound(slot, cast(kind), _plain)}"


def _related(compiler: Compiler, shape: Shape, fact: One, sql: str, operator: str, slot: Slot) -> str:
    if operator == "eq":
        # what isn't there and what isn't visible are alike nobody: not even `not` tells them apart
        return f"{sql} = coalesce({identified(compiler, shape, slot, fact)}, -1)"
    if operator == "in":
        numbers = compiler.bound(
            slot, "bigint[]", lambda given: [ids.number(shape.name, each) for each in _list(given)]
        )
        found = numbers
        if shape.reference:
            texts = compiler.bound(slot, "text[]", lambda given: [ids.reference(each) for each in _list(given)])
            reference = compiler.sql(shape.reference, ref="r_.ref")
            found = f"{numbers} || array(select {reference} from unnest({texts}) r_(ref) where r_.ref is not null)"
        return f"{sql} = any({_visible_among(compiler, shape, fact, found)})"
    wanted = compiler.values.peek(slot, exactly)
    if _sure(compiler, shape, fact):
        return f"{sql} is {'' if wanted else 'not '}null"
    alias = compiler.alias()
    conditions = " and ".join([f"{alias}.id = {sql}", *compiler.scope(shape, alias)])
    return f"{'not ' if wanted else ''}exists (select 1 from {compiler.source(shape, alias)} where {conditions})"


def identified(compiler: Compiler, shape: Shape, slot: Slot, fact: One | None = None) -> str:
    """Return SQL for the id that is meant by a global id or an external reference.

    Behind a relation that shows only visible rows, an invisible one is nobody.
    """
    if not shape.reference or compiler.values.peek(slot, ids.is_global):
        found = compiler.bound(slot, "bigint", _number(shape.name), shape.name)
    else:
        found = compiler.sql(shape.reference, ref=compiler.bound(slot, "text", ids.reference, "reference"))
    if fact is None or _sure(compiler, shape, fact):
        return found
    alias = compiler.alias()
    conditions = " and ".join([f"{alias}.id = {found}", *compiler.scope(shape, alias)])
    return f"(select {alias}.id from {compiler.source(shape, alias)} where {conditions})"


def _sure(compiler: Compiler, shape: Shape, fact: One) -> bool:
    """Return whether a row that is pointed at is visible to whoever sees the pointer."""
    whole = compiler.seen(shape) == shape.relations  # a role may see fewer rows of a type, or none
    return whole and (fact.implied or shape.visible is NETWORK) and not (shape.where and shape.pointed)


def _visible_among(compiler: Compiler, shape: Shape, fact: One, found: str) -> str:
    if _sure(compiler, shape, fact):
        return f"array_remove({found}, null)"  # one that isn't there would make "not in" unknown
    alias = compiler.alias()
    conditions = " and ".join([f"{alias}.id = any({found})", *compiler.scope(shape, alias)])
    return f"array(select {alias}.id from {compiler.source(shape, alias)} where {conditions})"


def _number(kind: str) -> Callable[[Any], int | None]:
    return lambda given: ids.number(kind, given)


def _plain(given: Any) -> Any:
    return given.value if hasattr(given, "value") else given


def _list(given: Any) -> list[Any]:
    several = given if isinstance(given, list) else [given]
    if len(several) > LIST_MAX:
        raise Refused("BAD_USER_INPUT", f"a list has at most {LIST_MAX} values")
    return several


def _several(given: Any) -> list[Any]:
    return [_plain(each) for each in _list(given)]
