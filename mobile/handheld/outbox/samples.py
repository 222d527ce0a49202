"""Pictures that somebody corrected, until the server has them: so many and no more, in files and a table of their own.

They are help, not a promise: when there are too many the oldest goes, a damaged
table is begun anew, and whatever happens here, no scan waits for it.
"""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

PICTURES_MAX = 300
BYTES_MAX = 100 * 2**20
PICTURE_MAX = 3 * 2**20
REFUSED_MAX = 50
"""Refusals that are remembered, for the eye."""
_FILE = "samples.db"
_SCHEMA = """
create table if not exists sample (
    number integer primary key,
    sha256 text not null unique,
    said text not null,
    size integer not null,
    told integer not null default 0
);
create table if not exists refused (
    number integer primary key,
    sha256 text not null,
    code text not null,
    message text not null
);
"""


class NotKept(Enum):
    """Why a picture was not kept; the work goes on without it."""

    OFF = "samples are switched off"
    TOO_LARGE = "the picture has too many bytes"
    DISK = "the device can't store it"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of a picture, and what the model had taken it for.

    Attributes
    ----------
    item
        The reference of what it shows.
    guesses
        References with confidences, the best first.
    model
        The sha256 of that model.
    """

    item: str
    taken_at: datetime
    guesses: tuple[tuple[str, float], ...] = ()
    model: str = ""
    site: str = ""
    person: str = ""


class Sample(NamedTuple):
    """A picture that waits: the line that tells of it, whether it was told, and its file."""

    sha256: str
    line: dict[str, Any]
    told: bool
    path: Path


class Standing(NamedTuple):
    """How the queue stands."""

    waiting: int
    size: int
    refused: tuple[tuple[str, str], ...]
    """(code, message) of the latest that the server did not want."""


class Samples:
    """The queue. Its methods may be called from any thread.

    >>> import tempfile
    >>> from datetime import UTC
    >>> folder = tempfile.TemporaryDirectory()
    >>> samples = Samples(Path(folder.name), on=True)
    >>> correction = Correction("MILK", datetime(2026, 11, 28, tzinfo=UTC), (("CREAM", 0.71), ("MILK", 0.22)))
    >>> samples.keep(b"picture", correction), samples.keep(b"picture", correction), samples.standing().waiting
    (None, None, 1)
    >>> samples.next().line["guesses"][0]
    {'item': 'CREAM', 'confidence': '0.71'}
    >>> samples.close(); folder.cleanup()
    """

    def __init__(
        self, folder: Path, *, on: bool = False, pictures_max: int = PICTURES_MAX, bytes_max: int = BYTES_MAX
    ) -> None:
        self._folder = folder
        self._pictures_max, self._bytes_max = pictures_max, bytes_max
        self._lock = threading.Lock()
        self.on = on
        """Whether pictures are kept, as the server has it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._db = _opened(folder / _FILE)
        self._tidy()

    def close(self) -> None:
        """Close the table."""
        with self._lock:
            self._db.close()

    def keep(self, picture: bytes, correction: Correction) -> NotKept | None:
        """Keep a picture to be sent; the same again is kept once. Returns why it was not."""
        if not self.on:
            return NotKept.OFF
        if len(picture) > PICTURE_MAX:
            return NotKept.TOO_LARGE
        name = sha256(picture).hexdigest()
        with self._lock:
            try:
                self._make_room(len(picture))
                self._path(name).write_bytes(picture)
                self._db.execute(
                    "insert or ignore into sample (sha256, said, size) values (?, ?, ?)",
                    (name, json.dumps(_line(name, len(picture), correction), ensure_ascii=False), len(picture)),
                )
            except (OSError, sqlite3.Error):
                return NotKept.DISK
        return None

    def next(self) -> Sample | None:
        """Return the oldest that waits, None when none does."""
        with self._lock:
            row = self._db.execute("select sha256, said, told from sample order by number limit 1").fetchone()
        return None if row is None else Sample(row[0], json.loads(row[1]), bool(row[2]), self._path(row[0]))

    def told(self, name: str, *, told: bool = True) -> None:
        """Note that the server knows of a picture, and waits for it; or that it does not any more."""
        with self._lock:
            self._db.execute("update sample set told = ? where sha256 = ?", (told, name))

    def sent(self, name: str) -> None:
        """Delete a picture: the server has it."""
        with self._lock:
            self._forget(name)

    def refused(self, name: str, code: str, message: str) -> None:
        """Delete a picture that the server does not want, and remember why."""
        with self._lock:
            self._forget(name)
            self._db.execute("insert into refused (sha256, code, message) values (?, ?, ?)", (name, code, message))
            self._db.execute(
                "delete from refused where number <= (select max(number) from refused) - ?", (REFUSED_MAX,)
            )

    def standing(self) -> Standing:
        """Return how the queue stands."""
        with self._lock:
            waiting, size = self._db.execute("select count(*), coalesce(sum(size), 0) from sample").fetchone()
            refused = self._db.execute("select code, message from refused order by number desc").fetchall()
        return Standing(waiting, size, tuple(refused))

    def forget(self) -> None:
        """Delete all that waits: samples were switched off, or the device is wiped."""
        with self._lock:
            self._db.execute("delete from sample")
            self._db.execute("delete from refused")
            self._sweep()

    def _make_room(self, more: int) -> None:
        waiting, size = self._db.execute("select count(*), coalesce(sum(size), 0) from sample").fetchone()
        for name, each in self._db.execute("select sha256, size from sample order by number").fetchall():
            if waiting < self._pictures_max and size + more <= self._bytes_max:
                return
            self._forget(name)
            waiting, size = waiting - 1, size - each

    def _forget(self, name: str) -> None:
        self._db.execute("delete from sample where sha256 = ?", (name,))
        with contextlib.suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Forget rows without their file, and files without their row."""
        for (name,) in self._db.execute("select sha256 from sample").fetchall():
            if not self._path(name).is_file():
                self._db.execute("delete from sample where sha256 = ?", (name,))
        self._sweep()

    def _sweep(self) -> None:
        kept = {name for (name,) in self._db.execute("select sha256 from sample")}
        for path in self._pictures():
            if path.name.removesuffix(".picture") not in kept:
                path.unlink(missing_ok=True)

    def _pictures(self) -> Iterator[Path]:
        return self._folder.glob("*.picture")

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.picture"


def _line(name: str, size: int, correction: Correction) -> dict[str, Any]:
    """Return what is told of a picture, as `recordSamples` takes it; what is not known is left out."""
    said = {"model": correction.model, "site": correction.site, "person": correction.person}
    return {
        "sha256": name,
        "size": size,
        "item": correction.item,
        "takenAt": correction.taken_at.isoformat(),
        "guesses": [{"item": item, "confidence": str(round(sure, 4))} for item, sure in correction.guesses],
        **{key: value for key, value in said.items() if value},
    }


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _made(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
    return _made(path)


def _made(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        db.execute("pragma synchronous = normal")
        db.executescript(_SCHEMA)
        db.execute("select number, sha256, said, size, told from sample limit 0")
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
