"""What learners read in the stream, what they make of it, and what of that commits together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from stockbook.domain.demand.lead_time import LeadTime
from stockbook.domain.demand.learner import Outlook
from stockbook.domain.demand.service import Service
from stockbook.domain.demand.threshold import Threshold


class Row(NamedTuple):
    """A place in the stream of all movements, in commit order."""

    tx: int
    id: int


BEGINNING = Row(0, 0)


class SeriesKey(NamedTuple):
    """Whose demand of what, where."""

    seller: int
    site: int
    item: int


@dataclass(frozen=True, slots=True)
class Line:
    """A leg that sold (or, below zero, took back) goods; `at` is when that sale occurred."""

    row: Row
    key: SeriesKey
    quantity: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """A leg that brought in what was ordered: so long after that, so much later than promised."""

    row: Row
    buyer: int
    supplier: int
    item: int
    hours: float
    late_hours: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the stream: how many rows it has, the last of them, the sales and receipts among them in order."""

    rows: int
    last: Row
    lines: list[Line | Receipt]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a partition has come: the last row read, its clock, and until when all due series are closed."""

    row: Row = BEGINNING
    clock: datetime | None = None
    swept: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A series as it is kept."""

    id: int
    key: SeriesKey
    state: bytes


@dataclass(frozen=True, slots=True)
class Revision:
    """A series that changed, with the forecasts that follow from it; `id` is None when it is new."""

    id: int | None
    key: SeriesKey
    partition: int
    period: str
    due_at: datetime
    state: bytes
    starts_at: datetime
    revised_at: datetime
    past_error: float | None
    learner: str
    outlooks: tuple[tuple[int, Outlook], ...]
    threshold: Threshold
    drifted_at: datetime | None = None
    drift: int | None = None
    """When its forecasts last showed a drift, and which way demand went."""
    fill_rate: float | None = None
    """What the service level aims at, when it follows what was filled."""
    heard: tuple[int, ...] = ()
    heard_further: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    retired: tuple[int, ...] = ()
    """Influences that were used of the open period, and of several, those too old for it, those that ended of late."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A period that the clock closed: what the model had promised when it began, and what came."""

    key: SeriesKey
    starts_at: datetime
    promised: float
    came: float


class Supply(NamedTuple):
    """Whose deliveries to whom, of what."""

    buyer: int
    item: int
    supplier: int


class Class(NamedTuple):
    """Series that order at one level: a seller's in a partition that sell often, or seldom, with one target."""

    seller: int
    partition: int
    often: bool
    target: float


@dataclass(slots=True)
class KeptLevel:
    """A class' controller, and what was asked for and filled: in all, and since it last learnt."""

    service: Service
    asked: float = 0.0
    filled: float = 0.0
    asked_since: float = 0.0
    filled_since: float = 0.0
    spanned_since: float = 0.0
    """What was asked for since, times the horizon of each series: over `asked_since` it is the class' horizon."""
    squared_since: float = 0.0
    """The sum over series of the square of what each asked for since."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What commits together: series and forecasts, shared pieces, and the step each partition takes."""

    revisions: tuple[Revision, ...]
    pieces: tuple[tuple[int, str, str, bytes], ...]
    """(partition, name, version, state)."""
    steps: Mapping[int, tuple[Progress, Progress]]
    """From and to, by partition."""
    closings: tuple[Closing, ...] = ()
    """What overrides are judged by."""
    deliveries: tuple[tuple[Supply, LeadTime, datetime], ...] = ()
    """What was learnt of deliveries, and when the latest came."""
    levels: tuple[tuple[Class, KeptLevel, datetime], ...] = ()
    """How safe classes of series order, and when that was last learnt."""
