"""The pages of recognition, as they are looked at: what the camera sees, and what is pressed."""

import time
from datetime import date, timedelta
from decimal import Decimal

from kivy.clock import Clock
from kivy.lang import Builder

from handheld.client.prints import Print, Unread
from handheld.scan.scan import Scan, Source
from handheld.vision.absent import Absent, Why
from handheld.work.tasks.task import Job, Line, Task
from stockbook.domain.capture.printed import Printed, Says

from . import world
from .goods import MILK, NOODLES, STRANGE, TEA, WATER, Shot, shelf, shot

BOARDS = (
    (WATER, WATER, WATER, WATER),
    (NOODLES, WATER, NOODLES, None),
)
"""Upside down is the second of the upper board; a bottle of water stands among the noodles, and one place is empty."""
TURNED = {(0, 1)}
COUNT = Task("ST-77", Job.STOCKTAKE, "DOCK-1", tuple(
    Line(item, item, Decimal(8), place="A-03-2") for item in (WATER, NOODLES, TEA)
), document="ST-77")  # fmt: skip


def still(app):
    """Let the clock go on, without drawing, until nothing is asked of hand or eye any more."""
    for hand in (app.desk.worker, app.desk.eye) * 2:
        hand._pool.submit(lambda: None).result(60)
        Clock.tick()
        Builder.sync()
        Clock.tick_draw()


def _looking(app, picture, task=0):
    app.machine.camera = Shot(picture)
    app.go("work", task=app.desk.tasks()[task] if isinstance(task, int) else task)
    still(app)


def _recognised(app, picture):
    _looking(app, picture)
    app.page.ids.scan.dispatch("on_look")
    still(app)
    app.page.main()
    still(app)


def _finder(app):
    _looking(app, shot(WATER))
    app.page.ids.scan.dispatch("on_look")
    still(app)


def _no_model(app):
    sight, kept = app.desk.sight, app.desk.sight._opened
    sight._opened = kept[0], Absent(Why.NO_MODEL)
    try:
        _finder(app)
    finally:
        sight._opened = kept


def _photographs(app):
    app.go("photographs")
    still(app)


def _again(app):
    """Another model is in force, and the pictures of one item were never kept."""
    gallery, model = app.desk.sight.recogniser.gallery, app.desk.sight.recogniser.model.sha256
    kept = gallery.photographs(MILK)
    gallery.remove(MILK)
    gallery.add([each._replace(model="older", picture=None) for each in kept])
    app.machine.camera = Shot(shot(MILK))
    try:
        _photographs(app)
        app.page.touched([each.item for each in app.page.standing.goods].index(MILK))
        still(app)
    finally:
        gallery.remove(MILK)
        gallery.add([each._replace(model=model) for each in kept])


def _of_an_item(app):
    app.machine.camera = Shot(shot(NOODLES))
    _photographs(app)
    app.page.touched([each.item for each in app.page.standing.goods].index(NOODLES))
    still(app)


def _taken(app):
    _of_an_item(app)
    for noise in (21, 22):
        app.machine.camera.picture = shot(NOODLES, noise)
        app.page.take()
        still(app)
    app.page.ids.thumbs.children[0].dispatch("on_release")


def _saved(app):
    _taken(app)
    app.page.save()
    still(app)
    for each in app.desk.sight.photographs(NOODLES)[:2]:
        app.desk.sight.remove(each)


def _shelf(app, place="A-03-2"):
    _looking(app, shelf(BOARDS, TURNED), COUNT)
    if place:
        app.machine.receive(Scan(f"SB:B:{place}", "", time.monotonic(), Source.INTENT))
        still(app)
    app.page.other()
    app.page.ids.aside.children[0].dispatch("on_release")
    still(app)


def _grid(app):
    _shelf(app)
    app.page.main()
    still(app)


def _found(app):
    _grid(app)
    app.page.main()
    still(app)


def _one(app):
    _found(app)
    app.page.facing(1, 3)
    still(app)


def _deep(app):
    _found(app)
    app.page.other()
    app.page.deeper(2)
    still(app)


def _expiry(app, *printed, lot="", picture=None):
    _looking(app, picture or shot(WATER))
    app.desk.rooms.prints.found = Print(printed, lot)
    app.page.other()
    app.page._asides._choose("EXPIRY")
    still(app)


def _dated(app):
    """Near its expiry, and a lot is printed beside it."""
    day = world.NOON.date()
    _expiry(
        app,
        Printed(Says.EXPIRY, day + timedelta(days=22), "有效期至 2026.12.15"),
        Printed(Says.PRODUCED, day - timedelta(days=160), "生产日期 2026.06.16"),
        lot="K1120A",
    )
    app.page.main()
    still(app)


def _ambiguous(app):
    text = "BEST BEFORE 03/04/27"
    _expiry(app, *(Printed(Says.EXPIRY, on, text) for on in (date(2027, 4, 3), date(2027, 3, 4))))
    app.page.main()
    still(app)


def _typed(app):
    _expiry(app)
    app.desk.rooms.prints.found = Unread.OFFLINE
    app.page.main()
    still(app)
    for digit in "2026":
        app.page.press(digit)


SCENES = {
    "expiry finder": _expiry,
    "expiry near": _dated,
    "expiry ambiguous": _ambiguous,
    "expiry typed": _typed,
    "work camera": lambda app: _looking(app, shot(WATER)),
    "recognise finder": _finder,
    "recognise sure": lambda app: _recognised(app, shot(WATER)),
    "recognise alike": lambda app: _recognised(app, shot(MILK, upside_down=True)),
    "recognise unknown": lambda app: _recognised(app, shot(STRANGE)),
    "recognise no model": _no_model,
    "photographs": _photographs,
    "photographs again": _again,
    "photographs taken": _taken,
    "photographs saved": _saved,
    "shelf finder": _shelf,
    "shelf grid": _grid,
    "shelf found": _found,
    "shelf facing": _one,
    "shelf deep": _deep,
}
