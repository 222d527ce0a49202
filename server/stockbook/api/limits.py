"""How much in how short a time: a leaky bucket for each principal in each organisation."""

import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable

from stockbook.access.principal import Principal
from stockbook.api.refusing import Rejected

BUCKETS_MAX = 10_000
BURST_SECONDS = 10
"""A full bucket holds what runs out of it in so many seconds."""
_COST = re.compile(rb'"cost":\{"requested":(\d+)')


class Buckets:
    """Points run in with each answer, by its cost, and out at a constant rate.

    >>> moment = [0.0]
    >>> buckets = Buckets(points_second=10, clock=lambda: moment[0])
    >>> buckets.spend((1, 1), 250)
    >>> buckets.wait((1, 1))
    15.0
    >>> moment[0] = 16.0
    >>> buckets.wait((1, 1))
    0.0
    """

    def __init__(self, points_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = points_second
        self._clock = clock
        self._levels: OrderedDict[tuple[int, int], tuple[float, float]] = OrderedDict()

    def admit(self, principal: Principal) -> None:
        """Raise `Rejected` while the principal's bucket is over full."""
        if self._rate and (seconds := self.wait((principal.id, principal.organisation))):
            after = {"retry-after": str(math.ceil(seconds))}
            raise Rejected("THROTTLED", f"too much in too short a time; again in {math.ceil(seconds)} s", headers=after)

    def charge(self, principal: Principal, answer: bytes) -> None:
        """Take the cost of an answer: what the planner said it costs, else a point for each kilobyte."""
        if not self._rate:
            return
        found = _COST.search(answer, max(len(answer) - 200, 0))
        self.spend((principal.id, principal.organisation), int(found[1]) if found else 1 + len(answer) // 1000)

    def spend(self, who: tuple[int, int], points: int) -> None:
        """Let points run into a bucket."""
        self._levels[who] = (self._level(who) + points, self._clock())
        self._levels.move_to_end(who)
        if len(self._levels) > BUCKETS_MAX:
            self._levels.popitem(last=False)

    def wait(self, who: tuple[int, int]) -> float:
        """Return the seconds until there is room."""
        return max(self._level(who) - self._rate * BURST_SECONDS, 0.0) / self._rate

    def _level(self, who: tuple[int, int]) -> float:
        level, at = self._levels.get(who, (0.0, 0.0))
        return max(level - (self._clock() - at) * self._rate, 0.0)
