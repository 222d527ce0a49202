"""Drives the application frame by frame, and looks at what it draws."""

import gc
import time
from contextlib import contextmanager
from decimal import Decimal

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.uix.recycleview import views
from kivy.uix.widget import Widget

from handheld.client.wiping import Wiped
from handheld.scales.weight import Weight
from handheld.scan.inbox import Inbox
from handheld.scan.scan import Scan, Source
from handheld.screens.app import Handheld
from handheld.work.tasks.task import Job

from . import glimpses


class Silent:
    """A machine that makes no noise, and remembers what it was asked."""

    name = ""

    def __init__(self):
        self.beeps, self.said, self.felt, self.receive = [], [], [], None
        self.engines = [lambda text, language: not self.said.append((text, language))]

    def beep(self, name, volume):
        self.beeps.append(name)

    def play(self, sound, volume):
        pass

    def vibrate(self, pattern):
        self.felt.append(pattern)

    def awake(self, on):
        pass

    def scans(self, receive):
        self.receive = receive

    camera = None
    unmetered = True

    def scales(self):
        return {"00:1B:DC:06:A1": "T-Scale BT-30 台秤"}

    def line(self, address):
        raise OSError(address)


def later(act):
    Clock.schedule_once(lambda _seconds: act())


@contextmanager
def running(desk):
    """The application in the window; it is ended as a person ends it."""
    app = Handheld(desk, Silent())
    app._run_prepare()
    runTouchApp(embedded=True)
    frames(3)
    try:
        yield app
    finally:
        frames(2)  # what lists still have to draw is drawn before their rows are forgotten
        app.desk.rooms = getattr(app, "kept", (app.desk.rooms,))[0]
        app.stop()
        stopTouchApp()
        for child in Window.children[:]:
            Window.remove_widget(child)
        views._cached_views.clear()  # rows are kept for all lists of a process, and bound to their application


def frames(count=3):
    """Draw, and take what the system has for the window."""
    for _ in range(count):
        EventLoop.idle()
        EventLoop.window.mainloop()


def until(holds, seconds=60.0):
    """Draw frames until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never held"
        frames(1)


def widgets():
    """How many widgets there are."""
    gc.collect()
    return sum(issubclass(type(each), Widget) for each in gc.get_objects())


def settle(app):
    """Draw frames until everything asked for is shown and laid out."""
    for hand in (app.desk.eye, app.desk.worker):
        hand._pool.submit(lambda: None).result(60)
        frames(3)


def scan(app, text, symbology=""):
    """A scan by intent, shown."""
    app.machine.receive(Scan(text, symbology, time.monotonic(), Source.INTENT))
    frames(2)
    settle(app)


def scene(app, name):
    """Bring the application to one of the states that are looked at."""
    app.kept = getattr(app, "kept", (app.desk.rooms, app.desk.person))
    app.desk.rooms, app.desk.person = app.kept
    app.desk.wiped, app.desk.rooms.outbox.ending = None, False
    app.weighing.chosen, app.weighing.latest, app.machine.camera = None, None, None
    app.look()
    SCENES[name](app)
    settle(app)


def _work(app, index=0):
    app.go("work", task=app.desk.tasks()[index])
    settle(app)


def _red(app):
    _work(app)
    scan(app, "A-03-2")
    for key in ("1", "2", "enter"):
        app.key(key)
    settle(app)
    scan(app, "010692116850925617261211" + "10B2611", "]C1")


def _calm(app):
    _red(app)
    until(lambda: not app.page.ids.banner.strong)


def _wrong(app):
    _work(app)
    scan(app, "010690799210001217270228" + "10ZZ9", "]C1")


def _reasons(app):
    _wrong(app)
    app.page.main()


def _pad(app):
    _work(app)
    app.key("1")
    app.key("2")


def _more(app):
    _work(app, 2)
    app.page.other()


def _chosen(app):
    app.go("exceptions")
    app.page.touched(0)


def _found(app):
    app.go("search")
    app.page.ids.field.text = "抽纸"


def _tested(app):
    app.inbox = Inbox()
    app.go("scanner")
    scan(app, "6921168509256", "]E0")
    scan(app, "010692116850925610B2611\x1d17261211", "]C1")


def _not_gs1(app):
    app.inbox = Inbox()
    app.go("scanner")
    scan(app, "010692116850925610B261117261211", "]C1")


def _review(app):
    """A bin is counted twice alike and differs; what differs and how good the books were is looked at."""
    [index] = [at for at, task in enumerate(app.desk.tasks()) if task.job is Job.STOCKTAKE]
    _work(app, index)
    scan(app, "SB:B:A-03-1")
    for _ in range(2):
        for key in "8":
            app.key(key)
        scan(app, "0106907992100012" + "10K1120", "]C1")
        app.key("enter")
        settle(app)
        app.page.main()
        settle(app)
    app.page.aside = "review"


def _wiping(app):
    app.home()
    app.desk.rooms.outbox.ending = True
    app.look()


def _wiped(app):
    app.desk.rooms, app.desk.wiped = None, Wiped("遗失在列车上 Left on the train", 3)
    app.home()
    app.look()


def _weighing(app):
    app.go("scale")
    app.weighing.chosen = app.page.choices[1]
    app.weighing.latest = Weight(Decimal("12.350"), stable=True)
    app.page.render()


def _silent(app):
    app.go("scale")
    app.page.touched(2)


def _unenrolled(app):
    app.desk.rooms = None
    app.home()
    app.page.take("nothing")


def _unsigned(app):
    app.desk.person = ""
    app.home()


SCENES = {
    "home": lambda app: app.home(),
    "work": _work,
    "work red": _red,
    "work calm": _calm,
    "work wrong": _wrong,
    "work reasons": _reasons,
    "work pad": _pad,
    "work more": _more,
    "work review": _review,
    "exceptions": lambda app: app.go("exceptions"),
    "exceptions chosen": _chosen,
    "search": lambda app: app.go("search"),
    "search found": _found,
    "queue": lambda app: app.go("queue"),
    "settings": lambda app: app.go("settings"),
    "scale": lambda app: app.go("scale"),
    "scale weighing": _weighing,
    "scale silent": _silent,
    "scanner": lambda app: app.go("scanner"),
    "scanner tested": _tested,
    "scanner not GS1": _not_gs1,
    "sign in": _unsigned,
    "enrol": _unenrolled,
    "wiping": _wiping,
    "wiped": _wiped,
    **glimpses.SCENES,
}
