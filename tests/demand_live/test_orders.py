"""Orders in whole packs, the task that they are received by, what is called off, and what people say of demand."""

from decimal import Decimal

import pytest

from stockbook.store.demand.proposals import PostgresProposals
from tests.demand_live.shop import SHELF, SITE, TOMATO, WEEKS, Shop, said, week
from tests.demand_live.test_proposals import proposals, proposing, shelf, terms

ASKED = """query P($state: String = "OPEN") { proposals(filter: {state: {eq: $state}}) { nodes {
  id state quantity needed overCeiling orderUnit orderMultiple minimumOrder moved position expected reorderPoint ceiling
  zh: why en: why(language: EN) override { reason quantity } withdrawal { verb reason }
  task { id kind state externalReference place { externalReference } document { externalReference } reason
    resolution lines { id quantity done state unit item { externalReference } source { externalReference } } }
  threshold { reorderPoint inForce { expected safetyStock reorderPoint ceiling moved } } } } }"""


async def found(shop: Shop, state: str = "OPEN") -> dict:
    answer = await shop.trade.ask(ASKED, {"state": state}, "SHOP", "buyer")
    assert "errors" not in answer, answer
    (one,) = answer["data"]["proposals"]["nodes"]
    return one


async def accepted(shop: Shop, **more: str) -> dict:
    await proposing(shop).round()
    (one,) = await proposals(shop)
    await shop.told("acceptProposals", {"proposal": one["id"], "reason": "We know these", **more})
    return await found(shop, "ACCEPTED")


async def receive(shop: Shop, order: dict, quantity: str, by: str = "PO-7") -> None:
    (made,) = await proposals(shop, "ACCEPTED")
    source = made["place"]["externalReference"]
    line = {"item": TOMATO, "quantity": quantity, "place": SITE, "source": source}
    shop.keys += 1
    came = await shop.trade.post("receive", f"came-{shop.keys}", line, document=by)
    assert not came["errors"], came


async def test_orders_are_of_whole_boxes_and_say_what_lies_above_the_ceiling(short: Shop):
    await terms(short, orderUnit="box", orderMultiple="3", minimumOrder="1")
    await proposing(short).round()
    one = await found(short)
    quantity, needed = Decimal(one["quantity"]), Decimal(one["needed"])
    assert quantity % 15 == 0 and needed <= quantity < needed + 15
    assert Decimal(one["overCeiling"]) == quantity - needed > 0
    assert (one["orderUnit"], one["orderMultiple"], one["minimumOrder"]) == ("box", "15", "5")
    assert "box of 15 kg" in one["en"] and "above the ceiling" in one["en"] and "超出上限" in one["zh"]
    assert (await proposing(short).round()).opened == 0, "once"


async def test_terms_of_all_items_leave_out_those_without_such_a_unit_and_a_least_order_is_kept(short: Shop):
    await terms(short, orderUnit="crate", minimumOrder="40")
    await proposing(short).round()
    one = await found(short)
    assert one["quantity"] == one["needed"] and one["orderUnit"] is None and one["overCeiling"] == "0"
    await terms(short, minimumOrder="500", site=SITE)
    assert (await proposing(short).round()).opened == 1
    one = await found(short)
    assert (one["quantity"], one["minimumOrder"], one["orderMultiple"]) == ("500", "500", None)
    assert "500 kg at least" in one["en"] and "至少 500 kg" in one["zh"]


