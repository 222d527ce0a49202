"""What recognition drafted of a count, through the real journal and the real door: how often its figures stood."""

from decimal import Decimal

import numpy as np

from handheld.outbox.entry import Identity
from handheld.outbox.journal import Journal
from handheld.vision.counting import Depths, drafted
from handheld.vision.picture import WHOLE
from handheld.vision.proposal import Candidate, Proposal
from handheld.vision.shelf import Facing, Section
from handheld.work.commands import Command
from handheld.work.ports import World
from handheld.work.shift import Shift
from handheld.work.tasks.task import Job, Line, Task
from stockbook.domain.capture.codes import read
from tests.capture.test_shift import known, sent
from tests.handheld.work.world import Clock, Item, Packing, Stock

MILK, OATS = "6921168509256", "6900000000014"
MODEL = "ab" * 32
FIGURES = """{ countedLines { aggregate { count sum { drafts draftStood drafted } }
  nodes { item { externalReference } drafted draftStood model modelVersion { version } firstRight }
  groups(by: [ITEM, PERSON, SITE, MODEL]) { model item { externalReference } person { id } site { externalReference }
    count sum { drafts draftStood } } } }"""


def facing(column, item, settled=None):
    said = Proposal((Candidate(item, 0.99),), True, 1.0, item, (), False, MODEL, np.zeros(1))
    return Facing(0, column, WHOLE, said, settled)


def seen(journal, world, task, place, *items, settled=(), deep=1):
    """Take a photograph of a bin for its count, as the shelf check does."""
    facings = [facing(at, item) for at, item in enumerate(items)]
    facings += [facing(len(items) + at, item, item) for at, item in enumerate(settled)]
    first = drafted(Section(tuple(facings)), place, task, world.known, Depths(deep))
    assert isinstance(journal.append(draft=(first.name, first.text)), tuple)
    return Shift(task, world, journal, "E1")


async def counting(store, pda, bin_, *more):
    """Let ten cartons of milk lie in a bin, and open a count of it; return the task as the device knows it."""
    pda.scan("inbound", item="MILK", quantity="10", place=bin_)
    pda.scan("quality", item="MILK", quantity="10", place=bin_, quality="pass")
    pda.scan("put_away", item="MILK", quantity="10", source=bin_, shelf=bin_)
    await store.send(pda)
    reference = f"COUNT-{store.name}"
    line = {"externalReference": reference, "kind": "COUNT", "place": bin_}
    await store.served.register("openTasks", line, organisation=store.id)
    there = known(store.name, van="VAN")
    there.items["OATS"] = Item("OATS", "燕麦")
    there.codes[f"0{OATS}"] = Packing(there.items["OATS"])
    there.stocks[bin_] = [Stock("MILK", "", "SELLABLE", Decimal(10)), *more]
    return World(there, Clock()), Task(reference, Job.STOCKTAKE, bin_, (Line("1", "MILK", Decimal(0), place=bin_),))


async def figures(store):
    return (await store.served.ask(FIGURES, store.id, "org_admin"))["countedLines"]


