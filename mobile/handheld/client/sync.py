"""The exchange: scans for answers, then the feed; a step at a time, each of which may be cut off anywhere.

A batch whose reply was lost is sent again, and the server answers as before. A
page of the feed whose reply was lost is asked for again by the same cursor.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from handheld.client import wiping
from handheld.client.documents import CAPTURE, REPLICA, REPORT, SETTINGS
from handheld.client.enrolment import Enrolment, Keystore
from handheld.client.software import Software, running
from handheld.client.transport import Failed, Transport, Trouble
from handheld.client.wiping import Order, Wiped
from handheld.outbox.answers import Answer, Batch, Outcome
from handheld.outbox.clocks import Clocks, system
from handheld.outbox.journal import BATCH_MAX, Journal
from handheld.replica.replica import Replica
from stockbook.domain.capture.wipe import WipeMode

PAGE = 500
LAG_SECONDS = 5.0
"""The feed may lag behind an answer by a moment: what is younger isn't taken for known."""
ASK_SECONDS = 300.0
"""How often the server is asked what it has, when there is nothing to send: so it also renews the token in time."""
_PRUNE_SECONDS = 3600.0
_UNTOLD = frozenset({Trouble.TOKEN, Trouble.FORBIDDEN, Trouble.OUTDATED, Trouble.REFUSED})
"""Troubles by which the server says that it needn't be told, or can't be, that the device is wiped."""


class Step(NamedTuple):
    """What one step did."""

    sent: int = 0
    pages: int = 0
    more: bool = False
    """Whether there is more to do at once."""
    failed: Failed | None = None
    ended: bool = False
    """Whether there is nothing to exchange any more: the device is wiped."""


