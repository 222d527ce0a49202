"""What series from outside may tell of: in which unit and bounds, how it is read, how soon it grows stale."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a series from outside tells of; past sales themselves are in the ledger."""

    PRICE = "PRICE"
    PROMOTION = "PROMOTION"
    CALENDAR = "CALENDAR"
    WEATHER = "WEATHER"
    PICK_UP = "PICK_UP"
    SCHEDULE = "SCHEDULE"
    GROUP_BUY = "GROUP_BUY"
    SENTIMENT = "SENTIMENT"
    COMPETITOR = "COMPETITOR"
    LOGISTICS = "LOGISTICS"
    PEAK = "PEAK"
    STABILITY = "STABILITY"
    OTHER = "OTHER"


class Reading(StrEnum):
    """How a kind's values become a feature."""

    PLAIN = "PLAIN"
    """As they are, their mean over the days."""
    STRONGEST = "STRONGEST"
    """As they are, the greatest of the days."""
    RANK = "RANK"
    """A place in a list of ten: the first is 1, the tenth 0.1, none 0."""
    FACTOR = "FACTOR"
    """A coefficient, 1 for nothing special: the logarithm of the greatest."""
    RELATIVE = "RELATIVE"
    """The logarithm of their mean over that of the eight weeks before."""
    MONEY = "MONEY"
    """A price: over the mean of those before."""


@dataclass(frozen=True, slots=True)
class Trait:
    """What holds for a kind: its bounds, how it is read, whether it is known ahead, how soon it grows stale."""

    lowest: float
    highest: float
    reading: Reading
    ahead: bool
    fresh_hours: int
    unit: str
    sum: bool = False
    """Whether several series of the kind add up (pick-ups of many dealers), else their weighted mean counts."""
    counted: bool = False
    """Whether it is read against itself, so that one may count in a unit of one's own; else its unit is its scale."""


_END, _UNITS = 1e12, "units"
_DAY, _WEEK, _MONTH, _YEAR = 24, 168, 744, 8784

TRAITS: Mapping[Kind, Trait] = {
    Kind.PRICE: Trait(0, _END, Reading.MONEY, ahead=True, fresh_hours=_MONTH, unit="CNY"),
    Kind.PROMOTION: Trait(0, 1, Reading.STRONGEST, ahead=True, fresh_hours=_MONTH, unit="grade"),
    Kind.CALENDAR: Trait(0, 1, Reading.PLAIN, ahead=True, fresh_hours=_YEAR, unit="share"),
    Kind.WEATHER: Trait(0, 1, Reading.PLAIN, ahead=True, fresh_hours=_DAY, unit="probability"),
    Kind.PICK_UP: Trait(0, _END, Reading.RELATIVE, ahead=False, fresh_hours=_WEEK, unit=_UNITS, sum=True, counted=True),
    Kind.SCHEDULE: Trait(0, _END, Reading.RELATIVE, ahead=True, fresh_hours=_WEEK, unit=_UNITS, sum=True, counted=True),
    Kind.GROUP_BUY: Trait(1, 10, Reading.RANK, ahead=False, fresh_hours=_DAY, unit="rank"),
    Kind.SENTIMENT: Trait(-1, 1, Reading.PLAIN, ahead=False, fresh_hours=_WEEK, unit="score"),
    Kind.COMPETITOR: Trait(0, _END, Reading.RELATIVE, ahead=False, fresh_hours=_WEEK, unit=_UNITS, counted=True),
    Kind.LOGISTICS: Trait(0, 10_000, Reading.RELATIVE, ahead=False, fresh_hours=_WEEK, unit="hours"),
    Kind.PEAK: Trait(0.01, 100, Reading.FACTOR, ahead=True, fresh_hours=_YEAR, unit="coefficient"),
    Kind.STABILITY: Trait(0, 1, Reading.PLAIN, ahead=False, fresh_hours=_MONTH, unit="share"),
    Kind.OTHER: Trait(-_END, _END, Reading.RELATIVE, ahead=False, fresh_hours=_WEEK, unit="", counted=True),
}
_CURRENCY = re.compile("[A-Z]{3}(/.+)?")
ORDERING = frozenset((Kind.LOGISTICS, Kind.PEAK, Kind.STABILITY))
"""What thresholds hear too, whichever learner speaks."""
GRADES: Mapping[str, float] = {"S": 1.0, "A": 0.75, "B": 0.5, "C": 0.25}
"""How strong a promotion of a grade is."""


def unit_of(kind: Kind, told: str | None) -> str | None:
    """Return the unit of a series, the kind's own where none is told; None when its values cannot mean that unit.

    Hours told as days would be taken for hours, and a share told in per cent for a hundred times as much.

    >>> unit_of(Kind.LOGISTICS, None), unit_of(Kind.LOGISTICS, "days"), unit_of(Kind.PICK_UP, "pallets")
    ('hours', None, 'pallets')
    >>> unit_of(Kind.PRICE, "EUR"), unit_of(Kind.PRICE, "CNY/kg"), unit_of(Kind.PRICE, "bananas")
    ('EUR', 'CNY/kg', None)
    """
    trait = TRAITS[kind]
    if told is None or trait.counted or told == trait.unit:
        return trait.unit if told is None else told
    return told if trait.reading is Reading.MONEY and _CURRENCY.fullmatch(told) else None


def value_of(kind: Kind, value: float | None, text: str | None) -> float | None:
    """Return the value of a point, or None when it says nothing that this kind can mean.

    >>> value_of(Kind.PROMOTION, None, "S"), value_of(Kind.GROUP_BUY, 3, "beef"), value_of(Kind.WEATHER, 7, None)
    (1.0, 3.0, None)
    """
    if value is None:
        return GRADES.get((text or "").strip().upper()) if kind is Kind.PROMOTION else None
    trait = TRAITS[kind]
    if not math.isfinite(value) or not trait.lowest <= value <= trait.highest:
        return None
    return float(value) if trait.reading is not Reading.RANK or value == int(value) else None
