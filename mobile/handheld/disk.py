"""The device's own files.

Large ones are SQLite with a write-ahead log, looked through when opened, put
aside when damaged. Small ones are replaced whole or not at all.
"""

import os
import sqlite3
from pathlib import Path


def replace(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a small file, for its owner's eyes only; `durable` has it on the disk before this returns.

    Raises `OSError`; then the file is what it was.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "hour.json"
    ...     replace(path, b"one")
    ...     replace(path, b"two")
    ...     path.read_text(), len(list(path.parent.iterdir()))
    ('two', 1)
    """
    new = fresh(path)
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    new.replace(path)


def fresh(path: Path) -> Path:
    """Return where a small file is written before it takes the other's place."""
    return path.with_name(path.name + ".new")


def connected(path: Path, synchronous: str = "full") -> sqlite3.Connection:
    """Open a file as it is; `full` has each commit on the disk before it returns.

    >>> connected(Path(":memory:")).execute("pragma synchronous").fetchone()
    (2,)
    """
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute(f"pragma synchronous = {synchronous}")
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def sound(path: Path, schema: str, synchronous: str = "full") -> sqlite3.Connection:
    """Open a file that has these tables, making what it lacks; raise `DatabaseError` when it is damaged."""
    db = connected(path, synchronous)
    try:
        (said,) = db.execute("pragma quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)
        db.executescript(schema)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def set_aside(path: Path) -> Path:
    """Give a damaged file, with what belongs to it, a name of its own; return that."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for tail in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + tail)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + tail))
    return aside
