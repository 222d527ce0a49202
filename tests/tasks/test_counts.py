"""A count by sheet: blind, counted again when far off, reviewed by somebody else, then in the books."""

from tests.mutations.network import stock
from tests.tasks.asking import done, refused, say, task

RATE = """query D($since: DateTime) { counts(filter: {occurredAt: {gte: $since}}) {
  groups(by: [SITE]) { site { externalReference } count sum { book deviation differenceRate } } } }"""
LINES = "query L($id: ID!) { task(id: $id) { lines { id state quantity counted earlier book difference } } }"


async def sheet(trade, name, quantity="20", tolerance="0.05"):
    """A bin with so many kilograms of tomatoes, and a task to count it."""
    place = {"externalReference": f"SHOP/{name}", "name": name, "kind": "BIN", "parent": "SHOP/SITE"}
    await trade.register("registerPlaces", [{**place, "organisation": "SHOP"}])
    await stock(trade, name, quantity)
    move = {"item": "TOMATO", "quantity": quantity, "source": "SHOP/SHELF", "place": f"SHOP/{name}"}
    moved = await trade.post("move", f"{name}-m", move)
    assert moved["errors"] == [], moved
    entry = {"externalReference": name, "kind": "COUNT", "place": f"SHOP/{name}", "tolerance": tolerance}
    assert await done(trade, "openTasks", entry) == ["REGISTERED"]


async def lines(trade, name, by="SHOP", role="org_admin"):
    return (await trade.ask(LINES, {"id": name}, by, role))["data"]["task"]["lines"]


async def lying(trade, place):
    document = "query P($id: ID!) { positions(filter: {place: {eq: $id}}) { aggregate { sum { quantity } } } }"
    answer = await trade.ask(document, {"id": place}, "SHOP", "org_admin")
    return answer["data"]["positions"]["aggregate"]["sum"]["quantity"]


def figure(name, counted, **more):
    return {"task": name, "item": "TOMATO", "counted": counted, **more}


async def test_a_count_near_enough_goes_into_the_books_at_once(trade):
    await sheet(trade, "C-1")
    assert [each["quantity"] for each in await lines(trade, "C-1")] == [None]
    assert await done(trade, "recordCounts", figure("C-1", "19.5", count=1)) == ["AGREED"]
    assert await done(trade, "recordCounts", figure("C-1", "19.5", count=1)) == ["AGREED"]  # its answer was lost
    assert await refused(trade, "recordCounts", figure("C-1", "19.5", count=2)) == "TASK_ENDED"
    assert await lying(trade, "SHOP/C-1") == "19.5"
    assert (await task(trade, "C-1"))["state"] == "DONE"


async def test_goods_in_a_state_of_ones_own_that_sells_are_on_the_sheet_and_counted_with_the_others(trade):
    ripe = {"name": "RIPE", "base": "SELLABLE", "mayBecome": ["SELLABLE"]}
    await trade.register("defineStates", [ripe], organisation="SHOP")
    for name, turned in (("C-R1", "8"), ("C-R2", "20"), ("C-R3", "15")):
        await sheet(trade, name, tolerance="0.4")
        change = {"item": "TOMATO", "place": f"SHOP/{name}", "fromState": "SELLABLE", "toState": "RIPE"}
        turn = await trade.post("changeState", f"{name}-s", {**change, "quantity": turned})
        assert turn["errors"] == [], turn
    for name, counted, left in (("C-R1", "19", ("8", "11")), ("C-R2", "21", ("21",)), ("C-R3", "12", ("12",))):
        entry = {"externalReference": f"{name}-again", "kind": "COUNT", "place": f"SHOP/{name}", "tolerance": "0.4"}
        assert await done(trade, "openTasks", entry) == ["REGISTERED"]
        assert len(await lines(trade, f"{name}-again")) == 1
        for _ in range(2):  # the second time because its answer was lost
            assert await done(trade, "recordCounts", figure(f"{name}-again", counted, count=1)) == ["AGREED"]
        document = "query P($id: ID!) { positions(filter: {place: {eq: $id}}) { nodes { state quantity } } }"
        answer = await trade.ask(document, {"id": f"SHOP/{name}"}, "SHOP", "org_admin")
        found = {each["state"]: each["quantity"] for each in answer["data"]["positions"]["nodes"]}
        assert found == dict(zip(("RIPE", "SELLABLE"), left, strict=False))
        [line] = await lines(trade, f"{name}-again")
        assert (line["state"], line["counted"], line["book"]) == ("DONE", counted, "20")
        document = """query T($id: ID!) {
          tasks(filter: {kind: {eq: "DISCREPANCY"}, place: {eq: $id}}) { totalCount } }"""
        answer = await trade.ask(document, {"id": f"SHOP/{name}"}, "SHOP", "org_admin")
        assert answer["data"]["tasks"]["totalCount"] == 0


