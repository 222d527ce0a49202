"""Whatever an answer names can be fetched: no relation tells of a row that its own type's scope withholds."""

import pytest

from stockbook.graph.declare import SHAPES, One, Part
from tests.graph.askers import MASKS
from tests.graph.asking import ask, data

PAGED = sorted(name for name, shape in SHAPES.items() if shape.plural and "id" in shape.facts)


def relations(shape, deep=True):
    """What leads from a type to a row of another one, as it is selected, with the path to its id."""
    for name, fact in shape.facts.items():
        inner = shape.types[name]
        if isinstance(fact, One) and SHAPES[inner.__name__].fetch:
            yield f"{name} {{ id }}", (name, "id")
        elif isinstance(fact, Part) and deep:
            for selected, path in relations(SHAPES[inner.__name__], deep=False):
                yield f"{name} {{ {selected} }}", (name, *path)


def reached(row, path):
    for key in path:
        row = row and row[key]
    return row


@pytest.mark.parametrize("kind", [*PAGED, "Leg"])
@pytest.mark.parametrize("organisation", [1, 3, 5])
async def test_whatever_a_row_points_at_can_be_fetched(graph, world, kind, organisation):
    shape = SHAPES[kind]
    selected = list(relations(shape))
    fields = " ".join(f"f{at}: {text}" for at, (text, _) in enumerate(selected))
    if not selected:
        pytest.skip("points at nothing")
    asked = f"{shape.plural}(first: 100) {{ nodes {{ {fields} }} }}"
    if kind == "Leg":
        asked = f"movements(first: 60) {{ nodes {{ legs {{ {fields} }} }} }}"
    for mask in MASKS.values():
        answer = (await ask(graph, f"{{ {asked} }}", who=organisation, mask=mask))["data"]
        (page,) = answer.values()
        rows = page["nodes"] if page else []
        if kind == "Leg":
            rows = [leg for row in rows for leg in row["legs"] or ()]
        found = {reached(row, (f"f{at}", *path[1:])) for row in rows for at, (_, path) in enumerate(selected)} - {None}
        for ids in (sorted(found)[at : at + 100] for at in range(0, len(found), 100)):
            nodes = (await ask(graph, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", who=organisation,
                               mask=mask, ids=ids))["data"]["nodes"]  # fmt: skip
            assert [each and each["id"] for each in nodes] == ids


async def test_goods_are_found_by_category_and_by_when_they_expire(graph, world):
    lots, items = ({each["id"]: each for each in world.of(table)} for table in ("lot", "item"))
    rows = (await data(graph, "{ positions(first: 100, sort: [EXPIRY_ASC]) { nodes { id category expiry } } }"))[
        "positions"
    ]["nodes"]
    there = [each["expiry"] for each in rows if each["expiry"]]
    assert there == sorted(there)
    assert rows[: len(there)] == [each for each in rows if each["expiry"]]  # what doesn't expire comes last
    day, category = there[len(there) // 2], next(each["category"] for each in rows if each["category"])
    document = """query($f: PositionFilter, $l: LotFilter) {
      positions(filter: $f) { totalCount nodes { item { id } lot { id } } groups(by: [CATEGORY]) { category count } }
      lots(filter: $l) { nodes { item { id } } totalCount } }"""
    found = await data(
        graph,
        document,
        f={"category": {"eq": category}, "expiry": {"lt": day}},
        l={"category": {"in": [category]}},
    )
    for each in found["positions"]["nodes"]:
        assert items[int(each["item"]["id"].rpartition("/")[2])]["category"] == category
        assert str(lots[int(each["lot"]["id"].rpartition("/")[2])]["expiry"]) < day
    assert [each["category"] for each in found["positions"]["groups"]] == [category] * bool(
        found["positions"]["totalCount"]
    )
    assert all(items[int(each["item"]["id"].rpartition("/")[2])]["category"] == category
               for each in found["lots"]["nodes"])  # fmt: skip
