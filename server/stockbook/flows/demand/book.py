"""What learning demand needs of the store, and the shapes that pass between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from stockbook.domain.demand.influence import Influence, Point
from stockbook.domain.demand.lead_time import LeadTime
from stockbook.domain.demand.learner import Outlook
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.retirement import Retirement
from stockbook.domain.demand.service import Service
from stockbook.domain.demand.shelf import Turn
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


class Said(NamedTuple):
    """A point as it is kept: of which influence and item (0: of none)."""

    influence: int
    item: int
    point: Point


class Termed(NamedTuple):
    """Of whose series terms were recorded: of a site and an item, of all where it is None."""

    seller: int
    site: int | None
    item: int | None


@dataclass(frozen=True, slots=True)
class Stir:
    """What forecasts are being revised for, and the series (by id) up to which that is done."""

    influences: tuple[tuple[int, int], ...] = ()
    """Of which there are points, or an end, and of which item that is told (0: of all)."""
    shelves: tuple[SeriesKey, ...] = ()
    terms: tuple[Termed, ...] = ()
    after: int = 0


class Reach(NamedTuple):
    """What a series hears: influences by id, what similar items do, and its terms."""

    influences: tuple[int, ...]
    rivals: tuple[int, ...]
    """Items whose promotions take sales from it."""
    lacking: tuple[int, ...]
    """Items that it stands for while there are none of them."""
    alike: tuple[tuple[int, float], ...]
    """Items that it begins like, and how many units of each stand for one of it."""
    category: str
    terms: Terms


class Guest(NamedTuple):
    """What trees grown at night forecast of the period of a series that begins then: a mean, and a quantile a level."""

    key: SeriesKey
    starts_at: datetime
    figures: tuple[float, ...]
    recorded: int = 0
    """The transaction that wrote it."""


class Past(NamedTuple):
    """What a series' similar one did of late: periods since it began, those with a sale, and what it sold."""

    periods: int
    hits: int
    units: float


@dataclass(frozen=True, slots=True)
class News:
    """What was recorded since, and up to which transaction that is all.

    `changed`: it may have changed who hears what, or terms.
    """

    influences: tuple[Influence, ...]
    points: tuple[Said, ...]
    turns: tuple[tuple[SeriesKey, Turn], ...]
    """Shelves that ran empty, or were filled again."""
    guests: tuple["Guest", ...]
    until: int
    changed: bool
    terms: tuple[Termed, ...] = ()
    retirements: tuple[tuple[int, Retirement], ...] = ()
    """Ends of influences, or that they go on, by id."""


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

    async def due(self, partition: int, until: datetime) -> list[tuple[int, SeriesKey]]:
        """Return the series that the clock must have closed at `until`, by id."""
        ...

    async def news(self, since: int, at: datetime | None, partitions: Sequence[int]) -> News:
        """Return what transactions from `since` on recorded of moments after `at`, as far as all have ended.

        Guests are told of the series of some partitions.
        """
        ...

    async def reach(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Reach]:
        """Return what each series hears."""
        ...

    async def stirred(self, stir: Stir, partitions: Sequence[int], limit: int) -> list[Kept]:
        """Return the next series of some partitions that hear a point, stand for a shelf, or are ordered by terms."""
        ...

    async def deliveries(self, items: Sequence[tuple[int, int]]) -> dict[Supply, LeadTime]:
        """Return what was learnt of deliveries, by buyer and item."""
        ...

    async def levels(self, partitions: Sequence[int]) -> dict[Class, KeptLevel]:
        """Return how safe the classes of these partitions order."""
        ...

    async def pasts(self, asked: Sequence[tuple[SeriesKey, int, datetime, int]], period: Period) -> list[Past]:
        """Return what another item did of late at a series' site, or where it never sold there at the seller's others.

        Asked with the moment and the transaction before which it counts.
        """
        ...

    async def commit(self, lesson: Lesson) -> dict[SeriesKey, int]:
        """Write it all or, when a partition does not stand where the lesson began, raise `Overtaken`.

        Returns the ids of the series that are new.
        """
        ...