class Sync:
    """Brings the outbox to the server and the world to the replica. Steps are taken by one thread."""

    def __init__(
        self,
        journal: Journal,
        replica: Replica,
        keystore: Keystore,
        transport: Transport,
        clocks: Clocks = system,
        monotonic: Callable[[], float] = time.monotonic,
        batch_max: int = BATCH_MAX,
        software: Software | None = None,
        erase: Callable[[], None] = lambda: None,
    ) -> None:
        enrolment = keystore.load()
        assert enrolment is not None, "a device is enrolled before it speaks with the server"
        self._enrolment: Enrolment = enrolment
        self._journal, self._replica, self._keystore, self._transport = journal, replica, keystore, transport
        self._clocks, self._monotonic = clocks, monotonic
        self._batch = self._batch_max = batch_max
        self._aged_at = self._pruned_at = float("-inf")
        self._asked_at = monotonic()
        self._reported_at = monotonic() - ASK_SECONDS + LAG_SECONDS
        self._software = software or running()
        self.below_minimum = False
        """Whether app or system are older than the server wants them."""
        self._erase_rest = erase
        self._order = wiping.kept(enrolment)
        self._account: dict[str, Any] = {}
        self._journal.ending = self._order is not None
        self.wiped: Wiped | None = None
        """What the device was wiped for, once it is."""

    def step(self) -> Step:
        """Send the oldest batch that waits; when none does, ask for the next page of the feed.

        Now and then report first what runs here, and how much waits.
        """
        try:
            if self._monotonic() - self._aged_at >= LAG_SECONDS:
                self._aged_at = self._monotonic()
                self._journal.aged()
            if self._order is not None:
                return self._wipe(self._order)
            if self._monotonic() - self._reported_at >= ASK_SECONDS:
                return self._report()
            batch = self._journal.batch(self._batch)
            due = self._monotonic() - self._asked_at >= ASK_SECONDS
            return self._push(batch) if batch.entries or due else self._pull()
        except sqlite3.Error as fault:
            return Step(failed=Failed(Trouble.DISK, message=str(fault)))

    def renew(self, token: str) -> None:
        """Take a new token, as an administrator gives one to a device whose own has ended."""
        self._enrolment = self._enrolment.with_token(token)
        self._keystore.save(self._enrolment)

    # scans

    def _push(self, batch: Batch) -> Step:
        data = self._transport.ask(CAPTURE, {"input": self._input(batch)}, self._enrolment.token)
        if isinstance(data, Failed):
            if data.trouble is Trouble.TOO_LARGE and self._batch > 1:
                self._batch //= 2
                return Step(more=True)
            return Step(failed=data)
        said = data["captureScans"]
        if said["errors"]:
            if self._asked():
                return Step(more=True)
            first = said["errors"][0]
            return Step(failed=Failed(Trouble.REFUSED, message=f"{first['code']}: {first['message']}"))
        answers = _answers(said, batch)
        if answers is None:
            return Step(failed=Failed(Trouble.OUTDATED, message="the answer is not one to what was sent"))
        self._journal.answered(batch.epoch, said["upto"], answers)
        self._batch = min(self._batch * 2, self._batch_max)
        self._asked_at = self._monotonic()
        if said.get("token"):
            self.renew(said["token"])
        return Step(sent=len(batch.entries), more=True)

    def _input(self, batch: Batch) -> dict[str, Any]:
        now = self._clocks()
        return {
            "device": self._enrolment.reference,
            "epoch": batch.epoch,
            "sentAt": now.wall.isoformat(),
            "uptime": now.uptime_ms,
            "boot": now.boot,
            "more": batch.more,
            "events": [
                {
                    "sequence": each.sequence,
                    "previous": each.previous.hex(),
                    "scan": each.text,
                    "seal": each.seal.hex(),
                }
                for each in batch.entries
            ],
        }

    # the feed

    def _pull(self) -> Step:
        began = self._monotonic()
        if not self._enrolment.cache:
            return self._settings(began)
        variables = {"after": self._replica.cursor or None, "first": PAGE}
        data = self._transport.ask(REPLICA, variables, self._enrolment.token)
        if isinstance(data, Failed):
            return Step(failed=data)
        if self._hear(data):
            return Step(more=True)
        try:
            taken = self._replica.take(data["replica"])
        except (KeyError, TypeError, ValueError) as fault:
            return Step(failed=Failed(Trouble.OUTDATED, message=repr(fault)))
        self._obey(data["replica"].get("device"))
        self._journal.settle(*taken.settled)
        if taken.complete:
            self._journal.learnt()
        return self._done(began, Step(pages=1, more=not taken.complete))

    def _settings(self, began: float) -> Step:
        """Keep no replica, and ask only whether that is still so."""
        if self._replica.cursor:
            self._replica.forget()
        data = self._transport.ask(SETTINGS, {}, self._enrolment.token)
        if isinstance(data, Failed):
            return Step(failed=data)
        if self._hear(data):
            return Step(more=True)
        self._obey(data["replica"].get("device"))
        self._journal.learnt()
        return self._done(began, Step(more=self._enrolment.cache))

    def _obey(self, said: Mapping[str, Any] | None) -> None:
        """Be set as the server says."""
        if said is None:
            return
        self.below_minimum = bool(said.get("belowMinimum"))
        fresh = self._enrolment.set_to(said)
        if fresh != self._enrolment:
            self._enrolment = fresh
            self._keystore.save(fresh)
            self._journal.limits = fresh.limits

    def _report(self) -> Step:
        """Say what runs here and how much waits; a role that may not say it says nothing."""
        data = self._transport.ask(REPORT, {"input": {"lines": [self._line()]}}, self._enrolment.token)
        if isinstance(data, Failed) and data.trouble not in {Trouble.FORBIDDEN, Trouble.OUTDATED}:
            return Step(failed=data)
        self._reported_at = self._monotonic()
        return Step(more=True)

    def _line(self) -> dict[str, Any]:
        standing = self._journal.standing()
        line: dict[str, Any] = {
            "appVersion": self._software.app,
            "systemVersion": self._software.system,
            "waiting": standing.waiting,
            "sequence": self._journal.sequence,
        }
        if standing.waiting:
            oldest = self._clocks().wall - timedelta(seconds=standing.oldest_seconds)
            line["oldestAt"] = oldest.isoformat()
        return line

    # the end

    def _asked(self) -> bool:
        """Ask why nothing is taken; say whether it is since the device is to be wiped."""
        data = self._transport.ask(SETTINGS, {}, self._enrolment.token)
        return not isinstance(data, Failed) and self._hear(data)

    def _hear(self, data: Mapping[str, Any]) -> bool:
        """Take an order to be wiped, when there is one: it is on the disk before anything is done about it."""
        found = wiping.order((data.get("replica") or {}).get("wipes") or (), self._enrolment)
        if found is None or found == self._order:
            return False
        self._enrolment = replace(self._enrolment, order=found.text)
        self._keystore.save(self._enrolment)
        self._order, self._journal.ending = found, True
        return True

    def _wipe(self, order: Order) -> Step:
        """Hand over what waits, where that is ordered and can be done; erase everything, and say so.

        At once means before anybody is told. Started anew in between, the device goes on with it.
        """
        drains = order.mode is WipeMode.DRAIN_FIRST
        batch = self._journal.batch(self._batch) if drains else None
        if batch is not None and batch.entries:
            return self._push(batch)
        if self.wiped is None:
            self._account = {**self._line(), "wiped": wiping.seal(order)}
            if not drains:
                self._erase(order)
        data = self._transport.ask(REPORT, {"input": {"lines": [self._account]}}, self._enrolment.token)
        if isinstance(data, Failed) and data.trouble not in _UNTOLD:
            return Step(failed=data)
        self._erase(order)
        return Step(ended=True)

    def _erase(self, order: Order) -> None:
        """Erase journal and replica, what else is kept, and last what the device is known by."""
        if self.wiped is not None:
            return
        self._journal.erase()
        self._replica.forget()
        self._erase_rest()
        self._keystore.forget()
        self.wiped = Wiped(order.reason, self._account["waiting"])

    def _done(self, began: float, step: Step) -> Step:
        """Now and then delete what nobody needs any more."""
        if began - self._pruned_at >= _PRUNE_SECONDS:
            self._pruned_at = began
            self._journal.prune()
        return step


def _answers(said: Mapping[str, Any], batch: Batch) -> list[Answer] | None:
    """Return the answers to what was sent, None when they are not that."""
    try:
        found = [
            Answer(
                int(each["sequence"]),
                Outcome[each["outcome"]],
                each.get("code") or "",
                each.get("message") or "",
                bool(each.get("transient")),
                tuple(each.get("flags") or ()),
                each.get("task") or "",
            )
            for each in said["results"]
        ]
        int(said["upto"])
    except (KeyError, TypeError, ValueError):
        return None
    return found if [each.sequence for each in found] == [each.sequence for each in batch.entries] else None
