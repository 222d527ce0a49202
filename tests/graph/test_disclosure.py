"""What a mask withholds: null, said once when the role never sees it, and no way to find it out by asking."""

import pytest

from stockbook.access.masks import Mask, Relation
from tests.graph.askers import FIELDS, NARROW
from tests.graph.asking import ask, data, refused


async def test_a_field_the_role_never_sees_is_null_and_said_once(graph, world):
    answer = await ask(
        graph, "{ items(first: 3) { nodes { name code: gtin } } listings { nodes { cost } } }", mask=NARROW
    )
    assert [each["code"] for each in answer["data"]["items"]["nodes"]] == [None] * 3
    assert [(each["path"], each["extensions"]["code"]) for each in answer["errors"]] == [
        (["items", "nodes", "code"], "FIELD_FORBIDDEN"),
        (["listings", "nodes", "cost"], "FIELD_FORBIDDEN"),
    ]


async def test_it_can_be_neither_filtered_nor_sorted_nor_summed(graph, world):
    assert await refused(graph, '{ items(filter: {gtin: {eq: "4"}}) { totalCount } }', mask=NARROW) == "FIELD_FORBIDDEN"
    assert await refused(graph, '{ items(filter: {not: {or: [{gtin: {isNull: true}}]}}) { totalCount } }',
                         mask=NARROW) == "FIELD_FORBIDDEN"  # fmt: skip
    assert await refused(graph, "{ listings(sort: [COST_ASC]) { totalCount } }", mask=NARROW) == "FIELD_FORBIDDEN"
    answer = await ask(graph, "{ positions { aggregate { sum { claimed quantity } } } }", mask=NARROW)
    assert answer["data"]["positions"]["aggregate"]["sum"]["claimed"] is None
    assert [each["path"] for each in answer["errors"]] == [["positions", "aggregate", "sum", "claimed"]]


@pytest.mark.parametrize("organisation", [1, 2, 3, 5])
async def test_what_depends_on_the_relation_shows_only_there(graph, world, organisation):
    givers = {a["giver_id"] for a in world.of("agreement") if a["views"] and a["taker_id"] == organisation
              and a.get("until") is None}  # fmt: skip
    rights = {each["id"]: each for each in world.of("rights")}
    holders = ("owner_id", "custodian_id", "disposer_id", "seller_id")

    def shows(position):  # NARROW: Position.quantity for its owner, and for who views a holder's goods
        row = rights[position["rights_id"]]
        return row["owner_id"] == organisation or bool({row[each] for each in holders} & givers)

    rows = {f"gid://stockbook/Position/{p['id']}": p for p in world.of("position")}
    page = await data(graph, "{ positions(first: 100) { nodes { id quantity } aggregate { sum { quantity } } } }",
                      who=organisation, mask=NARROW)  # fmt: skip
    nodes = page["positions"]["nodes"]
    assert {each["id"]: each["quantity"] is not None for each in nodes} == {
        each["id"]: shows(rows[each["id"]]) for each in nodes
    }
    assert sum(each["quantity"] is not None for each in nodes) > 0
    document = '{ positions(filter: {quantity: {gt: "0"}}) { totalCount } }'
    counted = await data(graph, document, who=organisation, mask=NARROW)
    hidden = '{ positions(filter: {not: {quantity: {gt: "0"}}}) { totalCount } }'
    nobody = await data(graph, hidden, who=organisation, mask=NARROW)
    assert nobody["positions"]["totalCount"] == 0  # what is hidden is neither more nor not more
    if len(nodes) < 100:
        assert counted["positions"]["totalCount"] == sum(each["quantity"] is not None for each in nodes)


async def test_a_type_without_its_id_is_closed_and_one_under_a_relation_is_narrowed(graph, world):
    mask = Mask(
        91, {**{n: r for n, r in FIELDS.items() if n != "Listing.id"}, "Position.id": Relation.HOST}, frozenset()
    )
    answer = await ask(graph, "{ listings { totalCount } positions(first: 100) { nodes { host { id } } } }", mask=mask)
    assert answer["data"]["listings"] is None
    assert [each["path"] for each in answer["errors"]] == [["listings"]]
    assert {each["host"]["id"] for each in answer["data"]["positions"]["nodes"]} == {"gid://stockbook/Organisation/1"}


async def test_the_end_of_a_leg_that_isnt_yours_is_withheld(graph, world):
    page = await data(
        graph, "{ movements(first: 100) { nodes { id legs { id source { place { id } } target { place { id } } } } } }"
    )
    legs = {(f"gid://stockbook/Leg/{r['movement_id']}-{r['number']}"): r for r in world.of("leg")}
    givers = {
        a["giver_id"] for a in world.of("agreement") if a["views"] and a["taker_id"] == 1 and a.get("until") is None
    }
    mine = {r["id"] for r in world.of("rights")
            if {r[k] for k in ("owner_id", "custodian_id", "disposer_id", "seller_id")} & ({1} | givers)}  # fmt: skip
    withheld = 0
    for movement in page["movements"]["nodes"]:
        for leg in movement["legs"]:
            row = legs[leg["id"]]
            for end in ("source", "target"):
                party = row[f"{end}_host_id"] == 1 or row[f"{end}_rights_id"] in mine
                want = {"place": {"id": f"gid://stockbook/Place/{row[f'{end}_place_id']}"}} if party else None
                assert leg[end] == want
                withheld += not party
    assert withheld
