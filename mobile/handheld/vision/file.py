"""The file of what was enrolled and settled, beside the replica's: the device's own, which nobody can send anew."""

import sqlite3
from pathlib import Path

from handheld import disk

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
        return disk.sound(path, SCHEMA)
    except sqlite3.OperationalError:
        raise  # no disk or no right to it, which is no damage
    except sqlite3.DatabaseError:
        disk.set_aside(path)
    return disk.sound(path, SCHEMA)