async def test_one_far_off_is_counted_again_and_then_reviewed_by_somebody_else(trade):
    await sheet(trade, "C-2")
    assert await done(trade, "recordCounts", figure("C-2", "15", count=1)) == ["RECOUNT"]
    assert await done(trade, "recordCounts", figure("C-2", "15", count=1)) == ["RECOUNT"]  # sent twice is counted once
    assert await refused(trade, "recordCounts", figure("C-2", "14", count=1)) == "BAD_INPUT"
    assert await refused(trade, "recordCounts", figure("C-2", "14", count=3)) == "BAD_INPUT"
    assert await done(trade, "recordCounts", figure("C-2", "15.5", count=2), by="WANG") == ["REVIEW"]
    assert await lying(trade, "SHOP/C-2") == "20"
    [line] = await lines(trade, "C-2")
    assert (line["earlier"], line["counted"], line["book"], line["difference"]) == ("15", "15.5", "20", "-4.5")
    [blind] = await lines(trade, "C-2", by="LI", role="storekeeper")
    assert {blind[name] for name in ("counted", "earlier", "book", "difference", "quantity")} == {None}
    assert await refused(trade, "recordCounts", figure("C-2", "1")) == "TASK_ENDED"
    assert await refused(trade, "settleTask", {"task": "C-2", "resolution": "COMPLETED"}) == "GUARD_NOT_MET"
    review = {"line": line["id"], "decision": "ACCEPT", "reason": "looked myself"}
    assert await refused(trade, "reviewCounts", review) == "ACTION_DENIED"
    assert await refused(trade, "reviewCounts", review, by="WANG", role="org_admin") == "ACTION_DENIED"
    assert await refused(trade, "reviewCounts", {**review, "reason": ""}, by="SHOP", role="org_admin") == "BAD_INPUT"
    assert await done(trade, "reviewCounts", review, by="SHOP", role="org_admin") == ["AGREED"]
    assert await lying(trade, "SHOP/C-2") == "15.5"
    found = await task(trade, "C-2")
    assert (found["state"], [each["state"] for each in found["lines"]]) == ("DONE", ["DONE"])


async def test_a_reviewer_may_have_it_counted_once_more(trade):
    await sheet(trade, "C-3")
    for counted in ("1", "2"):
        await done(trade, "recordCounts", figure("C-3", counted))
    [line] = await lines(trade, "C-3")
    again = {"line": line["id"], "decision": "RECOUNT", "reason": "can't be"}
    assert await done(trade, "reviewCounts", again, by="SHOP", role="org_admin") == ["RECOUNT"]
    assert await done(trade, "recordCounts", figure("C-3", "20")) == ["AGREED"]
    assert await lying(trade, "SHOP/C-3") == "20"


