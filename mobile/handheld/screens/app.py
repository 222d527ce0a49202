"""The application: one window, one head, one page at a time; scans and keys go to the page that is shown."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import NumericProperty, ObjectProperty, OptionProperty, StringProperty

from handheld.scales.weighing import Weighing
from handheld.scan.inbox import Inbox
from handheld.scan.scan import Scan
from handheld.screens import liking, theme
from handheld.screens.desk import Desk
from handheld.screens.frame import Frame
from handheld.screens.keys import Listener
from handheld.screens.pages.enrol import EnrolPage
from handheld.screens.pages.exceptions import ExceptionsPage
from handheld.screens.pages.expiry import ExpiryPage
from handheld.screens.pages.home import HomePage
from handheld.screens.pages.page import Page
from handheld.screens.pages.photographs import PhotographsPage
from handheld.screens.pages.queue import QueuePage
from handheld.screens.pages.recognise import RecognisePage
from handheld.screens.pages.scale import ScalePage
from handheld.screens.pages.scanner import ScannerPage
from handheld.screens.pages.search import SearchPage
from handheld.screens.pages.settings import SettingsPage
from handheld.screens.pages.shelf import ShelfPage
from handheld.screens.pages.sign_in import SignInPage
from handheld.screens.pages.work import WorkPage
from handheld.screens.platform import Machine
from handheld.screens.standing import against
from handheld.screens.words import word
from handheld.vision import sentences
from handheld.voice.speech import Speech, packed
from handheld.work.saying.feedback import Feedback
from handheld.work.saying.words import Language
from stockbook.domain.capture.codes import read

PAGES: dict[str, type[Page]] = {
    "enrol": EnrolPage,
    "sign_in": SignInPage,
    "home": HomePage,
    "work": WorkPage,
    "exceptions": ExceptionsPage,
    "search": SearchPage,
    "queue": QueuePage,
    "settings": SettingsPage,
    "scanner": ScannerPage,
    "scale": ScalePage,
    "recognise": RecognisePage,
    "photographs": PhotographsPage,
    "shelf": ShelfPage,
    "expiry": ExpiryPage,
}
STATE_SECONDS = 1.0
LIKED = ("language", "hand", "theme", "voice", "volume", "wifi")
POLL_SECONDS = 0.05
BROKE_MILLISECONDS = (400, 100, 400)


class Handheld(App):
    """The handheld's application."""

    title = "Stockbook"
    palette = ObjectProperty(theme.DAY, rebind=True)
    theme = OptionProperty("day", options=list(theme.PALETTES))
    language = OptionProperty("zh", options=[each.value for each in Language])
    hand = OptionProperty("right", options=["left", "right"])
    voice = OptionProperty("on", options=["on", "off"])
    volume = NumericProperty(70)
    wifi = OptionProperty("on", options=["on", "off"])
    """Whether pictures and models go by Wi-Fi alone."""
    source = StringProperty("")
    """Where the last scan came from."""

    def __init__(self, desk: Desk, machine: Machine, kept: Path | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.desk, self.machine, self._kept = desk, machine, kept
        self._like()
        self.speech = Speech([*machine.engines, packed(lambda sound: machine.play(sound, self.volume / 100))])
        self.pages: dict[str, Page] = {}
        self.trail: list[str] = []
        self.fault = ""
        self.weighing = Weighing(self.weighed)
        self.inbox = Inbox()
        self.listener = Listener(self.receive, self.key)
        self._take = Clock.create_trigger(self._taken)

    # life

    def build(self) -> Frame:
        """Make the frame and show the first page."""
        self.frame = Frame()
        self.home()
        return self.frame

    def on_start(self) -> None:
        """Listen, and look every second how the exchange stands."""
        self.listener.listen()
        Clock.schedule_interval(self._poll, POLL_SECONDS)
        self.machine.scans(self.receive)
        self.desk.worker.failed, self.desk.eye.failed = self.broke, self.blinked
        self.machine.awake(True)
        Clock.schedule_interval(self.look, STATE_SECONDS)
        self.look()

    def on_pause(self) -> bool:
        """Be put aside by Android: everything scanned is on the disk."""
        return True

    def on_stop(self) -> None:
        """End; what is queued is made durable first."""
        Clock.unschedule(self.look)
        Clock.unschedule(self._poll)
        self.page.leave()
        self.weighing.close()
        self.listener.close()
        self.machine.awake(False)
        self.desk.worker.close()
        self.desk.eye.close()
        self.speech.close()
        self.desk.close()

    def _like(self) -> None:
        """Be as the holder likes it, and keep it so."""
        if self._kept is None:
            return
        liked = liking.load(self._kept)
        for name in LIKED:
            setattr(self, name, getattr(liked, name))
        self.desk.sign_in(liked.person)
        self.desk.site = liked.site
        self.bind(**dict.fromkeys(LIKED, self.keep))

    def keep(self, *_: Any) -> None:
        """Keep how the holder likes it."""
        if self._kept is not None:
            liked = {name: getattr(self, name) for name in LIKED}
            liked["volume"] = int(liked["volume"])
            liking.save(self._kept, liking.Liking(**liked, person=self.desk.person, site=self.desk.chosen_site))

    # pages

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.pages[self.trail[-1]]

    def home(self) -> None:
        """Show the first page: the one the device and its holder are ready for."""
        self.keep()
        self.on_wifi()
        self.trail.clear()
        self.go("enrol" if self.desk.rooms is None else "home" if self.desk.person else "sign_in")

    def go(self, name: str, **facts: Any) -> None:
        """Show a page; it is made once."""
        if name not in self.pages:
            self.pages[name] = PAGES[name](app=self)
        if name in self.trail:
            del self.trail[self.trail.index(name) :]
        self.trail.append(name)
        self._show(**facts)

    def back(self) -> None:
        """Show the page before."""
        if len(self.trail) > 1:
            self.trail.pop()
            self._show()

    def corner(self) -> None:
        """Do what the corner of the head says."""
        if self.page.corner == "back":
            self.back()
        else:
            self.go(self.page.corner)

    def _show(self, **facts: Any) -> None:
        self.frame.show(self.page)
        self.page.enter(**facts)
        self.head()

    # what comes in

    def receive(self, scan: Scan) -> None:
        """Take a scan, from any thread; none is lost and none overtakes."""
        self.inbox.put(scan)
        self._take()

    def _poll(self, _seconds: float) -> None:
        self.listener.poll()
        self._taken(0)

    def _taken(self, _seconds: float) -> None:
        for scan in self.inbox.ready():
            self.fault = ""
            self.source = scan.source.value
            kept = self.inbox.separates[scan.source]
            self.page.scan(read(scan.text, scan.symbology, keeps_separators=kept))

    def weighed(self, kilograms: Decimal) -> None:
        """Take a weight, from the scale's thread; only work has a use for it."""

        def take(_seconds: float) -> None:
            if isinstance(self.page, WorkPage):
                self.page.weigh(kilograms)

        Clock.schedule_once(take)

    def key(self, name: str) -> bool:
        """Take a key; where the page has no use for it, Esc goes back."""
        if self.page.key(name):
            return True
        if name == "escape":
            self.back()
            return True
        return False

    # what goes out

    def tell(self, feedback: Feedback) -> None:
        """Let an answer be heard and felt."""
        self.sound(feedback.beep.value)
        self.machine.vibrate(feedback.vibrate)
        self.say(feedback.say.said(Language(self.language)))

    def say(self, text: str) -> None:
        """Let a sentence be heard, unless the holder wants none."""
        if self.voice == "on":
            self.speech.say(text, self.language)

    def sound(self, name: str) -> None:
        """Sound a tone."""
        if self.volume:
            self.machine.beep(name, self.volume / 100)

    def broke(self) -> None:
        """Say that a step broke: what was scanned last is not recorded."""
        self.sound("no")
        self.machine.vibrate(BROKE_MILLISECONDS)
        self.fault = word("broke", self.language)
        self._strip()

    def blinked(self) -> None:
        """Say that recognition broke: the scanner does the work."""
        self.sound("no")
        self.fault = sentences.shown("broke", Language(self.language))
        self.say(self.fault)
        self._strip()
        self.page.blinked()

    # how it stands

    def look(self, _seconds: float = 0) -> None:
        """Show the exchange's state in the head and what stands against scanning on the strip."""
        if self.desk.leave():
            self.sound("no")
            self.pages.clear()
            self.home()
        if self.desk.rooms is None:
            self.frame.clear()
            return
        self.frame.stand(self.desk.standing(), self.language, online=self.desk.rooms.exchange.online)
        self._strip()

    def _strip(self) -> None:
        rooms = self.desk.rooms
        sure = rooms is None or rooms.world.clock.sure
        said, tone = self.fault, "stop"
        if not said:
            said, tone = against(self.desk.standing(), self.desk.limits, self.language, sure=sure)
        self.frame.strip(said, tone)

    def head(self) -> None:
        """Show in the head where we are."""
        self.frame.head(self.page.title, self.page.sub, self.page.corner)

    def redraw(self) -> None:
        """Draw the page and the head anew: words or facts have changed."""
        self.page.render()
        self.head()
        self.look()

    def on_language(self, *_: Any) -> None:
        """Speak another language at once."""
        if self.trail:
            self.redraw()

    def on_wifi(self, *_: Any) -> None:
        """Let pictures and models go by Wi-Fi alone, or not."""
        if self.desk.rooms is not None:
            self.desk.rooms.recognition.wifi_only = self.wifi == "on"

    def on_theme(self, *_: Any) -> None:
        """Be light or dark at once."""
        self.palette = theme.PALETTES[self.theme]
