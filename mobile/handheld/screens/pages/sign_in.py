"""Who holds the device? A badge says it; nobody types a password with gloves on."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from handheld.screens.pages.page import Page
from stockbook.domain.capture.reading import Kind, Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class SignInPage(Page):
    """Takes a badge."""

    fault = StringProperty("")
    corner = "settings"

    def enter(self, **_facts: Any) -> None:
        """Be ready."""
        self.fault = ""
        self.render()

    def render(self) -> None:
        """Say where we are."""
        self.title, self.sub = self.word("sign_in"), self.desk.there.device

    def scan(self, reading: Reading) -> None:
        """Sign in whoever the badge names."""
        if reading.kind is Kind.PERSON:
            self.take(reading.reference)
        else:
            self.fault = self.word("sign_in_bad")
            self.app.sound("no")

    def take(self, person: str) -> None:
        """Sign in whoever that is."""
        if person.strip():
            self.ids.field.text = ""
            self.ids.field.focus = False
            self.desk.sign_in(person.strip())
            self.app.sound("ok")
            self.app.home()
