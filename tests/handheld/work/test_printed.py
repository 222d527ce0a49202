"""A date that was read from print and confirmed goes with the goods that come next, whichever way they are named."""

from datetime import date, timedelta

import pytest

from handheld.work.commands import Command
from handheld.work.saying.feedback import Colour
from handheld.work.tasks.task import Job, Task
from stockbook.domain.capture.reading import Kind, Reading
from tests.handheld.work.test_laws import known
from tests.handheld.work.world import Clock, Journal, meaning, scan, start

TODAY = Clock().now().date()
RECEIVING = Task("PO-1", Job.GOODS_IN, "DOCK")


def print_of(on, lot=""):
    return Reading("", kind=Kind.DETAILS, lot=lot or f"{on}", expiry=on)


def begun():
    journal = Journal()
    return start(RECEIVING, known(), journal=journal), journal


@pytest.mark.parametrize("days", [29, 30, 400])
def test_the_next_goods_come_in_with_it_red_below_thirty_days(days):
    shift, journal = begun()
    on = TODAY + timedelta(days)
    assert shift.scan(print_of(on)).show.colour is Colour.BLUE
    assert journal.deeds == []
    said = scan(shift, "6921168509256")
    [deed] = journal.deeds
    assert (deed.labels["expiry"], deed.labels["batch"]) == (f"{on}", f"{on}")
    assert (said.show.colour is Colour.RED) == (days < 30)
    assert meaning(deed) == ["RECEIVE"]


def test_goods_that_a_person_chose_come_in_with_it_too():
    shift, journal = begun()
    shift.scan(print_of(date(2027, 4, 3), "K1"))
    shift.choose(known().items["MILK"])
    [deed] = journal.deeds
    assert (deed.labels["expiry"], deed.labels["batch"]) == ("2027-04-03", "K1")
    assert shift.progress.half is None


def test_it_goes_with_one_scan_alone_and_is_forgotten_when_that_is_cancelled():
    shift, journal = begun()
    shift.scan(print_of(date(2027, 4, 3)))
    scan(shift, "6921168509256")
    scan(shift, "6921168509256")
    assert ["expiry" in deed.labels for deed in journal.deeds] == [True, False]
    shift.scan(print_of(date(2027, 4, 3)))
    shift.press(Command.CANCEL)
    scan(shift, "6921168509256")
    assert "expiry" not in journal.deeds[-1].labels


def test_what_is_expired_by_its_print_is_not_taken():
    shift, journal = begun()
    shift.scan(print_of(TODAY - timedelta(1)))
    assert scan(shift, "6921168509256").blocked
    assert journal.deeds == []


def test_a_code_that_says_its_own_lot_and_date_is_believed_before_the_print():
    shift, journal = begun()
    shift.scan(print_of(date(2027, 4, 3)))
    scan(shift, "]C10106921168509256" + "17271231" + "10B9")
    [deed] = journal.deeds
    assert deed.labels["batch"] == "B9"
    assert deed.labels.get("expiry", "2027-12-31") == "2027-12-31"
