"""What the server could not post stays here until a person has settled it: both sides are shown."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty

from handheld.outbox.answers import Outcome, Told
from handheld.screens.pages.page import Page
from handheld.work.exceptions import Matter, matter
from handheld.work.sentences import SENTENCES
from handheld.work.words import Language, tell

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

KINDS = {Outcome.CONFLICT: "conflict", Outcome.UNREADABLE: "unreadable"}


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
        labels = told.event.labels if told.event else {}
        answer = told.answer
        conflict = answer.outcome is Outcome.CONFLICT
        return {
            "name": self._name(labels),
            "sub": f"{self.word(KINDS.get(answer.outcome, 'refused'))} · {self._why(told)}",
            "amount": labels.get("quantity", ""),
            "tone": "warn" if conflict else "stop",
            "sub_tone": "warn" if conflict else "stop",
        }

    def _name(self, labels: Any) -> str:
        item = self.desk.item(labels.get("item", ""))
        return item.name if item else labels.get("item", "") or self.word("refused")

    def _matter(self, told: Told) -> Matter:
        return matter(told.answer, told.event, self.desk.there.world.known)

    def _why(self, told: Told) -> str:
        """Return why, in the storeman's language whatever the server's is."""
        return self._matter(told).why.shown(Language(self.app.language))

    def touched(self, index: int) -> None:
        """Show both sides of one."""
        self.one, self.chosen = self.told[index], True
        self.render()

    def _both_sides(self, told: Told) -> None:
        event, answer = told.event, told.answer
        labels = event.labels if event else {}
        conflict = answer.outcome is Outcome.CONFLICT
        self.ids.kind.tone = "warn" if conflict else "stop"
        self.ids.kind.icon = "warn" if conflict else "stop"
        self.ids.kind.headline = self.word(KINDS.get(answer.outcome, "refused"))
        self.ids.kind.line = self._why(told)
        self.ids.name.text = self._name(labels)
        self.ids.when.text = self.word("sequence", number=answer.sequence) + (
            f" · {event.wall.astimezone():%m-%d %H:%M}" if event else ""
        )
        self.ids.mine.value = labels.get("quantity") or labels.get("state", "")
        self.ids.theirs.value = self.desk.books(told)
        self.ids.seen.text = self.word("saw", seen=labels["seen"]) if "seen" in labels else ""
        language = Language(self.app.language)
        self.ids.labels.texts = [
            tell(f"chip_{name}", value=value).shown(language)
            for name, value in labels.items()
            if f"chip_{name}" in SENTENCES
        ]
        choices = " · ".join(tell(choice.value).shown(language) for choice in self._matter(told).choices)
        self.ids.task.text = f"{self.word('they_settle')}\n{choices}" if answer.task else choices

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
