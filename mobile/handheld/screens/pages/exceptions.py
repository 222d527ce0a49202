"""What the server could not post stays here until a person has settled it: both sides are shown."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty

from handheld.outbox.answers import Outcome, Told
from handheld.screens.icons import ICONS
from handheld.screens.pages.page import Page
from handheld.work.exceptions import Choice, Matter, Side, matter
from handheld.work.saying.words import Language, Sentence
from stockbook.domain.quantity import plain

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

DOINGS = {Choice.RECOUNT, Choice.SCAN_AGAIN, Choice.REGISTER, Choice.WAIT, Choice.ENROL}
"""What whoever holds the device can do; the rest is for an office, or is the button."""


class ExceptionsPage(Page):
    """Refusals and conflicts."""

    chosen = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told: list[Told] = []
        self.one: Told | None = None

    def enter(self, **_facts: Any) -> None:
        """Show the list."""
        self.one, self.chosen = None, False
        self.render()

    def render(self) -> None:
        """Draw the list and the chosen one."""
        self.told = self.desk.unsettled()
        self.title = self.word("exceptions")
        self.sub = self.word("unsettled", count=len(self.told)) if self.told else ""
        self.ids.list.data = [self._row(told) for told in self.told]
        self.ids.none.text = "" if self.told else self.word("no_exceptions")
        if self.one is not None:
            self._both_sides(self.one)

    def _row(self, told: Told) -> dict[str, Any]:
        found, language, tone = self._matter(told), Language(self.app.language), self._tone(told)
        return {
            "name": found.title or found.kind.shown(language),
            "sub": f"{found.kind.shown(language)} · {found.why.shown(language)}",
            "amount": self._value(found.device),
            "tone": tone,
            "sub_tone": tone,
        }

    def _matter(self, told: Told) -> Matter:
        return matter(told.answer, told.event, self.desk.there.world.known)

    @staticmethod
    def _tone(told: Told) -> str:
        return "warn" if told.answer.outcome is Outcome.CONFLICT else "stop"

    @staticmethod
    def _value(side: Side) -> str:
        return "" if side.quantity is None else plain(side.quantity)

    def touched(self, index: int) -> None:
        """Show both sides of one."""
        self.one, self.chosen = self.told[index], True
        self.render()

    def _both_sides(self, told: Told) -> None:
        found, language, ids = self._matter(told), Language(self.app.language), self.ids
        ids.kind.tone = ids.kind.icon = self._tone(told)
        ids.kind.headline, ids.kind.line = found.kind.shown(language), found.why.shown(language)
        ids.name.text = found.title
        when = f" · {told.event.wall.astimezone():%m-%d %H:%M}" if told.event else ""
        ids.when.text = self.word("sequence", number=told.answer.sequence) + when
        ids.mine.value, ids.theirs.value = self._value(found.device), self._value(found.books)
        ids.books.text = "\n".join(line.shown(language) for line in found.books.lines)
        ids.labels.texts = [line.shown(language) for line in found.device.lines]
        doings = [choice for choice in found.choices if choice in DOINGS or (found.task and choice is Choice.OFFICE)]
        ids.choices.text = "\n".join(f"{ICONS['arrow']}  {Sentence(choice.value).shown(language)}" for choice in doings)

    def key(self, name: str) -> bool:
        """Esc goes back to the list."""
        if name == "escape" and self.chosen:
            self.enter()
            return True
        return False

    def settle(self) -> None:
        """Note that it is settled."""
        if self.one is not None:
            self.desk.settle(self.one)
        self.enter()
