"""The one page for the seven jobs: scan, see at once whether it was right, go on."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from handheld.screens.kit import KButton, KField
from handheld.screens.pages.page import Page, visible
from handheld.work.commands import Command
from handheld.work.feedback import Colour, Feedback, Lift, Shape
from handheld.work.ports import Item
from handheld.work.progress import Counted, Progress, Row
from handheld.work.reasons import FAILING, FORCING, Reason
from handheld.work.review import TARGET, review
from handheld.work.task import Job, Line, Task
from handheld.work.words import Language, Sentence, Spelt, tell, unit_name
from stockbook.domain.capture.codes import read
from stockbook.domain.capture.reading import Reading
from stockbook.domain.quantity import plain

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
ASIDES = {"QUANTITY": "pad", "REVIEW": "review", "TYPE": "typed code"}
PAGES = {Lift.SEARCH: "search", Lift.SETUP: "scanner", Lift.SYNC: "queue"}
LONG = 100
"""Lines above which only what changed is drawn anew, in its place; a shorter list has what is open on top."""
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


def _compares(line: Sentence) -> bool:
    return line.code.startswith("compare_")


def _bare(value: Any) -> str:
    """Return a value of a sentence without the sentence."""
    match value:
        case Spelt():
            return value.text
        case Decimal():
            return plain(value)
        case _:
            return str(value)


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
    asked = "FORCE"
    reason = ""
    _drawn: Progress | None = None
    _language = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._places: dict[str, tuple[int, Line]] = {}

    def enter(self, task: Task | None = None, chosen: Item | None = None, **_facts: Any) -> None:
        """Begin a task, or come back to the one under way; with what was chosen from the catalogue for its code."""
        self.aside = ""
        if chosen is not None:
            self._act(lambda: self.desk.work.choose(chosen))
            return
        if task is None:
            self.render()
            return
        self.seen = self._drawn = None
        self.title, self.sub = self.word(task.job.value), task.document or task.read_point
        self.ids.scan.code = ""
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
    def _job(self) -> Job:
        assert self.seen is not None
        return self.seen.progress.task.job

    @property
    def _judging(self) -> bool:
        """Whether goods in hand wait for a verdict."""
        return self.seen is not None and self._job is Job.QUALITY and bool(self.seen.progress.hand)

    def render(self) -> None:
        """Draw the answer, the goods, the lines and the buttons."""
        if self.seen is None:
            return
        task = self.seen.progress.task
        self.title, self.sub = self.word(task.job.value), task.document or task.read_point
        self.typing = bool(self.seen.progress.typed)
        if self._language != self.app.language:
            self._language, self._drawn = self.app.language, None
        self._answer(self.seen.feedback)
        self._goods(self.seen)
        self._lines(self.seen.progress)
        self._buttons(self.seen)

    def _answer(self, told: Feedback) -> None:
        banner, language = self.ids.banner, Language(self.app.language)
        banner.tone, banner.icon = TONES[told.show.colour], SHAPES[told.show.shape]
        banner.headline = told.show.headline.shown(language)
        lines = [line for line in told.show.lines if not _compares(line)]
        plain_answer = told.show.title and told.show.colour is Colour.GREEN
        banner.line = "" if plain_answer else " · ".join(line.shown(language) for line in lines[:2])
        banner.strong = told.show.colour is not Colour.BLUE
        Clock.unschedule(self._calm)
        if not told.blocked:
            Clock.schedule_once(self._calm, CALM_SECONDS)

    def _calm(self, _seconds: float) -> None:
        self.ids.banner.strong = False

    def _goods(self, seen: Seen) -> None:
        goods, told, language = self.ids.goods, seen.feedback.show, Language(self.app.language)
        compared = {line.code: dict(line.values)["value"] for line in told.lines if _compares(line)}
        goods.expected_word, goods.scanned_word = self.word("expected"), self.word("scanned")
        goods.expected = _bare(compared.get("compare_expected", ""))
        goods.scanned = _bare(compared.get("compare_scanned", ""))
        goods.where_word = self.word("bin")
        if told.title or told.figure:
            figure = told.figure
            unit = unit_name(figure.unit, language) if figure else ""
            goods.name, goods.code = told.title, ""
            goods.where = seen.progress.place or seen.progress.source
            goods.value = seen.progress.typed or (figure.value if figure else "")
            goods.of = (self.word("of_unit", of=figure.of, unit=unit) if figure.of else unit) if figure else ""
            goods.note = told.lines[0].shown(language) if told.lines and told.colour is Colour.GREEN else ""
            goods.chips = [chip.shown(language) for chip in told.chips if not self._known(chip, seen.progress)]
        elif row := next((row for row in seen.progress.rows() if row.open), None):
            self._next(row, seen.progress)
        elif seen.progress.typed or not goods.name:
            goods.name, goods.value = self.word(seen.progress.task.job.value), seen.progress.typed

    @staticmethod
    def _known(chip: Sentence, progress: Progress) -> bool:
        """Whether the head or the bin says it already."""
        task, value = progress.task, dict(chip.values)["value"]
        text = value.text if isinstance(value, Spelt) else value
        return text in {task.document, task.read_point, progress.place, progress.source}

    def _next(self, row: Row, progress: Progress) -> None:
        """Show the line that comes next."""
        goods, item = self.ids.goods, self.desk.item(row.line.item)
        goods.name = item.name if item else row.line.item
        goods.code = " · ".join(part for part in (row.line.item, row.line.lot) if part)
        blind = progress.task.job is Job.STOCKTAKE
        goods.value = progress.typed or plain(row.done)
        unit = unit_name(item.unit, Language(self.app.language)) if item else ""
        goods.of = unit if blind else self.word("of_unit", of=plain(row.line.quantity), unit=unit)
        goods.where = row.line.source or row.line.place or progress.place
        goods.note, goods.chips = "", []

    def _lines(self, progress: Progress) -> None:
        if self.aside == "review":
            self.ids.lines.data, self._drawn = self._review(progress), None
            return
        if self._drawn and self._drawn.task == progress.task and len(self._places) > LONG:
            self._changed(self._drawn, progress)
        else:
            rows = sorted(progress.rows(), key=lambda row: not row.open)
            self.ids.lines.data = [self._line(row, progress) for row in rows]
            self._places = {row.line.key: (at, row.line) for at, row in enumerate(rows)}
        self._drawn = progress

    def _changed(self, before: Progress, progress: Progress) -> None:
        """Draw anew what a scan changed of a long list, and have it in view."""
        lines = self.ids.lines
        for line in progress.extra[len(before.extra) :]:
            self._places[line.key] = len(lines.data), line
            lines.data.append(self._line(progress.row(line), progress))
        for key in (key for key, done in progress.done.items() if done != before.done.get(key)):
            if key in self._places:
                at, line = self._places[key]
                lines.data[at] = self._line(progress.row(line), progress)
                lines.scroll_y = 1 - at / max(1, len(lines.data) - 1)

    def _review(self, progress: Progress) -> list[dict[str, Any]]:
        """Return what differs, once it may be seen, under how good the books were."""
        found = review(progress)
        rates = " · ".join(f"{rate:.1%}" for _unit, rate in found.rates) or "–"
        head = {
            "name": self.word("difference_rate", rate=rates),
            "sub": self.word("difference_target", target=f"{TARGET:.1%}", count=found.positions),
            "amount": "",
            "tone": "good" if found.within_target else "warn",
        }
        return [head] + [self._differs(each) for each in found.differing]

    def _differs(self, each: Counted) -> dict[str, Any]:
        item, by = self.desk.item(each.item), each.quantity - each.book
        return {
            "name": item.name if item else each.item,
            "sub": self.word("counted_of", counted=plain(each.quantity), book=plain(each.book)),
            "amount": f"{'+' if by > 0 else ''}{plain(by)}",
            "tone": "warn",
        }

    def _line(self, row: Row, progress: Progress) -> dict[str, Any]:
        item, line = self.desk.item(row.line.item), row.line
        blind = progress.task.job is Job.STOCKTAKE
        where = " → ".join(part for part in (line.source, line.place) if part)
        facts = [where, self.word("lot", lot=line.lot) if line.lot else ""]
        return {
            "name": item.name if item else line.item,
            "sub": " · ".join(fact for fact in facts if fact) or line.item,
            "amount": plain(row.done) if blind or not line.quantity else f"{plain(row.done)}/{plain(line.quantity)}",
            "tone": "good" if not row.open and row.done else "accent" if row.done else "quiet",
        }

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
        """Ask why: the reasons are a closed list, and the choice ends the question."""
        self.asked, self.aside = name, "reasons"

    def on_aside(self, *_: Any) -> None:
        """Show the lines, the pad, or what is to be chosen."""
        holder = self.ids.aside
        holder.clear_widgets()
        choices = {
            "more": self._commands,
            "reasons": self._reasons,
            "comment": self._comment,
            "typed code": self._code,
        }.get(self.aside)
        for widget in choices() if choices else ():
            holder.add_widget(widget)
        shown = self.aside in {"", "review"}
        self.ids.lines.opacity, self.ids.lines.disabled = (1, False) if shown else (0, True)
        self.ids.pad.opacity, self.ids.pad.disabled = (1, False) if self.aside == "pad" else (0, True)
        if shown and self.seen:
            self._lines(self.seen.progress)

    def _commands(self) -> Iterator[KButton]:
        names = [("QUANTITY", "quantity"), ("TYPE", "type_code"), ("UNIT", "unit"), ("NEXT", "next_line")]
        names += [("RECOUNT", "recount"), ("REVIEW", "review")] if self._job is Job.STOCKTAKE else []
        names += [("BEGIN", "begin")] if self._job is Job.QUALITY else []
        for name, key in names:
            yield KButton(word=self.word(key), tone="", on_release=lambda _button, name=name: self._choose(name))

    def _choose(self, name: str) -> None:
        if name in ASIDES:
            self.aside = ASIDES[name]
        else:
            self.press(name)

    def _reasons(self) -> Iterator[KButton]:
        for reason in FAILING if self.asked == "FAIL" else FORCING:
            words = tell(f"reason_{reason.code.lower()}").shown(Language(self.app.language))
            yield KButton(
                word=words, tone="", font_size="17sp", on_release=lambda _button, reason=reason: self._because(reason)
            )

    def _because(self, reason: Reason) -> None:
        if reason.commented:
            self.reason, self.aside = reason.code, "comment"
        else:
            self.press(self.asked, reason.code)

    def _comment(self) -> Iterator[Any]:
        return self._typing("say_why", lambda text: self.press(self.asked, f"{self.reason}: {text}"))

    def _code(self) -> Iterator[Any]:
        """Let a code be typed whose label can't be scanned."""
        return self._typing("type_code_hint", self._typed)

    def _typed(self, text: str) -> None:
        self.aside = ""
        if text.strip():
            self.scan(read(text.strip()))

    def _typing(self, hint: str, take: Callable[[str], None]) -> Iterator[Any]:
        field = KField(hint_text=self.word(hint))
        field.bind(on_text_validate=lambda *_: take(field.text))
        yield field
        yield KButton(
            word=self.word("confirm"),
            icon="check",
            tone="accent",
            size_hint_x=0.5,
            height="64dp",
            on_release=lambda _button: field.dispatch("on_text_validate"),
        )
