"""Work in flows: what opens, takes, counts and settles tasks, and what of it the door for devices needs.

A task opened by hand has its lines from who opens it; a COUNT has them from
what lies at its place, without the quantities (a blind count). Postings that
name a task, or a document that has one open, bring its lines further
(`domain.stock.work.advance`). What a device said and could not be posted opens
a REFUSED or a CONFLICT task by `Raised`; whoever settles it is told to the
device by the feed of replicas, since the task carries the event's number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol

from stockbook.domain.refusal import Refusal
from stockbook.domain.stock.count import Verdict
from stockbook.domain.stock.references import DocumentRef, ItemRef, MovementRef, PlaceRef, Ref
from stockbook.domain.stock.work import TaskKind
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.registrations import PrincipalRef

TaskRef = Annotated[str, Ref("Task")]
LINES_MAX = 5000
"""Lines of one task: what a list on a handheld bears."""


class Resolution(StrEnum):
    """How a task was settled."""

    COMPLETED = "COMPLETED"
    """The work is done, short or not."""
    POSTED_ANYWAY = "POSTED_ANYWAY"
    """A person posted what the device could not; the movement is named."""
    DROPPED = "DROPPED"
    """It is not posted: the scan was wrong."""
    EXPLAINED = "EXPLAINED"
    """The difference is known and accepted."""
    RECOUNT = "RECOUNT"
    """It is counted again: a COUNT task was opened."""


class Decision(StrEnum):
    """What a reviewer says to a count."""

    ACCEPT = "ACCEPT"
    """The books follow the count."""
    RECOUNT = "RECOUNT"
    """It is counted once more."""


@dataclass(frozen=True, slots=True)
class TaskLineEntry:
    """What is expected. `lot` is a lot's code; left out, any lot will do. Quantities need a unit when not the base."""

    item: ItemRef
    quantity: Decimal | None = None
    unit: str | None = None
    lot: str | None = None
    source: PlaceRef | None = None
    place: PlaceRef | None = None


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """Work to be done at a place. A COUNT without lines has them from what lies there.

    `tolerance` is a share: of a receipt above what was expected, of a count either way.
    """

    external_reference: str
    kind: TaskKind
    place: PlaceRef
    document: DocumentRef | None = None
    assignee: PrincipalRef | None = None
    note: str = ""
    tolerance: Decimal = Decimal(0)
    lines: tuple[TaskLineEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeEntry:
    """A task that one takes, hands to `assignee`, or gives back.

    What another has taken is refused, unless `seen` names who was seen to have it.
    """

    task: TaskRef
    assignee: PrincipalRef | None = None
    seen: PrincipalRef | None = None
    give_back: bool = False


@dataclass(frozen=True, slots=True)
class SettleEntry:
    """How a task was settled, and why. POSTED_ANYWAY names the movement."""

    task: TaskRef
    resolution: Resolution
    reason: str = ""
    movement: MovementRef | None = None


@dataclass(frozen=True, slots=True)
class CancelEntry:
    """A task that nobody is to do any more."""

    task: TaskRef
    reason: str


@dataclass(frozen=True, slots=True)
class CountEntry:
    """A figure of a count sheet. `count` is which count of the line it is, from 1: the same again changes nothing."""

    task: TaskRef
    item: ItemRef
    counted: Decimal
    place: PlaceRef | None = None
    lot: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """What a person who sees the books says to a line that was counted twice and is far off."""

    line: Annotated[str, Ref("TaskLine")]
    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class Raised:
    """What a captured event that could not be posted leaves for a person: ids, and values without words.

    `saw`, `said` and `books` are a quantity ("12.5") or a state ("SELLABLE")
    each; for a REFUSED event `said` is what it said in its labels, as JSON.
    """

    kind: TaskKind
    note: str
    device: int
    epoch: int
    sequence: int
    place: int | None = None
    item: int | None = None
    lot: int = 0
    quantity: Decimal | None = None
    document: int | None = None
    saw: str | None = None
    said: str | None = None
    books: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that was taken down: which line, what it leads to, and what is to be posted when it agrees."""

    line: int
    verdict: Verdict
    count: int
    task: int
    item: int
    place: int
    lot: str | None
    counted: Decimal
    book: Decimal
    own: tuple[tuple[str, Decimal], ...] = ()
    """What of the book is in states of one's own that sell."""


class TaskBook(Protocol):
    """Keeps tasks."""

    async def open_tasks(self, author: Author, entries: Sequence[TaskEntry]) -> Verdicts:
        """Open tasks; the same entry again is known."""
        ...

    async def take_task(self, author: Author, entries: Sequence[TakeEntry]) -> Verdicts:
        """Take tasks, hand them on, give them back: of two who take one, the second is refused with TASK_TAKEN."""
        ...

    async def settle_task(self, author: Author, entries: Sequence[SettleEntry]) -> Verdicts:
        """Settle tasks."""
        ...

    async def cancel_tasks(self, author: Author, entries: Sequence[CancelEntry]) -> Verdicts:
        """Cancel tasks."""
        ...

    async def note(self, author: Author, entry: CountEntry) -> Figure | Refusal:
        """Take down a count beside what the books say now."""
        ...

    async def reviewed(self, author: Author, entry: ReviewEntry) -> Figure | Refusal:
        """Return what a review is of; a RECOUNT opens the line again."""
        ...

    async def again(self, line: int) -> None:
        """Open a line for another count: the books moved since it was counted."""
        ...
