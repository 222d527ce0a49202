"""Overlays: what lies over a state and coexists with it.

What was laid over goods is part of the position's key, so that ten of a hundred
can be frozen: one whole number, `holds`. Its low byte says what blocks, so that
whether goods may be sold is asked of it alone:

::

    bits 0..3   the built-in holds: FROZEN, RECALLED, COUNTING, EXCURSION
    bit  7      an organisation's own overlay that blocks is among those in the set
    bits 8..30  the number of the set of organisations' own overlays, 0 for none

NEAR_EXPIRY and PROMOTED are derived and block nothing; RESERVED is a quantity.
`MEETS` says which overlay may meet which state. To everybody but the
organisation whose it is, an own overlay that blocks is FROZEN, and one that
doesn't is not there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntFlag, StrEnum

from stockbook.domain.stock.states import State


class Hold(IntFlag):
    """The built-in overlays that block."""

    FROZEN = 1
    RECALLED = 2
    COUNTING = 4
    EXCURSION = 8


OWN_BLOCKS = 128
"""Of the own overlays that lie there, one blocks."""
BLOCKS = 255
"""What blocks, built-in or own: goods with none of these bits may be sold and promised."""
SET_SHIFT = 8
"""Above these bits stands the number of the set of own overlays."""
_UNNAMED = 1 << 22
"""Sets that nothing has lain under before have numbers from here, until they are given one."""


class Overlay(StrEnum):
    """Every built-in overlay by name, blocking or not."""

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


@dataclass(frozen=True, slots=True)
class CustomOverlay:
    """An overlay that an organisation added; `meets` are the built-in states that it may lie over."""

    id: int
    organisation: int
    name: str
    blocks: bool
    meets: tuple[int, ...]


class Overlays:
    """The added overlays, and the sets of them that lie somewhere, by number.

    >>> customs = CustomOverlay(1, organisation=7, name="CUSTOMS", blocks=True, meets=(State.SELLABLE,))
    >>> overlays = Overlays([customs, CustomOverlay(2, 7, "DISPLAY", blocks=False, meets=(State.SELLABLE,))])
    >>> overlays.know({1: (1,), 2: (2,)})
    >>> laid = overlays.with_(Hold.FROZEN.value, customs)
    >>> laid & BLOCKS, laid >> SET_SHIFT, overlays.lies(laid, customs), overlays.without(laid, [customs])
    (129, 1, True, 1)
    """

    def __init__(self, added: Iterable[CustomOverlay] = ()) -> None:
        self._by_id = {overlay.id: overlay for overlay in added}
        self._by_name = {(overlay.organisation, overlay.name): overlay for overlay in self._by_id.values()}
        self._sets: dict[int, tuple[int, ...]] = {0: ()}
        self._numbers: dict[tuple[int, ...], int] = {(): 0}
        self.unnamed: dict[tuple[int, ...], int] = {}
        """Sets that deciding met for the first time: to be given numbers, then all is decided again."""

    def own(self, name: str, organisation: int) -> CustomOverlay | None:
        """Return the overlay that an organisation calls so."""
        return self._by_name.get((organisation, name))

    def know(self, sets: Mapping[int, tuple[int, ...]]) -> None:
        """Be told the sets of numbers."""
        for number, overlays in sets.items():
            self._sets[number] = overlays
            self._numbers[overlays] = number
        self.unnamed = {}

    def unknown(self, holds: Iterable[int]) -> set[int]:
        """Return the numbers of sets in `holds` that nobody has told yet."""
        return {each >> SET_SHIFT for each in holds} - self._sets.keys()

    def lies(self, holds: int, overlay: CustomOverlay) -> bool:
        """Return whether an own overlay is among what was laid."""
        return overlay.id in self._of(holds)

    def veiled(self, holds: int, organisation: int) -> list[CustomOverlay]:
        """Return what an organisation sees as FROZEN: others' own overlays that block."""
        if not holds & OWN_BLOCKS:
            return []
        lying = (self._by_id[each] for each in self._of(holds))
        return [overlay for overlay in lying if overlay.blocks and overlay.organisation != organisation]

    def with_(self, holds: int, overlay: CustomOverlay) -> int:
        """Return what lies there with an own overlay more."""
        return self._holds(holds, {*self._of(holds), overlay.id})

    def without(self, holds: int, overlays: Iterable[CustomOverlay]) -> int:
        """Return what lies there with own overlays fewer."""
        return self._holds(holds, {*self._of(holds)} - {overlay.id for overlay in overlays})

    def _of(self, holds: int) -> tuple[int, ...]:
        return self._sets[holds >> SET_SHIFT] if holds >> SET_SHIFT < _UNNAMED else self._new(holds >> SET_SHIFT)

    def _new(self, number: int) -> tuple[int, ...]:
        return next(overlays for overlays, new in self.unnamed.items() if new == number)

    def _holds(self, holds: int, ids: set[int]) -> int:
        overlays = tuple(sorted(ids))
        number = self._numbers.get(overlays)
        if number is None:
            number = self.unnamed.setdefault(overlays, _UNNAMED + len(self.unnamed))
        blocks = any(self._by_id[each].blocks for each in overlays)
        return number << SET_SHIFT | (OWN_BLOCKS if blocks else 0) | (holds & (OWN_BLOCKS - 1))
