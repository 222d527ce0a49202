"""Processor time of processes, to the nanosecond, and what can be said of a handful of rounds.

On two cores that servers, database and load share, requests a second swing by
tens of per cent; processor time a request does not. So that is what is compared.
"""

import contextlib
import os
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def family(root: int) -> list[int]:
    """Return a process and all that it started, as far as they live."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with contextlib.suppress(OSError):  # it may end while we look
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting.extend(map(int, (task / "children").read_text().split()))
    return found


def processor(roots: Iterable[int]) -> float:
    """Return the seconds of processor (user and system) that processes and their children, ended ones too, have had.

    >>> before = processor([os.getpid()])
    >>> _ = sum(range(100_000))
    >>> 0 < processor([os.getpid()]) - before < 5
    True
    """
    seconds = 0.0
    for pid in (each for root in roots for each in family(root)):
        with contextlib.suppress(OSError, IndexError):
            # the process's own clock (see clock_getcpuclockid(3)); /proc has it only in ticks of 10 ms
            own = time.clock_gettime((~pid << 3) | 2)
            ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
            seconds += own + sum(map(int, ended)) / TICK
    return seconds


def memory(roots: Iterable[int]) -> float:
    """Return the megabytes that processes hold, shared pages divided among their holders (PSS)."""
    kilobytes = 0
    for pid in (each for root in roots for each in family(root)):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
    return kilobytes / 1000


def interval(
    pairs: Sequence[tuple[float, float]],
    statistic: Callable[[Sequence[float]], float] = statistics.median,
    draws: int = 4000,
) -> tuple[float, float, float]:
    """Return the statistic of the pairs' ratios (first over second) with its 95 % bootstrap interval.

    >>> low, middle, high = interval([(2.0, 1.0), (2.1, 1.0), (1.9, 1.0)])
    >>> (low, middle, high)
    (1.9, 2.0, 2.1)
    """
    ratios = [first / second for first, second in pairs]
    chance = random.Random(7)
    drawn = sorted(statistic(chance.choices(ratios, k=len(ratios))) for _ in range(draws))
    return drawn[int(draws * 0.025)], statistic(ratios), drawn[int(draws * 0.975)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of them lie.

    >>> percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.99)
    10
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
