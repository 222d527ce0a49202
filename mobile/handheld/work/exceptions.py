"""What the server could not take as it was said: each with both sides, and what can be done about it.

Nothing here goes away by itself: an exception stays until a person has settled it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, Protocol

from handheld.work.answer import chips
from handheld.work.ports import Item, Known, Recorded
from handheld.work.saying.sentences import SENTENCES
from handheld.work.saying.words import Sentence, Spelt, Unit, tell
from handheld.work.scan import lot_code
from handheld.work.tasks.progress import ZERO
from handheld.work.told import Told, told
from stockbook.domain.capture.labels import actions


class Outcome(Protocol):
    """REFUSED, CONFLICT, UNREADABLE, FORK or TAMPERED."""

    @property
    def name(self) -> str:
        """Its word."""


class Answer(Protocol):
    """What the server said of an event."""

    @property
    def outcome(self) -> Outcome:
        """The kind of answer."""

    @property
    def code(self) -> str:
        """Why, as a code of `stockbook.domain.refusal`."""

    @property
    def message(self) -> str:
        """Why, as the server put it."""

    @property
    def transient(self) -> bool:
        """Whether the same could be posted later."""

    @property
    def task(self) -> str:
        """The task that was opened for whoever settles it."""


class Choice(Enum):
    """What can be done; the value is the code of its sentence."""

    RECOUNT = "choice_recount"
    """Count the bin again: the new count says what it has seen now."""
    SCAN_AGAIN = "choice_scan_again"
    """Do it again, rightly."""
    REGISTER = "choice_register"
    """Have the item, lot or place made known, then scan again."""
    WAIT = "choice_wait"
    """Somebody must lift what stands against it first."""
    OFFICE = "choice_office"
    """A task is open: whoever may posts it, corrected, or drops it."""
    DISMISS = "choice_dismiss"
    """It was wrong: nothing is to be posted."""
    ENROL = "choice_enrol"
    """The device must be enrolled anew."""


class Side(NamedTuple):
    """What one side says."""

    quantity: Decimal | None
    lines: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """One exception, for the eye."""

    kind: Sentence
    why: Sentence
    title: str
    device: Side
    books: Side
    choices: tuple[Choice, ...]
    unit: str = ""
    task: str = ""


_UNKNOWN = frozenset({"ITEM_UNKNOWN", "LOT_UNKNOWN", "PLACE_UNKNOWN", "DOCUMENT_UNKNOWN"})
_SEALS = frozenset({"FORK", "TAMPERED"})


def matter(answer: Answer, event: Recorded | None, known: Known) -> Matter:
    """Return an exception with both sides and what can be done."""
    said = told(event, known) if event is not None else None
    labels = event.labels if event is not None else {}
    return Matter(
        tell(f"outcome_{answer.outcome.name.lower()}"),
        _why(answer),
        said.item.name if said else labels.get("item", ""),
        _device(labels, said),
        _books(labels, said, known),
        _choices(answer, labels),
        said.item.unit if said else "",
        answer.task,
    )


def _why(answer: Answer) -> Sentence:
    """Return the reason in the storeman's language; the server's own words where the code is new to this device."""
    code = f"refused_{answer.code.lower()}"
    return tell(code) if code in SENTENCES else tell("refused_otherwise", message=answer.message or answer.code)


def _device(labels: Mapping[str, str], said: Told | None) -> Side:
    done = tuple(tell(f"did_{action}") for action in actions(labels))
    return Side(said.base if said else None, (*done, *chips(labels)))


def _books(labels: Mapping[str, str], said: Told | None, known: Known) -> Side:
    """Return what the books said when the device looked, and what they say as far as the replica knows now."""
    saw = (tell("books_then", value=labels["seen"]),) if "seen" in labels else ()
    where = labels.get("source") or labels.get("place") or labels.get("shelf")
    if said is None or not where:
        return Side(None, saw)
    now = _lying(said.item, lot_code(said.lot, said.serial), where, known)
    at = tell("books_now", place=Spelt(where), quantity=now, unit=Unit(said.item.unit, now))
    return Side(now, (at, *saw))


def _lying(item: Item, lot: str, where: str, known: Known) -> Decimal:
    lying = (each for each in known.stock(where) if each.item == item.reference and (not lot or each.lot == lot))
    return sum((each.quantity for each in lying), ZERO)


def _choices(answer: Answer, labels: Mapping[str, str]) -> tuple[Choice, ...]:
    if answer.outcome.name in _SEALS:
        return (Choice.ENROL,)
    office = (Choice.OFFICE,) if answer.task else ()
    if answer.outcome.name == "CONFLICT":
        first = Choice.RECOUNT if "count" in actions(labels) else Choice.SCAN_AGAIN
    elif answer.code in _UNKNOWN:
        first = Choice.REGISTER
    else:
        first = Choice.WAIT if answer.transient else Choice.SCAN_AGAIN
    return (first, *office, Choice.DISMISS)
