"""The goods of the work: those that were scanned last, with what was expected beside; else those that come next."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from handheld.work.saying.feedback import Colour
from handheld.work.saying.words import Language, Sentence, Spelt, unit_name
from handheld.work.tasks.progress import Progress, Row
from handheld.work.tasks.task import Job
from stockbook.domain.quantity import plain

if TYPE_CHECKING:
    from handheld.screens.pages.work import Seen, WorkPage


def compares(line: Sentence) -> bool:
    """Return whether a line says what was expected or scanned: the goods show both side by side."""
    return line.code.startswith("compare_")


def draw(page: "WorkPage", seen: "Seen") -> None:
    """Draw the goods in hand, or the line that comes next."""
    goods, told, progress = page.ids.goods, seen.feedback.show, seen.progress
    language = Language(page.app.language)
    compared = {line.code: dict(line.values)["value"] for line in told.lines if compares(line)}
    goods.expected_word, goods.scanned_word = page.word("expected"), page.word("scanned")
    goods.expected = _bare(compared.get("compare_expected", ""))
    goods.scanned = _bare(compared.get("compare_scanned", ""))
    goods.where_word = page.word("bin")
    if told.title or told.figure:
        figure = told.figure
        unit = unit_name(figure.unit, language) if figure else ""
        goods.name, goods.code = told.title, ""
        goods.where = progress.place or progress.source
        goods.value = progress.typed or (figure.value if figure else "")
        goods.of = (page.word("of_unit", of=figure.of, unit=unit) if figure.of else unit) if figure else ""
        goods.note = told.lines[0].shown(language) if told.lines and told.colour is Colour.GREEN else ""
        goods.chips = [chip.shown(language) for chip in told.chips if not _known(chip, progress)]
    elif row := next((row for row in progress.rows() if row.open), None):
        _next(page, row, progress)
    elif progress.typed or not goods.name:
        goods.name, goods.value = page.word(progress.task.job.value), progress.typed


def _known(chip: Sentence, progress: Progress) -> bool:
    """Return whether the head or the bin says it already."""
    task, value = progress.task, dict(chip.values)["value"]
    text = value.text if isinstance(value, Spelt) else value
    return text in {task.document, task.read_point, progress.place, progress.source}


def _next(page: "WorkPage", row: Row, progress: Progress) -> None:
    goods, item = page.ids.goods, page.desk.item(row.line.item)
    goods.name = item.name if item else row.line.item
    goods.code = " · ".join(part for part in (row.line.item, row.line.lot) if part)
    blind = progress.task.job is Job.STOCKTAKE
    goods.value = progress.typed or plain(row.done)
    unit = unit_name(item.unit, Language(page.app.language)) if item else ""
    goods.of = unit if blind else page.word("of_unit", of=plain(row.line.quantity), unit=unit)
    goods.where = row.line.source or row.line.place or progress.place
    goods.note, goods.chips = "", []


def _bare(value: Any) -> str:
    """Return a value of a sentence without the sentence."""
    match value:
        case Spelt():
            return value.text
        case Decimal():
            return plain(value)
        case _:
            return str(value)
