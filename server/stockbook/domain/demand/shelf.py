"""When a shelf was empty, and what was wanted of it then: said once, for whoever follows live and whoever replays.

Sales are not demand where there was nothing to sell. Of a period in which the
shelf ran empty what the rest of it would have sold is learnt as well
(`service.unmet`), but never more than was expected: what nobody saw may keep a
forecast from falling, not raise it. Of one in which it was empty throughout
nothing is known. But after eight such periods on end nobody is held to be
waiting any more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from stockbook.domain.demand.service import unmet

OFTEN_PERIODS, SELDOM_PERIODS = 5.0, 20.0
"""How many periods of experience a forecast weighs against what a period shows, of what sells often and of the rest."""
PATIENCE = 8
"""Periods on end for which customers are held to wait for a shelf that stays empty."""
MOSTLY = 0.5
"""Of a series that sells seldom, a period without a sale says nothing when the shelf was empty for this share of it."""


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


def void(before: int, sold: float, empty: float) -> int:
    """Return how many periods on end the shelf was empty throughout, with one more that sold so much.

    >>> void(2, sold=0.0, empty=1.0), void(2, sold=0.0, empty=0.9), void(2, sold=1.0, empty=1.0)
    (3, 0, 0)
    """
    return before + 1 if empty >= 1 and sold <= 0 else 0


def trust(often: bool, periods: float) -> float:
    """Return how many periods of experience a forecast weighs against what a period shows.

    >>> trust(True, 100), trust(False, 4), trust(False, 100)
    (5.0, 10.0, 20.0)
    """
    return OFTEN_PERIODS if often else min(periods + 6.0, SELDOM_PERIODS)


def steadiness(often: bool, periods: float, spread: float | None) -> float:
    """Return for how many periods of what came a forecast counts: rates of periods stray the more, the less it does.

    Counts whose variance is `spread` times their mean come of a gamma of rates
    that is worth 1 / (spread - 1) periods.

    >>> steadiness(True, 100, None), steadiness(False, 4, None), steadiness(True, 100, spread=2.0)
    (5.0, 10.0, 1.0)
    """
    most = trust(often, periods)
    return most if spread is None else min(most, 1 / max(spread - 1, 0.01))


def wanted(promised: float, sold: float, empty: float, *, voids: int, often: bool, steady: float) -> float | None:
    """Return what customers wanted of a period that sold so much; None when nobody can tell.

    >>> wanted(10.0, 6.0, 0.4, voids=0, often=True, steady=0.0), wanted(10.0, 0.0, 1.0, voids=1, often=True, steady=5.0)
    (10.0, None)
    """
    if empty <= 0 or voids > PATIENCE:
        return sold
    if voids or (sold <= 0 and not often):
        return None if empty >= MOSTLY else 0.0
    return max(sold, min(sold + unmet(promised, sold, empty, steady), promised))
