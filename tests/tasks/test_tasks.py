"""Tasks are opened, taken, brought further by postings, settled and cancelled, on the real store."""

import asyncio

import pytest

from stockbook.domain.stock.work import TaskKind
from stockbook.flows.tasks import Raised
from stockbook.store.work.tasks import raise_task
from tests.mutations.network import stock
from tests.tasks.asking import done, refused, say, task

RECEIVE = {
    "externalReference": "IN-1",
    "kind": "RECEIVE",
    "place": "SHOP/SITE",
    "lines": [{"item": "TOMATO", "quantity": "2", "unit": "box"}, {"item": "SOUP", "quantity": "4"}],
}


async def test_the_same_task_twice_is_one_and_another_under_its_name_is_refused(trade):
    assert await done(trade, "openTasks", RECEIVE) == ["REGISTERED"]
    assert await done(trade, "openTasks", RECEIVE) == ["KNOWN"]
    assert await refused(trade, "openTasks", {**RECEIVE, "lines": RECEIVE["lines"][:1]}) == "BAD_INPUT"
    found = await task(trade, "IN-1")
    assert (found["kind"], found["step"], found["state"]) == ("RECEIVE", "receiving", "OPEN")
    assert [(line["quantity"], line["unit"], line["done"]) for line in found["lines"]] == [
        ("10", "box", "0"),
        ("4", None, "0"),
    ]


async def test_of_two_who_take_a_task_the_second_is_refused_until_it_is_given_back(trade):
    await done(trade, "openTasks", {**RECEIVE, "externalReference": "IN-2"})
    assert await done(trade, "takeTask", {"task": "IN-2"}, by="LI") == ["REGISTERED"]
    assert await done(trade, "takeTask", {"task": "IN-2"}, by="LI") == ["KNOWN"]
    assert await refused(trade, "takeTask", {"task": "IN-2"}, by="WANG") == "TASK_TAKEN"
    assert (await task(trade, "IN-2"))["assignee"] == {"name": "Li"}
    assert await done(trade, "takeTask", {"task": "IN-2", "seen": "LI"}, by="WANG") == ["REGISTERED"]
    assert await refused(trade, "takeTask", {"task": "IN-2", "giveBack": True}, by="LI") == "TASK_TAKEN"
    assert await done(trade, "takeTask", {"task": "IN-2", "giveBack": True}, by="WANG") == ["REGISTERED"]
    assert (await task(trade, "IN-2"))["state"] == "OPEN"


async def test_twenty_who_reach_for_one_task_at_once_give_it_to_one(trade):
    await done(trade, "openTasks", {**RECEIVE, "externalReference": "IN-3"})
    hands = [say(trade, "takeTask", {"task": "IN-3"}, by=("LI", "WANG")[turn % 2]) for turn in range(20)]
    said = await asyncio.gather(*hands)
    winner = (await task(trade, "IN-3"))["assignee"]["name"]
    took = {("LI", "WANG")[turn % 2] for turn, each in enumerate(said) if not each["errors"]}
    assert took == {winner.upper()}
    assert {each["errors"][0]["code"] for each in said if each["errors"]} == {"TASK_TAKEN"}
    assert [each["results"][0]["outcome"] for each in said].count("REGISTERED") == 1


async def test_postings_that_name_a_task_bring_its_lines_further_until_it_is_done(trade):
    await done(trade, "openTasks", {**RECEIVE, "externalReference": "IN-4"})
    line = {"item": "TOMATO", "quantity": "1", "unit": "box", "place": "SHOP/SITE"}
    await trade.post("receive", "in-4-a", line, task="IN-4")
    found = await task(trade, "IN-4")
    assert ([each["done"] for each in found["lines"]], found["state"]) == (["5", "0"], "DOING")
    first = await trade.post(
        "receive", "in-4-b", line, {"item": "SOUP", "quantity": "4", "place": "SHOP/SITE"}, task="IN-4"
    )
    found = await task(trade, "IN-4")
    assert ([each["state"] for each in found["lines"]], found["state"]) == (["DONE", "DONE"], "DONE")
    assert found["resolution"] == "COMPLETED"
    assert [each["verb"] for each in found["movements"]["nodes"]] == ["RECEIVE"] * 3
    taken_back = {"movement": first["results"][1]["movement"]["id"]}
    await trade.post("reverse", "in-4-c", taken_back)
    found = await task(trade, "IN-4")
    assert ([each["done"] for each in found["lines"]], found["state"]) == (["10", "0"], "DOING")


