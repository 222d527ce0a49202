"""What learning demand needs of the store, and the shapes that pass between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from stockbook.domain.demand.influence import Influence, Point
from stockbook.domain.demand.learner import Outlook
from stockbook.domain.demand.threshold import Terms, Threshold


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
class Stretch:
    """A piece of the stream: how many rows it has, the last of them, and the sales among them."""

    rows: int
    last: Row
    lines: list[Line]


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
    heard: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    """Influences that the forecast used, and those too old to be used."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A period that the clock closed: what the model had promised when it began, and what came."""

    key: SeriesKey
    starts_at: datetime
    promised: float
    came: float


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


class Said(NamedTuple):
    """A point as it is kept: of which influence and item (0: of none)."""

    influence: int
    item: int
    point: Point


class Reach(NamedTuple):
    """What a series hears: influences by id, items whose promotions take sales from it, and its terms."""

    influences: tuple[int, ...]
    rivals: tuple[int, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class News:
    """What was recorded since, and up to which transaction that is all.

    `changed`: it may have changed who hears what, or terms.
    """

    influences: tuple[Influence, ...]
    points: tuple[Said, ...]
    until: int
    changed: bool


class Overtaken(Exception):
    """Somebody else learnt on: the lesson is void, nothing of it was written."""


class DemandBook(Protocol):
    """What learning needs of the store."""

    async def progress(self, partitions: Sequence[int]) -> dict[int, Progress]:
        """Return how far each partition has come, beginning those that never began."""
        ...

    async def pieces(self, partition: int) -> dict[str, tuple[str, bytes]]:
        """Return the partition's shared pieces: (version, state) by name."""
        ...

    async def stretch(self, after: Row, limit: int) -> Stretch:
        """Return the next `limit` settled rows, in commit order."""
        ...

    async def series(self, keys: Sequence[SeriesKey]) -> list[Kept]:
        """Return the series that exist."""
        ...

    async def due(self, partition: int, until: datetime, limit: int) -> list[Kept]:
        """Return series that the clock must have closed at `until`, by id."""
        ...

    async def news(self, since: int, at: datetime | None) -> News:
        """Return what transactions from `since` on recorded of moments after `at`, as far as all have ended."""
        ...

    async def reach(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Reach]:
        """Return what each series hears."""
        ...

    async def hearers(self, points: Sequence[Said], partitions: Sequence[int], after: int, limit: int) -> list[Kept]:
        """Return series of some partitions, above id `after`, that hear one of these points."""
        ...

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        """Write it all or, when a partition does not stand where the lesson began, raise `Overtaken`.

        Returns the ids of the series that are new.
        """
        ...
