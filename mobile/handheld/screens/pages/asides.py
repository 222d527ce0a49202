"""What stands in the place of the lines while it is chosen: the commands, the reasons, a text that is typed."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from handheld.screens.kit import KButton, KField
from handheld.work.saying.reasons import FAILING, FORCING, Reason
from handheld.work.saying.words import Language, tell
from handheld.work.tasks.task import Job
from stockbook.domain.capture.codes import read

if TYPE_CHECKING:
    from handheld.screens.pages.work import WorkPage

NAMES = {"QUANTITY": "pad", "REVIEW": "review", "TYPE": "typed code"}
"""Commands that open something instead of being taken at once."""
PAGES = {"SHELF": "shelf", "EXPIRY": "expiry"}
"""Commands that lead to a page."""
COMMANDS = (
    ("QUANTITY", "quantity"),
    ("TYPE", "type_code"),
    ("UNIT", "unit"),
    ("NEXT", "next_line"),
    ("EXPIRY", "expiry"),
)
OF_JOB = {
    Job.STOCKTAKE: (("RECOUNT", "recount"), ("REVIEW", "review"), ("SHELF", "shelf")),
    Job.QUALITY: (("BEGIN", "begin"),),
}


class Asides:
    """Opens and closes what stands aside on the work's page."""

    def __init__(self, page: "WorkPage") -> None:
        self._page = page
        self._asked = "FORCE"
        self._reason = ""

    def ask(self, name: str) -> None:
        """Ask why: the reasons are a closed list, and the choice ends the question."""
        self._asked, self._page.aside = name, "reasons"

    def show(self, name: str) -> None:
        """Show the lines, the pad, or what is to be chosen."""
        ids = self._page.ids
        ids.aside.clear_widgets()
        choices = {
            "more": self._commands,
            "reasons": self._reasons,
            "comment": self._comment,
            "typed code": self._code,
        }.get(name)
        for widget in choices() if choices else ():
            ids.aside.add_widget(widget)
        shown = name in {"", "review"}
        ids.lines.opacity, ids.lines.disabled = (1, False) if shown else (0, True)
        ids.pad.opacity, ids.pad.disabled = (1, False) if name == "pad" else (0, True)

    def _commands(self) -> Iterator[KButton]:
        for name, key in (*COMMANDS, *OF_JOB.get(self._page.job, ())):
            yield KButton(word=self._page.word(key), tone="", on_release=lambda _button, name=name: self._choose(name))

    def _choose(self, name: str) -> None:
        if name in NAMES:
            self._page.aside = NAMES[name]
        elif name in PAGES and self._page.seen is not None:
            self._page.app.go(PAGES[name], progress=self._page.seen.progress)
        else:
            self._page.press(name)

    def _reasons(self) -> Iterator[KButton]:
        for reason in FAILING if self._asked == "FAIL" else FORCING:
            words = tell(f"reason_{reason.code.lower()}").shown(Language(self._page.app.language))
            yield KButton(
                word=words, tone="", font_size="17sp", on_release=lambda _button, reason=reason: self._because(reason)
            )

    def _because(self, reason: Reason) -> None:
        if reason.commented:
            self._reason, self._page.aside = reason.code, "comment"
        else:
            self._page.press(self._asked, reason.code)

    def _comment(self) -> Iterator[Any]:
        return self._typing("say_why", lambda text: self._page.press(self._asked, f"{self._reason}: {text}"))

    def _code(self) -> Iterator[Any]:
        """Let a code be typed whose label can't be scanned."""
        return self._typing("type_code_hint", self._typed)

    def _typed(self, text: str) -> None:
        self._page.aside = ""
        if text.strip():
            self._page.scan(read(text.strip()))

    def _typing(self, hint: str, take: Callable[[str], None]) -> Iterator[Any]:
        field = KField(hint_text=self._page.word(hint))
        field.bind(on_text_validate=lambda *_: take(field.text))
        yield field
        yield KButton(
            word=self._page.word("confirm"),
            icon="check",
            tone="accent",
            size_hint_x=0.5,
            height="64dp",
            on_release=lambda _button: field.dispatch("on_text_validate"),
        )
