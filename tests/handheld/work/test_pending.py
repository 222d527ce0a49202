"""What the device did since the replica's version counts when it looks at a bin (R12)."""

from decimal import Decimal

import pytest

from handheld.work.deed import Deed
from handheld.work.pending import Pending
from tests.handheld.work.world import Item, Journal, Known, Packing, Stock


def known():
    there = Known()
    there.items["MILK"] = Item("MILK", units={"box": Decimal(24)})
    there.codes["06921168509256"] = Packing(there.items["MILK"])
    there.stocks["A1"] = [
        Stock("MILK", "B1", "SELLABLE", Decimal(30)),
        Stock("MILK", "B1", "QUARANTINED", Decimal(5), ("FROZEN",)),
        Stock("MILK", "B2", "SELLABLE", Decimal(10)),
    ]
    return there


def lying(there, journal, place):
    found = Pending(there, journal.unknown).after(place, tuple(there.stock(place)))
    return sorted((each.lot, each.state, int(each.quantity)) for each in found)


def deed(id_, action, quantity="1", **labels):
    return Deed({"action": action, "item": "MILK", "quantity": quantity, **labels}, id=id_)


A1 = [("B1", "QUARANTINED", 5), ("B1", "SELLABLE", 30), ("B2", "SELLABLE", 10)]


@pytest.mark.parametrize(
    ("deeds", "place", "then"),
    [
        ([], "A1", A1),
        (
            [deed("1", "inbound", "2", unit="box", batch="B1", place="DOCK", shelf="A1")],
            "A1",
            [A1[0], ("B1", "SELLABLE", 78), A1[2]],
        ),
        ([deed("1", "inbound", batch="B7", place="DOCK", shelf="A1", quality="fail")], "A1", A1),
        ([deed("1", "inbound", batch="B7", place="DOCK", shelf="A1", quality="fail")], "DOCK", [("B7", "SELLABLE", 1)]),
        ([deed("1", "pick", "32", batch="B1", source="A1", place="PACK")], "A1", [("B1", "QUARANTINED", 3), A1[2]]),
        ([deed("1", "pick", "32", batch="B1", source="A1", place="PACK")], "PACK", [("B1", "SELLABLE", 32)]),
        ([deed("1", "move", "35", source="A1", shelf="A2")], "A1", [A1[0], ("B2", "SELLABLE", 5)]),
        ([deed("1", "dispatch", "99", batch="B2", source="A1", place="VAN")], "A1", A1[:2]),
        ([deed("1", "arrive", "4", batch="B2", source="VAN", place="A1")], "A1", [*A1[:2], ("B2", "SELLABLE", 14)]),
        ([deed("1", "count", "7", batch="B2", place="A1", seen="10")], "A1", [*A1[:2], ("B2", "SELLABLE", 7)]),
        (
            [deed("1", "count", "1", batch="B1", place="A1", seen="5", state="QUARANTINED")],
            "A1",
            [("B1", "QUARANTINED", 1), *A1[1:]],
        ),
        (
            [
                deed("1", "count", "7", batch="B2", place="A1", seen="10"),
                Deed({"action": "undo", "undoes": "1"}, id="2"),
            ],
            "A1",
            A1,
        ),
        (
            [deed("1", "quality", quality="pass", place="A1"), Deed({"action": "move", "shelf": "A1"}, "00x", id="2")],
            "A1",
            A1,
        ),
        (
            [
                Deed(
                    {"action": "pick", "quantity": "10", "source": "A1", "place": "PACK"},
                    "010692116850925610B2",
                    "]C1",
                    id="1",
                )
            ],
            "A1",
            A1[:2],
        ),
    ],
)
def test_a_place_is_as_the_books_will_have_it(deeds, place, then):
    journal = Journal()
    journal.deeds = deeds
    assert lying(known(), journal, place) == then


def test_what_the_replica_has_learnt_is_not_counted_twice():
    there, journal = known(), Journal()
    pending = Pending(there, journal.unknown)
    done = deed("1", "pick", "10", batch="B2", source="A1", place="PACK")
    journal.append(done)
    pending.add(done)
    assert len(pending.after("A1", tuple(there.stock("A1")))) == 2
    again = deed("2", "pick", "30", batch="B1", source="A1", place="PACK")
    journal.append(again)
    pending.add(again)
    assert len(pending.after("A1", tuple(there.stock("A1")))) == 1
    there.version, there.stocks["A1"], journal.deeds = "v2", there.stocks["A1"][:2], [again]
    assert [int(each.quantity) for each in pending.after("A1", tuple(there.stock("A1")))] == [5]
