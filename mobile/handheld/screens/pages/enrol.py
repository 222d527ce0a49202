"""The first page: the device learns who it is."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from handheld.screens.pages.page import Page
from stockbook.domain.capture.reading import Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class EnrolPage(Page):
    """Takes the text of the enrolment's QR code, scanned or pasted."""

    fault = StringProperty("")
    why = StringProperty("")
    corner = ""

    def enter(self, **_facts: Any) -> None:
        """Be ready."""
        self.fault = ""
        self.render()

    def render(self) -> None:
        """Say where we are, and why the device knows nothing any more."""
        self.title = self.word("enrol")
        self.why = ""
        if (wiped := self.desk.wiped) is not None:
            self.fault = self.word("wiped")
            said = [self.word("wiped_why", reason=wiped.reason)]
            said += [self.word("wiped_unsent", count=wiped.unsent)] if wiped.unsent else []
            self.why = "\n".join(said)

    def scan(self, reading: Reading) -> None:
        """Enrol by what was scanned."""
        self.take(reading.code)

    def take(self, text: str) -> None:
        """Enrol by a text, or say what is wrong with it."""
        said = self.desk.enrol(text.strip())
        if said is None:
            self.fault = ""
            self.app.sound("ok")
            self.app.home()
        else:
            self.fault, self.why = self.word(said[0], **said[1]), ""
            self.app.sound("no")
