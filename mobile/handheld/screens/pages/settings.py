"""How the person likes it: each choice holds at once, none needs a restart."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder

from handheld.scales.formats import formats
from handheld.screens.pages.page import Page

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

STEP = 10


class SettingsPage(Page):
    """Language, hand, light, sound; what the server has set; the scanner's test."""

    def enter(self, **_facts: Any) -> None:
        """Show what holds."""
        self.render()

    def render(self) -> None:
        """Draw it."""
        self.title, self.sub = self.word("settings"), self.desk.there.device
        self.ids.scale.word = f"{self.word('scale')}  {self.app.scale or self.word('none')}"
        limits = self.desk.limits
        self.ids.limits.text = self.word("limits_are", entries=f"{limits.entries:,}", hours=f"{limits.hours:g}")

    def options(self, language: str, *keys: str) -> list[tuple[str, str]]:
        """Return choices with their words."""
        return [(key, self.word(key)) for key in keys] if language and self.app else []

    def louder(self, steps: int) -> None:
        """Be louder or quieter, and let it be heard."""
        self.app.volume = max(0, min(100, self.app.volume + STEP * steps))
        self.app.sound("ok")

    def next_scale(self) -> None:
        """Listen to the next scale there may be, in each of the formats, then to none."""
        there = ["", *(f"{address} {form}" for address in self.app.machine.scales() for form in formats())]
        at = there.index(self.app.scale) if self.app.scale in there else 0
        address, _, form = there[(at + 1) % len(there)].rpartition(" ")
        self.app.sound("ok" if self.app.listen_to(address, form) else "no")
        self.render()

    def sign_out(self) -> None:
        """Let somebody else take the device."""
        self.desk.sign_in("")
        self.app.home()
