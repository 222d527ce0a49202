"""A device that is wiped from afar says so, in the language of who holds it, and knows nobody any more."""

import pytest

from handheld.client.wiping import Wiped

from . import world
from .driving import frames, later, running, scan, settle


@pytest.fixture
def app(tmp_path):
    with running(world.desk(tmp_path, later)) as app:
        yield app


def test_while_it_hands_over_it_says_so_and_takes_no_scan(app):
    app.go("work", task=app.desk.tasks()[0])
    settle(app)
    outbox = app.desk.rooms.outbox
    before = len(outbox.unknown())
    outbox.ending = True
    scan(app, "010692116850925621123456", "]C1")
    app.look()
    assert len(outbox.unknown()) == before
    assert app.page.seen.feedback.blocked and app.machine.beeps[-1] == "no"
    assert app.frame.ids.strip.text and app.frame.ids.strip.tone == "stop"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_once_it_is_wiped_it_asks_to_be_enrolled_and_says_why(app, language):
    app.language = language
    app.go("work", task=app.desk.tasks()[0])
    settle(app)
    rooms = app.desk.rooms
    rooms.exchange.wiped = Wiped("遗失 lost", 2)
    rooms.outbox.erase()
    rooms.replica.forget()
    app.look()
    frames(3)
    assert app.trail == ["enrol"]
    assert app.page.fault == app.page.word("wiped")
    assert "遗失 lost" in app.page.why and "2" in app.page.why
    assert (app.desk.rooms, app.desk.person, app.desk.shift) == (None, "", None)
    assert app.frame.ids.bar.state == "" and app.frame.ids.strip.text == ""
    app.language = "en" if language == "zh" else "zh"
    frames(3)
    assert app.page.fault == app.page.word("wiped"), "in the other language too"
