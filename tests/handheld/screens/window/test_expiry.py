"""A printed date is read or typed, and confirmed; then it goes with the goods that are scanned next."""

from datetime import date, timedelta

from handheld.client.prints import Print, Unread
from stockbook.domain.capture.printed import Printed, Says

from . import world
from .glimpses import still
from .goods import NOODLES, WATER, Shot, shot
from .test_glimpses import CODES, RECEIVING, app, scan, taken

__all__ = ["app"]
SOON, LATE, PAST = (world.NOON.date() + timedelta(days) for days in (22, -160, -1))


def dated(app, *found, lot="", task=RECEIVING):
    app.desk.rooms.prints.found = Print(tuple(Printed(says, on, "print") for says, on in found), lot)
    app.machine.camera = Shot(shot(WATER))
    app.go("work", task=task)
    still(app)
    app.page._asides._choose("EXPIRY")
    still(app)
    app.page.main()
    still(app)
    return app.page


def test_a_printed_date_that_is_confirmed_goes_with_the_next_goods_and_says_that_they_are_near_it(app):
    page = dated(app, (Says.EXPIRY, SOON), (Says.PRODUCED, LATE), lot="K1120A")
    assert page.ids.banner.tone == "stop", "22 days left"
    assert taken(app) == []
    page.main()
    still(app)
    assert app.trail[-1] == "work"
    scan(app, CODES[WATER], "]E0")
    [event] = app.desk.rooms.outbox.unknown()
    assert (event.labels["expiry"], event.labels["batch"]) == (f"{SOON}", "K1120A")
    assert app.page.seen.feedback.show.colour.value == "red"


def test_goods_without_a_printed_lot_are_a_lot_by_their_date(app):
    dated(app, (Says.EXPIRY, SOON)).main()
    still(app)
    scan(app, CODES[WATER], "]E0")
    [event] = app.desk.rooms.outbox.unknown()
    assert (event.labels["expiry"], event.labels["batch"]) == (f"{SOON}", f"{SOON}")


def test_an_expired_date_stops_the_goods(app):
    dated(app, (Says.EXPIRY, PAST)).main()
    still(app)
    scan(app, CODES[WATER], "]E0")
    assert app.page.seen.feedback.blocked
    assert taken(app) == []


def test_where_a_date_can_be_read_in_two_ways_a_person_says_which(app):
    page = dated(app, (Says.EXPIRY, date(2027, 4, 3)), (Says.EXPIRY, date(2027, 3, 4)))
    assert page.chosen is None
    page.main()
    still(app)
    assert page.stage == "aim", "nothing is confirmed: another picture"
    page.main()
    still(app)
    page.touched(1)
    assert page.chosen == date(2027, 3, 4)


def test_where_nothing_reads_print_the_date_is_typed(app):
    page = dated(app)
    app.desk.rooms.prints.found = Unread.NO_READER
    page.other()
    page.main()
    still(app)
    assert page.ids.banner.headline == page.seen_word("date_unread")
    assert page.stage == "type"
    for digit in "20261340":
        assert app.key(digit)
    assert page.chosen is None
    for digit in ("backspace",) * 4:
        app.key(digit)
    for digit in "1215":
        app.key(digit)
    assert page.chosen == SOON
    app.key("enter")
    still(app)
    scan(app, CODES[WATER], "]E0")
    assert [event.labels["expiry"] for event in app.desk.rooms.outbox.unknown()] == [f"{SOON}"]


def test_at_other_work_a_date_is_looked_at_and_nothing_comes_of_it(app):
    page = dated(app, (Says.EXPIRY, SOON), task=app.desk.tasks()[1])
    assert page.ids.banner.tone == "stop"
    page.main()
    still(app)
    assert app.trail[-1] == "work"
    assert app.desk.work.progress.half is None


def test_a_scan_while_the_print_is_looked_at_goes_to_the_work(app):
    dated(app, (Says.EXPIRY, SOON))
    scan(app, CODES[NOODLES], "]E0")
    assert app.trail[-1] == "work"
    assert taken(app) == [NOODLES]
