"""Expired, near its expiry, or fresh: by the corrected day, never by the device's own clock alone."""

from datetime import date
from enum import Enum


class Age(Enum):
    """How near the expiry is."""

    FRESH = "fresh"
    NEAR = "near"
    EXPIRED = "expired"


def days_left(expiry: date, today: date) -> int:
    """Return the days to an expiry; on the day itself none are left, and it isn't expired yet."""
    return (expiry - today).days


def age(expiry: date | None, today: date, near_days: int = 30) -> Age:
    """Return how near the expiry is: red below `near_days`.

    >>> today = date(2026, 11, 28)
    >>> age(date(2026, 12, 28), today).name, age(date(2026, 12, 27), today).name
    ('FRESH', 'NEAR')
    >>> age(date(2026, 11, 28), today).name, age(date(2026, 11, 27), today).name
    ('NEAR', 'EXPIRED')
    """
    if expiry is None:
        return Age.FRESH
    left = days_left(expiry, today)
    if left < 0:
        return Age.EXPIRED
    return Age.NEAR if left < near_days else Age.FRESH
