"""The replica's file: a copy of what the server knows, which may be thrown away and asked for anew."""

import contextlib
import sqlite3
from pathlib import Path

from handheld import disk

SCHEMA = """
create table if not exists item (
    number integer primary key,
    id text not null unique,
    reference text not null,
    name text not null,
    category text not null,
    gtin text not null,
    unit text not null,
    decimals integer not null,
    units text not null,
    risk_class text not null,
    brand text not null,
    style text not null,
    size text not null,
    look text not null,
    pass integer not null
);
create index if not exists item_reference on item (reference);
create index if not exists item_look on item (look) where look <> '';
create table if not exists code (
    code text primary key,
    item text not null,
    unit text not null
) without rowid;
create index if not exists code_item on code (item);
create table if not exists place (
    id text primary key,
    reference text not null,
    name text not null,
    kind text not null,
    parent text not null,
    pass integer not null
) without rowid;
create index if not exists place_reference on place (reference);
create table if not exists lot (
    id text primary key,
    item text not null,
    code text not null,
    expiry text,
    produced text,
    pass integer not null
) without rowid;
create index if not exists lot_item on lot (item, code);
create table if not exists position (
    id text primary key,
    item text not null,
    lot text not null,
    place text not null,
    state text not null,
    quantity text not null,
    holds text not null,
    rights text not null,
    pass integer not null
) without rowid;
create index if not exists position_place on position (place);
create index if not exists position_item on position (item);
create table if not exists task (
    id text primary key,
    reference text not null,
    kind text not null,
    said text not null,
    pass integer not null
) without rowid;
create index if not exists task_reference on task (reference);
create table if not exists meta (name text primary key, value text not null) without rowid;
"""


def opened(path: Path) -> sqlite3.Connection:
    """Open the file to write; one that is damaged or of another layout is deleted and begun anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _made(path)
    except sqlite3.OperationalError as fault:
        if "no such" not in str(fault) and "has no column" not in str(fault):
            raise
    except sqlite3.DatabaseError:
        pass
    forget(path)
    return _made(path)


def reading(path: Path) -> sqlite3.Connection:
    """Open the file to read, beside whoever writes."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    db.execute("pragma query_only = on")
    return db


def forget(path: Path) -> None:
    """Delete the file."""
    for tail in ("", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def _made(path: Path) -> sqlite3.Connection:
    db = disk.sound(path, SCHEMA, "normal")
    try:
        _index(db)
        db.execute("select number, look, pass from item limit 0")
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _index(db: sqlite3.Connection) -> None:
    """Make the index of words: by FTS5, or FTS4 where SQLite was built without it (python-for-android's)."""
    if db.execute("select 1 from sqlite_master where name = 'words'").fetchone():
        return
    with contextlib.suppress(sqlite3.OperationalError):
        db.execute("create virtual table words using fts5(said, tokenize = 'unicode61')")
        return
    db.execute("create virtual table words using fts4(said, tokenize=unicode61)")
