"""A whole shift of the real handheld, offline, then through the real door: what was told as done is in the books."""

from decimal import Decimal

import pytest

from handheld.outbox.entry import Identity
from handheld.outbox.journal import Journal
from handheld.work.commands import Command
from handheld.work.ports import World
from handheld.work.shift import Shift
from handheld.work.tasks.task import Job, Line, Task
from stockbook.domain.capture.codes import read
from tests.handheld.work.world import Clock, Item, Known, Packing, Place, Stock

MILK, TOMATO, STENT = "6921168509256", "06920000000012", "06901234567892"


def known(shop, *, van):
    there = Known()
    items = (
        Item("MILK", "纯牛奶", units={"case": Decimal(24)}),
        Item("TOMATO", "番茄", "kg", 3),
        Item("STENT", "支架", risk_class="II"),
    )
    there.items = {item.reference: item for item in items}
    there.codes = dict(zip(("06921168509256", TOMATO, STENT), map(Packing, items), strict=True))
    there.places = {f"{shop}/{name}": Place(f"{shop}/{name}") for name in ("DOCK", "A03-05", "B01-01")}
    there.places[van] = Place(van, "VEHICLE")
    return there


class Hand:
    """A storeman: opens tasks and scans."""

    def __init__(self, there, journal):
        self.world, self.journal = World(there, Clock()), journal

    def takes(self, task):
        self.shift = Shift(task, self.world, self.journal, "E1")
        return self

    def scans(self, *codes):
        for code in codes:
            if code.isdecimal() and len(code) < 8:
                told = [self.shift.key(digit) for digit in code][-1]
            else:
                told = self.shift.scan(read(code))
            assert not told.blocked, (code, told)
        return self


@pytest.fixture
def journal(tmp_path, pda):
    with_file = Journal(tmp_path / "outbox.db", Identity(pda.reference, pda.epoch, pda.secret))
    yield with_file
    with_file.close()


async def test_a_shift_of_all_seven_jobs_is_posted_as_it_was_told(store, pda, journal, dock, bin_):
    van, other = f"{store.name}/VAN", f"{store.name}/B01-01"
    place = {"organisation": store.name, "name": "Van", "strict": False, "externalReference": van, "kind": "VEHICLE"}
    await store.served.register("registerPlaces", place)
    hand = Hand(known(store.name, van=van), journal)
    milk, tomato = f"]C1010{MILK}172703311" + "0B1", f"]C101{TOMATO}3103002500" + "10T1"

    hand.takes(Task("", Job.GOODS_IN, dock)).scans("24", milk, tomato, f"]C101{STENT}17271231" + "10L1\x1d21S1")
    hand.scans(milk).shift.press(Command.UNDO)
    hand.scans(milk, "3", "SB:C:CONFIRM")
    hand.takes(Task("", Job.QUALITY, dock)).scans("SB:C:PASS", tomato)
    hand.takes(Task("", Job.PUT_AWAY, dock)).scans("27", milk, tomato, f"SB:B:{bin_}")
    hand.takes(Task("", Job.PICKING, other)).scans(f"SB:B:{bin_}", "6", milk)
    hand.takes(Task("", Job.TRANSFER, dock)).scans("2", milk, f"SB:B:{bin_}", f"SB:B:{other}")
    hand.takes(Task("", Job.STOCKTAKE, bin_)).scans(f"SB:B:{bin_}", "19", milk, tomato, "SB:C:CONFIRM")
    hand.takes(Task("", Job.HAND_OVER, other)).scans(f"SB:V:{van}", "4", milk)

    answer = await store.send(pda, sent(journal))
    assert [each["outcome"] for each in answer["results"]] == ["POSTED"] * len(answer["results"])
    assert all(each["flags"] == [] for each in answer["results"])
    there = {name: await store.there("MILK", name) for name in (dock, bin_, other, van)}
    assert there == {dock: "0", bin_: "19", other: "4", van: "4"}
    assert await store.there("TOMATO", bin_) == "2.5"
    assert await store.there("STENT", dock) == "1"


async def test_a_count_that_differs_is_posted_after_it_was_counted_twice(store, pda, journal, dock, bin_):
    there = known(store.name, van="VAN")
    there.stocks[bin_] = [Stock("MILK", "B1", "SELLABLE", Decimal(10))]
    other = await store.enrol(f"STOCK-{store.name}")
    other.scan("inbound", item="MILK", quantity="10", batch="B1", place=dock, shelf=bin_)
    assert await store.fates(other) == ["POSTED"]
    hand = Hand(there, journal).takes(Task("", Job.STOCKTAKE, bin_, (Line("1", "MILK", Decimal(0), place=bin_),)))
    hand.scans(f"SB:B:{bin_}", "9", f"]C1010{MILK}10B1")
    assert hand.shift.press(Command.CONFIRM).block.why == "recount"
    hand.scans("9", f"]C1010{MILK}10B1", "SB:C:CONFIRM")
    answer = await store.send(pda, sent(journal))
    assert [each["outcome"] for each in answer["results"]] == ["POSTED"]
    assert await store.there("MILK", bin_) == "9"


def sent(journal):
    """Return the events of a journal as they go over the wire."""
    return [
        {"sequence": each.sequence, "previous": each.previous.hex(), "scan": each.text, "seal": each.seal.hex()}
        for each in journal.batch().entries
    ]
