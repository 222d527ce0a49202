"""What all series of a partition teach together: River's linear models, and habits of items.

Guards against what was measured on River 0.26.1: inputs are cleaned and clipped
before they reach a model (a single NaN would stay for ever), the intercept's
rate is set beside the optimizer's, `optim.losses.Quantile` is used for its
gradient only (its value is mirrored), and state is kept as numbers with the
version that wrote them, never as a pickle alone.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from river import linear_model, optim
from river.utils import VectorDict

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.commons import Commons

VERSION = f"river {version('river')}"
FAR = 4
"""The longer horizon whose errors are learnt, in periods."""
_START = {0.5: 0.0, 0.9: 1.6, 0.95: 2.06, 0.99: 2.9}
"""What a quantile's distance is in average errors before anything is learnt: the normal law's."""


def _model_state(model: Any) -> dict[str, Any]:
    return {
        "weights": dict(model.weights),
        "intercept": float(model.intercept),
        "squares": dict(getattr(model.optimizer, "g2", {})),
        "steps": model.optimizer.n_iterations,
    }


def _model_restore(model: Any, state: Mapping[str, Any]) -> None:
    model._weights = VectorDict(dict(state["weights"]))
    model.intercept = state["intercept"]
    if hasattr(model.optimizer, "g2"):
        model.optimizer.g2.clear()
        model.optimizer.g2.update(state["squares"])
    model.optimizer.n_iterations = state["steps"]


class Tails:
    """Quantiles of the error around a point forecast, one River regression a level."""

    def __init__(self) -> None:
        self.models: dict[float, Any] = {}
        for level in LEVELS:
            rate = 0.01 if level < 0.95 else 0.02
            model = linear_model.LinearRegression(
                optimizer=optim.SGD(rate),
                loss=optim.losses.Quantile(level),
                intercept_lr=0.01 if level < 0.95 else 0.03,
            )
            model._weights = VectorDict({"sg": _START[level]})
            self.models[level] = model

    def predict(self, x: Mapping[str, float]) -> list[float]:
        """Return the error's quantile at each level."""
        return [float(model.predict_one(x)) for model in self.models.values()]

    def learn(self, x: Mapping[str, float], error: float) -> None:
        """Move each level by its own gradient."""
        if math.isfinite(error):
            for model in self.models.values():
                model.learn_one(x, error)

    def state(self) -> list[dict[str, Any]]:
        """Return the models' numbers, in the order of the levels."""
        return [_model_state(model) for model in self.models.values()]

    def restore(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Take up what `state()` gave."""
        for model, one in zip(self.models.values(), state, strict=True):
            _model_restore(model, one)


Habit = Sequence[float]
"""Periods, periods with a sale, and units."""


class Habits:
    """How often and how much an item sells where it is sold at all: the prior of a series that begins.

    An item that is new begins like its category, and that like the one above it
    (`FRUIT/APPLES` lies in `FRUIT`). `groups` says in which category an item is;
    whoever follows series sets it.

    >>> habits = Habits()
    >>> habits.groups = {"apple": "FRUIT/POME", "pear": "FRUIT/POME", "nail": "TOOLS"}
    >>> habits.add("apple", periods=10, hits=5, units=20.0)
    ['apple', 'in FRUIT/POME', 'in FRUIT']
    >>> [round(each, 2) for each in (*habits.prior("apple"), *habits.prior("pear"))]
    [0.5, 3.98, 0.49, 3.92]
    >>> habits.prior("nail") == habits.prior("plum")
    True
    """

    MOST = 2000

    def __init__(self) -> None:
        self.known: dict[str, list[float]] = {}
        self.groups: dict[str, str] = {}
        self.total = [10.0, 3.0, 4.5]
        """Periods, periods with a sale and units of all items together, with a grain to begin with."""

    def _names(self, item: str) -> list[str]:
        """Return under which names an item's habits are counted, the narrowest first."""
        names, group = [item], self.groups.get(item, "")
        while group:
            names.append(f"in {group}")
            group = group.rpartition("/")[0]
        return names

    def add(self, item: str, periods: int, hits: int, units: float) -> list[str]:
        """Take up what one series of the item did, old counts fade; return the names that it is under."""
        names = self._names(item)
        for record in (*(self.known.setdefault(name, [0.0, 0.0, 0.0]) for name in names), self.total):
            record[0] += periods
            record[1] += hits
            record[2] += units
            if record[0] > self.MOST:
                record[:] = [value * 0.5 for value in record]
        return names

    def prior(self, item: str, like: Habit | None = None) -> tuple[float, float]:
        """Return chance of a sale in a period and its size, drawn toward its category's while little is known.

        `like` are the habits of an item that it begins like, while it has none of its own.
        """
        periods, hits, units = self.total
        chance, size = hits / periods, units / hits
        for name in reversed(self._names(item)):
            own: Habit | None = self.known.get(name, like if name == item else None)
            if own is not None:
                chance, size = (own[1] + 4 * chance) / (own[0] + 4), (own[2] + 2 * size) / (own[1] + 2)
        return chance, size

    def mean(self, item: str) -> float:
        """Return what a series of the item sells in a period, as far as others tell."""
        chance, size = self.prior(item)
        return chance * size


class Shared:
    """The models and habits that the learners of a partition share.

    It is saved in named pieces; `changed` names those that differ from what was saved.
    """

    def __init__(self) -> None:
        self.linear: Any = linear_model.LinearRegression(
            optimizer=optim.AdaGrad(0.05), intercept_lr=0.005, clip_gradient=3.0
        )
        self.tails = {1: Tails(), FAR: Tails()}
        self.habits = Habits()
        self._commons: dict[int, Commons] = {}
        self.came, self.expected = 1.0, 1.0
        """Decaying sums of what came and of exp(prediction): their ratio turns a mean of logarithms into a mean."""
        self.changed: set[str] = set()
        self.lessons = 0
        """How often something that forecasts look at was learnt; what was foretold before may be no more."""

    def commons(self, horizon: int) -> Commons:
        """Return what the blends of a horizon share."""
        found = self._commons.get(horizon)
        if found is None:
            found = self._commons[horizon] = Commons()
        return found

    def predict(self, x: Mapping[str, float]) -> float:
        """Return the linear model's value at `x`."""
        return float(self.linear.predict_one(x))

    def learn(self, x: Mapping[str, float], target: float) -> None:
        """Teach the linear model."""
        self.linear.learn_one(x, target)
        self.changed.add("linear")

    def smear(self, came: float, expected: float) -> None:
        """Take up one pair of what came and what the exponential of the prediction said."""
        self.came = self.came * 0.9999 + came
        self.expected = self.expected * 0.9999 + expected
        self.changed.add("linear")

    def learn_tail(self, horizon: int, x: Mapping[str, float], error: float) -> None:
        """Teach the tails of a horizon."""
        self.tails[horizon].learn(x, error)
        self.changed.add(f"tails:{horizon}")

    def add_habit(self, item: str, periods: int, hits: int, units: float) -> None:
        """Take up what one series of the item did."""
        names = self.habits.add(item, periods, hits, units)
        self.changed.update(("habits", *(f"habit:{name}" for name in names)))

    def pieces(self, names: set[str] | None = None) -> Iterator[tuple[str, Any]]:
        """Yield (name, state as JSON values) of the pieces asked for, or of all, in a fixed order."""
        every = [
            *("linear", *(f"tails:{h}" for h in self.tails), *(f"commons:{h}" for h in sorted(self._commons))),
            *("habits", *(f"habit:{i}" for i in self.habits.known)),
        ]
        for name in sorted(names) if names is not None else every:
            kind, _, rest = name.partition(":")
            if kind == "linear":
                yield name, {**_model_state(self.linear), "came": self.came, "expected": self.expected}
            elif kind == "tails":
                yield name, self.tails[int(rest)].state()
            elif kind == "commons":
                yield name, self.commons(int(rest)).state()
            elif kind == "habits":
                yield name, self.habits.total
            else:
                yield name, self.habits.known[rest]

    def restore(self, pieces: Mapping[str, Any]) -> None:
        """Take up pieces that were saved."""
        for name, state in pieces.items():
            kind, _, rest = name.partition(":")
            if kind == "linear":
                _model_restore(self.linear, state)
                self.came, self.expected = state["came"], state["expected"]
            elif kind == "tails":
                self.tails[int(rest)].restore(state)
            elif kind == "commons":
                self.commons(int(rest)).restore(state)
            elif kind == "habits":
                self.habits.total = list(state)
            else:
                self.habits.known[rest] = list(state)
