"""The journal's file: SQLite with a write-ahead log, each commit on the disk before it returns."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from handheld import disk

SCHEMA = """
create table if not exists entry (
    epoch integer not null,
    sequence integer not null,
    text text not null,
    previous blob not null,
    seal blob not null,
    task text not null,
    state integer not null default 0,
    known integer not null default 0,
    kept_ms integer not null,
    primary key (epoch, sequence)
) without rowid;
create index if not exists entry_waiting on entry (epoch, sequence) where state = 0;
create index if not exists entry_unknown on entry (task, epoch, sequence) where known < 3;
create index if not exists entry_said on entry (substr(text, 8, 36));
create table if not exists answer (
    epoch integer not null,
    sequence integer not null,
    outcome text not null,
    code text not null,
    message text not null,
    transient integer not null,
    flags text not null,
    task text not null,
    settled integer not null default 0,
    primary key (epoch, sequence)
) without rowid;
create table if not exists meta (name text primary key, value text not null) without rowid;
"""
SAID = "substr(text, 8, 36)"
"""An event's own id: a text begins with it (`stockbook.domain.capture.event.write`)."""
_COLUMNS = "epoch, sequence, text, previous, seal, task, state, known, kept_ms"
_ANSWER_COLUMNS = "epoch, sequence, outcome, code, message, transient, flags, task, settled"
_UNREADABLE_MAX = 200
"""Rows in a row that can't be read, after which nothing more is looked for in a damaged file."""


def opened(path: Path) -> tuple[sqlite3.Connection, int | None]:
    """Open the file; of a damaged one take over what can be read, and keep it beside.

    Returns
    -------
    tuple
        The connection, and how many entries were saved when the file was damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return disk.sound(path, SCHEMA), None
    except sqlite3.OperationalError:
        raise  # no disk or no right to it, which is no damage
    except sqlite3.DatabaseError:
        damaged = disk.set_aside(path)
    db = disk.connected(path)
    db.executescript(SCHEMA)
    return db, _saved(damaged, db)


def forget(path: Path) -> None:
    """Delete the file, and what was set aside as damaged."""
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink(missing_ok=True)


def _saved(damaged: Path, db: sqlite3.Connection) -> int:
    """Copy what can be read of a damaged file; what can't is left out, row by row."""
    try:
        old = disk.connected(damaged)
    except sqlite3.DatabaseError:
        return 0
    count = 0
    db.execute("begin immediate")
    with contextlib.closing(old):
        for table, columns in (("entry", _COLUMNS), ("answer", _ANSWER_COLUMNS)):
            into = f"insert or ignore into {table} ({columns}) values ({', '.join('?' * len(columns.split(', ')))})"
            for row in (*_readable(old, table, columns), *_readable(old, table, columns, back=True)):
                added = db.execute(into, row).rowcount
                count += added if table == "entry" else 0
        with contextlib.suppress(sqlite3.DatabaseError):
            rows = old.execute("select name, value from meta").fetchall()
            db.executemany("insert or ignore into meta values (?, ?)", rows)
    db.execute("commit")
    return count


def _readable(old: sqlite3.Connection, table: str, columns: str, *, back: bool = False) -> Iterator[tuple[object, ...]]:
    """Yield the rows whose pages can be read, from either end."""
    after, order, step = ("<", "desc", -1) if back else (">", "asc", 1)
    epoch, sequence, unreadable = (1 << 60, 0, 0) if back else (0, 0, 0)
    while unreadable < _UNREADABLE_MAX:
        try:
            row = old.execute(
                f"select {columns} from {table} where (epoch, sequence) {after} (?, ?)"
                f" order by epoch {order}, sequence {order} limit 1",
                (epoch, sequence),
            ).fetchone()
        except sqlite3.DatabaseError:
            sequence, unreadable = sequence + step, unreadable + 1
            continue
        if row is None:
            return
        epoch, sequence, unreadable = row[0], row[1], 0
        if isinstance(row[2], str):
            yield row
