"""Regression on the logarithm of demand over its level: shared, own, and their aggregation.

Experts: `own` is a recursive least squares of the series, `global` the linear
model that all series share, `both` the global one with an own regression on
what it leaves. Each series weighs its experts by how they fared on it
(exponential weights), so that none need be right for all.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from stockbook.domain.demand.features import INFLUENCE, LOW, clean, usable
from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.rls import RecursiveLeastSquares
from stockbook.domain.demand.learners.shared import FAR, VERSION, Shared
from stockbook.domain.demand.learners.spread import Residuals, between

EXPERTS = ("own", "global", "both")
STEADY = "steady"
"""An expert from outside: a plain mean that comes as the input of this name, in units."""
_BETTED = 1.0
"""What the other experts must make good on a plain mean before they are heard as much."""
_RECENT = ("e3", "l1", "l7", "m4", "m13", "m7", "m28", "dowlvl")
_PLANNED = ("promo", "disc", "prel", "lift", "lastpromo")
OWN_KEYS = (*_RECENT, *_PLANNED, "s1", "c1")
REST_KEYS = ("promo", "disc", "e3", "dowlvl", "lastpromo")
_TAIL_KEYS = ("loglevel", "promo", "disc", "lastpromo", "cv", "gap", "lift", "e3", "l1", "dowlvl")
_LATER_DROPS = frozenset(("promo", "disc", "prel", "lift", "dowlvl", "l7", "l14", *(f"d{n}" for n in range(7))))
_GROUPS = {
    "promotion": frozenset(("promo", "lift", "lastpromo", "first", "into")),
    "price": frozenset(("disc", "prel")),
    "season": frozenset(("s1", "c1", "s2", "c2", "l52", "dowlvl", *(f"d{n}" for n in range(7)))),
}
_KIND = {key: kind for kind, keys in _GROUPS.items() for key in keys}
_UNITS = frozenset(("level", STEADY))
_LITTLE = 1e-6
Shares = dict[str, float]
_ETA, _FADE, _FAR_FROM_ZERO, _ENOUGH = 2.0, 0.97, 4.0, 30


def kind_of(key: str) -> str:
    """Return the kind of input that a feature belongs to; an influence is a kind of its own.

    >>> kind_of("promo"), kind_of("l1"), kind_of("i:weather")
    ('promotion', 'recent', 'weather')
    """
    return key.removeprefix(INFLUENCE) if key.startswith(INFLUENCE) else _KIND.get(key, "recent")


class Regression:
    """One series' regression; `experts` says which take part.

    >>> from stockbook.domain.demand.plan import Plan
    >>> from stockbook.domain.demand.series import Series
    >>> from stockbook.domain.demand.period import Period
    >>> learner, apples = Regression(Shared()), Series(Period.WEEK)
    >>> for week in range(60):
    ...     plan = Plan(promotions=(("promo", float(week % 6 == 0)),))
    ...     x, sold = apples.features(week, plan), 30.0 if week % 6 == 0 else 10.0
    ...     learner.learn_one(x, sold)
    ...     apples.close(sold, week, plan)
    >>> plain, promoted = (apples.features(60, Plan(promotions=(("promo", p),))) for p in (0.0, 1.0))
    >>> 2.3 < learner.forecast(promoted).mean / learner.forecast(plain).mean < 3.5
    True
    """

    def __init__(self, shared: Shared, experts: Sequence[str] = EXPERTS, name: str = "aggregate") -> None:
        self.shared, self.experts, self.name = shared, tuple(experts), name
        self.own = RecursiveLeastSquares(OWN_KEYS) if "own" in experts else None
        self.rest = RecursiveLeastSquares(REST_KEYS, prior=8.0, forget=0.995) if "both" in experts else None
        self.losses = [_BETTED if STEADY in experts and expert != STEADY else 0.0 for expert in experts]
        self.came, self.expected = 0.0, 0.0
        self.width, self.upper = 0.5, 0.3
        """Average size of errors on the logarithm, and twice the average of those upward."""
        self.errors = Residuals()
        self.pinballs = [0.0, 0.0]
        """Fading losses of the two ways to quantiles: the shared tails, and this series' own errors."""
        self.waiting: list[dict[str, Any]] = []
        """Forecasts over FAR periods whose sum is not complete yet."""

    def _points(self, x: Mapping[str, float], steady: float) -> list[float]:
        together = self.shared.predict(x) if self.experts != ("own",) else 0.0
        points = []
        for expert in self.experts:
            if expert == "own" and self.own:
                point = self.own.predict(x)
            elif expert == "both" and self.rest:
                point = together + self.rest.predict(x)
            elif expert == STEADY:
                point = steady
            else:
                point = together
            points.append(min(max(point, -_FAR_FROM_ZERO), _FAR_FROM_ZERO))
        return points

    def _weights(self) -> list[float]:
        best = min(self.losses)
        raw = [math.exp(-_ETA * (loss - best)) for loss in self.losses]
        total = sum(raw)
        return [weight / total for weight in raw]

    def _mean(self, point: float, level: float) -> float:
        scale = level + LOW
        ratio = self.shared.came / self.shared.expected
        smear = (self.came + 10 * ratio * scale) / (self.expected + 10 * scale)
        return max(scale * math.exp(point) * smear - LOW, 0.0)

    def _tail_inputs(self, x: Mapping[str, float], point: float) -> dict[str, float]:
        inputs = {key: x[key] for key in _TAIL_KEYS if key in x}
        inputs["sg"], inputs["up"], inputs["a"] = min(self.width, 2.5), min(self.upper, 2.5), point
        inputs["sgp"] = inputs["sg"] * x.get("promo", 0.0)
        inputs["sgl"] = inputs["sg"] * x.get("loglevel", 0.0)
        return inputs

    def _quantiles(self, x: Mapping[str, float], point: float, level: float) -> list[float]:
        tails = self.shared.tails[1].predict(self._tail_inputs(x, point))
        scale = level + LOW
        return sorted(max(scale * math.exp(min(max(point + tail, -4.0), 5.0)) - LOW, 0.0) for tail in tails)

    def _far_mean(self, x: Mapping[str, float], first: float, weights: Sequence[float]) -> float:
        later = {key: value for key, value in x.items() if key not in _LATER_DROPS and key not in _UNITS}
        point = sum(w * p for w, p in zip(weights, self._points(later, _steady(x)), strict=True))
        return first + (FAR - 1) * self._mean(point, x["level"])

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Score and weigh the experts, then teach them and the tails."""
        sold, x = usable(y), clean(x)
        if sold is None:
            return
        level = x["level"]
        scale = level + LOW
        inputs = {key: value for key, value in x.items() if key not in _UNITS}
        target = math.log((sold + LOW) / scale)
        points, weights = self._points(inputs, _steady(x)), self._weights()
        point = sum(w * p for w, p in zip(weights, points, strict=True))
        mean = self._mean(point, level)
        self._learn_spread(x, inputs, sold, target - point, point, mean)
        self._learn_far(x, inputs, sold, point, mean, weights)
        together = self.shared.predict(inputs)
        self.losses = [_FADE * loss + (p - target) ** 2 for loss, p in zip(self.losses, points, strict=True)]
        expected = scale * math.exp(point)
        self.came, self.expected = self.came * 0.98 + sold + LOW, self.expected * 0.98 + expected
        self.shared.smear(sold + LOW, expected)
        if self.own:
            self.own.learn(inputs, target)
        if self.rest:
            self.rest.learn(inputs, target - together)
        if self.experts != ("own",):
            self.shared.learn(inputs, target)

    def _learn_spread(
        self, x: Mapping[str, float], inputs: dict[str, float], sold: float, error: float, point: float, mean: float
    ) -> None:
        if len(self.errors) >= _ENOUGH:
            modelled = self._quantiles(inputs, point, x["level"])
            for q, level in zip(modelled[1:], LEVELS[1:], strict=True):
                for way, quantile in enumerate((q, max(mean + self.errors.quantile(level), 0.0))):
                    off = sold - quantile
                    self.pinballs[way] = self.pinballs[way] * 0.99 + max(level * off, (level - 1) * off)
        self.shared.learn_tail(1, self._tail_inputs(inputs, point), error)
        self.errors.add(sold - mean)
        self.width += 0.05 * (abs(error) - self.width)
        self.upper += 0.05 * (2 * max(error, 0.0) - self.upper)

    def _learn_far(
        self,
        x: Mapping[str, float],
        inputs: dict[str, float],
        sold: float,
        point: float,
        mean: float,
        weights: Sequence[float],
    ) -> None:
        far = self._far_mean({**inputs, **_units(x)}, mean, weights)
        tail = {key: round(value, 4) for key, value in self._tail_inputs(inputs, point).items()}
        self.waiting = [{**one, "sum": one["sum"] + sold} for one in self.waiting]
        self.waiting.append({"mean": far, "sum": sold, "x": tail})
        if len(self.waiting) == FAR:
            done = self.waiting.pop(0)
            self.shared.learn_tail(FAR, done["x"], math.log((done["sum"] + LOW) / (done["mean"] + LOW)))

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return the aggregated mean and quantiles.

        One period: from the shared tails or from this series' own errors, whichever
        fared better on it. More: the direct quantiles learnt on sums over FAR
        periods, the periods after the first taken without promotion.
        """
        x = clean(x)
        level = x["level"]
        inputs = {key: value for key, value in x.items() if key not in _UNITS}
        weights = self._weights()
        point = sum(w * p for w, p in zip(weights, self._points(inputs, _steady(x)), strict=True))
        mean = self._mean(point, level)
        shares = self._shares({**inputs, STEADY: _steady(x)}, weights, point, level) if levels else {}
        if horizon == 1:
            if len(self.errors) >= _ENOUGH and self.pinballs[1] < self.pinballs[0]:
                quantiles = [mean + self.errors.quantile(wanted) for wanted in levels]
            else:
                quantiles = between(levels, LEVELS, self._quantiles(inputs, point, level))
            return Outlook.of(mean, levels, quantiles, shares)
        far = self._far_mean({**inputs, **_units(x)}, mean, weights)
        total = mean + (far - mean) * (horizon - 1) / (FAR - 1)
        tails = sorted(self.shared.tails[FAR].predict(self._tail_inputs(inputs, point)))
        quantiles = between(levels, LEVELS, [max((total + LOW) * math.exp(min(t, 4.0)) - LOW, 0.0) for t in tails])
        return Outlook.of(total, levels, quantiles, shares)

    def _shares(self, inputs: Mapping[str, float], weights: Sequence[float], point: float, level: float) -> Shares:
        """Return which part of the mean each kind of input makes.

        On the logarithm contributions add up; the logarithmic mean turns each
        into units without remainder (Divisia's decomposition). What no input
        explains is the level's.
        """
        mean = self._mean(point, level)
        if mean < _LITTLE:
            return {"level": 1.0}
        known = dict(zip(self.experts, weights, strict=True))
        together = known.get("global", 0.0) + known.get("both", 0.0)
        moved = {"recent": known.get(STEADY, 0.0) * inputs.get(STEADY, 0.0)}
        slopes = {key: slope * together for key, slope in self.shared.linear.weights.items()}
        for model, share in ((self.own, known.get("own", 0.0)), (self.rest, known.get("both", 0.0))):
            if model:
                for key, weight in zip(model.keys, model.weights[1:].tolist(), strict=True):
                    slopes[key] = slopes.get(key, 0.0) + share * weight
        for key, value in inputs.items():
            if value and key != STEADY:
                kind = kind_of(key)
                moved[kind] = moved.get(kind, 0.0) + slopes.get(key, 0.0) * value
        unit = (mean + LOW) * (-math.expm1(-point) / point if abs(point) > _LITTLE else 1.0) / mean
        shares = {kind: round(unit * part, 4) for kind, part in moved.items() if part}
        return {"level": 1.0 - math.fsum(shares.values()), **shares}

    def state(self) -> dict[str, Any]:
        """Return what is this series' own; what is shared is saved by itself."""
        return {
            "version": VERSION,
            "own": self.own.state() if self.own else None,
            "rest": self.rest.state() if self.rest else None,
            "losses": list(self.losses),
            "came": self.came,
            "expected": self.expected,
            "width": self.width,
            "upper": self.upper,
            "errors": self.errors.state(),
            "pinballs": list(self.pinballs),
            "waiting": [{**one, "x": dict(one["x"])} for one in self.waiting],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        if self.own and state["own"]:
            self.own.restore(state["own"])
        if self.rest and state["rest"]:
            self.rest.restore(state["rest"])
        self.losses = list(state["losses"])
        self.came, self.expected = state["came"], state["expected"]
        self.width, self.upper = state["width"], state["upper"]
        self.errors = Residuals.restore(state["errors"])
        self.pinballs = list(state["pinballs"])
        self.waiting = [{**one, "x": dict(one["x"])} for one in state["waiting"]]


def _units(x: Mapping[str, float]) -> dict[str, float]:
    return {key: x[key] for key in _UNITS if key in x}


def _steady(x: Mapping[str, float]) -> float:
    return math.log((max(x.get(STEADY, x["level"]), 0.0) + LOW) / (x["level"] + LOW))
