"""What is this? One press takes a picture; the three likeliest goods are shown, and a person or a barcode decides."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty
from PIL import Image

from handheld.screens.pages.finder import FinderPage
from handheld.screens.pages.page import visible
from handheld.screens.pages.proposed import FACE, Verdict, verdict
from handheld.vision.absent import Absent
from handheld.vision.proposal import Proposal
from handheld.vision.settling import By
from handheld.vision.sight import Seen
from stockbook.domain.capture.reading import Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class RecognisePage(FinderPage):
    """Finder, then proposal. Nothing is recorded here: what is chosen goes into the work like a search's hit."""

    asked = BooleanProperty(False)
    """Whether a picture was taken; else the finder shows."""
    seen: Seen | None = None
    failed = False

    def __init__(self, **kwargs: Any) -> None:
        self._faces: Mapping[str, Image.Image] = {}
        super().__init__(**kwargs)

    def enter(self, **_facts: Any) -> None:
        """Look through the finder, and whether there is a model."""
        self.ids.scan.code = ""
        self.again()
        self.ask_ready()

    def leave(self) -> None:
        """Give the camera back; meanwhile the shop's own thresholds may be fitted."""
        self.go_on()
        self.ids.finder.rest()
        self.desk.learn()

    def again(self) -> None:
        """Look through the finder."""
        self.go_on()
        self.seen, self.asked, self.failed = None, False, False
        self.look_through()
        self.render()

    # a picture

    def take(self) -> None:
        """Take a picture and ask what it is of; meanwhile scans are taken as ever."""
        if self.absent is None:
            self.failed = False
            self.photograph(self._look, lambda answer: self._answered(*answer))

    def _look(self, taken: bytes | None) -> tuple[Seen, Mapping[str, Image.Image]]:
        seen = self.desk.sight.recognise(taken)
        items = () if isinstance(seen.said, Absent) else [each.item for each in seen.said.candidates]
        return seen, self.desk.sight.faces(items, FACE)

    def _answered(self, seen: Seen, faces: Mapping[str, Image.Image]) -> None:
        if seen.picture is None:
            self.failed = True
            self.app.sound("no")
            self.app.say(self._told().spoken)
            self.render()
            return
        self.ids.finder.rest()
        self.seen, self._faces, self.asked = seen, faces, True
        sure = isinstance(seen.said, Proposal) and seen.said.known and not seen.said.alike
        self.app.sound("ok" if sure else "warn")
        self.app.say(" ".join([self._told().spoken, *([self.seen_said("upside_down")] if self._turned else [])]))
        self.render()

    # what it is

    def choose(self, item: str) -> None:
        """Take the goods that a person chose into the work."""
        found = self.desk.item(item)
        if found is None or self.seen is None:
            self.app.sound("no")
            return
        self.desk.settle_picture(self.seen, item, By.PERSON)
        self.app.go("work", chosen=found)

    def scan(self, reading: Reading) -> None:
        """Let a barcode say what it is; whatever was scanned goes to the work."""
        self.ids.scan.code = visible(reading.code)
        self.desk.settle_by_code(self.seen, reading)
        self.app.go("work")
        self.app.page.scan(reading)

    def none(self) -> None:
        """Look it up by its name: none of them is it, or there is no picture of it."""
        self.app.go("search", seen=self.seen)

    def other(self) -> None:
        """Take another picture when an item is filled in, else enrol what was seen."""
        if self._filled:
            self.again()
        else:
            self.app.go("photographs", seen=self.seen)

    def main(self) -> None:
        """Confirm what is filled in, else take a picture."""
        if self.absent is not None or self.app.machine.camera is None:
            self.app.back()
        elif self._filled:
            self.choose(self._filled)
        elif self.asked:
            self.again()
        else:
            self.take()

    def key(self, name: str) -> bool:
        """Enter does what the main button does, 1 to 3 choose, Esc takes another picture."""
        said = self.seen.said if self.seen else None
        if name == "enter":
            self.main()
        elif name == "escape" and self.asked:
            self.again()
        elif isinstance(said, Proposal) and name in {"1", "2", "3"} and int(name) <= len(said.candidates):
            self.choose(said.candidates[int(name) - 1].item)
        else:
            return False
        return True

    @property
    def _filled(self) -> str:
        said = self.seen.said if self.seen else None
        return said.filled if isinstance(said, Proposal) else ""

    @property
    def _turned(self) -> bool:
        said = self.seen.said if self.seen else None
        return isinstance(said, Proposal) and said.upside_down

    # what is seen

    def render(self) -> None:
        """Draw it."""
        self.title, self.sub = self.word("recognise"), ""
        self.show_verdict(self._told())
        self.ids.turned.text = self.seen_word("upside_down") if self._turned else ""
        if self.seen is not None:
            self.ids.proposed.show(self, self.seen.picture, self.seen.said, self._faces)
        self._buttons()

    def _told(self) -> Verdict:
        if self.absent is not None:
            return verdict(self, self.absent)
        if self.seen is not None:
            return verdict(self, self.seen.said)
        if self.app.machine.camera is None:
            return Verdict("warn", "warn", self.word("see_no_camera"))
        if self.failed:
            return Verdict("warn", "warn", self.seen_word("no_picture"), self.word("see_or_scan"))
        if self.busy:
            return Verdict("accent", "eye", self.word("see_looking"))
        return Verdict("accent", "camera", self.word("see_aim"), self.word("see_or_scan"))

    def _buttons(self) -> None:
        main, other, blind = self.ids.main, self.ids.other, self.absent is not None or self.app.machine.camera is None
        self.ids.none.word = self.word("see_none" if self.asked else "search")
        if blind:
            main.word, main.icon, main.tone = self.word("see_go_scan"), "scan", "accent"
        elif self._filled:
            main.word, main.icon, main.tone = self.word("confirm"), "check", "good"
        else:
            main.word, main.icon, main.tone = self.word("see_again" if self.asked else "see_take"), "camera", "accent"
        again = bool(self._filled)
        other.word, other.icon = self.word("see_again" if again else "see_enrol"), "camera" if again else "plus"
        main.disabled, other.disabled = self.busy, self.absent is not None
