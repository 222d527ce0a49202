"""How good a forecast was, by the definitions that every report of Stockbook uses.

MASE and RMSSE divide by what the naive forecast (the last value) erred before
the window that is judged, and are averaged over series; WRMSSE weighs series by
what they sold in the last 13 periods before it; WAPE, bias, PL and coverage are
over totals. Sales are taken for demand: what could not be sold is unseen.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stockbook.domain.demand.learner import LEVELS


@dataclass(frozen=True, slots=True)
class Scale:
    """What the naive forecast erred on one series before the window, and what the series weighs."""

    absolute: float
    squared: float
    weight: float

    @classmethod
    def of(cls, history: Sequence[float]) -> "Scale | None":
        """Return the scale, or None for a history in which nothing ever changed.

        >>> Scale.of([1.0, 3.0, 2.0])
        Scale(absolute=1.5, squared=2.5, weight=6.0)
        >>> Scale.of([2.0, 2.0]) is None
        True
        """
        steps = [b - a for a, b in itertools.pairwise(history)]
        squared = sum(step * step for step in steps) / len(steps) if steps else 0.0
        if squared <= 0:
            return None
        return cls(sum(map(abs, steps)) / len(steps), squared, sum(history[-13:]))


def pinball(level: float, actual: float, quantile: float) -> float:
    """Return the loss of a quantile: `level` a unit where it was too low, 1 - `level` where too high.

    Computed here because `river.optim.losses.Quantile` returns it mirrored.

    >>> round(pinball(0.9, actual=10, quantile=9), 3), round(pinball(0.9, actual=9, quantile=10), 3)
    (0.9, 0.1)
    """
    off = actual - quantile
    return max(level * off, (level - 1) * off)


@dataclass(slots=True)
class _Tally:
    count: int = 0
    absolute: float = 0.0
    squared: float = 0.0


@dataclass(slots=True)
class Scores:
    """Adds up one learner's forecasts over the window.

    >>> scores = Scores({"a": Scale(1.0, 1.0, 5.0)}, levels=(0.5, 0.95))
    >>> scores.add("a", actual=4.0, mean=3.0, quantiles=(3.0, 6.0))
    >>> scores.add("a", actual=0.0, mean=1.0, quantiles=(1.0, 6.0))
    >>> table = scores.table()
    >>> table["MASE"], table["WAPE"], table["bias"], table["cov95"]
    (1.0, 0.5, 0.0, 1.0)
    >>> round(table["PL95"], 3)
    0.2
    """

    scales: Mapping[str, Scale]
    levels: tuple[float, ...] = LEVELS
    series: dict[str, _Tally] = field(default_factory=dict)
    sold: float = 0.0
    off: float = 0.0
    absolute: float = 0.0
    count: int = 0
    losses: list[float] = field(default_factory=list)
    covered: list[int] = field(default_factory=list)

    def add(self, series: str, actual: float, mean: float, quantiles: Sequence[float]) -> None:
        """Take up one forecast and what came."""
        if not self.losses:
            self.losses, self.covered = [0.0] * len(self.levels), [0] * len(self.levels)
        tally = self.series.setdefault(series, _Tally())
        error = actual - mean
        tally.count += 1
        tally.absolute += abs(error)
        tally.squared += error * error
        self.count += 1
        self.sold += actual
        self.off += error
        self.absolute += abs(error)
        for at, (level, quantile) in enumerate(zip(self.levels, quantiles, strict=True)):
            self.losses[at] += pinball(level, actual, quantile)
            self.covered[at] += actual <= quantile

    def table(self) -> dict[str, float]:
        """Return the metrics by name; series that never changed before the window are left out of the scaled ones."""
        judged = [(self.scales[name], tally) for name, tally in self.series.items() if name in self.scales]
        roots = [math.sqrt(t.squared / t.count / scale.squared) for scale, t in judged]
        weight = sum(scale.weight for scale, _ in judged)
        found = {
            "MASE": sum(t.absolute / t.count / scale.absolute for scale, t in judged) / max(len(judged), 1),
            "RMSSE": sum(roots) / max(len(judged), 1),
            "WRMSSE": sum(r * scale.weight for r, (scale, _) in zip(roots, judged, strict=True)) / (weight or 1.0),
            "WAPE": self.absolute / (self.sold or 1.0),
            "bias": -self.off / (self.sold or 1.0),
        }
        for level, loss in zip(self.levels, self.losses, strict=True):
            found[f"PL{level * 100:.0f}"] = 2 * loss / (self.sold or 1.0)
        for level, covered in zip(self.levels, self.covered, strict=True):
            if level > 0.5:
                found[f"cov{level * 100:.0f}"] = covered / max(self.count, 1)
        return found
