"""Until when are these good? The date that is printed on them, read by the server or typed, confirmed by a person.

At goods-in what is confirmed waits for the goods' own code, as the second code
of a label does; elsewhere it is only looked at.
"""

from datetime import date
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import OptionProperty, StringProperty

from handheld.client.prints import Print, Unread
from handheld.screens.pages.finder import FinderPage
from handheld.screens.pages.proposed import Verdict
from handheld.work.checking.shelf_life import Age, age, days_left
from handheld.work.saying.words import Language, tell
from handheld.work.tasks.progress import Progress
from handheld.work.tasks.task import Job
from stockbook.domain.capture.printed import Printed, Says, typed
from stockbook.domain.capture.reading import Kind, Reading

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

DIGITS = 8
TONES = {Age.FRESH: "good", Age.NEAR: "stop", Age.EXPIRED: "stop"}
TOLD = {Unread.OFFLINE: "date_offline", Unread.NO_READER: "date_unread", Unread.BAD_PICTURE: "no_picture",
        Unread.NO_DATE: "date_none"}  # fmt: skip
NAMES = {Says.EXPIRY: "date_expiry", Says.PRODUCED: "date_produced", Says.UNSAID: "date_unsaid"}


class ExpiryPage(FinderPage):
    """Finder, then what was read, or the keys. Nothing is recorded here."""

    stage = OptionProperty("aim", options=["aim", "read", "type"])
    digits = StringProperty("")
    progress: Progress | None = None
    found: Print | Unread = Print()
    chosen: date | None = None
    """The expiry that the person has pointed out or typed."""

    def enter(self, progress: Progress | None = None, **_facts: Any) -> None:
        """Look through the finder; without a camera show the keys."""
        if progress is not None:
            self.progress = progress
        self._to("aim" if self.app.machine.camera is not None else "type")

    def leave(self) -> None:
        """Give the camera back."""
        self.go_on()
        self.ids.finder.rest()

    def _to(self, stage: str) -> None:
        self.go_on()
        self.digits, self.chosen, self.found = "", None, Print()
        self.stage = stage
        if stage == "aim":
            self.look_through()
        else:
            self.ids.finder.rest()
        self.render()

    # the print

    def take(self) -> None:
        """Take a picture of the print and have it read."""
        self.photograph(self.desk.printed, self._read)

    def _read(self, found: Print | Unread) -> None:
        self._to("read" if isinstance(found, Print) and found.dates else "type")
        self.found = found
        said = [each for each in self._dates if each.says is Says.EXPIRY]
        self.chosen = said[0].on if len({each.on for each in said}) == 1 else None
        self.app.sound("ok" if self.chosen else "warn")
        self.app.say(self._told().spoken)
        self.render()

    @property
    def _dates(self) -> tuple[Printed, ...]:
        return self.found.dates if isinstance(self.found, Print) else ()

    def touched(self, index: int) -> None:
        """Take a date for the expiry."""
        self.chosen = self._dates[index].on
        self._point()

    def press(self, key: str) -> None:
        """Take a digit of year, month and day."""
        if key == "backspace":
            self.digits = self.digits[:-1]
        elif key.isdigit():
            self.digits = (self.digits + key)[:DIGITS]
        self.chosen = typed(self.digits)
        if len(self.digits) == DIGITS:
            self._point()
        else:
            self.render()

    def _point(self) -> None:
        self.app.sound("no" if self.chosen is None else "ok" if self._age is Age.FRESH else "warn")
        self.app.say(self._told().spoken)
        self.render()

    # what becomes of it

    @property
    def _taken(self) -> bool:
        """Whether what is confirmed goes into the work: where lots come in."""
        return self.progress is not None and self.progress.task.job is Job.GOODS_IN

    def main(self) -> None:
        """Confirm the date, else take a picture."""
        if self.chosen is not None:
            self._confirm(self.chosen)
        elif self.stage == "aim":
            self.take()
        elif self.stage == "read":
            self._to("aim")
        else:
            self.app.sound("no")

    def _confirm(self, on: date) -> None:
        """Go back to the work; goods without a printed lot are a lot by their date."""
        taken, lot = self._taken, self.found.lot if isinstance(self.found, Print) else ""
        self.app.back()
        if taken:
            self.app.page.scan(Reading("", kind=Kind.DETAILS, lot=lot or f"{on}", expiry=on))

    def other(self) -> None:
        """Type the date, or have it read after all."""
        self._to("aim" if self.stage == "type" else "type")

    def scan(self, reading: Reading) -> None:
        """Let the work have whatever is scanned meanwhile."""
        self.app.back()
        self.app.page.scan(reading)

    def key(self, name: str) -> bool:
        """Digits are the date's, Enter does what the main button does."""
        if name.isdigit() or (name == "backspace" and self.stage == "type"):
            if self.stage != "type":
                self._to("type")
            self.press(name)
        elif name == "enter":
            self.main()
        else:
            return False
        return True

    # what is seen

    @property
    def _age(self) -> Age:
        world = self.desk.there.world
        return age(self.chosen, world.today, world.near_expiry_days)

    def render(self) -> None:
        """Draw it."""
        self.title, self.sub = self.word("expiry"), ""
        self.show_verdict(self._told())
        self.ids.typed.text = self._shown_digits()
        self.ids.dates.data = [self._row(each) for each in self._dates]
        self._buttons()

    def _told(self) -> Verdict:
        if self.busy:
            return Verdict("accent", "eye", self.word("date_reading"))
        if self.chosen is not None:
            return self._aged(self.chosen)
        if isinstance(self.found, Unread):
            return Verdict("warn", "warn", self.seen_word(TOLD[self.found]))
        if self.stage == "read":
            return Verdict("accent", "expiry", self.seen_word("date_choose"), self.word("date_or_type"))
        if self.stage == "type":
            return Verdict("accent", "expiry", self.word("date_type"), self.word("date_type_how"))
        return Verdict("accent", "camera", self.word("date_aim"), self.word("date_or_type"))

    def _aged(self, on: date) -> Verdict:
        """Say how near the expiry is: red when it is, as after a scan."""
        world, how, language = self.desk.there.world, self._age, Language(self.app.language)
        left = tell("days_left", days=days_left(on, world.today), expiry=on)
        told = tell("expired", expiry=on) if how is Age.EXPIRED else left
        unsure = "" if world.clock.sure else self.word("clock_unsure")
        lot = self.word("lot", lot=self.found.lot) if isinstance(self.found, Print) and self.found.lot else ""
        icon = "check" if how is Age.FRESH else "warn"
        return Verdict(TONES[how], icon, told.shown(language), unsure or lot, told.said(language))

    def _shown_digits(self) -> str:
        shown = self.digits.ljust(DIGITS, "–")
        return f"{shown[:4]} - {shown[4:6]} - {shown[6:]}"

    def _row(self, each: Printed) -> dict[str, Any]:
        world = self.desk.there.world
        left = days_left(each.on, world.today)
        return {
            "name": f"{each.on}  {self.word(NAMES[each.says])}",
            "sub": each.text,
            "amount": self.word("days", count=left) if each.says is not Says.PRODUCED else "",
            "tone": TONES[age(each.on, world.today, world.near_expiry_days)] if each.on == self.chosen else "",
            "sub_tone": "",
        }

    def _buttons(self) -> None:
        main, other = self.ids.main, self.ids.other
        self.ids.back.word, self.ids.back.icon = self.word("back"), "back"
        other.word = self.word("date_read" if self.stage == "type" else "date_key")
        other.icon = "camera" if self.stage == "type" else "expiry"
        other.disabled = self.stage == "type" and self.app.machine.camera is None
        if self.chosen is not None:
            main.word, main.icon, main.tone = self.word("confirm" if self._taken else "date_done"), "check", "good"
        elif self.stage == "type":
            main.word, main.icon, main.tone = self.word("confirm"), "check", "good"
        else:
            again = self.stage == "read"
            main.word, main.icon, main.tone = self.word("see_again" if again else "see_take"), "camera", "accent"
        main.disabled = self.busy or (self.stage == "type" and self.chosen is None)
