"""What the server answered to each event, and what that makes of an entry."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple

from handheld.outbox.limits import Stop
from stockbook.domain.capture import event
from stockbook.domain.capture.event import Event


class State(IntEnum):
    """Where an entry is on its way. Only WAITING is sent; nothing is ever dropped for its state."""

    WAITING = 0
    POSTED = 1
    HELD = 2
    """Verified, but an earlier one is missing there."""
    REFUSED = 3
    CONFLICT = 4
    CARRIED = 5
    """Sealed anew after the device was enrolled anew; its successor is sent."""
    DOUBTFUL = 6
    """No longer what was sealed: neither sent nor sealed anew, but shown."""


class Outcome(Enum):
    """The server's word for one event (`schema/events/README.md`)."""

    POSTED = "posted"
    DUPLICATE = "duplicate"
    HELD = "held"
    REFUSED = "refused"
    CONFLICT = "conflict"
    FORK = "fork"
    TAMPERED = "tampered"
    UNREADABLE = "unreadable"

    @property
    def becomes(self) -> State | None:
        """What the entry becomes; None when the queue stops instead."""
        return _BECOMES.get(self)

    @property
    def stops(self) -> Stop | None:
        """Why the queue stops, if it does."""
        return {Outcome.FORK: Stop.FORK, Outcome.TAMPERED: Stop.TAMPERED}.get(self)


_BECOMES = {
    Outcome.POSTED: State.POSTED,
    Outcome.DUPLICATE: State.POSTED,
    Outcome.HELD: State.HELD,
    Outcome.REFUSED: State.REFUSED,
    Outcome.UNREADABLE: State.REFUSED,
    Outcome.CONFLICT: State.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says of one event; kept until a person has settled it."""

    sequence: int
    outcome: Outcome
    code: str = ""
    message: str = ""
    transient: bool = False
    flags: tuple[str, ...] = ()
    task: str = ""


class Sealed(NamedTuple):
    """An entry as it is sent."""

    sequence: int
    text: str
    previous: bytes
    seal: bytes


class Batch(NamedTuple):
    """What is sent at once: entries of one epoch, and whether there are more."""

    epoch: int
    entries: tuple[Sealed, ...]
    more: bool = False


class Told(NamedTuple):
    """An answer that a person must see, with the event it is about."""

    epoch: int
    answer: Answer
    event: Event | None
    """None when its own text can't be read."""


def noted(db: sqlite3.Connection, epoch: int, said: Sequence[Answer]) -> None:
    """Write what the server answered; what it refused or found in conflict is kept for a person to see."""
    for each in said:
        state = each.outcome.becomes
        if state is not None:
            db.execute(
                "update entry set state = ? where epoch = ? and sequence = ?", (int(state), epoch, each.sequence)
            )
        if state in {State.REFUSED, State.CONFLICT} or each.outcome.stops or each.flags:
            db.execute(
                "insert or replace into answer values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (epoch, each.sequence, each.outcome.name, each.code, each.message, each.transient,
                 " ".join(each.flags), each.task, state is State.POSTED),
            )  # fmt: skip


def reached(db: sqlite3.Connection, epoch: int, upto: int, said: Sequence[Answer]) -> None:
    """Note up to where the server has everything.

    What it had held is asked for again once it has come so far, since it may
    have been refused. What it had said it posted and now has not (a server
    restored from its backup) waits again, from the first that is missing there.
    """
    db.execute("update entry set state = 0 where epoch = ? and state = 2 and sequence <= ?", (epoch, upto))
    if any(each.outcome.stops for each in said):
        return
    answered = {each.sequence for each in said}
    lost = db.execute("select sequence from entry where epoch = ? and state = 1 and sequence > ?", (epoch, upto))
    again = [(epoch, sequence) for (sequence,) in lost.fetchall() if sequence not in answered]
    db.executemany("update entry set state = 0, known = 0 where epoch = ? and sequence = ?", again)
    db.execute("insert or replace into meta values ('upto', ?)", (str(upto),))


