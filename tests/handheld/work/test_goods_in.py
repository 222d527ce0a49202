"""Goods-in, scan by scan."""

from decimal import Decimal

from handheld.work.commands import Command
from handheld.work.saying.feedback import Beep, Colour, Lift
from handheld.work.saying.words import Language
from handheld.work.tasks.task import Job, Line, Task
from tests.handheld.work.world import Item, Known, Packing, Place, scan, start

MILK = Item("MILK", "蒙牛纯牛奶 250ml", units={"box": Decimal(24)})
PO = Task("T1", Job.GOODS_IN, "DOCK", (Line("1", "MILK", Decimal(48)),), document="PO-7")
BOXED = "]C1010692116850925617270131" + "10B2611"


def known():
    there = Known()
    there.items["MILK"] = MILK
    there.codes["06921168509256"] = Packing(MILK, "box")
    there.places["A03-05"] = Place("A03-05")
    return there


def test_one_scan_is_receipt_lot_expiry_and_bin():
    shift = start(PO, known())
    scan(shift, "SB:B:A03-05")
    told = scan(shift, BOXED)
    assert told.beep is Beep.OK
    assert told.say.said(Language.CHINESE) == "已收 1 箱"
    assert told.show.figure == ("1", "2", "box")
    (deed,) = shift._journal.deeds
    assert deed.labels == {
        "action": "inbound",
        "document": "PO-7",
        "quantity": "1",
        "unit": "box",
        "batch": "B2611",
        "expiry": "2027-01-31",
        "shelf": "A03-05",
        "place": "DOCK",
    }, "nine would be too many: the item is in the code"
    assert (deed.task, deed.person, deed.base, deed.code[:2]) == ("T1", "E1", "v1", "01")


def test_goods_of_an_order_are_received_from_where_they_were_announced():
    order = Task("T1", Job.GOODS_IN, "DOCK", (Line("1", "MILK", Decimal(48), source="ORDER/7/1"),), document="PO-7")
    shift = start(order, known())
    scan(shift, BOXED)
    there = known()
    there.places["VAN"] = Place("VAN", "VEHICLE")
    other = start(order, there)
    scan(other, "SB:V:VAN")
    scan(other, BOXED)
    assert [each._journal.deeds[0].labels["source"] for each in (shift, other)] == ["ORDER/7/1", "VAN"]
    assert "item" not in shift._journal.deeds[0].labels, "it is in the code"


def test_digits_and_enter_correct_the_last_scan_in_one_chain():
    shift = start(PO, known())
    scan(shift, BOXED)
    shift.key("2")
    told = shift.press(Command.CONFIRM)
    assert told.show.figure == ("2", "2", "box")
    first, undo, second = shift._journal.deeds
    assert undo.labels == {"action": "undo", "undoes": first.id}
    assert undo.chain == second.chain != ""
    assert second.labels["quantity"] == "2"
    assert shift.progress.complete


def test_too_much_is_stopped_until_it_is_taken_all_the_same():
    shift = start(PO, known())
    shift.key("3")
    told = scan(shift, BOXED)
    assert (told.beep, told.show.colour, told.block.lift) == (Beep.NO, Colour.RED, Lift.FORCE)
    assert not shift._journal.deeds
    assert not shift.press(Command.FORCE, "ordered by telephone").blocked
    assert shift._journal.deeds[0].labels["reason"] == "ordered by telephone"
    assert shift._journal.deeds[0].labels["quantity"] == "3"
