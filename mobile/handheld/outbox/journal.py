"""The journal: scans sealed and chained, each on the disk before its receipt is given.

An entry waits until the server has answered it, and is deleted only when it is
done, below the last sequence that the server says it has, and some days old.
When the device is enrolled anew its numbers begin anew. What never left the
device, or was told to be a fork, is sealed again, in order, as it was written.
What was sent and not answered may be in the books: it is asked for once more
under its old number, and never sealed again.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from handheld.outbox import answers, file, tail
from handheld.outbox.answers import Answer, Batch, Sealed, Told
from handheld.outbox.clocks import Clocks, Now, system
from handheld.outbox.entry import Entry, Identity, Receipt
from handheld.outbox.limits import Concern, Limits, Reason, Standing, Stop, Unkept, judged
from handheld.outbox.tail import Row
from stockbook.domain.capture import event, seal
from stockbook.domain.capture.event import Event
from stockbook.domain.refusal import Refusal

BATCH_MAX = 200
"""Entries in one request at most."""
PRUNED = 1000
"""Entries deleted at once at most."""
_DAY_MS = 86_400_000
_NEVER: Now | None = None


class Journal:
    """The outbox of one device. Its methods may be called from any thread.

    >>> import tempfile
    >>> from handheld.outbox.entry import Written
    >>> folder = tempfile.TemporaryDirectory()
    >>> journal = Journal(Path(folder.name) / "outbox.db", Identity("PDA-7", 1, b"s" * 32))
    >>> journal.append(Written({"action": "count", "item": "6921168509256", "quantity": "3"}))[0].sequence
    1
    >>> journal.standing().waiting
    1
    >>> journal.close(); folder.cleanup()
    """

    def __init__(self, path: Path, identity: Identity, limits: Limits | None = None, clocks: Clocks = system) -> None:
        self.identity = identity
        self.limits = limits or Limits()
        self._clocks = clocks
        self._lock = threading.RLock()
        self._path = path
        self._stop: Stop | None = None
        self.ending = False
        """Whether no more scans are taken: what waits is handed over, then the device is wiped."""
        self._waiting, self._oldest = 0, _NEVER
        self._db, saved = file.opened(path)
        if self._read("epoch") != str(identity.epoch):
            with self._transaction():
                tail.begun(self._db, identity)
        self._tail = tail.found(self._db, identity)
        if saved is not None:
            self._say("damaged", str(saved))
        self._look()

    def close(self) -> None:
        """Close the file; what was given a receipt is on the disk anyhow."""
        with self._lock:
            self._db.close()

    # writing

    def append(self, *entries: Entry, draft: tuple[str, str] | None = None) -> tuple[Receipt, ...] | Unkept:
        """Record events together: all are on the disk when their receipts are given, or none is recorded.

        A draft (name and text) is what is half said: it is kept with them, sent
        to nobody, and alone counts against no limit.
        """
        with self._lock:
            now = self._clocks()
            against = self._against(now, len(entries)) if entries else None
            if isinstance(against, Reason):
                return Unkept(against)
            end, rows, receipts = self._tail, [], []
            for each in entries:
                said = end.stamped(each, now)
                if isinstance(said, Refusal):
                    return Unkept(Reason.UNFIT, said.message)
                end, row, read = said
                rows.append(row)
                receipts.append(Receipt(row.sequence, read.id, read.clock, against))
            no = self._write(rows, draft)
            if no is None and rows:
                self._tail = end
                self._oldest = self._oldest or now
                self._waiting += len(rows)
            return no or tuple(receipts)

    def draft(self, name: str) -> str:
        """Return a draft that was kept; empty when there is none."""
        with self._lock:
            return self._read(name) or ""

    def _write(self, rows: Sequence[Row], draft: tuple[str, str] | None) -> Unkept | None:
        """Commit rows; when the disk fails nothing of them stays, and the chain goes on from where it was."""
        try:
            with self._transaction():
                tail.write(self._db, rows)
                if draft is not None and draft[1]:
                    self._say(*draft)
                elif draft is not None:
                    self._db.execute("delete from meta where name = ?", draft[:1])
        except sqlite3.Error as fault:
            return Unkept(Reason.DISK, str(fault))
        return None

    # sending

    def batch(self, count: int = BATCH_MAX) -> Batch:
        """Return the oldest entries that wait, as they are sent; none when the queue is stopped.

        That they are about to leave is on the disk before they do.
        """
        with self._lock:
            epoch = self._db.execute("select min(epoch) from entry where state = 0").fetchone()[0]
            if epoch is None or self._stop:
                return Batch(self.identity.epoch, ())
            rows = self._db.execute(
                "select sequence, text, previous, seal from entry where epoch = ? and state = 0"
                " order by sequence limit ?",
                (epoch, count + 1),
            )
            found = [Sealed(*row) for row in rows]
            batch = Batch(epoch, tuple(found[:count]), more=len(found) > count)
            if epoch == self.identity.epoch and (broken := self._broken(batch.entries)):
                with self._transaction():
                    answers.doubted(self._db, epoch, broken)
                self.stop(Stop.BROKEN)
                self._look()
                return Batch(epoch, ())
            sent = f"sent {epoch}"
            if batch.entries[-1].sequence > int(self._read(sent) or 0):
                self._say(sent, str(batch.entries[-1].sequence))
            return batch

    def _broken(self, entries: Sequence[Sealed]) -> list[Sealed]:
        secret = self.identity.secret
        return [each for each in entries if not seal.sealed(secret, each.previous, each.text, each.seal)]

    def answered(self, epoch: int, upto: int, said: Sequence[Answer]) -> None:
        """Note what the server answered to a batch, in one transaction."""
        with self._lock:
            current = epoch == self.identity.epoch
            with self._transaction():
                answers.noted(self._db, epoch, said)
                if current:
                    answers.reached(self._db, epoch, upto, said)
                else:
                    tail.carry(self._db, self.identity)
            for each in said:
                if each.outcome.stops and current:
                    self.stop(each.outcome.stops)
            self._look()
            if not self._waiting and not self._stop:  # what was saved of a damaged file is what the server has
                self._db.execute("delete from meta where name = 'damaged'")

    def stop(self, why: Stop) -> None:
        """Stop the queue until the device is enrolled anew."""
        with self._lock:
            self._say("stop", why.name)
            self._stop = why

    def erase(self) -> None:
        """Erase everything, what was set aside as damaged too; nothing is taken nor sent any more."""
        with self._lock:
            self._db.close()
            file.forget(self._path)
            self._db, _ = file.opened(self._path)
            self._waiting, self._oldest, self._stop = 0, _NEVER, Stop.WIPED

    def settle(self, *tasks: str) -> None:
        """Note that a person has settled what these tasks are about."""
        with self._lock:
            self._db.executemany("update answer set settled = 1 where task = ?", [(task,) for task in tasks])

    def dismiss(self, epoch: int, sequence: int) -> None:
        """Note that a person has seen an answer and settled it without a task."""
        with self._lock:
            self._db.execute("update answer set settled = 1 where epoch = ? and sequence = ?", (epoch, sequence))

    def aged(self) -> None:
        """Let answers grow older; called every few seconds, since the feed may lag behind them by a moment."""
        with self._lock, self._transaction():
            answers.aged(self._db)

    def learnt(self) -> None:
        """Note that the replica is complete: it knows what was answered before the last time but one of `aged`."""
        with self._lock:
            answers.learnt(self._db)

    def prune(self) -> int:
        """Delete what is done, settled, surely with the server, and old; return how many."""
        before_ms, count, gone = self._clocks().wall_ms - int(self.limits.kept_days * _DAY_MS), 0, PRUNED
        while gone == PRUNED:  # a scan never waits for all of it
            with self._lock, self._transaction():
                gone = answers.pruned(self._db, self.identity.epoch, before_ms, PRUNED)
            count += gone
        return count

    # reading

    def standing(self) -> Standing:
        """Return how the outbox stands."""
        with self._lock:
            now = self._clocks()
            against = self._against(now, 1)
            held, unsettled = answers.counted(self._db)
            return Standing(
                self._waiting,
                now.since(self._oldest) if self._oldest else 0,
                held,
                unsettled,
                warning=against if isinstance(against, Concern) else Concern.DAMAGED if self._read("damaged") else None,
                reason=against if isinstance(against, Reason) else None,
                stop=self._stop,
            )

    @property
    def sequence(self) -> int:
        """The last number that was sealed under this enrolment."""
        with self._lock:
            return self._tail.sequence

    def unknown(self, task: str | None = None) -> list[Event]:
        """Return the events that the replica can't know of yet, oldest first: all, or those of one task."""
        with self._lock:
            return answers.unknown(self._db, task)

    def recorded(self, id: str) -> tuple[int, Event] | None:  # noqa: A002  # as the event calls it
        """Return the event of an id with its number, None when none was recorded or it is kept no more."""
        with self._lock:
            row = self._db.execute(
                f"select sequence, text from entry where {file.SAID} = ? order by epoch desc limit 1", (id,)
            ).fetchone()
        said = event.read(row[1]) if row else None
        return (row[0], said) if isinstance(said, Event) else None

    def unsettled(self) -> list[Told]:
        """Return the answers that a person must see, oldest first."""
        with self._lock:
            return answers.unsettled(self._db)

    # keeping

    def _look(self) -> None:
        """Read from the file where the chain ends and what waits."""
        self._stop = Stop[said] if (said := self._read("stop")) else None
        self._tail = tail.found(self._db, self.identity)
        (self._waiting,) = self._db.execute("select count(*) from entry where state = 0").fetchone()
        oldest = self._db.execute(
            "select text, kept_ms from entry where state = 0 order by epoch, sequence limit 1"
        ).fetchone()
        self._oldest = tail.moment(*oldest) if oldest else None

    def _against(self, now: Now, more: int) -> Reason | Concern | None:
        if self.ending:
            return Reason.WIPING
        if self._stop:
            return Reason.STOPPED
        return judged(self.limits, self._waiting, now.since(self._oldest) if self._oldest else 0, more)

    def _read(self, name: str) -> str | None:
        row = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _say(self, name: str, value: str) -> None:
        self._db.execute("insert or replace into meta values (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise
