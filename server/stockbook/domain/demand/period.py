"""Days and weeks, numbered: what a model learns in one step.

A period is known by its index. Weeks begin on Monday, and days and weeks alike
at midnight UTC, so the index of a moment depends on nothing else.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

_EPOCH = {"DAY": datetime(1970, 1, 1, tzinfo=UTC), "WEEK": datetime(1970, 1, 5, tzinfo=UTC)}
_LENGTH_SECONDS = {"DAY": 86_400, "WEEK": 604_800}
_DAYS = {"DAY": 1, "WEEK": 7}


def whole_day(at: datetime) -> datetime:
    """Return midnight UTC of the day that is meant where a moment is the midnight of a day somewhere, else the moment.

    Who names Monday in Shanghai means Monday's week, though Sunday has eight
    hours to go in UTC.

    >>> whole_day(datetime.fromisoformat("2026-11-30T00:00:00+08:00")).isoformat()
    '2026-11-30T00:00:00+00:00'
    >>> noon = datetime.fromisoformat("2026-11-30T12:00:00+08:00")
    >>> whole_day(noon) == noon
    True
    """
    if (at.hour, at.minute, at.second, at.microsecond) != (0, 0, 0, 0):
        return at
    return at.replace(tzinfo=UTC)


class Period(StrEnum):
    """How long the clock lets a period stay open.

    >>> monday = datetime(2026, 11, 23, tzinfo=UTC)
    >>> Period.WEEK.number(monday) - Period.WEEK.number(monday - timedelta(seconds=1))
    1
    >>> Period.WEEK.start(Period.WEEK.number(monday + timedelta(days=6))) == monday
    True
    """

    DAY = "DAY"
    WEEK = "WEEK"

    def number(self, at: datetime) -> int:
        """Return the index of the period in which `at` lies."""
        return int((at - _EPOCH[self._value_]).total_seconds() // _LENGTH_SECONDS[self._value_])

    def start(self, index: int) -> datetime:
        """Return the moment at which period `index` begins."""
        return _EPOCH[self._value_] + timedelta(seconds=index * _LENGTH_SECONDS[self._value_])

    def elapsed(self, index: int, at: datetime) -> float:
        """Return the share of period `index` that has passed at `at`, 0 to 1.

        >>> Period.DAY.elapsed(0, datetime(1970, 1, 1, 6, tzinfo=UTC))
        0.25
        """
        return min(max((at - self.start(index)).total_seconds() / _LENGTH_SECONDS[self._value_], 0.0), 1.0)

    @property
    def seconds(self) -> int:
        """How long it is."""
        return _LENGTH_SECONDS[self._value_]

    def first_day(self, index: int) -> int:
        """Return the day number (days since 1970-01-01) on which period `index` begins.

        >>> Period.WEEK.first_day(0)
        4
        """
        return index * _DAYS[self._value_] + (4 if self is Period.WEEK else 0)

    @property
    def lags(self) -> int:
        """Periods whose quantities are kept one by one: a year of weeks, four weeks of days."""
        return 52 if self is Period.WEEK else 28
