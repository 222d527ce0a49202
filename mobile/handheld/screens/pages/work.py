"""The one page for the seven jobs: scan, see at once whether it was right, go on."""

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from handheld.screens.pages import goods
from handheld.screens.pages.asides import Asides
from handheld.screens.pages.lines import Lines
from handheld.screens.pages.page import Page, visible
from handheld.work.commands import Command
from handheld.work.ports import Item
from handheld.work.saying.feedback import Colour, Feedback, Lift, Shape
from handheld.work.saying.words import Language
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Job, Task
from stockbook.domain.capture.reading import Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

TONES = {Colour.GREEN: "good", Colour.AMBER: "warn", Colour.RED: "stop", Colour.BLUE: "accent"}
SHAPES = {Shape.TICK: "check", Shape.TRIANGLE: "warn", Shape.CROSS: "stop", Shape.ARROW: "arrow"}
LIFTS = {
    Lift.FORCE: "force",
    Lift.RECOUNT: "recount",
    Lift.SEARCH: "find_item",
    Lift.QUANTITY: "quantity",
    Lift.SETUP: "self_test",
    Lift.SYNC: "sync_now",
}
"""What the big button says while a scan is stopped."""
PAGES = {Lift.SEARCH: "search", Lift.SETUP: "scanner", Lift.SYNC: "queue"}
CALM_SECONDS = 0.9
"""After which the answer to a scan that was taken is drawn quietly; a block stays."""

ICONS_OF = {
    Job.GOODS_IN: "receive",
    Job.PUT_AWAY: "put_away",
    Job.PICKING: "pick",
    Job.TRANSFER: "transfer",
    Job.STOCKTAKE: "count",
    Job.QUALITY: "quality",
    Job.HAND_OVER: "hand_over",
}


class Seen(NamedTuple):
    """What the page draws: values, so that the worker may go on meanwhile."""

    feedback: Feedback
    progress: Progress
    undoable: int


