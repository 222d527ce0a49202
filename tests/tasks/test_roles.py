"""Each role can ask the documents that its work needs, and is shown all that they ask for."""

from pathlib import Path

import pytest
from graphql import OperationType, parse

FOLDER = Path(__file__).parents[2] / "schema" / "documents"
DESK = (
    "open_tasks",
    "task",
    "replica",
    "take_task",
    "record_counts",
    "capture_scans",
    "report_device",
    "difference_rate",
)
NEEDS = {
    "storekeeper": (*DESK, "plan_work", "settle_task", "cancel_tasks", "devices", "record_codes"),
    "shop_staff": DESK,
    "org_admin": (*DESK, "plan_work", "settle_task", "count_review", "review_counts", "devices", "set_devices"),
}
VALUES = {"task": "gid://stockbook/Task/1", "since": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in NEEDS.items() for name in names])
async def test_a_role_is_shown_all_that_its_documents_ask_for(trade, role, name):
    text = (FOLDER / f"{name}.graphql").read_text()
    (operation,) = parse(text).definitions
    by = "SHOP" if role == "org_admin" else "LI"
    if operation.operation is OperationType.MUTATION:
        _, mask = trade.asker(by, role)
        assert operation.selection_set.selections[0].name.value in mask.actions
        return
    names = {each.variable.name.value for each in operation.variable_definitions or ()}
    answer = await trade.ask(text, {key: value for key, value in VALUES.items() if key in names}, by, role)
    assert "errors" not in answer, answer


@pytest.mark.parametrize("role", ["board", "supplier", "finance", "auditor", "counter"])
async def test_who_reviews_nothing_may_not(trade, role):
    _, mask = trade.asker("LI", role)
    assert not mask.actions & {"reviewCounts", "settleTask", "openTasks", "setDevices", "cancelTasks"}