async def test_a_draft_that_stands_and_one_that_a_person_takes_away_are_told_apart(store, pda, bin_, tmp_path):
    await store.served.register(
        "registerItems", {"externalReference": "OATS", "name": "Oats", "baseUnit": "piece", "gtin": OATS}
    )
    world, task = await counting(store, pda, bin_)
    device = await store.enrol(f"SHELF-{store.name}")
    path, identity = tmp_path / "outbox.db", Identity(device.reference, device.epoch, device.secret)
    journal = Journal(path, identity)
    # five facings two deep are milk, one is taken for oats
    seen(journal, world, task, bin_, *["MILK"] * 5, "OATS", deep=2)
    journal.close()  # the device dies, and is started again

    journal = Journal(path, identity)
    shift = Shift(task, world, journal, "E1")
    assert {held.goods.item.reference for held in shift.progress.hand} == {"MILK", "OATS"}
    shift.press(Command.CONFIRM)  # the oats are in no book: it asks to be counted anew, blind
    assert journal.batch().entries == () and shift.progress.hand == ()
    journal.close()

    journal = Journal(path, identity)
    shift = Shift(task, world, journal, "E1")
    for digit in "10":
        shift.key(digit)
    shift.scan(read(MILK))
    shift.press(Command.CONFIRM)
    events = sent(journal)
    assert len(events) == 2, "that there are no oats is a figure too"
    answer = await store.send(device, events)
    assert [each["outcome"] for each in answer["results"]] == ["POSTED", "POSTED"]
    again = await store.send(device, events)
    assert [each["outcome"] for each in again["results"]] == ["DUPLICATE", "DUPLICATE"]
    journal.close()

    found = await figures(store)
    total = found["aggregate"]
    assert (total["count"], total["sum"]["drafts"], total["sum"]["draftStood"]) == (2, 2, "0.5")
    assert Decimal(total["sum"]["drafted"]) == 12
    by_item = {each["item"]["externalReference"]: each for each in found["nodes"]}
    assert (by_item["MILK"]["drafted"], by_item["MILK"]["draftStood"]) == ("10", "1")
    assert (by_item["OATS"]["drafted"], by_item["OATS"]["draftStood"]) == ("2", "0")
    assert {each["model"] for each in found["nodes"]} == {MODEL} and by_item["MILK"]["modelVersion"] is None
    groups = {each["item"]["externalReference"]: each for each in found["groups"]}
    assert groups["OATS"]["model"] == MODEL and groups["OATS"]["sum"]["draftStood"] == "0"
    assert all(each["person"] and each["site"] for each in found["groups"])


async def test_what_a_person_said_of_each_facing_or_counted_by_hand_is_no_draft(store, pda, bin_, tmp_path):
    world, task = await counting(store, pda, bin_)
    device = await store.enrol(f"SHELF-{store.name}")
    journal = Journal(tmp_path / "outbox.db", Identity(device.reference, device.epoch, device.secret))
    shift = seen(journal, world, task, bin_, settled=["MILK"] * 10)
    shift.press(Command.CONFIRM)
    events = sent(journal)
    assert len(events) == 1 and "draft" not in events[0]["scan"]
    answer = await store.send(device, events)
    assert [each["outcome"] for each in answer["results"]] == ["POSTED"]
    journal.close()
    found = await figures(store)
    assert found["aggregate"]["sum"] == {"drafts": 0, "draftStood": None, "drafted": None}
    assert found["nodes"][0]["model"] is None


async def test_drafts_that_cannot_be_are_told_and_nothing_is_written(store, pda, bin_):
    good = {"model": MODEL, "quantity": "3"}
    said = {"action": "count", "item": "MILK", "quantity": "0", "seen": "0", "place": bin_}
    for draft in (None, [], "3", {}, {**good, "model": "v1"}, {**good, "quantity": "-1"}, {**good, "more": "1"},
                  {**good, "quantity": 3}, {"model": MODEL}):  # fmt: skip
        (fate,) = await store.fates(pda, pda.scan(like={"draft": draft}, **said))
        assert fate == "UNREADABLE", draft
    answer = await store.send(pda, [pda.scan("inbound", item="MILK", place=bin_, like={"draft": good})])
    assert [(each["outcome"], each["code"]) for each in answer["results"]] == [("REFUSED", "BAD_INPUT")]
    answer = await store.send(pda, [pda.scan(like={"draft": {**good, "quantity": "2.5"}}, **said)])
    assert [(each["outcome"], each["code"]) for each in answer["results"]] == [("REFUSED", "BAD_QUANTITY")]
    assert await store.there("MILK", bin_) == "0" and await store.verbs(pda) == []
    assert await store.fates(pda, pda.scan(like={"draft": good}, **said)) == ["POSTED"], "no task has to be named"
