"""What learning demand needs of the store, and the shapes that pass between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from stockbook.domain.demand.learner import Outlook


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


@dataclass(frozen=True, slots=True)
class Lesson:
    """What commits together: series and forecasts, shared pieces, and the step each partition takes."""

    revisions: tuple[Revision, ...]
    pieces: tuple[tuple[int, str, str, bytes], ...]
    """(partition, name, version, state)."""
    steps: Mapping[int, tuple[Progress, Progress]]
    """From and to, by partition."""


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

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        """Write it all or, when a partition does not stand where the lesson began, raise `Overtaken`.

        Returns the ids of the series that are new.
        """
        ...
