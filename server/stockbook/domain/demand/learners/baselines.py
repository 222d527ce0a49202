"""What any model must beat: the last value, the last season, a moving average, exponential smoothing."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from stockbook.domain.demand.features import usable
from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.spread import Residuals


class Baseline:
    """A mean from past quantities, and quantiles from the last 90 errors of that mean.

    Over a longer horizon the mean grows with the periods and the errors with their square root.
    """

    name = "baseline"

    def __init__(self) -> None:
        self.errors = Residuals()

    def mean(self) -> float:
        """Return the expected quantity of the next period."""
        raise NotImplementedError

    def remember(self, sold: float) -> None:
        """Take up the quantity of the period that closed."""
        raise NotImplementedError

    def memory(self) -> dict[str, Any]:
        """Return what `remember` keeps, as JSON values."""
        raise NotImplementedError

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take up what `memory` gave."""
        raise NotImplementedError

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Score the mean against what came, then remember it."""
        sold = usable(y)
        if sold is None:
            return
        self.errors.add(sold - self.mean())
        self.remember(sold)

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return the mean and the mean plus each quantile of the errors."""
        mean, width = self.mean() * horizon, math.sqrt(horizon)
        return Outlook.of(mean, levels, [mean + width * self.errors.quantile(level) for level in levels], {"recent": 1})

    def state(self) -> dict[str, Any]:
        """Return memory and errors."""
        return {"memory": self.memory(), "errors": self.errors.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up memory and errors."""
        self.recall(state["memory"])
        self.errors = Residuals.restore(state["errors"])


class Window(Baseline):
    """A baseline that keeps the last quantities."""

    def __init__(self, length: int) -> None:
        super().__init__()
        if length < 1:
            raise ValueError(f"a window of {length} periods keeps nothing")
        self.length = length
        self.last: list[float] = []

    def remember(self, sold: float) -> None:
        """Keep it, and let the oldest go."""
        self.last = [*self.last, sold][-self.length :]

    def memory(self) -> dict[str, Any]:
        """Return the window."""
        return {"last": list(self.last)}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take up the window."""
        self.last = list(memory["last"])


class SeasonalNaive(Window):
    """What sold a season ago sells again; with a season of 1, the last value.

    >>> weekly = SeasonalNaive(season=2)
    >>> for sold in (3, 8, 4):
    ...     weekly.learn_one({}, sold)
    >>> weekly.forecast({}).mean
    8.0
    """

    name = "seasonal_naive"

    def __init__(self, season: int) -> None:
        super().__init__(season)

    def mean(self) -> float:
        """Return the quantity of a season ago, or the newest while there is no whole season."""
        if not self.last:
            return 0.0
        return self.last[0] if len(self.last) == self.length else self.last[-1]


class LastValue(SeasonalNaive):
    """The next period sells what the last one did."""

    name = "last_value"

    def __init__(self) -> None:
        super().__init__(season=1)


class MovingAverage(Window):
    """The mean of the last periods.

    >>> average = MovingAverage(length=2)
    >>> for sold in (3, 8, 4):
    ...     average.learn_one({}, sold)
    >>> average.forecast({}).mean
    6.0
    """

    name = "moving_average"

    def mean(self) -> float:
        """Return the mean of the window."""
        return sum(self.last) / len(self.last) if self.last else 0.0


class Smoothing(Baseline):
    """Simple exponential smoothing whose weight is the best so far of a fixed few.

    As hindsight optimises it in batch, here by the squared errors that each
    weight would have made.
    """

    name = "ses"
    WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[float] = []
        self.losses = [0.0] * len(self.WEIGHTS)

    def mean(self) -> float:
        """Return the level under the best weight."""
        return self.levels[self.losses.index(min(self.losses))] if self.levels else 0.0

    def remember(self, sold: float) -> None:
        """Score every weight, then move its level."""
        if not self.levels:
            self.levels = [sold] * len(self.WEIGHTS)
            return
        self.losses = [loss + (sold - level) ** 2 for loss, level in zip(self.losses, self.levels, strict=True)]
        self.levels = [level + w * (sold - level) for w, level in zip(self.WEIGHTS, self.levels, strict=True)]

    def memory(self) -> dict[str, Any]:
        """Return levels and losses."""
        return {"levels": list(self.levels), "losses": list(self.losses)}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take up levels and losses."""
        self.levels, self.losses = list(memory["levels"]), list(memory["losses"])
