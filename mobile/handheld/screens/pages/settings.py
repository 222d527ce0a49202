"""How the person likes it: each choice holds at once, none needs a restart."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder

from handheld.outbox.samples import Standing
from handheld.screens.pages.page import Page
from handheld.vision.absent import Absent
from handheld.work.saying.sentences import SENTENCES
from handheld.work.saying.words import Language, tell

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
        chosen = self.app.weighing.chosen
        scale = chosen.name if chosen else self.word("scale_none")
        self.ids.scale.word = self.word("scale_is", name=scale)
        limits = self.desk.limits
        self.ids.limits.text = self.word("limits_are", entries=f"{limits.entries:,}", hours=f"{limits.hours:g}")
        if self.desk.rooms is not None:
            self.desk.see(lambda: (self.desk.sight.version, self.desk.sight.absent), self._model)

    def _model(self, found: tuple[str, Absent | None]) -> None:
        """Say which model is in force, and what becomes of corrected pictures."""
        version, absent = found
        recognition, language = self.desk.there.recognition, Language(self.app.language)
        said = [absent.text.zh if language is Language.CHINESE else absent.text.en] if absent else []
        said += [] if absent else [self.word("sight_model", version=version)]
        standing = recognition.samples.standing()
        said += [self.word("sight_samples_on" if recognition.set.samples else "sight_samples_off")]
        said += [self.word("sight_waiting", count=standing.waiting)] if standing.waiting else []
        said += [self._refused(standing)] if standing.refused else []
        said += [] if recognition.set.metered else [self.word("sight_metered_off")]
        self.ids.model.text = "\n".join(said)

    def _refused(self, standing: Standing) -> str:
        """Say how many pictures the server did not take, and why the last of them."""
        code, message = standing.refused[0]
        known = f"refused_{code.lower()}"
        why = tell(known).shown(Language(self.app.language)) if known in SENTENCES else message
        return self.word("sight_refused", count=len(standing.refused), why=why)

    def options(self, language: str, *keys: str) -> list[tuple[str, str]]:
        """Return choices with their words."""
        return [(key, self.word(key)) for key in keys] if language and self.app else []

    def louder(self, steps: int) -> None:
        """Be louder or quieter, and let it be heard."""
        self.app.volume = max(0, min(100, self.app.volume + STEP * steps))
        self.app.sound("ok")

    def sign_out(self) -> None:
        """Let somebody else take the device."""
        self.desk.sign_in("")
        self.app.home()
