"""How fast and how well people count, from the sheets themselves: what the figures are, and who sees them."""

from datetime import UTC, datetime, timedelta

from tests.tasks.asking import done
from tests.tasks.test_counts import figure, lines, sheet

FIGURES = """query F($since: DateTime!) { countedLines(filter: {firstAt: {gte: $since}}) {
  aggregate { count sum { counts seconds perHour firstRight differences located } }
  groups(by: [PERSON, SITE]) { person { name } site { externalReference } count
    sum { counts perHour firstRight differences located } } } }"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def figures(trade, by="SHOP", role="org_admin", since="2026-02-01T00:00:00Z"):
    answer = await trade.ask(FIGURES, {"since": since}, by, role)
    assert "errors" not in answer, answer
    return answer["data"]["countedLines"]


async def test_speed_and_accuracy_are_what_a_count_by_hand_gives(trade):
    """Of five lines one is as the books say, two are found short by the first figure, and one was wrong at first."""
    name = "F"
    for number in range(5):
        await sheet(trade, f"{name}-{number}")
    assert await done(trade, "recordCounts", figure(f"{name}-0", "20")) == ["AGREED"]
    assert await done(trade, "recordCounts", figure(f"{name}-1", "19.5")) == ["AGREED"]
    assert await done(trade, "recordCounts", figure(f"{name}-2", "2")) == ["RECOUNT"]
    assert await done(trade, "recordCounts", figure(f"{name}-2", "20"), by="WANG") == ["AGREED"]
    assert await done(trade, "recordCounts", figure(f"{name}-3", "15")) == ["RECOUNT"]
    assert await done(trade, "recordCounts", figure(f"{name}-3", "15"), by="WANG") == ["REVIEW"]
    [line] = await lines(trade, f"{name}-3")
    review = {"line": line["id"], "decision": "ACCEPT", "reason": "It is gone"}
    assert await done(trade, "reviewCounts", review, by="SHOP", role="org_admin") == ["AGREED"]
    assert await done(trade, "recordCounts", figure(f"{name}-4", "20"), by="WANG") == ["AGREED"]
    db = trade.parts.writes
    for number, minutes in enumerate((0, 1, 3, 63, 70)):  # an hour passes before the fourth
        await db.execute(
            "update task_line set first_at = $1 where task_id = (select id from task where external_reference = $2)",
            NOON + timedelta(minutes=minutes),
            f"{name}-{number}",
        )
    found = await figures(trade, since=NOON.isoformat())
    total = found["aggregate"]
    assert (total["count"], total["sum"]["counts"]) == (5, 7)
    assert float(total["sum"]["firstRight"]) == 0.8, "four of five first figures stand"
    assert (total["sum"]["differences"], float(total["sum"]["located"])) == (2, 1.0)
    assert float(total["sum"]["seconds"]) == 180 and float(total["sum"]["perHour"]) == 40, "an hour's pause is none"
    by_person = {each["person"]["name"]: each for each in found["groups"]}
    li = by_person["Li"]["sum"]
    assert (by_person["Li"]["count"], float(li["firstRight"]), li["differences"]) == (4, 0.75, 2)
    assert by_person["Wang"]["sum"]["perHour"] is None, "of one line no pace can be told"
    assert {each["site"]["externalReference"] for each in found["groups"]} == {"SHOP/SITE"}


async def test_who_counts_sees_no_figure_and_other_organisations_none_at_all(trade):
    text = "{ countedLines { nodes { id firstRight } aggregate { count } } }"
    other = await trade.ask(text, {}, "SHOP-2", "org_admin")
    assert other["data"]["countedLines"] == {"nodes": [], "aggregate": {"count": 0}}
    for role in ("storekeeper", "shop_staff", "buyer", "supplier"):
        answer = await trade.ask(text, {}, "LI", role)
        assert answer["errors"][0]["extensions"]["code"] == "FIELD_FORBIDDEN" and not answer["data"]["countedLines"]
    text = "{ countedLines { nodes { firstRight person { name } } } }"
    finance = await trade.ask(text, {}, "LI", "finance")
    assert {each["path"][-1] for each in finance["errors"]} == {"person"}, "how well is counted, not by whom"