async def test_packs_that_cannot_be_are_refused(short: Shop):
    line = {"leadTimeHours": "168", "reviewHours": "168"}
    for more, code, field in (
        ({"orderUnit": "crate", "item": TOMATO}, "BAD_UNIT", "orderUnit"),
        ({"orderMultiple": "0"}, "BAD_QUANTITY", "orderMultiple"),
        ({"orderMultiple": "1.0000001"}, "BAD_INPUT", "orderMultiple"),
        ({"minimumOrder": "-1"}, "BAD_QUANTITY", "minimumOrder"),
        ({"minimumOrder": "9999999999999"}, "BAD_INPUT", "minimumOrder"),
    ):
        payload = await short.tell("recordReplenishment", {**line, **more})
        assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [(code, field)], more
    asked = "{ replenishments { nodes { orderUnit orderMultiple minimumOrder } } }"
    assert (await short.trade.ask(asked, {}, "SHOP", "buyer"))["data"]["replenishments"]["nodes"] == []
    given = {**line, "orderUnit": "box", "orderMultiple": "2", "item": TOMATO}
    (first,) = await short.told("recordReplenishment", given)
    assert await short.told("recordReplenishment", given) == [first]


async def test_an_order_is_a_task_of_the_storeman_that_its_receipt_closes_part_by_part(short: Shop):
    await terms(short, orderUnit="box")
    order = await accepted(short, order="PO-7")
    task, quantity = order["task"], order["quantity"]
    assert (task["kind"], task["state"], task["externalReference"]) == ("RECEIVE", "OPEN", "PO-7")
    assert task["place"]["externalReference"] == SITE and task["document"]["externalReference"] == "PO-7"
    (line,) = task["lines"]
    assert (line["quantity"], line["done"], line["unit"]) == (quantity, "0", "box")
    assert line["item"]["externalReference"] == TOMATO and line["source"]["externalReference"].startswith("ORDER/")
    feed = await short.trade.ask(
        "{ replica { tasks { id kind lines { source { externalReference } } } } }", {}, "SHOP", "storekeeper"
    )
    told = [each for each in feed["data"]["replica"]["tasks"] if each["id"] == task["id"]]
    assert told[0]["kind"] == "RECEIVE" and told[0]["lines"][0]["source"], "the handheld shows what comes"

    await receive(short, order, "10")
    task = (await found(short, "ACCEPTED"))["task"]
    assert (task["state"], task["lines"][0]["done"], task["lines"][0]["state"]) == ("DOING", "10", "OPEN")
    assert (await shelf(short))["inbound"] == str(Decimal(quantity) - 10), "the rest is still to come"
    await receive(short, order, str(Decimal(quantity) - 10))
    task = (await found(short, "ACCEPTED"))["task"]
    assert (task["state"], task["resolution"], task["lines"][0]["state"]) == ("DONE", "COMPLETED", "DONE")
    late = await short.tell("dismissProposals", {"proposal": order["id"], "reason": "Changed my mind"})
    assert [each["code"] for each in late["errors"]] == ["INSUFFICIENT_STOCK"], "all of it has come"
    assert (await found(short, "ACCEPTED"))["task"]["state"] == "DONE"


@pytest.mark.parametrize("lot", [None, "L-77"])
@pytest.mark.parametrize("names", [{"document": "PO-7"}, {"task": "PO-7"}])
async def test_a_receipt_typed_in_for_an_order_is_not_counted_as_there_and_as_coming(
    short: Shop, names: dict, lot: str | None
):
    """It says which order came, or which task it is of, and not from which place: nobody who types knows of that."""
    await terms(short)
    order = await accepted(short, order="PO-7")
    quantity, before = Decimal(order["quantity"]), Decimal((await shelf(short))["onHand"])
    line = {"item": TOMATO, "place": SITE} | ({"lot": lot} if lot else {})
    came = await short.trade.post("receive", "typed-1", {**line, "quantity": "10"}, **names)
    again = await short.trade.post("receive", "typed-1", {**line, "quantity": "10"}, **names)
    assert [each["results"][0]["outcome"] for each in (came, again)] == ["POSTED", "DUPLICATE"]
    task = (await found(short, "ACCEPTED"))["task"]
    assert (task["state"], task["lines"][0]["done"]) == ("DOING", "10")
    assert Decimal((await shelf(short))["inbound"]) == quantity - 10
    rest = await short.trade.post("receive", "typed-2", {**line, "quantity": str(quantity)}, **names)
    assert not rest["errors"], "ten more than were ordered"
    now = await shelf(short)
    assert (now["inbound"], Decimal(now["onHand"])) == ("0", before), "it came in, and is not put away yet"
    task = (await found(short, "ACCEPTED"))["task"]
    assert (task["state"], Decimal(task["lines"][0]["done"])) == ("DONE", quantity + 10), "what is over shows"
    undo = {"movement": rest["results"][0]["movement"]["id"]}
    back = await short.trade.post("reverse", "typed-5", undo)
    assert not back["errors"], back
    task = (await found(short, "ACCEPTED"))["task"]
    assert (task["state"], task["lines"][0]["done"]) == ("DOING", "10")
    assert Decimal((await shelf(short))["inbound"]) == quantity - 10
    rest = await short.trade.post("receive", "typed-6", {**line, "quantity": str(quantity)}, **names)
    assert not rest["errors"]
    assert (await proposing(short).round()).opened == 0
    away = {"item": TOMATO, "quantity": str(quantity + 10), "source": SITE, "place": SHELF}
    assert not (await short.trade.post("putAway", "typed-3", away))["errors"], "there is as much as came, no more"
    one_more = await short.trade.post("putAway", "typed-4", {**away, "quantity": "1"})
    assert [each["code"] for each in one_more["errors"]] == ["INSUFFICIENT_STOCK"]


