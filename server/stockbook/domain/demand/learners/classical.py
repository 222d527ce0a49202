"""The forecasters of the textbooks, as River has them, made safe to begin with and kept as numbers.

River's Holt-Winters cannot speak before a whole season is over, its SNARIMAX
says 0; until then the mean so far speaks. Both serve as challengers: on the
published sets the blends do better.
"""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

from river import compose, linear_model, optim, preprocessing, time_series
from river.utils import VectorDict

from stockbook.domain.demand.features import LOW
from stockbook.domain.demand.learners.baselines import Baseline
from stockbook.domain.demand.learners.shared import VERSION

_FAR = 0.65
"""A scaler that meets an input constant so far throws the regression far: no forecast is further from the usual."""


class HoltWinters(Baseline):
    """Additive level and season, a trend that hardly moves (on promotions a quick one runs away).

    >>> weekly = HoltWinters(season=2)
    >>> for n in range(40):
    ...     weekly.learn_one({}, 8.0 if n % 2 else 4.0)
    >>> round(weekly.forecast({}).mean)
    4
    """

    name = "holt_winters"
    LEVEL, TREND, SEASON = 0.1, 0.001, 0.1

    def __init__(self, season: int) -> None:
        super().__init__()
        self.season = season
        self.model: Any = self._made()
        self.total, self.count = 0.0, 0

    def _made(self) -> Any:
        make: Any = time_series.HoltWinters
        if self.season < 2:
            return make(alpha=self.LEVEL)
        return make(alpha=self.LEVEL, beta=self.TREND, gamma=self.SEASON, seasonality=self.season)

    def mean(self) -> float:
        """Return the forecast, or the mean so far while it has seen no whole season."""
        if not self.model._initialized:
            return self.total / self.count if self.count else 0.0
        return max(float(self.model.forecast(1)[0]), 0.0)

    def remember(self, sold: float) -> None:
        """Move level, trend and season; a season of nothing begins none, for River would divide by its level.

        River begins with the trend of the first two periods and with seasons as
        ratios, which an additive model takes long to forget: ours begins level.
        """
        begun = self.model._initialized
        if sold > 0 or self.model._first_values or begun:
            self.model.learn_one(sold)
        if self.model._initialized and not begun and self.model.season:
            self.model.trend[-1] = 0.0
            for number, first in enumerate(self.model._first_values):
                self.model.season[number] = first - self.model.level[-1]
        self.total, self.count = self.total + sold, self.count + 1

    def memory(self) -> dict[str, Any]:
        """Return the components' numbers, and River's version."""
        parts = {name: list(getattr(self.model, name) or ()) for name in ("level", "trend", "season")}
        first = list(self.model._first_values)
        return {"version": VERSION, "total": self.total, "count": self.count, "first": first, **parts}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take up the numbers."""
        self.model = self._made()
        self.total, self.count = memory["total"], memory["count"]
        for name in ("level", "trend", "season"):
            if memory[name]:
                getattr(self.model, name).extend(memory[name])
        self.model._first_values = list(memory["first"])
        self.model._initialized = bool(memory["level"])


class Snarimax(Baseline):
    """An autoregression on the logarithm: three lags and one past error, scaled and regressed on by River.

    >>> steady = Snarimax()
    >>> for n in range(60):
    ...     steady.learn_one({}, 5.0)
    >>> 4.0 < steady.forecast({}).mean < 6.0
    True
    """

    name = "snarimax"
    LAGS, ERRORS, PACE, CLIP = 3, 1, 0.01, 5.0

    def __init__(self) -> None:
        super().__init__()
        self.model: Any = self._made()
        self.total, self.count = 0.0, 0

    def _made(self) -> Any:
        line = linear_model.LinearRegression(optimizer=optim.SGD(self.PACE), intercept_lr=0.05, clip_gradient=self.CLIP)
        regressor = compose.Pipeline(preprocessing.StandardScaler(), line)
        return time_series.SNARIMAX(p=self.LAGS, d=0, q=self.ERRORS, regressor=regressor)

    def mean(self) -> float:
        """Return the forecast, held near the mean so far; that mean while it has few lags."""
        usual = self.total / self.count if self.count else 0.0
        if self.count <= 2 * self.LAGS:
            return usual
        said = float(self.model.forecast(horizon=1)[0]) - math.log(usual + LOW)
        return max((usual + LOW) * math.exp(min(max(said, -_FAR), _FAR)) - LOW, 0.0) if math.isfinite(said) else usual

    def remember(self, sold: float) -> None:
        """Learn the logarithm."""
        self.model.learn_one(math.log(sold + LOW))
        self.total, self.count = self.total + sold, self.count + 1

    def memory(self) -> dict[str, Any]:
        """Return lags, errors, the scaler's moments and the weights, and River's version."""
        scaler, line = self.model.regressor["StandardScaler"], self.model.regressor["LinearRegression"]
        return {
            **{"version": VERSION, "total": self.total, "count": self.count},
            **{"last": list(self.model.y_hist), "lags": list(self.model.y_diff), "errors": list(self.model.errors)},
            "moments": {key: [scaler.counts[key], scaler.means[key], scaler.vars[key]] for key in scaler.counts},
            **{"weights": dict(line.weights), "intercept": float(line.intercept)},
            "steps": line.optimizer.n_iterations,
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take up the numbers."""
        self.model = self._made()
        self.total, self.count = memory["total"], memory["count"]
        for kept, name in (("last", "y_hist"), ("lags", "y_diff"), ("errors", "errors")):
            setattr(self.model, name, deque(memory[kept], maxlen=getattr(self.model, name).maxlen))
        scaler, line = self.model.regressor["StandardScaler"], self.model.regressor["LinearRegression"]
        for key, (count, mean, variance) in memory["moments"].items():
            scaler.counts[key], scaler.means[key], scaler.vars[key] = count, mean, variance
        line._weights = VectorDict(dict(memory["weights"]))
        line.intercept, line.optimizer.n_iterations = memory["intercept"], memory["steps"]
