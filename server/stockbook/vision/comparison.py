"""Is the new version better than the last? Both asked the same held-back pictures, judged by the server's rule."""

import math
from dataclasses import dataclass

from numpy import bool_
from numpy.typing import NDArray

from stockbook.domain.recognition.judging import against
from stockbook.vision.judging import Figures


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the new version is published, and why."""

    won: int
    """Pictures that only the new version recognises."""
    lost: int
    chance: float
    """How likely equally good versions would differ so far, by the sign test."""
    worse: tuple[str, ...] = ()
    """Figures that speak against it."""

    @property
    def better(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.worse

    def __str__(self) -> str:
        """Return the sentence that a person reads.

        >>> print(Verdict(30, 12, 0.008))
        better: 30 held-back pictures are recognised that were not, 12 no longer (chance 0.008)
        >>> print(Verdict(3, 12, 0.03, ("top1", "orientation")))
        not better in top1, orientation: 3 held-back pictures are recognised that were not, 12 no longer (chance 0.030)
        """
        where = f"not better in {', '.join(self.worse)}" if self.worse else "better"
        return (
            f"{where}: {self.won} held-back pictures are recognised that were not,"
            f" {self.lost} no longer (chance {self.chance:.3f})"
        )


def compared(new: NDArray[bool_], last: NDArray[bool_], figures: Figures, before: Figures) -> Verdict:
    """Return the verdict from both versions' figures, and from which pictures each got right."""
    won, lost = int((new & ~last).sum()), int((last & ~new).sum())
    return Verdict(won, lost, chance(won, lost), against(figures, before))


def chance(won: int, lost: int) -> float:
    """Return the two-sided probability of a split as uneven by a fair coin.

    >>> chance(8, 2), chance(3, 3)
    (0.109375, 1.0)
    """
    count, fewer = won + lost, min(won, lost)
    tail: float = sum(math.comb(count, k) for k in range(fewer + 1)) / 2**count
    return min(1.0, 2 * tail)