async def test_an_order_that_is_dismissed_is_expected_no_more_and_its_task_is_gone(short: Shop):
    await terms(short)
    order = await accepted(short)
    line = {"proposal": order["id"], "reason": "The farm is closed"}
    assert await short.told("dismissProposals", line) == [order["id"]]
    gone = await found(short, "DISMISSED")
    assert (gone["task"]["state"], gone["task"]["reason"]) == ("CANCELLED", "The farm is closed")
    assert gone["withdrawal"] == {"verb": "REVERSE", "reason": "The farm is closed"}
    assert (await shelf(short))["inbound"] == "0"
    assert (await proposing(short).round()).opened == 0, "it rests until the next review"
    again = await short.tell("dismissProposals", line)
    assert [each["outcome"] for each in again["results"]] == ["KNOWN"]
    late = await short.tell("acceptProposals", {"proposal": order["id"], "reason": "After all"})
    assert [each["code"] for each in late["errors"]] == ["STALE_STATE"]


async def test_of_an_order_that_came_in_part_the_rest_is_called_off(short: Shop):
    await terms(short)
    order = await accepted(short, order="PO-7")
    await receive(short, order, "10")
    await short.told("dismissProposals", {"proposal": order["id"], "reason": "They have no more"})
    gone = await found(short, "DISMISSED")
    assert (gone["task"]["state"], gone["task"]["resolution"]) == ("DONE", "COMPLETED")
    assert (gone["task"]["lines"][0]["quantity"], gone["task"]["lines"][0]["done"]) == ("10", "10")
    assert (await shelf(short))["inbound"] == "0"


async def test_an_order_that_was_cut_off_while_called_off_is_finished_by_the_next_round(short: Shop):
    await terms(short)
    order = await accepted(short)
    db = short.trade.parts.beside
    await db.execute("update proposal set state = 'DISMISSED', decided_at = now(), reason = 'Cut off'")
    assert (await shelf(short))["inbound"] == order["quantity"]
    done = await proposing(short).round()
    assert (done.withdrawn, done.refused) == (1, [])
    assert (await shelf(short))["inbound"] == "0"
    assert (await found(short, "DISMISSED"))["task"]["state"] == "CANCELLED"
    assert (await proposing(short).round()).withdrawn == 0


