"""What taking scans needs of the world: devices, their enrolments, and every event they sent with its answer."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from stockbook.domain.capture.settings import Settings
from stockbook.flows.tasks import Raised


class Fate(StrEnum):
    """What became of an event; see `schema/events/README.md`."""

    POSTED = "POSTED"
    DUPLICATE = "DUPLICATE"
    HELD = "HELD"
    REFUSED = "REFUSED"
    CONFLICT = "CONFLICT"
    FORK = "FORK"
    TAMPERED = "TAMPERED"
    UNREADABLE = "UNREADABLE"


FORGED = frozenset({Fate.FORK, Fate.TAMPERED})
"""Kept as evidence only: it takes no sequence."""


class Flag(StrEnum):
    """What a person should know of a posted event."""

    SHORTFALL = "SHORTFALL"
    LATE = "LATE"
    CLOCK = "CLOCK"
    OUT_OF_ORDER = "OUT_OF_ORDER"


@dataclass(slots=True)
class Kept:
    """One event as it is kept, with its answer.

    Attributes
    ----------
    event
        The event's own id; empty for what is no event.
    raised
        The task that it opens, when it is kept.
    with_task_of
        The sequence of the event whose task is also its own, of a chain that fell.
    """

    sequence: int
    previous: bytes
    seal: bytes
    scan: str
    sent_at: datetime
    received_at: datetime
    outcome: Fate = Fate.HELD
    flags: tuple[Flag, ...] = ()
    code: str | None = None
    message: str | None = None
    task: int | None = None
    occurred_at: datetime | None = None
    sure: bool = True
    event: str = ""
    raised: Raised | None = None
    with_task_of: int | None = None

    @property
    def task_of(self) -> int:
        """The number of the event that its task is of; 0 is nobody's."""
        return self.raised.sequence if self.raised is not None else self.with_task_of or 0


@dataclass(slots=True)
class Enrolment:
    """One epoch of a device, how far its events are taken, and the sites it is limited to, when there are any."""

    device: int
    organisation: int
    principal: int
    reference: str
    role: str
    epoch: int
    in_force: bool
    salt: bytes
    enrolled_at: datetime
    upto: int
    ended: int
    occurred_at: datetime | None
    settings: Settings
    sites: tuple[int, ...] = ()


@dataclass(slots=True)
class Taken:
    """An enrolment with what was taken of some sequences and those beside them, and what is held, in order."""

    enrolment: Enrolment
    known: Mapping[int, Kept] = field(default_factory=dict)
    held: Sequence[Kept] = ()


class Meant(NamedTuple):
    """What a barcode means: an item by its global id, in one of its units; None is the base unit."""

    item: str
    unit: str | None


class Waiting(NamedTuple):
    """An enrolment whose events wait for one that doesn't come."""

    organisation: int
    principal: int
    reference: str
    epoch: int


class Desk(Protocol):
    """One device's events; nobody else takes any of it meanwhile."""

    async def load(self, epoch: int, sequences: Collection[int]) -> Taken | None:
        """Return an epoch with what was taken of these sequences; None when the device was never enrolled so."""
        ...

    async def meant(self, barcodes: Collection[str]) -> Mapping[str, Meant]:
        """Return what barcodes mean to the device's organisation; those that mean nothing are absent."""
        ...

    async def posted(self, epoch: int, before: int, event: str) -> tuple[int, ...] | None:
        """Return the movements of an event, in order; None when the device sent no such event before a sequence."""
        ...

    async def discrepancies(self, movements: Collection[int]) -> dict[int, int]:
        """Return the tasks that movements opened: movement -> task."""
        ...

    async def keep(self, enrolment: Enrolment, events: Sequence[Kept]) -> None:
        """Keep events with their answers, open their tasks, and remember how far the enrolment is; all or nothing.

        An event that was held takes its new answer. Sets each event's `task`.
        """
        ...


class Devices(Protocol):
    """The devices of all organisations."""

    def alone(self, organisation: int, principal: int, reference: str) -> AbstractAsyncContextManager[Desk | None]:
        """Lend the desk of the device that a principal is, alone; None when that is no device of the organisation."""
        ...

    async def waiting(self, before: datetime) -> list[Waiting]:
        """Return the enrolments with events that have been held since before a moment."""
        ...
