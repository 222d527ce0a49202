"""The queue of scans between the scanner's thread and the work: none lost, none doubled.

A device may tell one scan both ways, by intent and by keys. A scan is the double
of one that came the other way, with the same text, a moment ago; each is the
double of one at most, so the same label scanned ten times is ten scans. Once an
intent was seen, a scan by keys waits a moment for its intent, which carries
symbology and separators.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from handheld.scan.scan import Scan, Source

TOGETHER = 1.0
"""Seconds within which the two ways tell of one scan."""
PATIENCE = 0.06
"""Seconds that a scan by keys waits for its intent."""


class Inbox:
    """Scans in the order in which they came. Its methods may be called from any thread.

    >>> inbox = Inbox()
    >>> inbox.put(Scan("6921168509256", "]E0", 1.0, Source.INTENT))
    >>> inbox.put(Scan("6921168509256", "", 1.01, Source.KEYS))
    >>> [each.symbology for each in inbox.ready()]
    [']E0']
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._condition = threading.Condition()
        self._ready: deque[Scan] = deque()
        self._held: deque[Scan] = deque()
        self._alone: deque[Scan] = deque()
        """Scans of either way that have no double yet."""
        self._intents = False
        self.separates = {Source.INTENT: False, Source.KEYS: False, Source.CAMERA: True}
        """By which ways a separator was seen: those scanners are set for GS1."""

    def put(self, scan: Scan) -> None:
        """Take a scan."""
        with self._condition:
            self.separates[scan.source] |= scan.separated
            while self._alone and scan.at - self._alone[0].at > TOGETHER:
                self._alone.popleft()
            twin = next((each for each in self._alone if _double(each, scan)), None)
            if twin is not None:
                self._alone.remove(twin)
                if twin in self._held:  # the keys came first: the intent tells more
                    self._held.remove(twin)
                    self._ready.append(scan)
            else:
                self._alone.append(scan)
                waits = scan.source is Source.KEYS and self._intents
                (self._held if waits else self._ready).append(scan)
            self._intents = self._intents or scan.source is Source.INTENT
            self._condition.notify()

    def ready(self) -> list[Scan]:
        """Return the scans that have come, without waiting; to be called at every frame."""
        with self._condition:
            self._release()
            found = list(self._ready)
            self._ready.clear()
            return found

    def take(self, timeout: float) -> Scan | None:
        """Return the next scan, waiting so many seconds at most."""
        end = self._clock() + timeout
        with self._condition:
            while True:
                self._release()
                if self._ready:
                    return self._ready.popleft()
                left = end - self._clock()
                if left <= 0:
                    return None
                self._condition.wait(min(left, PATIENCE) if self._held else left)

    def _release(self) -> None:
        """Let go what has waited for its intent in vain."""
        now = self._clock()
        while self._held and now - self._held[0].at >= PATIENCE:
            self._ready.append(self._held.popleft())


def _double(one: Scan, other: Scan) -> bool:
    if {one.source, other.source} != {Source.INTENT, Source.KEYS}:
        return False
    return one.text == other.text or _plain(one.text) == _plain(other.text)


def _plain(text: str) -> str:
    """Return a code as the poorer way tells it: without symbology and separators."""
    return (text[3:] if text[:1] == "]" else text).replace("\x1d", "").strip()
