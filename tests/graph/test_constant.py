"""What a filter holds constant is told once for the whole page, and reads the same as row by row."""

import pytest

from tests.graph.asking import ask, data

ROW = "nodes { id site { id name organisation { id name } } item { id name } }"
PAGE = f"query($site: ID) {{ availabilities(first: 100, filter: {{site: {{eq: $site}}}}) {{ {ROW} }} }}"
PLAIN = f"{{ availabilities(first: 100) {{ {ROW} }} }}"


@pytest.mark.parametrize("organisation", [1, 2, 3, 5])
async def test_a_page_of_one_site_tells_what_each_of_its_rows_would(graph, organisation):
    every = (await data(graph, PLAIN, who=organisation))["availabilities"]["nodes"]
    sites = {row["site"]["id"] for row in every if row["site"]}
    for site in sorted(sites):
        page = (await data(graph, PAGE, who=organisation, site=site))["availabilities"]["nodes"]
        assert page == [row for row in every if row["site"] and row["site"]["id"] == site]


async def test_a_site_is_meant_by_its_reference_as_by_its_id(graph, world):
    named = [(each["id"], each["external_reference"]) for each in world.of("place") if each.get("external_reference")]
    found = 0
    for number, reference in named:
        by_id = await ask(graph, PAGE, site=f"gid://stockbook/Place/{number}")
        assert await ask(graph, PAGE, site=reference) == by_id
        found += len(by_id["data"]["availabilities"]["nodes"])
    assert found


@pytest.mark.parametrize(
    "site", ["gid://stockbook/Place/999999", "gid://stockbook/Item/1", "gid://stockbook/Place/x", "nowhere", ""]
)
async def test_who_names_no_site_gets_no_row(graph, site):
    assert (await data(graph, PAGE, site=site))["availabilities"]["nodes"] == []