async def test_goods_that_moved_between_count_and_review_are_counted_again(trade):
    await sheet(trade, "C-4")
    for counted in ("10", "10"):
        await done(trade, "recordCounts", figure("C-4", counted))
    sold = await trade.post("sell", "c-4", {"item": "TOMATO", "quantity": "1", "place": "SHOP/C-4"})
    assert sold["errors"] == []
    [line] = await lines(trade, "C-4")
    accept = {"line": line["id"], "decision": "ACCEPT", "reason": "sure"}
    assert await done(trade, "reviewCounts", accept, by="SHOP", role="org_admin") == ["RECOUNT"]
    assert await lying(trade, "SHOP/C-4") == "19"


async def test_what_nobody_expected_is_taken_down_too(trade):
    await sheet(trade, "C-5")
    soup = {"task": "C-5", "item": "SOUP", "counted": "3"}
    assert await done(trade, "recordCounts", soup) == ["RECOUNT"]
    assert await done(trade, "recordCounts", soup, by="WANG") == ["REVIEW"]
    assert len(await lines(trade, "C-5")) == 2
    bad = await say(trade, "recordCounts", {**soup, "counted": "0.5"}, figure("C-5", "20"))
    assert [each["code"] for each in bad["errors"]] == ["BAD_QUANTITY"]
    assert [each["verdict"] for each in bad["results"]] == [None, "AGREED"]  # each figure stands by itself


async def test_a_count_that_went_past_the_sheet_is_in_the_books_and_left_to_a_person(trade):
    """A device's count is a fact: far off, it is posted, and a person is shown both sides."""
    await sheet(trade, "C-7")
    line = {"item": "TOMATO", "place": "SHOP/C-7", "counted": "12", "expected": "20"}
    posted = await trade.post("count", "c-7", line, task="C-7")
    assert posted["errors"] == [], posted
    assert (await task(trade, "C-7"))["state"] == "DONE"
    document = """{ tasks(filter: {kind: {eq: "DISCREPANCY"}, said: {eq: "12"}}) {
        nodes { id said books place { externalReference } movement { id } } } }"""
    [found] = (await trade.ask(document, None, "SHOP", "org_admin"))["data"]["tasks"]["nodes"]
    assert (found["said"], found["books"], found["place"]["externalReference"]) == ("12", "20", "SHOP/C-7")
    assert found["movement"] == posted["results"][0]["movement"]
    again = {"task": found["id"], "resolution": "RECOUNT", "reason": "a third less"}
    assert await done(trade, "settleTask", again) == ["REGISTERED"]


async def test_a_counter_sees_no_quantities_anywhere(trade):
    await sheet(trade, "C-6")
    document = """{ positions { nodes { quantity claimed } aggregate { sum { quantity } } }
        tasks { nodes { books saw lines { number book difference quantity } } } }"""
    answer = await trade.ask(document, None, "LI", "counter")
    hidden = {tuple(each["path"]) for each in answer["errors"]}
    assert {
        ("positions", "nodes", "quantity"),
        ("tasks", "nodes", "books"),
        ("tasks", "nodes", "lines", "book"),
    } <= hidden
    assert {each["quantity"] for each in answer["data"]["positions"]["nodes"]} == {None}
    assert await done(trade, "recordCounts", figure("C-6", "20"), by="LI", role="counter") == ["AGREED"]


async def test_the_difference_rate_is_what_was_off_as_a_share_of_the_books(trade):
    answer = await trade.ask(RATE, {"since": "2026-01-01T00:00:00Z"}, "SHOP", "org_admin")
    [group] = answer["data"]["counts"]["groups"]
    rows = await trade.parts.writes.fetch("select book, counted from counted")
    book, off = sum(row[0] for row in rows), sum(abs(row[1] - row[0]) for row in rows)
    assert (group["site"]["externalReference"], group["count"]) == ("SHOP/SITE", len(rows))
    assert float(group["sum"]["differenceRate"]) == round(float(off / book), 6) > 0
    later = await trade.ask(RATE, {"since": "2099-01-01T00:00:00Z"}, "SHOP", "org_admin")
    assert later["data"]["counts"]["groups"] == []
    assert (await trade.ask(RATE, {"since": None}, "FARM", "org_admin"))["data"]["counts"]["groups"] == []
