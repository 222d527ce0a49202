"""What is it called, what is its code, how much is there? Answered without network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kivy.lang import Builder

from handheld.screens.pages.page import Page
from handheld.vision.settling import By
from handheld.vision.sight import Seen
from handheld.work.ports import Item
from handheld.work.saying.words import Language, unit_name
from stockbook.domain.capture.reading import Kind, Reading
from stockbook.domain.quantity import plain

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class SearchPage(Page):
    """The catalogue on the device."""

    found: Sequence[Item] = ()
    seen: Seen | None = None
    """The picture that these goods are looked up for."""

    def enter(self, reading: Reading | None = None, seen: Seen | None = None, **_facts: Any) -> None:
        """Be ready; show goods that were scanned elsewhere, or look for what a picture is of."""
        self.seen = seen
        self.ids.field.text = reading.gtin or reading.reference if reading else ""
        self.render()

    def leave(self) -> None:
        """Put the keyboard away."""
        self.ids.field.focus = False

    def scan(self, reading: Reading) -> None:
        """Look a code up."""
        if reading.kind in {Kind.ITEM, Kind.TEXT}:
            self.app.sound("ok")
            self.ids.field.text = reading.gtin or reading.reference
        else:
            self.app.sound("no")

    def touched(self, index: int) -> None:
        """Take goods without a code, or whose code isn't known, into the work under way."""
        if self.desk.shift is not None:
            self.desk.settle_picture(self.seen, self.found[index].reference, By.PERSON)
            self.app.go("work", chosen=self.found[index])

    def render(self) -> None:
        """Draw what is found."""
        self.title = self.word("search")
        self.sub = self.word("catalogue_of", count=f"{self.desk.there.replica.items:,}")
        text = self.ids.field.text.strip()
        found = self.found = list(self.desk.search(text)) if text else []
        language = Language(self.app.language)
        self.ids.found.data = [
            {
                "name": item.name,
                "sub": item.reference,
                "amount": f"{plain(self.desk.there.replica.on_hand(item.reference))} {unit_name(item.unit, language)}",
            }
            for item in found
        ]
        self.ids.none.text = "" if found else self.word("search_none" if text else "search_start")
