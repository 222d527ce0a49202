"""How far a task has come: the immutable state between two scans."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from handheld.work.commands import Command
from handheld.work.ports import Item
from handheld.work.saying.feedback import Lift
from handheld.work.scan import Goods, Scan
from handheld.work.tasks.task import Job, Line, Task
from stockbook.domain.capture.reading import Reading

ZERO = Decimal(0)


class Allowed(NamedTuple):
    """What a person has allowed for the one scan that is taken again: which blocks, why, and who else looked."""

    blocks: frozenset[str] = frozenset()
    reason: str = ""
    second: str = ""


NOTHING_ALLOWED = Allowed()


class Stopped(NamedTuple):
    """A scan or command that was blocked, kept as it came so that it can be taken all the same."""

    act: Scan | Command
    why: str
    lift: Lift
    allowed: Allowed = NOTHING_ALLOWED
    typed: str = ""
    weight: Decimal | None = None
    corrects: bool = False
    """Whether it would take the place of the last scan rather than follow it."""


class Held(NamedTuple):
    """Goods that were scanned and wait for their place or verdict, with what was allowed for them."""

    goods: Goods
    scan: Scan
    allowed: Allowed = NOTHING_ALLOWED


class Counted(NamedTuple):
    """What was counted of an item and lot in a bin, against what the books were seen to say."""

    place: str
    item: str
    lot: str
    quantity: Decimal
    book: Decimal
    unit: str = ""
    second: str = ""


class Row(NamedTuple):
    """A line with what is done of it, for a list."""

    line: Line
    done: Decimal

    @property
    def open(self) -> Decimal:
        """What is still to do, never below zero."""
        return max(self.line.quantity - self.done, ZERO)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a task stands.

    Attributes
    ----------
    done
        By key of a line: what is done, in the base unit.
    extra
        Lines that nobody expected: goods of a free job, and what was taken although it wasn't on the list.
    place, source
        The bin (or vehicle) that is open, and the one that goods come from.
    hand
        Goods that were scanned and wait for their place or their verdict.
    typed, unit
        Digits so far, and the unit that was switched to.
    presets
        Labels that every scan gets, the task's and those set on the way.
    """

    task: Task
    person: str = ""
    done: Mapping[str, Decimal] = field(default_factory=dict)
    extra: tuple[Line, ...] = ()
    place: str = ""
    source: str = ""
    hand: tuple[Held, ...] = ()
    carried: Scan | None = None
    """A pallet that is moved with all it holds."""
    typed: str = ""
    unit: str = ""
    weight: Decimal | None = None
    last: Item | None = None
    """The item that was taken last, whose unit can be switched."""
    passed: frozenset[str] = frozenset()
    """Keys of lines that were put off."""
    presets: Mapping[str, str] = field(default_factory=dict)
    stopped: Stopped | None = None
    allowed: Allowed = NOTHING_ALLOWED
    seen: frozenset[str] = frozenset()
    """Serials and SSCCs that were scanned."""
    half: Reading | None = None
    """A code with lot and expiry that waits for the code of its product."""
    verdict: str = ""
    reason: str = ""
    """Of an inspection: pass, fail or begin, and why."""
    carrier: str = ""
    because: str = ""
    """Of a hand-over: the badge of who takes the goods, and why another vehicle is right."""
    counted: Mapping[str, Counted] = field(default_factory=dict)
    bins: frozenset[str] = frozenset()
    """Of a stocktake: what was counted, and the bins that are done."""
    rounds: int = 0
    earlier: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    """Of the bin that is open: how often it was counted before, and what the last time."""
    drafted: Mapping[str, Decimal] = field(default_factory=dict)
    model: str = ""
    """Of the bin that is open: what recognition counted first, by item, and the sha256 of the model that did."""
    packed: Mapping[str, str] = field(default_factory=dict)
    """By pallet, tote or vehicle: whose the goods in it are."""

    @property
    def read_point(self) -> str:
        """Where the scanning happens: what was set for the shift, else the task's."""
        return self.presets.get("place") or self.task.read_point

    def rows(self) -> Iterator[Row]:
        """Yield every line with what is done of it."""
        for line in (*self.task.lines, *self.extra):
            yield Row(line, line.done + self.done.get(line.key, ZERO))

    def rows_of(self, item: str) -> Iterator[Row]:
        """Yield the lines of an item with what is done of them."""
        for line in (*self.task.by_item.get(item, ()), *(line for line in self.extra if line.item == item)):
            yield self.row(line)

    def row(self, line: Line) -> Row:
        """Return a line with what is done of it."""
        return Row(line, line.done + self.done.get(line.key, ZERO))

    def is_open(self, line: Line) -> bool:
        """Whether something of an expected line is still to do: of a stocktake, whether its bin is."""
        if self.task.job is Job.STOCKTAKE:
            return line.place not in self.bins
        return self.row(line).open > 0

    @property
    def complete(self) -> bool:
        """Whether every expected line is done; a free job never is."""
        return bool(self.task.lines) and not any(map(self.is_open, self.task.lines))

    def settled(self, **changes: object) -> "Progress":
        """Return it after a scan was taken: nothing typed, nothing stopped, nothing allowed."""
        return replace(
            self,
            **{"typed": "", "weight": None, "stopped": None, "allowed": NOTHING_ALLOWED, **changes},  # type: ignore[arg-type]
        )

    def plus(self, shares: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
        """Return what is done after so much more of some lines."""
        return {**self.done, **{key: self.done.get(key, ZERO) + quantity for key, quantity in shares.items()}}


def begin(task: Task, person: str = "") -> Progress:
    """Return a task at its beginning."""
    return Progress(task, person, presets=task.presets)


def ahead(progress: Progress) -> Iterator[Line]:
    """Yield the lines that are still to do, those that were put off at the end."""
    yield from (line for line in progress.task.lines if line.key not in progress.passed and progress.is_open(line))
    yield from (line for line in progress.task.lines if line.key in progress.passed and progress.is_open(line))
