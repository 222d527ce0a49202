"""When a shelf was empty: it ran empty at one moment and was filled again at another."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class Turn(NamedTuple):
    """A shelf ran empty, or was filled again; `recorded` is the transaction that wrote it."""

    at: datetime
    recorded: int
    empty: bool


def empty_share(turns: Sequence[Turn], since: datetime, until: datetime) -> float:
    """Return for which part of a time the shelf was empty; turns in order of time, the last one holds on.

    >>> from datetime import UTC, timedelta
    >>> monday = datetime(2026, 11, 23, tzinfo=UTC)
    >>> turns = [Turn(monday + timedelta(days=1), 7, True), Turn(monday + timedelta(days=3), 9, False)]
    >>> empty_share(turns, monday, monday + timedelta(days=4)), empty_share(turns[:1], monday, turns[1].at)
    (0.5, 0.6666666666666666)
    """
    seconds, began = 0.0, None
    for turn in turns:
        if turn.empty:
            began = began or turn.at
        elif began is not None:
            seconds += max((min(turn.at, until) - max(began, since)).total_seconds(), 0.0)
            began = None
    if began is not None:
        seconds += max((until - max(began, since)).total_seconds(), 0.0)
    return seconds / (until - since).total_seconds()
