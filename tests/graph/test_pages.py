"""Pages, filters, sorts and sums against plain Python over the drawn rows."""

from decimal import Decimal

import pytest

from tests.graph.asking import ask, data, refused


def seen(world, organisation):
    """The positions an organisation sees: it holds a right of them, hosts them, or views a holder's goods."""
    givers = {a["giver_id"] for a in world.of("agreement") if a["views"] and a["taker_id"] == organisation
              and a.get("until") is None}  # fmt: skip
    holders = {
        r["id"]: {r[k] for k in ("owner_id", "custodian_id", "disposer_id", "seller_id")} for r in world.of("rights")
    }
    return [
        p for p in world.of("position")
        if p["quantity"] > 0
        and (p["host_id"] == organisation or holders[p["rights_id"]] & ({organisation} | givers))
    ]  # fmt: skip


def ids(kind, rows):
    return [f"gid://stockbook/{kind}/{row['id']}" for row in rows]


PAGE = """query($first: Int, $last: Int, $after: String, $before: String, $sort: [PositionSort!]) {
  positions(first: $first, last: $last, after: $after, before: $before, sort: $sort) {
    nodes { id } edges { cursor } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
WAYS = {
    (): lambda p: p["id"],
    ("QUANTITY_ASC",): lambda p: (p["quantity"], p["id"]),
    ("QUANTITY_DESC",): lambda p: (-p["quantity"], -p["id"]),
}


@pytest.mark.parametrize("sort", WAYS)
@pytest.mark.parametrize("organisation", [1, 2, 5])
@pytest.mark.parametrize("backward", [False, True])
async def test_pages_walk_through_every_row_once(graph, world, sort, organisation, backward):
    want = ids("Position", sorted(seen(world, organisation), key=WAYS[sort]))
    found, cursor = [], None
    for _ in range(40):
        given = {"last": 7, "before": cursor} if backward else {"first": 7, "after": cursor}
        page = (await data(graph, PAGE, who=organisation, sort=list(sort) or None, **given))["positions"]
        got = [each["id"] for each in page["nodes"]]
        found = got + found if backward else found + got
        assert page["totalCount"] == len(want)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        cursor = page["pageInfo"]["startCursor" if backward else "endCursor"]
        if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
            break
    assert found == want


async def test_sorting_by_what_may_be_missing_puts_it_last_and_still_pages(graph, world):
    rows = [each for each in world.of("listing") if each["organisation_id"] == 1]
    want = sorted(rows, key=lambda each: (each["price"] is None, each["price"] or 0, each["id"]))
    found, cursor = [], None
    for _ in range(len(rows)):
        page = await data(
            graph,
            "query($after: String) { listings(first: 1, after: $after, sort: [PRICE_ASC])"
            " { nodes { id } pageInfo { endCursor } } }",
            after=cursor,
        )
        found += [each["id"] for each in page["listings"]["nodes"]]
        cursor = page["listings"]["pageInfo"]["endCursor"]
    assert found == ids("Listing", want)


FILTERS = [
    ({"quantity": {"gt": "12.5"}}, lambda p: p["quantity"] > Decimal("12.5")),
    ({"quantity": {"gte": "1", "lt": "9"}}, lambda p: 1 <= p["quantity"] < 9),
    ({"item": {"eq": "item-4"}}, lambda p: p["item_id"] == 4),
    ({"item": {"eq": "gid://stockbook/Place/4"}}, lambda p: False),
    ({"item": {"in": ["item-4", "gid://stockbook/Item/7"]}}, lambda p: p["item_id"] in {4, 7}),
    ({"lot": {"isNull": True}}, lambda p: p["lot_id"] == 0),
    ({"state": {"in": ["SELLABLE", "EXPIRED"]}}, lambda p: p["state"] in {8, 12}),
    ({"state": {"startsWith": "IN_"}}, lambda p: p["state"] == 2),
    ({"or": [{"state": {"eq": "EXPIRED"}}, {"item": {"eq": "item-1"}}]},
     lambda p: p["state"] == 12 or p["item_id"] == 1),
    ({"not": {"and": [{"state": {"eq": "SELLABLE"}}, {"quantity": {"gt": "5"}}]}},
     lambda p: not (p["state"] == 8 and p["quantity"] > 5)),
    ({"or": []}, lambda p: False),
    ({}, lambda p: True),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(FILTERS)))
async def test_a_filter_keeps_the_rows_for_which_it_holds(graph, world, number):
    given, keeps = FILTERS[number]
    rows = [p for p in seen(world, 1) if keeps(p)]
    document = """query($f: PositionFilter) { positions(filter: $f, first: 100) { nodes { id } totalCount
      aggregate { count sum { quantity } } groups(by: [ITEM]) { item { id } count sum { quantity } } } }"""
    page = (await data(graph, document, f=given))["positions"]
    assert [each["id"] for each in page["nodes"]] == ids("Position", rows)[:100]
    assert page["totalCount"] == page["aggregate"]["count"] == len(rows)
    total = sum((p["quantity"] for p in rows), Decimal(0))
    assert Decimal(page["aggregate"]["sum"]["quantity"] or 0) == total
    by_item = {}
    for p in rows:
        by_item.setdefault(p["item_id"], []).append(p["quantity"])
    assert [(g["item"]["id"], g["count"], Decimal(g["sum"]["quantity"])) for g in page["groups"]] == [
        (f"gid://stockbook/Item/{item}", len(several), sum(several)) for item, several in sorted(by_item.items())
    ]


async def test_names_of_all_kinds_come_through(graph, world):
    page = await data(graph, '{ places(first: 100, filter: {kind: {eq: "SITE"}}) { nodes { name } } }', who=5)
    names = {each["name"] for each in world.of("place")}
    assert page["places"]["nodes"]
    assert {each["name"] for each in page["places"]["nodes"]} <= names


async def test_a_cursor_of_another_order_is_refused(graph, world):
    page = await data(graph, "{ positions(first: 1, sort: [QUANTITY_ASC]) { edges { cursor } } }")
    cursor = page["positions"]["edges"][0]["cursor"]
    for after in (cursor, "zz", "", cursor[:4] + "ff"):
        document = "query($a: String) { positions(first: 1, after: $a) { nodes { id } } }"
        assert await refused(graph, document, a=after) == "BAD_USER_INPUT"


async def test_anything_is_found_by_its_global_id_in_the_order_asked(graph, world):
    asked = [
        "gid://stockbook/Place/1",
        "gid://stockbook/Item/4",
        "x",
        "gid://stockbook/Item/4",
        "gid://stockbook/Item/99",
    ]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Item { gtin } } }"
    found = (await data(graph, document, ids=asked))["nodes"]
    assert [each and each["id"] for each in found] == [asked[0], asked[1], None, asked[3], None]
    assert found[1] == {"id": asked[1], "__typename": "Item", "gtin": "4004"}


async def test_what_isnt_for_you_isnt_there(graph, world):
    mine = {each["id"] for each in seen(world, 3)}
    other = next(each for each in world.of("position") if each["id"] not in mine and each["quantity"] > 0)
    gid = f"gid://stockbook/Position/{other['id']}"
    document = "query($id: ID!) { position(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }"
    assert await data(graph, document, who=3, id=gid) == {"position": None, "node": None, "nodes": [None]}


async def test_a_role_of_two_sites_counts_only_theirs(graph, world):
    rows = [p for p in seen(world, 1) if p["site_id"] in {1, 2}]
    page = (await ask(graph, "{ positions { totalCount } }", sites=(1, 2)))["data"]["positions"]
    assert page["totalCount"] == len(rows) < len(seen(world, 1))
