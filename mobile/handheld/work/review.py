"""The review of a stocktake: once a bin is written, its differences may be seen, and the rate of all of them."""

from decimal import Decimal
from typing import NamedTuple

from handheld.work.counting import difference_rate
from handheld.work.tasks.progress import Counted, Progress

TARGET = Decimal("0.005")
"""Half a per cent: what a good store reaches (A100)."""


class Review(NamedTuple):
    """Positions that differ, the largest difference first; and the rate, unit by unit."""

    differing: tuple[Counted, ...]
    positions: int
    rates: tuple[tuple[str, Decimal], ...]

    @property
    def within_target(self) -> bool:
        """Whether no unit's rate is above half a per cent."""
        return all(rate <= TARGET for _, rate in self.rates)


def review(progress: Progress) -> Review:
    """Return what the counts of a task found; bins that are still open are not in it."""
    rows = tuple(progress.counted.values())
    differing = sorted((row for row in rows if row.quantity != row.book), key=lambda row: -abs(row.quantity - row.book))
    rates = []
    for unit in sorted({row.unit for row in rows}):
        rate = difference_rate(row for row in rows if row.unit == unit)
        if rate is not None:
            rates.append((unit, rate))
    return Review(tuple(differing), len(rows), tuple(rates))