class WorkPage(Page):
    """Goods-in, put-away, picking, transfer, stocktake, quality, hand-over."""

    aside = StringProperty("")
    """What stands in the place of the lines: "", "pad", "more", "reasons" or "comment"; "review" is lines too."""
    typing = BooleanProperty(False)
    tight = BooleanProperty(False)
    """Whether a small screen needs the room of what was scanned last."""
    seen: Seen | None = None
    _language = ""

    def __init__(self, **kwargs: Any) -> None:
        self._lines, self._asides = Lines(self), Asides(self)
        super().__init__(**kwargs)

    def enter(self, task: Task | None = None, chosen: Item | None = None, **_facts: Any) -> None:
        """Begin a task, or come back to the one under way; with what was chosen from the catalogue for its code."""
        self.aside = ""
        if chosen is not None:
            self._act(lambda: self.desk.work.choose(chosen))
            return
        if task is None:
            self.render()
            return
        self.seen = None
        self._lines.forget()
        self.title, self.sub = self.word(task.job.value), task.document or task.read_point
        self.ids.scan.code = ""
        self.ids.scan.camera = self.app.machine.camera is not None
        self.ids.lines.scroll_y = 1
        self._act(lambda: self.desk.begin(task), quietly=True)

    # what comes in

    def scan(self, reading: Reading) -> None:
        """Answer a scan."""
        self.ids.scan.code = visible(reading.code)
        self._act(lambda: self.desk.work.scan(reading))

    def press(self, name: str, more: str = "") -> None:
        """Answer a button."""
        self.aside = ""
        self._act(lambda: self.desk.work.press(Command(name), more))

    def key(self, name: str) -> bool:
        """Digits are a quantity, Enter confirms, Esc takes back."""
        if name.isdigit() or name in {".", "backspace"}:
            self.aside = "pad"
            self._act(lambda: self.desk.work.key("\b" if name == "backspace" else name), quietly=True)
        elif name == "enter":
            self.main()
        elif name == "escape":
            self.escape()
        else:
            return False
        return True

    def weigh(self, kilograms: Decimal) -> None:
        """Take a weight from the scale."""
        self._act(lambda: self.desk.work.weigh(kilograms))

    def escape(self) -> None:
        """Close what stands aside, forget what was typed, else take back the last scan."""
        if self.aside and not self.typing:
            self.aside = ""
        elif self.seen and (self.typing or self.seen.progress.stopped):
            self.press("CANCEL")
        else:
            self.press("UNDO")

    def main(self) -> None:
        """Do what the big button says."""
        block = self.seen.feedback.block if self.seen else None
        if block is None or self.typing:
            self.press("PASS" if self._judging else "CONFIRM")
        elif block.lift is Lift.FORCE:
            self.ask("FORCE")
        elif block.lift is Lift.RECOUNT:
            self.press("RECOUNT")
        elif block.lift is Lift.QUANTITY:
            self.aside = "pad"
        elif block.lift in PAGES:
            self.app.go(PAGES[block.lift])
        else:
            self.press("CANCEL")

    def _act(self, step: Any, quietly: bool = False) -> None:
        """Let the worker take a step, then show and tell what came of it."""

        def work() -> Seen:
            step()
            shift = self.desk.work
            return Seen(shift.feedback, shift.progress, shift.undoable)

        def show(seen: Seen) -> None:
            self.seen = seen
            self.render()
            if not quietly:
                self.app.tell(seen.feedback)

        self.desk.act(work, show)

    # what is seen

    @property
    def job(self) -> Job:
        """The job under way; nobody asks before it has begun."""
        assert self.seen is not None
        return self.seen.progress.task.job

    @property
    def _judging(self) -> bool:
        """Whether goods in hand wait for a verdict."""
        return self.seen is not None and self.job is Job.QUALITY and bool(self.seen.progress.hand)

    def render(self) -> None:
        """Draw the answer, the goods, the lines and the buttons."""
        if self.seen is None:
            return
        task = self.seen.progress.task
        self.title, self.sub = self.word(task.job.value), task.document or task.read_point
        self.typing = bool(self.seen.progress.typed)
        if self._language != self.app.language:
            self._language = self.app.language
            self._lines.forget()
        self._answer(self.seen.feedback)
        goods.draw(self, self.seen)
        self._lines.draw(self.seen.progress)
        self._buttons(self.seen)

    def _answer(self, told: Feedback) -> None:
        banner, language = self.ids.banner, Language(self.app.language)
        banner.tone, banner.icon = TONES[told.show.colour], SHAPES[told.show.shape]
        banner.headline = told.show.headline.shown(language)
        lines = [line for line in told.show.lines if not goods.compares(line)]
        plain_answer = told.show.title and told.show.colour is Colour.GREEN
        banner.line = "" if plain_answer else " · ".join(line.shown(language) for line in lines[:2])
        banner.strong = told.show.colour is not Colour.BLUE
        Clock.unschedule(self._calm)
        if not told.blocked:
            Clock.schedule_once(self._calm, CALM_SECONDS)

    def _calm(self, _seconds: float) -> None:
        self.ids.banner.strong = False

    def _buttons(self, seen: Seen) -> None:
        block, main, typed = seen.feedback.block, self.ids.main, seen.progress.typed
        if block is not None:
            key, tone, icon = LIFTS.get(block.lift, "go_on"), "warn" if block.lift is Lift.FORCE else "accent", ""
        else:
            key, tone, icon = "pass" if self._judging else "confirm", "good", "check"
        main.word, main.tone, main.icon = self.word(key), tone, icon
        if typed:
            main.tone, main.icon = "good", "check"
            main.word = self.word("confirm_amount", amount=typed)
        undo, more, stopped = self.ids.undo, self.ids.more, bool(seen.progress.stopped or typed)
        undo.word, undo.icon = self.word("cancel" if stopped else "undo"), "cross" if stopped else "undo"
        more.word, more.icon = self.word("fail" if self._judging else "more"), "cross" if self._judging else "more"
        more.tone = "stop" if self._judging else "quiet"

    # what stands aside

    def other(self) -> None:
        """Show what else there is; on quality, refuse the goods in hand."""
        if self._judging:
            self.ask("FAIL")
        else:
            self.aside = "" if self.aside else "more"

    def ask(self, name: str) -> None:
        """Ask why."""
        self._asides.ask(name)

    def on_aside(self, *_: Any) -> None:
        """Show the lines, the pad, or what is to be chosen."""
        self._asides.show(self.aside)
        if self.seen and self.aside in {"", "review"}:
            self._lines.draw(self.seen.progress)
