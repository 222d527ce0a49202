"""The device's clocks: the wall, which people set, and the time since it started, which nobody can."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Now(NamedTuple):
    """What the clocks say together."""

    wall_ms: int
    uptime_ms: int
    boot: str

    @property
    def wall(self) -> datetime:
        """The wall clock, in UTC.

        >>> Now(1_764_320_461_007, 0, "b").wall.isoformat()
        '2025-11-28T09:01:01.007000+00:00'
        """
        return _EPOCH + timedelta(milliseconds=self.wall_ms)

    def since(self, then: "Now") -> float:
        """Return how many seconds ago `then` was: by uptime within one start, whatever became of the wall clock.

        >>> Now(0, 9_000, "b").since(Now(99_000, 2_000, "b")), Now(50_000, 3_000, "c").since(Now(99_000, 2_000, "b"))
        (7.0, 3.0)
        """
        if self.boot == then.boot:
            return max(self.uptime_ms - then.uptime_ms, 0) / 1000
        return max(self.wall_ms - then.wall_ms, self.uptime_ms, 0) / 1000


Clocks = Callable[[], Now]
"""Reads the clocks; tests give their own."""


def system() -> Now:
    """Read the clocks of this machine; the time asleep counts."""
    return Now(time.time_ns() // 1_000_000, int(_uptime() * 1000), _boot())


def _uptime() -> float:
    try:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except (AttributeError, OSError):  # a system that doesn't count its sleep
        return time.monotonic()


@cache
def _boot() -> str:
    """Return the id of this start of the machine; where it may not be read, each start of the program is one."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return str(uuid4())
