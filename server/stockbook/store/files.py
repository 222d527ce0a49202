"""Files that are too large for rows: models and sample pictures, named by their sha256, a folder an organisation.

Organisations share no file: what one deletes is not another's, and nobody
learns from an upload what others have.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from stockbook.domain.recognition.manifest import SHA256


class Files:
    """The folder. A file is there whole or not at all; several servers share it by mounting it.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> files = Files(Path(folder.name))
    >>> name = asyncio.run(files.put(7, b"picture"))
    >>> asyncio.run(files.read(7, name)), asyncio.run(files.read(8, name)), name[:8]
    (b'picture', None, '2cea274d')
    >>> folder.cleanup()
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, organisation: int, name: str) -> Path:
        """Return where a file lies, or would."""
        if not SHA256.fullmatch(name):
            raise ValueError("a file is named by its sha256")
        return self._folder / str(organisation) / name[:2] / name

    async def put(self, organisation: int, content: bytes) -> str:
        """Keep a file; return its name. It is on the disk when this returns."""
        return await asyncio.to_thread(self._put, organisation, content)

    async def read(self, organisation: int, name: str) -> bytes | None:
        """Return what a file has, None when there is none."""
        return await asyncio.to_thread(self._read, organisation, name)

    async def size(self, organisation: int, name: str) -> int | None:
        """Return how many bytes a file has, None when there is none."""
        path = self.path(organisation, name)
        return path.stat().st_size if path.is_file() else None

    async def delete(self, organisation: int, name: str) -> None:
        """Delete a file, if it is there."""
        await asyncio.to_thread(self.path(organisation, name).unlink, missing_ok=True)

    def older(self, before: float) -> Iterator[tuple[int, str]]:
        """Yield the files that were written before a moment, seconds since 1970; leftovers of a crash are deleted."""
        for folder in self._folder.glob("*/*") if self._folder.is_dir() else ():
            for path in folder.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime >= before:
                        continue
                    if SHA256.fullmatch(path.name):
                        yield int(folder.parent.name), path.name
                    else:
                        path.unlink()

    def _put(self, organisation: int, content: bytes) -> str:
        name = sha256(content).hexdigest()
        path = self.path(organisation, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        return name

    def _read(self, organisation: int, name: str) -> bytes | None:
        try:
            return self.path(organisation, name).read_bytes()
        except FileNotFoundError:
            return None
