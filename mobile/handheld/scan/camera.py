"""The camera: pictures as they come, files of JPEG or PNG as bytes; on a desktop and in tests a recorded clip.

What looks for pictures sees codes as well; each is one scan, however many frames show it.
"""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from handheld.scan.scan import Scan, Source

GONE_SECONDS = 1.5
"""A code that was out of view for so long is held there anew."""
KINDS = frozenset({".jpg", ".jpeg", ".png"})
Told = Callable[[bytes | None], None]


class Camera(Protocol):
    """Looks while it is open. Its methods return at once."""

    def open(self) -> None:
        """Begin to look; asks a person's leave where that is needed."""

    def close(self) -> None:
        """Look no more, and give the camera back."""

    def frame(self) -> bytes | None:
        """Return what is seen now, for the finder; None before anything is, and when nothing new is."""

    def take(self, told: Told) -> None:
        """Take a picture and tell it, from any thread; None when that failed."""


class Codes:
    """Codes that the camera reads in frame after frame: each is a scan when it comes into view.

    >>> now, scans = iter([0.0, 0.2, 0.4, 0.6, 3.0]), []
    >>> codes = Codes(lambda: next(now)); codes.receive = scans.append
    >>> for code in ("A", "A", "B", "A", "A"):
    ...     codes.see(code, "]E0")
    >>> [(each.text, each.at, each.source.name) for each in scans]
    [('A', 0.0, 'CAMERA'), ('B', 0.4, 'CAMERA'), ('A', 3.0, 'CAMERA')]
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seen: dict[tuple[str, str], float] = {}
        self.receive: Callable[[Scan], None] = lambda scan: None
        """Told of each scan, on the thread that sees."""

    def see(self, code: str, symbology: str) -> None:
        """Take what a frame shows."""
        at, what = self._now(), (code, symbology)
        self._seen = {each: then for each, then in self._seen.items() if at - then <= GONE_SECONDS}
        fresh = what not in self._seen
        self._seen[what] = at
        if fresh:
            self.receive(Scan(code, symbology, at, Source.CAMERA))


class Clip:
    """A recorded clip: a folder of pictures in the order of their names, or single files; each press takes the next.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> for name in ("2.png", "1.jpg", "notes.txt"):
    ...     _ = Path(folder.name, name).write_bytes(name.encode())
    >>> clip, taken = Clip([Path(folder.name)]), []
    >>> clip.open(); clip.frame(), clip.frame()
    (b'1.jpg', None)
    >>> clip.take(taken.append); clip.frame(), taken
    (b'2.png', [b'1.jpg'])
    >>> clip.drop(Path(folder.name, "notes.txt")); clip.take(taken.append); clip.take(taken.append); taken
    [b'1.jpg', b'2.png', b'1.jpg']
    >>> Clip().take(taken.append); taken[-1] is None
    True
    >>> folder.cleanup()
    """

    def __init__(self, sources: Iterable[Path] = ()) -> None:
        self._pictures = [path for source in sources for path in _pictures(source)]
        self._lock = threading.Lock()
        self._at, self._shown = 0, -1

    def open(self) -> None:
        """Show the picture that comes next."""
        self._shown = -1

    def close(self) -> None:
        """Stay where it is."""

    def drop(self, path: Path) -> None:
        """Have a file, or the pictures of a folder, come next."""
        with self._lock:
            self._pictures[self._at : self._at] = _pictures(path)
            self._shown = -1

    def frame(self) -> bytes | None:
        """Return the picture that comes next, once."""
        with self._lock:
            if not self._pictures or self._shown == self._at:
                return None
            self._shown = self._at
            return _read(self._pictures[self._at])

    def take(self, told: Told) -> None:
        """Tell the picture that comes next; after the last one the first."""
        with self._lock:
            taken = _read(self._pictures[self._at]) if self._pictures else None
            self._at = (self._at + 1) % max(1, len(self._pictures))
        told(taken)


def _pictures(source: Path) -> list[Path]:
    found = sorted(source.iterdir()) if source.is_dir() else [source]
    return [path for path in found if path.suffix.lower() in KINDS]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
