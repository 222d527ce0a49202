"""One hand behind the screen: steps are taken one after another off the UI thread, and shown on it."""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
Later = Callable[[Callable[[], None]], Any]
"""Has something done on the UI thread soon."""

KEPT = 200
log = logging.getLogger(__name__)


class Worker:
    """Takes steps in the order in which they were asked for.

    `failed` is called where a step breaks: whoever scanned must not believe that it was taken.

    A scan's step judges it and makes it durable, which waits for the disk;
    meanwhile the screen goes on drawing and the next scan is already queued.
    `seconds` are the times from asking to showing of the latest steps.

    >>> worker = Worker(lambda show: show())
    >>> seen = []
    >>> worker.act(lambda: 6 * 7, seen.append).result(); seen
    [42]
    >>> worker.close()
    """

    def __init__(self, later: Later) -> None:
        self._later = later
        self.failed: Callable[[], Any] = lambda: None
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="work")
        self.seconds: deque[float] = deque(maxlen=KEPT)

    def act(self, step: Callable[[], T], show: Callable[[T], Any]) -> Any:
        """Have a step taken, and what it yields shown."""
        asked = time.perf_counter()

        def run() -> None:
            try:
                seen = step()
            except Exception:
                log.exception("a step failed")
                self._later(self.failed)
                raise
            self._later(lambda: shown(seen))

        def shown(seen: T) -> None:
            if self._closed:
                return
            show(seen)
            self.seconds.append(time.perf_counter() - asked)

        return self._pool.submit(run)

    def close(self) -> None:
        """Take what is queued, then no more; nothing is shown any more."""
        self._closed = True
        self._pool.shutdown(wait=True)
