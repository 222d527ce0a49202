"""What learners are told besides sales: influences, shelves, terms, guests, and who hears what."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from stockbook.domain.demand.influence import Influence, Point
from stockbook.domain.demand.retirement import Retirement
from stockbook.domain.demand.shelf import Turn
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand.lesson import SeriesKey


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
