"""What hour it is: the server's, carried on by the device's uptime, whatever is done to its wall clock."""

import contextlib
import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from handheld import disk
from handheld.outbox.clocks import Clocks, Now, system

TOLERANCE_SECONDS = 2.0
"""Dates of answers are told by the second; what differs less is no news."""


class Hour:
    """The corrected time. `sure` within the start of the device in which the server was heard.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> hour = Hour(Path(folder.name) / "hour.json", clocks=lambda: Now(1_000_000, 5_000, "b"))
    >>> hour.sure, hour.heard("Sat, 28 Nov 2026 09:00:00 GMT"), hour.sure, hour.now().astimezone(UTC).isoformat()
    (False, None, True, '2026-11-28T09:00:00.500000+00:00')
    >>> folder.cleanup()
    """

    def __init__(self, path: Path, clocks: Clocks = system) -> None:
        self._path = path
        self._clocks = clocks
        self._lock = threading.Lock()
        self._heard: tuple[datetime, Now] | None = self._load()

    def heard(self, date: str) -> None:
        """Note the Date header of an answer that has just come."""
        try:
            said = parsedate_to_datetime(date)
        except (ValueError, TypeError):
            return
        if said.tzinfo is None:
            return
        now = self._clocks()
        at = said.astimezone(UTC) + timedelta(seconds=0.5)
        with self._lock:
            known = self._heard
            if (
                known
                and known[1].boot == now.boot
                and abs((at - self._at(known, now)).total_seconds()) < TOLERANCE_SECONDS
            ):
                return
            self._heard = at, now
            self._save(at, now)

    def now(self) -> datetime:
        """Return the corrected time, in the zone of the device."""
        now = self._clocks()
        with self._lock:
            at = self._at(self._heard, now) if self._heard else now.wall
        return at.astimezone()

    @property
    def sure(self) -> bool:
        """Whether the server was heard since the device started; before, its wall clock is all there is."""
        with self._lock:
            return self._heard is not None and self._heard[1].boot == self._clocks().boot

    def _at(self, heard: tuple[datetime, Now], now: Now) -> datetime:
        at, then = heard
        if then.boot == now.boot:
            return at + timedelta(milliseconds=now.uptime_ms - then.uptime_ms)
        return now.wall + (at - then.wall)

    def _load(self) -> tuple[datetime, Now] | None:
        try:
            at, *then = json.loads(self._path.read_text(encoding="utf-8"))
            return datetime.fromisoformat(at), Now(*then)
        except (OSError, ValueError, TypeError):
            return None

    def _save(self, at: datetime, then: Now) -> None:
        with contextlib.suppress(OSError):  # it is heard again with the next answer
            disk.replace(self._path, json.dumps([at.isoformat(), *then]).encode(), durable=False)
