"""When series from outside end: from a day on forecasts do without them, what they said stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class Retirement(NamedTuple):
    """From when on a series is not heard (None: it is again), when that was said, and where in the order of recording.

    The order is that of transactions, as of points: what was said later changes no earlier forecast.
    """

    recorded: int
    said: datetime
    at: datetime | None


def over(told: Sequence[Retirement], before: int, moment: datetime) -> datetime | None:
    """Return since when a series is over at a moment, as was told before `before`; None while it is heard.

    What was told last counts. An end that had come when it was told counts for
    every forecast from then on, whichever year's sales are replayed.

    >>> from datetime import UTC
    >>> monday, friday, sunday = (datetime(2026, 11, day, tzinfo=UTC) for day in (23, 27, 29))
    >>> told = [Retirement(5, monday, at=friday), Retirement(9, sunday, at=None)]
    >>> over(told, 5, sunday), over(told, 6, monday), over(told, 6, sunday) == friday, over(told, 10, sunday)
    (None, None, True, None)
    >>> over([Retirement(5, sunday, at=friday)], 6, monday) == friday
    True
    """
    last = next((each for each in reversed(told) if each.recorded < before), None)
    if last is None or last.at is None or last.at > max(moment, last.said):
        return None
    return last.at
