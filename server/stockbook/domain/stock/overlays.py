"""Overlays: what lies over a state and coexists with it.

Blocking ones are holds, bits of the position's key, so that ten of a hundred
can be frozen. NEAR_EXPIRY and PROMOTED are derived and block nothing; RESERVED
is a quantity. `MEETS` says which overlay may meet which state.
"""

from enum import IntFlag, StrEnum

from stockbook.domain.stock.states import State


class Hold(IntFlag):
    """Blocking overlays; added ones take the bits from 16 up."""

    FROZEN = 1
    RECALLED = 2
    COUNTING = 4
    EXCURSION = 8


class Overlay(StrEnum):
    """Every overlay by name, blocking or not."""

    FROZEN = "FROZEN"
    RECALLED = "RECALLED"
    COUNTING = "COUNTING"
    EXCURSION = "EXCURSION"
    NEAR_EXPIRY = "NEAR_EXPIRY"
    PROMOTED = "PROMOTED"
    RESERVED = "RESERVED"


_ALL = frozenset(State) - {State.NONE}
_HERE = _ALL - {State.EXPECTED, State.IN_TRANSIT}

MEETS: dict[Overlay, frozenset[State]] = {
    Overlay.FROZEN: _ALL,
    Overlay.RECALLED: _ALL,
    Overlay.COUNTING: _HERE - {State.IN_PROCESSING},
    Overlay.EXCURSION: _ALL - {State.EXPECTED},
    Overlay.NEAR_EXPIRY: _ALL - {State.EXPIRED},
    Overlay.PROMOTED: frozenset({State.SELLABLE}),
    Overlay.RESERVED: frozenset({State.SELLABLE, State.EXPECTED, State.IN_TRANSIT}),
}
"""Which overlay may meet which state."""

NEAR_EXPIRY_DAYS = 3
"""A lot whose expiry is no more days away is about to expire."""
