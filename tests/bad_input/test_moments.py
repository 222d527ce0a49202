"""Moments at the ends of time: what no calendar tells is refused before it is written, since nobody could read it."""

import json

import pytest

from tests.bad_input.conftest import told

BEYOND = ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-14:00"]
ENDS = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59+14:00"]
CLOSE = "mutation($input: ClosePeriodInput!) { closePeriod(input: $input) { errors { code path } } }"
OPEN = "mutation($input: OpenDocumentsInput!) { openDocuments(input: $input) { errors { code path } } }"
READ = "query($at: DateTime) { documents(filter: {dueAt: {lte: $at}}) { nodes { dueAt } } }"


async def posts(sender):
    """Return whether postings still go through."""
    lines = [{"item": "ITEM-0", "quantity": "1", "place": "SITE"}]
    key = f"after-{await sender.serving.app.parts.writes.fetchval('select count(*) from movement')}"
    await sender.serving.post("receive", sender.trade.shop, *lines, key=key)
    return True


@pytest.mark.parametrize("at", BEYOND)
async def test_a_moment_beyond_all_years_is_none(sender, at):
    before = await sender.rows()
    closing = {"query": CLOSE, "variables": {"input": {"lines": [{"closedBefore": at}]}}}
    assert told(await sender.send(closing)) == ["BAD_USER_INPUT"]
    opening = {"lines": [{"externalReference": f"AT {at}", "kind": "ORDER", "dueAt": at}]}
    assert told(await sender.send({"query": OPEN, "variables": {"input": opening}})) == ["BAD_USER_INPUT"]
    assert told(await sender.send({"query": READ, "variables": {"at": at}})) == ["BAD_USER_INPUT"]
    assert await sender.rows() == before
    assert await posts(sender)


@pytest.mark.parametrize("at", ENDS)
async def test_the_first_and_the_last_moment_are_kept_and_told(sender, at):
    opening = {"lines": [{"externalReference": f"AT {at}", "kind": "ORDER", "dueAt": at}]}
    made = (await sender.send({"query": OPEN, "variables": {"input": opening}})).json()
    assert made["data"]["openDocuments"]["errors"] == []
    answer = (await sender.send({"query": READ, "variables": {"at": at}})).json()
    assert "errors" not in answer
    assert json.dumps(answer).count("dueAt") >= 1
    assert await posts(sender)


@pytest.mark.parametrize("at", ["2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_the_books_are_not_closed_for_years_by_a_slip_of_the_pen(sender, at):
    answer = await sender.send({"query": CLOSE, "variables": {"input": {"lines": [{"closedBefore": at}]}}})
    (error,) = answer.json()["data"]["closePeriod"]["errors"]
    assert error == {"code": "BAD_TIME", "path": ["input", "lines", "0", "closedBefore"]}
    assert await posts(sender)
