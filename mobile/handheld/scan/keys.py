"""Raw key events into scans, for scanners that type.

A scanner types fast and ends with Enter. Some systems tell each key twice, as a
key and as a text; with the soft keyboard hidden Android tells keys alone, without
Shift applied. Both are taken, and compared at the end. What a person types is
given back key by key, for the quantity field and the buttons.

A pause in the middle of a scan is no end: a busy device pauses, and cutting a
code in two would lose it. Only for a scanner that sends no Enter silence ends a
scan, counted while the app itself is awake.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from handheld.scan.scan import Scan, Source

GS = "\x1d"
ENTER = frozenset({13, 271, 9})
"""Enter, that of the number pad, and Tab, which some scanners send instead."""
SHIFT = frozenset({303, 304})
RIGHT_BRACKET = 93
BURST_GAP = 0.06
"""Seconds between keys, at the median, below which nobody types."""
SILENCE = 0.25
"""Seconds after which a scan is over, when no Enter comes."""
PATIENCE = 0.1
"""Seconds after which a key was a person's."""
AWAKE_STEP = 0.05
"""Seconds of silence that one look can count: longer ones are the device's own pause."""
LEAST = 3
_SHIFTED = dict(zip("1234567890-=[]\\;',./`", '!@#$%^&*()_+{}|:"<>?~', strict=True))


class Typed(NamedTuple):
    """A key that a person pressed: a character, or a key code for one that has none."""

    character: str
    key: int = 0


@dataclass(slots=True)
class Keys:
    """Tells scans and typing apart. Times are seconds of `time.monotonic`.

    >>> keys = Keys()
    >>> for number, character in enumerate("6921"):
    ...     assert keys.down(ord(character), character, (), number * 0.004) == []
    >>> keys.down(13, "", (), 0.02)
    [Scan(text='6921', symbology='', at=0.02, source=<Source.KEYS: 'keys'>)]
    """

    _keys: list[str] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _gaps: list[float] = field(default_factory=list)
    _last: float = -1e9
    _shift: bool = False
    _silent: float = 0
    _looked: float | None = None

    def down(self, key: int, character: str | None, modifiers: Collection[str], at: float) -> list[Scan | Typed]:
        """Take a key: its code, its character without Shift, and what is held down with it."""
        if key in SHIFT:
            self._shift = True
            return []
        if key in ENTER:
            return self._end(at, Typed("\t" if key == 9 else "\n", key))
        if key == ord(GS) or (key == RIGHT_BRACKET and "ctrl" in modifiers):
            return self._take(GS, at)
        if character and len(character) == 1 and character.isprintable():
            upper = (self._shift or "shift" in modifiers) != ("capslock" in modifiers and character.isalpha())
            return self._take(_SHIFTED.get(character, character.upper()) if upper else character, at)
        return [*self._flush(), Typed("", key)]

    def up(self, key: int) -> None:
        """Take the release of a key."""
        if key in SHIFT:
            self._shift = False

    def text(self, text: str, at: float) -> list[Scan | Typed]:
        """Take a text event: what the system made of keys."""
        return [said for character in text for said in self._take(character, at, text=True)]

    def poll(self, at: float) -> list[Scan | Typed]:
        """Look whether what was typed is over; to be called some twenty times a second."""
        self._silent = self._gap(at)
        self._looked = at
        if self._burst():
            return [self._scan(at)] if self._silent >= SILENCE else []
        return self._flush() if self._silent >= PATIENCE else []

    def _take(self, character: str, at: float, *, text: bool = False) -> list[Scan | Typed]:
        said: list[Scan | Typed] = []
        gap = self._gap(at)
        if gap > BURST_GAP and not self._burst(of=2):
            said = self._flush()
        into = self._texts if text else self._keys
        if self._keys or self._texts:
            ahead = len(self._texts) - len(self._keys) if text else len(self._keys) - len(self._texts)
            if ahead >= 0:  # else the same key is told the other way
                self._gaps.append(gap)
        into.append(character)
        self._last, self._silent = at, 0
        return said

    def _gap(self, at: float) -> float:
        """Return how long nothing came, as far as the app was awake to see it."""
        if self._looked is None or self._looked < self._last:
            awake = AWAKE_STEP if self._looked is not None else at - self._last
            return min(at - self._last, awake)
        return min(at - self._last, self._silent + min(at - self._looked, AWAKE_STEP))

    def _end(self, at: float, enter: Typed) -> list[Scan | Typed]:
        if self._burst():
            return [self._scan(at)]
        return [*self._flush(), enter]

    def _burst(self, of: int = LEAST) -> bool:
        """Return whether so many keys came faster than anybody types."""
        return max(len(self._keys), len(self._texts)) >= of and bool(self._gaps) and median(self._gaps) <= BURST_GAP

    def _scan(self, at: float) -> Scan:
        scan = Scan(self._said(), "", at, Source.KEYS)
        self._clear()
        return scan

    def _said(self) -> str:
        """Return what was typed: the texts where they are whole, with the separators that only keys tell."""
        if not self._texts or len(self._texts) + self._keys.count(GS) < len(self._keys):
            return "".join(self._keys)
        texts = iter(self._texts)
        said = [key if key == GS else next(texts, "") for key in self._keys]
        return "".join([*said, *texts])

    def _flush(self) -> list[Scan | Typed]:
        typed: list[Scan | Typed] = [Typed(character) for character in self._said()]
        self._clear()
        return typed

    def _clear(self) -> None:
        self._keys, self._texts, self._gaps, self._silent = [], [], [], 0
