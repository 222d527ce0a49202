"""Files on their way here: kept as far as they were fetched, so that a torn network goes on where it was."""

import shutil
from pathlib import Path

from handheld.client.transport import Failed, Transport, Trouble

PIECE = 512 * 1024
"""Bytes fetched at once: what was fetched before the network went stays."""


class Parts:
    """The parts in a folder, each by the name of the whole.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parts = Parts(Path(folder) / "models")
    ...     parts.take("ab", 0, b"one "), parts.take("ab", 4, b"two"), parts.take("ab", 4, b"more")
    ...     parts.fetched("ab"), parts.read("ab"), parts.drop("ab"), parts.fetched("ab")
    (None, None, None)
    (8, b'one more', None, 0)
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetched(self, name: str) -> int:
        """Return how many bytes of a file are here already."""
        try:
            return self._part(name).stat().st_size
        except OSError:
            return 0

    def fetch(self, transport: Transport, token: str, path: str, name: str, size: int) -> Failed | None:
        """Fetch a piece more of a file of that size; where the path has another one by now, what was here goes."""
        at = self.fetched(name)
        piece = transport.fetch(path, token, name, at, min(PIECE, size - at))
        if isinstance(piece, Failed):
            return piece
        if not piece.same:
            self.drop(name)
            return Failed(Trouble.FAILED, message="the file is another one")
        self.take(name, piece.at, piece.content)
        return None

    def take(self, name: str, at: int, piece: bytes) -> None:
        """Add a piece to what was fetched; what lies beyond it is cut off."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._part(name).open("r+b" if at else "wb") as file:
            file.seek(at)
            file.write(piece)
            file.truncate()

    def read(self, name: str) -> bytes:
        """Return what was fetched of a file."""
        return self._part(name).read_bytes()

    def drop(self, name: str) -> None:
        """Forget what was fetched of a file."""
        self._part(name).unlink(missing_ok=True)

    def erase(self) -> None:
        """Delete all parts."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _part(self, name: str) -> Path:
        return self._folder / f"{name}.part"
