"""A thread that keeps exchanging: at once when something was scanned, now and then otherwise, patiently in trouble."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from handheld.client.backoff import Backoff
from handheld.client.sync import Step
from handheld.client.transport import Failed, Trouble
from handheld.client.wiping import Wiped

IDLE_SECONDS = 10.0
"""Between two looks at the feed when nothing is to be sent."""
PERSON_SECONDS = 60.0
"""Between two tries when only a person can help: a new token, a login, an update."""
_FOR_A_PERSON = frozenset({Trouble.TOKEN, Trouble.FORBIDDEN, Trouble.UNTRUSTED, Trouble.OUTDATED, Trouble.REFUSED})
log = logging.getLogger(__name__)


class Steps(Protocol):
    """What is exchanged: scans by a `Sync`, models and pictures by a `Recognition`."""

    @property
    def wiped(self) -> Wiped | None:
        """What the device was wiped for, once it is."""

    def step(self) -> Step:
        """Exchange once."""


class Runner:
    """Runs the steps of an exchange in a thread of its own until it is closed."""

    def __init__(
        self,
        sync: Steps,
        told: Callable[[Step], None] = lambda step: None,
        backoff: Backoff | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._sync = sync
        self._told = told
        self._backoff = backoff or Backoff()
        self._idle_seconds = idle_seconds
        self._wake, self._closing = threading.Event(), threading.Event()
        self._reached: float | None = None
        self._failed: Failed | None = None
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def nudge(self) -> None:
        """Try now: something was scanned, the network is back, or a person asks for it."""
        self._wake.set()

    def close(self, timeout: float = 10) -> None:
        """End; what is under way may be cut off."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    @property
    def wiped(self) -> Wiped | None:
        """What the device was wiped for, once it is."""
        return self._sync.wiped

    @property
    def online(self) -> bool:
        """Whether the last try reached the server."""
        return self._failed is None and self._reached is not None

    @property
    def failed(self) -> Failed | None:
        """What the last try failed with."""
        return self._failed

    @property
    def since_seconds(self) -> float | None:
        """How long ago the server was reached; None when it never was."""
        return None if self._reached is None else time.monotonic() - self._reached

    def _run(self) -> None:
        while not self._closing.is_set():
            wait = self._once()
            self._wake.wait(wait)
            self._wake.clear()

    def _once(self) -> float:
        """Take steps until there is nothing to do or something fails; return how long to wait then."""
        while not self._closing.is_set():
            try:
                step = self._sync.step()
            except Exception:  # a bug must not silence the exchange: it is logged, and tried again later
                log.exception("a step of the exchange failed")
                step = Step(failed=Failed(Trouble.FAILED, message="see the log"))
            self._failed = step.failed
            if step.failed is None:
                self._reached = time.monotonic()
                self._backoff.succeeded()
            self._told(step)
            if step.ended:
                self._closing.set()
                break
            if step.failed is not None:
                least = PERSON_SECONDS if step.failed.trouble in _FOR_A_PERSON else step.failed.wait_seconds
                return self._backoff.failed(least)
            if not step.more:
                return self._idle_seconds
        return 0
