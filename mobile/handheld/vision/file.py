"""The file of what was enrolled and settled, beside the replica's: the device's own, which nobody can send anew."""

import sqlite3
from pathlib import Path

SCHEMA = """
create table if not exists photograph (
    id integer primary key,
    item text not null,
    digest text not null,
    vector blob not null,
    model text not null,
    upside_down real,
    source text not null,
    captured_at text not null,
    picture blob,
    unique (item, digest)
);
create table if not exists settled (
    id integer primary key,
    proposed text not null,
    item text not null,
    vector blob not null,
    model text not null,
    confidence real not null,
    settled_by text not null,
    settled_at text not null
);
create table if not exists meta (name text primary key, value text not null) without rowid;
"""


def opened(path: Path) -> sqlite3.Connection:
    """Open the file; a damaged one is kept beside under another name, and a new one begun."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _made(path)
    except sqlite3.OperationalError:
        raise  # no disk or no right to it, which is no damage
    except sqlite3.DatabaseError:
        _set_aside(path)
    return _made(path)


def _made(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        (said,) = db.execute("pragma quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)
        db.executescript(SCHEMA)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _set_aside(path: Path) -> None:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for tail in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + tail)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + tail))