async def test_what_else_a_scan_means_is_not_the_task_s_work(trade):
    """Goods that are received and put away at once advance a receipt once."""
    await done(trade, "openTasks", {**RECEIVE, "externalReference": "IN-5"})
    line = {"item": "SOUP", "quantity": "3"}
    await trade.post("receive", "in-5-r", {**line, "place": "SHOP/SITE"}, task="IN-5")
    await trade.post("putAway", "in-5-p", {**line, "source": "SHOP/SITE", "place": "SHOP/SHELF"}, task="IN-5")
    assert [each["done"] for each in (await task(trade, "IN-5"))["lines"]] == ["0", "3"]


async def test_postings_for_a_document_bring_the_task_of_it_further(trade):
    await trade.register("openDocuments", [{"externalReference": "PO-1", "kind": "ORDER"}], "SHOP")
    await done(trade, "openTasks", {**RECEIVE, "externalReference": "IN-6", "document": "PO-1"})
    await trade.post("receive", "in-6", {"item": "SOUP", "quantity": "4", "place": "SHOP/SITE"}, document="PO-1")
    assert [each["done"] for each in (await task(trade, "IN-6"))["lines"]] == ["0", "4"]


async def test_a_posting_for_a_task_that_isnt_there_is_refused(trade):
    answer = await trade.post("receive", "in-7", {"item": "SOUP", "quantity": "1", "place": "SHOP/SITE"}, task="NONE")
    assert [each["code"] for each in answer["errors"]] == ["TASK_UNKNOWN"]
    await done(trade, "openTasks", {**RECEIVE, "externalReference": "IN-7"})
    other = {"item": "SOUP", "quantity": "1", "place": "SHOP-2/SITE"}
    answer = await trade.post("receive", "in-7", other, by="SHOP-2", task="IN-7")
    assert [each["code"] for each in answer["errors"]] == ["TASK_UNKNOWN"]
    assert await refused(trade, "takeTask", {"task": "IN-7"}, by="SHOP-2", role="org_admin") == "TASK_UNKNOWN"


async def test_work_is_completed_or_cancelled_with_a_reason_and_then_it_is_over(trade):
    await done(trade, "openTasks", {**RECEIVE, "externalReference": "IN-8"}, {**RECEIVE, "externalReference": "IN-9"})
    assert await refused(trade, "settleTask", {"task": "IN-8", "resolution": "DROPPED", "reason": "x"}) == "BAD_INPUT"
    short = {"task": "IN-8", "resolution": "COMPLETED", "reason": "the rest never came"}
    assert await done(trade, "settleTask", short) == ["REGISTERED"]
    assert await done(trade, "settleTask", short) == ["KNOWN"]
    assert await refused(trade, "settleTask", {**short, "reason": "other"}) == "TASK_ENDED"
    assert await refused(trade, "takeTask", {"task": "IN-8"}) == "TASK_ENDED"
    assert await refused(trade, "cancelTasks", {"task": "IN-9", "reason": " "}) == "BAD_INPUT"
    assert await done(trade, "cancelTasks", {"task": "IN-9", "reason": "order called off"}) == ["REGISTERED"]
    found = await task(trade, "IN-9")
    assert (found["state"], found["reason"], found["settledBy"]) == ("CANCELLED", "order called off", {"name": "Li"})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"kind": "DISCREPANCY"}, "BAD_INPUT"),
        ({"tolerance": "1.5"}, "BAD_INPUT"),
        ({"tolerance": "-0.1"}, "BAD_INPUT"),
        ({"place": "SHOP-2/SHELF"}, "PLACE_UNKNOWN"),
        ({"document": "NONE"}, "DOCUMENT_UNKNOWN"),
        ({"assignee": "FARM-BOSS"}, "REFERENCE_UNKNOWN"),
        ({"lines": [{"item": "TOMATO"}]}, "BAD_INPUT"),
        ({"lines": [{"item": "NONE", "quantity": "1"}]}, "ITEM_UNKNOWN"),
        ({"lines": [{"item": "SOUP", "quantity": "0.5"}]}, "BAD_QUANTITY"),
        ({"lines": [{"item": "SOUP", "quantity": "1", "unit": "barrel"}]}, "BAD_UNIT"),
        ({"lines": [{"item": "SOUP", "quantity": "1", "lot": "NONE"}]}, "LOT_UNKNOWN"),
        ({"kind": "COUNT", "lines": [{"item": "SOUP", "quantity": "1"}]}, "BAD_INPUT"),
    ],
)
async def test_a_task_nobody_could_do_is_refused_and_nothing_is_written(trade, line, code):
    before = await trade.count()
    assert await refused(trade, "openTasks", {**RECEIVE, "externalReference": "BAD", **line}) == code
    assert await trade.count() == before


