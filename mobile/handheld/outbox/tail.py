"""Where the chain ends, and how it goes on: the next number, seal and stamp."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from handheld.outbox import answers
from handheld.outbox.clocks import Now
from handheld.outbox.entry import Entry, Identity
from stockbook.domain.capture import event, seal
from stockbook.domain.capture.clock import Stamp, parse, tick
from stockbook.domain.capture.event import Event
from stockbook.domain.refusal import Refusal

_INSERT = "insert into entry (epoch, sequence, text, previous, seal, task, kept_ms) values (?, ?, ?, ?, ?, ?, ?)"


class Row(NamedTuple):
    """An entry as it is stored."""

    epoch: int
    sequence: int
    text: str
    previous: bytes
    seal: bytes
    task: str
    kept_ms: int


class Tail(NamedTuple):
    """The end of the chain of an enrolment."""

    identity: Identity
    sequence: int
    seal: bytes
    stamp: Stamp

    def sealed(self, text: str, task: str, kept_ms: int) -> tuple["Tail", Row]:
        """Return a text as the next row of the chain."""
        fresh = seal.seal(self.identity.secret, self.seal, text)
        row = Row(self.identity.epoch, self.sequence + 1, text, self.seal, fresh, task, kept_ms)
        return self._replace(sequence=row.sequence, seal=fresh), row

    def stamped(self, entry: Entry, now: Now) -> tuple["Tail", Row, Event] | Refusal:
        """Return an entry with its id and time as the next row, or why the server could not read it."""
        stamp = tick(self.stamp, now.wall_ms)
        said = Event(
            entry.id or str(uuid4()),
            str(stamp),
            now.wall,
            now.uptime_ms,
            now.boot,
            entry.labels,
            entry.code,
            entry.symbology,
            entry.task,
            entry.person,
            entry.base,
            entry.chain,
            entry.draft,
        )
        text = event.write(said)
        read = event.read(text)
        if isinstance(read, Refusal):
            return read
        return *self._replace(stamp=stamp).sealed(text, entry.task, now.wall_ms), read


def found(db: sqlite3.Connection, identity: Identity) -> Tail:
    """Read where the chain ends. Stamps never run back, not even over an enrolment."""
    last = db.execute(
        "select sequence, seal, text from entry where epoch = ? order by sequence desc limit 1", (identity.epoch,)
    ).fetchone()
    before = db.execute("select value from meta where name = 'clock'").fetchone()
    stamps = [_stamp(last[2]) if last else None, parse(before[0]) if before else None]
    stamp = max((each for each in stamps if each), default=Stamp(0, 0, ""))._replace(reference=identity.reference)
    if last:
        return Tail(identity, last[0], last[1], stamp)
    return Tail(identity, 0, seal.first(identity.secret, identity.reference, identity.epoch), stamp)


def begun(db: sqlite3.Connection, identity: Identity) -> None:
    """Begin the epoch of an enrolment: what is surely not with the server is sealed anew into it."""
    rows = db.execute("select text from entry order by epoch desc, sequence desc limit 1").fetchall()
    stamps = [stamp for (text,) in rows if (stamp := _stamp(text))]
    if stamps:
        db.execute("insert or replace into meta values ('clock', ?)", (str(max(stamps)),))
    carry(db, identity)
    db.execute("insert or replace into meta values ('epoch', ?)", (str(identity.epoch),))
    db.execute("delete from meta where name in ('stop', 'damaged')")


def carry(db: sqlite3.Connection, identity: Identity) -> None:
    """Seal anew, in order, what waits from earlier epochs and is surely not with the server."""
    tail = found(db, identity)
    for epoch, number, text, task, kept_ms in answers.carried(db, identity.epoch):
        tail, row = tail.sealed(text, task, kept_ms)
        write(db, [row])
        answers.succeeded(db, epoch, number)


def write(db: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Write rows."""
    db.executemany(_INSERT, rows)


def moment(text: str, kept_ms: int) -> Now:
    """Return what the clocks said when an entry was recorded."""
    said = event.read(text)
    return Now(kept_ms, said.uptime, said.boot) if isinstance(said, Event) else Now(kept_ms, 0, "")


def _stamp(text: str) -> Stamp | None:
    said = event.read(text)
    return parse(said.clock) if isinstance(said, Event) else None