async def test_two_proposals_of_one_order_are_one_task_and_each_is_called_off_by_itself(short: Shop):
    await short.fill(str(14 + 12 * WEEKS), "SOUP")
    for number in range(WEEKS):
        await short.sell(12, week(number + 0.4), "SOUP")
    await short.learn()
    await terms(short)
    await proposing(short).round()
    first, second = await proposals(short)
    for one in (first, second):
        await short.told("acceptProposals", {"proposal": one["id"], "reason": "Both", "order": "PO-9"})
    asked = "{ tasks { nodes { externalReference kind state lines { state } } } }"
    tasks = (await short.trade.ask(asked, {}, "SHOP", "buyer"))["data"]["tasks"]["nodes"]
    assert [(each["externalReference"], len(each["lines"])) for each in tasks] == [("PO-9", 2)]
    await short.told("dismissProposals", {"proposal": first["id"], "reason": "Not this"})
    (task,) = (await short.trade.ask(asked, {}, "SHOP", "buyer"))["data"]["tasks"]["nodes"]
    assert task["state"] == "OPEN" and sorted(each["state"] for each in task["lines"]) == ["DONE", "OPEN"]
    await short.told("dismissProposals", {"proposal": second["id"], "reason": "Nor this"})
    (task,) = (await short.trade.ask(asked, {}, "SHOP", "buyer"))["data"]["tasks"]["nodes"]
    assert task["state"] == "CANCELLED"


async def test_what_a_buyer_expects_instead_moves_reorder_point_and_ceiling_until_he_withdraws_it(short: Shop):
    await short.fill("60")
    await terms(short)
    since = (await proposing(short).round()).until
    assert await proposals(short) == [], "by the model there is enough"
    line = {"item": TOMATO, "site": SITE, "quantity": "80", "reason": "The fair is in town"}
    await short.told("overrideForecasts", {**line, "until": said(week(WEEKS + 6))})
    done = await proposing(short).round(since)
    assert done.opened == 1, "a look at what was stirred sees it"
    one = await found(short)
    model, now = one["threshold"]["reorderPoint"], one["threshold"]["inForce"]
    assert one["override"] == {"reason": "The fair is in town", "quantity": 80.0} and one["moved"] == now["moved"] > 100
    assert one["reorderPoint"] == now["reorderPoint"] == pytest.approx(now["expected"] + now["safetyStock"])
    assert one["reorderPoint"] > model + 100 and one["ceiling"] == now["ceiling"] > one["reorderPoint"]
    assert "The fair is in town" in one["en"] and "人工预期比模型多" in one["zh"]
    said_so = (await short.forecast())["en"]["text"]
    assert "So the reorder point is" in said_so and "by the model it would be" in said_so
    await short.told("overrideForecasts", {**line, "quantity": None, "reason": "It was called off"})
    done = await proposing(short).round(done.until)
    assert (done.opened, done.superseded) == (0, 1) and await proposals(short) == []
    assert "reorder point" not in (await short.forecast())["en"]["text"]


async def test_who_expects_nothing_is_not_proposed_what_the_model_would_order(short: Shop):
    await terms(short)
    await short.fill("8")
    line = {"item": TOMATO, "site": SITE, "quantity": "0", "reason": "We rebuild", "until": said(week(WEEKS + 3))}
    await short.told("overrideForecasts", line)
    assert (await proposing(short).round()).opened == 0
    threshold = (await short.forecast())["threshold"]
    assert threshold["reorderPoint"] > 20, "by the model alone it would be short"


async def test_a_look_at_what_was_stirred_sees_what_a_look_everywhere_sees(short: Shop):
    await terms(short)
    await proposing(short).round()
    book = PostgresProposals(short.trade.parts.beside)
    nothing = await book.look()
    assert len(nothing.needs) == 1
    assert (await book.look(nothing.until)).needs == []
    until = nothing.until
    for step in (
        lambda: short.sell(3, week(WEEKS - 0.3)),
        short.learn,
        lambda: short.fill("2"),
        lambda: short.told("overrideForecasts", {"item": TOMATO, "site": SITE, "quantity": "70", "reason": "Fair"}),
        lambda: short.fill("400"),
    ):
        await step()
        stirred, everywhere = await book.look(until), await book.look()
        assert list(stirred.needs) == list(everywhere.needs)
        until = stirred.until
