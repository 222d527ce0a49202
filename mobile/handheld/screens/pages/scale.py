"""Which scale stands beside the device? Each that may be there, in each way it may speak; and what it says now."""

from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import StringProperty

from handheld.scales.formats import formats
from handheld.scales.weighing import Choice
from handheld.screens.pages.page import Page
from stockbook.domain.quantity import plain

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

LOOK_SECONDS = 0.3


class ScalePage(Page):
    """The scales that may be there: a touch chooses one, and its weight shows at once."""

    tone = StringProperty("accent")
    icon = StringProperty("weight")
    headline = StringProperty("")
    line = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices: list[Choice] = []
        self._failed = ""

    def enter(self, **_facts: Any) -> None:
        """Look what is there, and listen to what it says."""
        self._failed = ""
        self.render()
        Clock.schedule_interval(self._look, LOOK_SECONDS)

    def leave(self) -> None:
        """Look no more; the scale that was chosen stays."""
        Clock.unschedule(self._look)

    def render(self) -> None:
        """Draw what may be there."""
        self.title, self.sub = self.word("scale"), ""
        there = self.app.machine.scales()
        self.choices = [Choice("", self.word("scale_none"), "")]
        self.choices += [Choice(address, name, form) for address, name in sorted(there.items()) for form in formats()]
        self.ids.scales.data = [self._row(each) for each in self.choices]
        self._look(0)

    def _row(self, each: Choice) -> dict[str, Any]:
        chosen = self.app.weighing.chosen == each
        return {
            "name": each.name,
            "sub": self.word("scale_speaks", form=each.form, address=each.address) if each.address else "",
            "amount": self.word("scale_chosen") if chosen and each.address else "",
            "tone": "good" if chosen and each.address else "quiet",
        }

    def _look(self, _seconds: float) -> None:
        """Show what the scale says now."""
        chosen, weight = self.app.weighing.chosen, self.app.weighing.latest
        self.line = ""
        if self._failed:
            self.tone, self.icon, self.headline = "stop", "stop", self.word("scale_silent", name=self._failed)
        elif chosen is None:
            self.tone, self.icon, self.headline = "accent", "weight", self.word("scale_choose")
        elif weight is None:
            self.tone, self.icon, self.headline = "accent", "weight", self.word("scale_waits")
        elif weight.kilograms is None:
            self.tone, self.icon = "warn", "warn"
            self.headline = self.word(weight.trouble.name.lower() if weight.trouble else "scale_waits")
        else:
            self.tone, self.icon = ("good", "check") if weight.stable else ("accent", "weight")
            self.headline = f"{plain(weight.kilograms)} kg"
            self.line = self.word("scale_rests" if weight.stable else "scale_moves")

    def touched(self, index: int) -> None:
        """Listen to another scale, or to none."""
        choice = self.choices[index]
        answers = self.app.weighing.choose(choice, self.app.machine.line)
        self._failed = "" if answers else choice.name
        self.app.sound("ok" if answers else "no")
        self.render()
