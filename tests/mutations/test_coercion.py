"""The compiled coercion takes and refuses what graphql-core does, with the same values."""

from typing import Any

import pytest
from graphql import build_schema, get_variable_values, is_input_object_type, is_list_type, is_non_null_type, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from stockbook.graph.mutations.coercion import MisfitError, Variables

SCHEMA = build_schema(
    """
    type Query { f: Int }
    enum Right { SALE OWNERSHIP }
    input Line { item: ID!, quantity: Float, right: Right = SALE, tags: [String!]! = ["a"], deep: [[Int]], more: Line }
    input Choice @oneOf { lot: String, place: ID }
    input Posting { key: String!, strict: Boolean = true, lines: [Line!]!, choice: Choice, at: Int = null }
    """
)
NAMES = ["item", "quantity", "right", "tags", "deep", "more", "lot", "place", "key", "strict", "lines", "choice", "x"]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "SALE", "1", "NaN", "\x00", "é"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=6,
)


LEAVES = {
    "ID": (st.integers(0, 9) | st.text(max_size=3), st.floats()),
    "String": (st.text(max_size=3), st.integers()),
    "Int": (st.integers(-(2**31), 2**31 - 1), st.sampled_from([2**31, 1.0, 1.5])),
    "Float": (st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9), st.text(max_size=1)),
    "Boolean": (st.booleans(), st.integers(0, 1)),
    "Right": (st.sampled_from(["SALE", "OWNERSHIP"]), st.just("sale")),
}


def value(type_: Any, sloppy: bool, depth: int = 0, required: bool = False) -> st.SearchStrategy[Any]:
    """Values of a type; the sloppy ones go wrong here and there."""
    if is_non_null_type(type_):
        return value(type_.of_type, sloppy, depth, True)
    if is_list_type(type_):
        inner = value(type_.of_type, sloppy, depth + 1)
        found = st.lists(inner, max_size=3) | inner.filter(lambda each: each is not None)
    elif is_input_object_type(type_):
        if depth > 3:
            return st.none()
        some = {name: value(field.type, sloppy, depth + 1) for name, field in type_.fields.items()}
        if type_.is_one_of and not sloppy:
            found = st.one_of(
                *(st.fixed_dictionaries({n: each.filter(lambda v: v is not None)}) for n, each in some.items())
            )
        elif sloppy:
            found = st.fixed_dictionaries({}, optional={**some, "x": JUNK})
        else:
            needed = {name: some.pop(name) for name, field in type_.fields.items() if is_non_null_type(field.type)}
            found = st.fixed_dictionaries(needed, optional=some)
    else:
        right, wrong = LEAVES[type_.name]
        found = right | wrong if sloppy else right
    return found if required and not sloppy else st.none() | found


def compare(schema, operation, given_values):
    expected = get_variable_values(schema, operation.variable_definitions, given_values)
    variables = Variables(schema, operation, {})
    if isinstance(expected, list):
        with pytest.raises(MisfitError):
            variables.coerce(given_values)
    else:
        assert variables.coerce(given_values) == expected.coerced
    return not isinstance(expected, list)


OPERATION = parse(
    """mutation ($input: Posting!, $list: [Line], $right: Right = OWNERSHIP, $n: Int! = 3, $free: String)
    { __typename }"""
).definitions[0]
TYPES = {
    node.variable.name.value: SCHEMA.get_type(name)
    for node, name in zip(OPERATION.variable_definitions, ["Posting", "Line", "Right", "Int", "String"], strict=True)
}


def given_variables(sloppy: bool) -> st.SearchStrategy[dict[str, Any]]:
    found = {name: value(type_, sloppy) for name, type_ in TYPES.items()}
    found["input"] = value(TYPES["input"], sloppy, required=True)
    found["n"] = value(TYPES["n"], sloppy, required=True)
    return st.fixed_dictionaries({"input": found.pop("input")}, optional=found)


fits: list[bool] = []


@settings(max_examples=500, deadline=None)
@given(given_variables(sloppy=False) | given_variables(sloppy=True))
def test_equal_to_graphql_core(given_values):
    fits.append(compare(SCHEMA, OPERATION, given_values))


def test_the_comparison_saw_both_verdicts():
    assert fits.count(True) > 50
    assert fits.count(False) > 50


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*TYPES, "other"]), JUNK))
def test_equal_on_anything(given_values):
    compare(SCHEMA, OPERATION, given_values)
