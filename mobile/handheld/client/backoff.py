"""How long to wait after a failure: longer each time, and never all devices at once."""

import random
from collections.abc import Callable

FIRST_SECONDS = 1.0
MOST_SECONDS = 60.0


class Backoff:
    """Doubles from failure to failure, with jitter; a success begins it anew.

    >>> backoff = Backoff(random=lambda: 0.5)
    >>> [backoff.failed() for _ in range(8)], backoff.failed(at_least=90)
    ([0.75, 1.5, 3.0, 6.0, 12.0, 24.0, 45.0, 45.0], 90)
    >>> backoff.succeeded(); backoff.failed()
    0.75
    """

    def __init__(self, random: Callable[[], float] = random.random) -> None:
        self._random = random
        self._seconds = FIRST_SECONDS

    def failed(self, at_least: float = 0) -> float:
        """Return how many seconds to wait: between half of the current step and the whole of it."""
        seconds = self._seconds * (0.5 + self._random() / 2)
        self._seconds = min(self._seconds * 2, MOST_SECONDS)
        return max(seconds, at_least)

    def succeeded(self) -> None:
        """Begin anew."""
        self._seconds = FIRST_SECONDS
