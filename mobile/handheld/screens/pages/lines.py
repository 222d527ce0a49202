"""The lines of the work: what is open on top, of a long list only what a scan changed, of a count what differs."""

from typing import TYPE_CHECKING, Any

from handheld.work.review import TARGET, review
from handheld.work.tasks.progress import Counted, Progress, Row
from handheld.work.tasks.task import Job, Line
from stockbook.domain.quantity import plain

if TYPE_CHECKING:
    from handheld.screens.pages.work import WorkPage

LONG = 100
"""Lines above which only what changed is drawn anew, in its place; a shorter list has what is open on top."""


class Lines:
    """Draws the list of the work's page."""

    def __init__(self, page: "WorkPage") -> None:
        self._page = page
        self._drawn: Progress | None = None
        self._places: dict[str, tuple[int, Line]] = {}

    def forget(self) -> None:
        """Draw all of them anew the next time: another task, another language."""
        self._drawn = None

    def draw(self, progress: Progress) -> None:
        """Draw the lines, or what differs."""
        rows = self._page.ids.lines
        if self._page.aside == "review":
            rows.data, self._drawn = self._review(progress), None
            return
        if self._drawn and self._drawn.task == progress.task and len(self._places) > LONG:
            self._changed(self._drawn, progress)
        else:
            found = sorted(progress.rows(), key=lambda row: not row.open)
            rows.data = [self._line(row, progress) for row in found]
            self._places = {row.line.key: (at, row.line) for at, row in enumerate(found)}
        self._drawn = progress

    def _changed(self, before: Progress, progress: Progress) -> None:
        """Draw anew what a scan changed of a long list, and have it in view."""
        rows = self._page.ids.lines
        for line in progress.extra[len(before.extra) :]:
            self._places[line.key] = len(rows.data), line
            rows.data.append(self._line(progress.row(line), progress))
        for key in (key for key, done in progress.done.items() if done != before.done.get(key)):
            if key in self._places:
                at, line = self._places[key]
                rows.data[at] = self._line(progress.row(line), progress)
                rows.scroll_y = 1 - at / max(1, len(rows.data) - 1)

    def _review(self, progress: Progress) -> list[dict[str, Any]]:
        """Return what differs, once it may be seen, under how good the books were."""
        found, word = review(progress), self._page.word
        rates = " · ".join(f"{rate:.1%}" for _unit, rate in found.rates) or "–"
        head = {
            "name": word("difference_rate", rate=rates),
            "sub": word("difference_target", target=f"{TARGET:.1%}", count=found.positions),
            "amount": "",
            "tone": "good" if found.within_target else "warn",
        }
        return [head] + [self._differs(each) for each in found.differing]

    def _differs(self, each: Counted) -> dict[str, Any]:
        item, by = self._page.desk.item(each.item), each.quantity - each.book
        return {
            "name": item.name if item else each.item,
            "sub": self._page.word("counted_of", counted=plain(each.quantity), book=plain(each.book)),
            "amount": f"{'+' if by > 0 else ''}{plain(by)}",
            "tone": "warn",
        }

    def _line(self, row: Row, progress: Progress) -> dict[str, Any]:
        item, line = self._page.desk.item(row.line.item), row.line
        blind = progress.task.job is Job.STOCKTAKE
        where = " → ".join(part for part in (line.source, line.place) if part)
        facts = [where, self._page.word("lot", lot=line.lot) if line.lot else ""]
        return {
            "name": item.name if item else line.item,
            "sub": " · ".join(fact for fact in facts if fact) or line.item,
            "amount": plain(row.done) if blind or not line.quantity else f"{plain(row.done)}/{plain(line.quantity)}",
            "tone": "good" if not row.open and row.done else "accent" if row.done else "quiet",
        }