def carried(db: sqlite3.Connection, epoch: int) -> list[tuple[int, int, str, str, int]]:
    """Return what waits from earlier epochs and is surely not with the server: never sent, or said to be a fork."""
    rows = db.execute(
        "select e.epoch, e.sequence, e.text, e.task, e.kept_ms from entry e"
        " left join answer a on a.epoch = e.epoch and a.sequence = e.sequence"
        " left join meta m on m.name = 'sent ' || e.epoch"
        " where e.epoch <> ? and e.state = 0"
        " and (a.outcome in ('FORK', 'TAMPERED') or e.sequence > cast(coalesce(m.value, '0') as integer))"
        " order by e.epoch, e.sequence",
        (epoch,),
    )
    return rows.fetchall()


def succeeded(db: sqlite3.Connection, epoch: int, sequence: int) -> None:
    """Note that an entry has a successor in a later epoch."""
    db.execute("update entry set state = 5, known = 3 where epoch = ? and sequence = ?", (epoch, sequence))
    db.execute("update answer set settled = 1 where epoch = ? and sequence = ?", (epoch, sequence))


def doubted(db: sqlite3.Connection, epoch: int, broken: Sequence[Sealed]) -> None:
    """Note that entries are no longer what was sealed, for a person to see."""
    for each in broken:
        db.execute("update entry set state = 6, known = 3 where epoch = ? and sequence = ?", (epoch, each.sequence))
        db.execute(
            "insert or replace into answer values (?, ?, ?, '', '', 0, '', '', 0)",
            (epoch, each.sequence, Outcome.TAMPERED.name),
        )


def aged(db: sqlite3.Connection) -> None:
    """Let answers grow older by one: what is at 2 was answered at least once this long ago."""
    db.execute("update entry set known = 2 where known = 1")
    db.execute("update entry set known = 1 where known = 0 and state not in (0, 2)")


def learnt(db: sqlite3.Connection) -> None:
    """Note that the replica knows what was answered long enough ago."""
    db.execute("update entry set known = 3 where known = 2")


def pruned(db: sqlite3.Connection, epoch: int, before_ms: int, most: int) -> int:
    """Delete entries that are done and settled, as far as the server says it has them; the last one stays."""
    row = db.execute("select value from meta where name = 'upto'").fetchone()
    gone = db.execute(
        "delete from entry where (epoch, sequence) in (select e.epoch, e.sequence from entry e"
        " where e.state in (1, 3, 4, 5, 6) and e.known = 3 and e.kept_ms < ? and (e.epoch <> ? or e.sequence <= ?)"
        " and (e.epoch, e.sequence) <> (select epoch, max(sequence) from entry where epoch = ?)"
        " and not exists (select 1 from answer a where a.epoch = e.epoch and a.sequence = e.sequence and not a.settled)"
        " limit ?)",
        (before_ms, epoch, int(row[0]) if row else 0, epoch, most),
    ).rowcount
    db.execute(
        "delete from answer where settled and not exists (select 1 from entry"
        " where entry.epoch = answer.epoch and entry.sequence = answer.sequence)"
    )
    return gone


def counted(db: sqlite3.Connection) -> tuple[int, int]:
    """Return how many entries are held by the server, and how many answers a person must see."""
    (held,) = db.execute("select count(*) from entry where state = 2").fetchone()
    (unsettled,) = db.execute("select count(*) from answer where not settled").fetchone()
    return held, unsettled


def unknown(db: sqlite3.Connection, task: str | None) -> list[Event]:
    """Return the events that are done or will be, but that the replica doesn't know of."""
    question = "select text from entry where known < 3 and state in (0, 1, 2)"
    if task is None:
        rows = db.execute(f"{question} order by epoch, sequence")
    else:
        rows = db.execute(f"{question} and task = ? order by epoch, sequence", (task,))
    return [said for (text,) in rows if isinstance(said := event.read(text), Event)]


def unsettled(db: sqlite3.Connection) -> list[Told]:
    """Return the answers that nobody has settled."""
    rows = db.execute(
        "select a.epoch, a.sequence, a.outcome, a.code, a.message, a.transient, a.flags, a.task, e.text"
        " from answer a left join entry e on e.epoch = a.epoch and e.sequence = a.sequence"
        " where not a.settled order by a.epoch, a.sequence"
    )
    found = []
    for epoch, sequence, outcome, code, message, transient, flags, task, text in rows:
        answer = Answer(sequence, Outcome[outcome], code, message, bool(transient), tuple(flags.split()), task)
        read = event.read(text) if text else None
        found.append(Told(epoch, answer, read if isinstance(read, Event) else None))
    return found
