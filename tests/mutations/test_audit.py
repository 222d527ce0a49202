"""A52: of every change of state one can read who, when, from, to, why, and for which document."""

from pathlib import Path

HISTORY = Path("schema/documents/lot_history.graphql").read_text()
WHEN = "2026-11-02T09:30:00Z"
CHANGES = [("SELLABLE", "QUARANTINED"), ("QUARANTINED", "DAMAGED"), ("DAMAGED", "IN_INSPECTION")]


async def told(trade, lot, by="SHOP", role="org_admin"):
    answer = await trade.ask(HISTORY, {"lot": lot}, by, role)
    assert "errors" not in answer, answer
    return answer["data"]["lot"]["movements"]["nodes"]


async def test_every_change_of_state_is_in_the_history_of_its_lot(trade):
    line = {"item": "TOMATO", "lot": "AUDITED", "quantity": "5"}
    when = {"occurredAt": "2026-11-01T08:00:00Z"}
    assert not (await trade.post("receive", "audit-r", {**line, "place": "SHOP/SHELF"}, **when))["errors"]
    away = {**line, "source": "SHOP/SHELF", "place": "SHOP/SHELF"}
    assert not (await trade.post("putAway", "audit-p", away, **when))["errors"]
    await trade.register("openDocuments", [{"externalReference": "COMPLAINT-7", "kind": "COMPLAINT"}], "SHOP")
    for number, (before, after) in enumerate(CHANGES):
        change = {**line, "place": "SHOP/SHELF", "fromState": before, "toState": after}
        said = {"document": "COMPLAINT-7", "reason": f"because {number}", "occurredAt": WHEN}
        posted = await trade.post("changeState", f"audit-{number}", change, **said)
        assert posted["errors"] == [], posted
    found = await trade.ask('{ lots(filter: {code: {eq: "AUDITED"}}) { nodes { id } } }', {}, "SHOP", "org_admin")
    [lot] = found["data"]["lots"]["nodes"]
    changed = [each for each in await told(trade, lot["id"]) if each["verb"] == "CHANGE_STATE"]
    assert [each["reason"] for each in changed] == ["because 2", "because 1", "because 0"]
    for each, (before, after) in zip(reversed(changed), CHANGES, strict=True):
        assert each["occurredAt"].startswith(WHEN.removesuffix("Z"))
        assert each["document"] == {"externalReference": "COMPLAINT-7"}
        assert each["organisation"]["name"] == "Shop"
        assert each["actor"]["name"]
        [leg] = each["legs"]
        assert (leg["source"]["state"], leg["target"]["state"], leg["quantity"]) == (before, after, "5")
