"""The gate before go-live: forecasts drive proposals where a trial showed few false and few missed alarms."""

from collections.abc import Mapping
from datetime import datetime

from stockbook.domain.demand.period import Period

GATE = 0.15
"""The share of false alarms, and of missed ones, below which forecasts may drive proposals."""
LIVE = "adaptive"
"""The learner that runs live."""
JUDGED_WEEKS = 13
"""How much history a trial judges unless it is told."""


def judged_until(newest: datetime, now: datetime) -> datetime:
    """Return when the newest week ended that can be judged: one that has not ended has not sold what it will.

    >>> from datetime import UTC
    >>> friday, sunday = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC)
    >>> f"{judged_until(friday, sunday):%m-%d}", f"{judged_until(sunday, sunday):%m-%d}"
    ('11-23', '11-23')
    """
    week = Period.WEEK
    return min(week.start(week.number(newest) + 1), week.start(week.number(now)))


def passes(metrics: Mapping[str, float | None]) -> bool:
    """Tell whether a trial passes the gate; a rate that could not be told passes nothing.

    False alarms are counted in the form that a buyer would: orders that were not
    needed even one cycle later.

    >>> passes({"false_alarms": 0.1, "missed_alarms": 0.149}), passes({"false_alarms": 0.15, "missed_alarms": 0.0})
    (True, False)
    """
    rates = metrics.get("false_alarms"), metrics.get("missed_alarms")
    return all(rate is not None and rate < GATE for rate in rates)