async def test_what_went_wrong_is_settled_by_a_person_who_says_why(trade):
    await stock(trade, "settle", "5", item="SOUP")
    async with trade.parts.writes.connection() as connection:
        place = await connection.fetchval("select id from place where external_reference = 'SHOP/SHELF'")
        item = await connection.fetchval("select id from item where external_reference = 'SOUP'")
        raised = Raised(TaskKind.CONFLICT, "counted 7, the books moved", 9, 1, 4, place, item,
                        saw="10", said="7", books="9")  # fmt: skip
        made = await raise_task(connection, trade.ids["SHOP"], raised)
        assert await raise_task(connection, trade.ids["SHOP"], raised) == made
    name = f"gid://stockbook/Task/{made}"
    found = await task(trade, name)
    assert (found["saw"], found["said"], found["books"]) == ("10", "7", "9")
    assert await refused(trade, "settleTask", {"task": name, "resolution": "COMPLETED"}) == "BAD_INPUT"
    assert await refused(trade, "settleTask", {"task": name, "resolution": "EXPLAINED"}) == "BAD_INPUT"
    anyway = {"task": name, "resolution": "POSTED_ANYWAY", "reason": "counted again"}
    assert await refused(trade, "settleTask", anyway) == "BAD_INPUT"
    assert (
        await refused(trade, "settleTask", {**anyway, "movement": "gid://stockbook/Movement/999999"})
        == "MOVEMENT_UNKNOWN"
    )
    assert await refused(trade, "cancelTasks", {"task": name, "reason": "x"}) == "BAD_INPUT"
    assert await done(trade, "settleTask", {"task": name, "resolution": "RECOUNT", "reason": "who knows"}) == [
        "REGISTERED"
    ]
    again = await task(trade, f"recount/{made}/{place}")
    assert (again["kind"], [each["item"]["externalReference"] for each in again["lines"]]) == ("COUNT", ["SOUP"])


async def test_a_discrepancy_of_a_posting_is_counted_again_where_its_goods_lay(trade):
    loose = {"externalReference": "SHOP/LOOSE", "name": "L", "kind": "BIN", "parent": "SHOP/SITE", "strict": False}
    await trade.register("registerPlaces", [{**loose, "organisation": "SHOP"}])
    sold = await trade.post("sell", "loose", {"item": "SOUP", "quantity": "2", "place": "SHOP/LOOSE"})
    movement = sold["results"][0]["movement"]["id"]
    document = 'query { tasks(filter: {kind: {eq: "DISCREPANCY"}}) { nodes { id movement { id } } } }'
    nodes = (await trade.ask(document, None, "LI", "storekeeper"))["data"]["tasks"]["nodes"]
    [name] = [each["id"] for each in nodes if each["movement"]["id"] == movement]
    assert await done(trade, "settleTask", {"task": name, "resolution": "RECOUNT", "reason": "?"}) == ["REGISTERED"]
    opened = """{ tasks(filter: {externalReference: {startsWith: "recount/"}}) {
        nodes { place { externalReference } } } }"""
    nodes = (await trade.ask(opened, None, "LI", "storekeeper"))["data"]["tasks"]["nodes"]
    assert {"place": {"externalReference": "SHOP/LOOSE"}} in nodes


async def test_both_executors_say_the_same(trade):
    given = {"input": {"lines": [{**RECEIVE, "externalReference": "IN-10"}]}}
    below = "errors { code } results { outcome id }"
    document = f"mutation M($input: OpenTasksInput!) {{ openTasks(input: $input) {{ {below} }} }}"
    first = (await trade.ask(document, given, "LI", "storekeeper"))["data"]["openTasks"]["results"]
    again = (await trade.ask(document, given, "LI", "storekeeper", door=False))["data"]["openTasks"]["results"]
    assert (first[0]["id"], again[0]["outcome"]) == (again[0]["id"], "KNOWN")
