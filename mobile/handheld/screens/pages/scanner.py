"""Does the scanner tell everything it reads? Shows what came, from where, and whether FNC1 is kept."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from handheld.screens.pages.page import GS, Page, visible
from stockbook.domain.capture.reading import Problem, Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

KEPT = 20
SYMBOLOGIES = {
    "E": "EAN / UPC", "C": "Code 128", "d": "DataMatrix", "Q": "QR", "A": "Code 39", "e": "GS1 DataBar", "I": "ITF",
}  # fmt: skip
"""By the second character of the AIM identifier."""


class ScannerPage(Page):
    """The scanner's self-test."""

    verdict = StringProperty("")
    tone = StringProperty("quiet")
    icon = StringProperty("info")
    how = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read: list[tuple[Reading, str]] = []

    def enter(self, **_facts: Any) -> None:
        """Begin anew."""
        self.read = []
        self.render()

    def scan(self, reading: Reading) -> None:
        """Show what was read; nothing is recorded here."""
        self.read = [(reading, self.app.source), *self.read][:KEPT]
        self.app.sound("no" if reading.problem is Problem.SEPARATOR_LOST else "ok")
        self.render()

    def render(self) -> None:
        """Draw the verdict and the codes."""
        self.title, self.sub = self.word("self_test"), self.word("codes_read", count=len(self.read))
        self.ids.profile.text = self.app.machine.name or self.word(
            "scanner_intent" if self.app.source == "intent" else "scanner_keys"
        )
        self.ids.codes.data = [self._row(reading, source) for reading, source in self.read]
        lost = self.read and self.read[0][0].problem is Problem.SEPARATOR_LOST
        fnc1 = any(GS in reading.code for reading, _ in self.read)
        self.tone = "stop" if lost else "good" if fnc1 else "accent"
        self.icon = "stop" if lost else "check" if fnc1 else "scan"
        self.verdict = self.word("not_gs1" if lost else "fnc1_seen" if fnc1 else "fnc1_none" if self.read
                                 else "test_prompt")  # fmt: skip
        self.how = self.word("not_gs1_how") if lost else ""

    def _row(self, reading: Reading, source: str) -> dict[str, Any]:
        kind = SYMBOLOGIES.get(reading.symbology[1:2], self.word("symbology_none"))
        facts = [f"{reading.symbology} {kind}".strip(), self.word(source)]
        facts += [f"GTIN {reading.gtin}"] if reading.gtin else []
        return {
            "name": visible(reading.code),
            "sub": " · ".join(fact for fact in facts if fact),
            "amount": "",
            "tone": "stop" if reading.problem else "good",
        }
