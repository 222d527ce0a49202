"""The quantiles that a blend mixes: ways to get from a mean to them, and how each way is heard."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from stockbook.domain.demand.features import LOW
from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.commons import Commons
from stockbook.domain.demand.learners.dispersion import Dispersion, count_quantiles, gamma_quantiles, kind, stage
from stockbook.domain.demand.learners.inputs import guests
from stockbook.domain.demand.learners.packed import Array, packed, unpacked
from stockbook.domain.demand.learners.poisson import FAR
from stockbook.domain.demand.learners.spread import HALF, Residuals, between
from stockbook.domain.demand.learners.waiting import Ways
from stockbook.domain.demand.learners.weighing import Weighing
from stockbook.domain.demand.metrics import pinball

_NEAREST = {level: at for at, level in enumerate(LEVELS)}
_LITTLE, _OUTLIER = 0.02, 60.0
"""The least that a way is held to lose in a period; the most that one period counts for, in usual losses."""
_OWN = frozenset(("steps", "smooth", "errors", "scaled", "lines"))
"""The ways that a blend has by itself; all others are guests'."""
_LEAST = -5
"""Below two to this a period, all that is foretold is alike."""
_FEW = 6
"""Errors from which on a series' own are asked."""


class Quantiles:
    """One series' dispersion and past errors, and whom it believes at each level."""

    def __init__(self, commons: Commons, horizon: int, window: int) -> None:
        self.commons, self.horizon, self.window = commons, horizon, window
        self.ways = [Weighing(strict=1.0, keep=0.99 ** (1 / horizon)) for _ in LEVELS]
        self.dispersion = Dispersion(horizon)
        self.errors, self.scaled = Residuals(window), Residuals(window, kind=HALF)
        """Past errors as they were, and divided by the root of the mean, where three digits are enough."""
        self.width, self.upper = 0.5, 0.3
        """Average size of errors on the logarithm, and twice the average of those upward."""
        self.whole = True
        """Whether all that sold so far were whole units."""

    def deviation(self, x: Mapping[str, float], mean: float) -> float:
        """Return the standard deviation about a mean."""
        return math.sqrt(mean * self._ratio(x))

    def _ratio(self, x: Mapping[str, float]) -> float:
        return self.dispersion.ratio(self.commons.pool, x["level"], stage(x))

    def _alike(self, x: Mapping[str, float], mean: float) -> tuple[str, str]:
        """Return the kind and the stage of a forecast: in plain times by what is foretold, not by what is usual.

        What is foretold as little comes to more than that, what is foretold as much to less, whoever forecasts.
        Promotions are too few for that: what they lift is a matter of the goods.
        """
        at = stage(x)
        return (kind(x["level"], at) if at else kind(mean / self.horizon, at, _LEAST)), at

    def _line_inputs(self, v: Array, mean: float, scale: float) -> Array:
        point = math.log((mean + LOW) / scale)
        inputs = np.empty(len(v) + 3)
        inputs[:3] = min(max(point, -FAR), FAR), min(self.width, 2.5), min(self.upper, 2.5)
        inputs[3:] = v
        return inputs

    def said(self, v: Array, x: Mapping[str, float], mean: float, levels: Sequence[float]) -> Ways:
        """Return each way's quantiles about a mean."""
        scale = self.horizon * (x["level"] + LOW)
        ratio = self._ratio(x)
        if self.whole:
            steps, smooth = count_quantiles(mean, ratio, levels)
            ways = {"steps": steps, "smooth": smooth}
        else:
            ways = {"smooth": gamma_quantiles(mean, ratio, levels)}
        if len(self.errors) >= _FEW:
            root = math.sqrt(mean + 0.1)
            ways["errors"] = [max(mean + self.errors.quantile(level), 0.0) for level in levels]
            ways["scaled"] = [max(mean + root * self.scaled.quantile(level), 0.0) for level in levels]
        lines = self.commons.lines.predict(self._line_inputs(v, mean, scale))
        drawn = sorted(max(scale * math.exp(min(max(line, -FAR), FAR)) - LOW, 0.0) for line in lines.tolist())
        ways["lines"] = between(levels, LEVELS, drawn)
        told: dict[str, dict[float, float]] = {}
        for name, level, quantile in guests(x):
            if level and name not in ways:
                told.setdefault(name, {})[float(level)] = quantile
        for name, known in told.items():
            ordered = sorted(known)
            ways[name] = between(levels, ordered, sorted(known[at] for at in ordered))
        return ways

    def mixed(self, ways: Ways, levels: Sequence[float], x: Mapping[str, float], mean: float) -> list[float]:
        """Return the mixed quantiles about a mean, shifted so that over all series they cover what they say."""
        return sorted(self._leant(self._weighed(ways, levels, x, mean), _guests(ways), levels))

    def _leant(self, weighed: list[float], guests: Sequence[float], levels: Sequence[float]) -> list[float]:
        """Return a mixture as it leans toward its guests, or away from them."""
        if not guests:
            return weighed
        shares = map(self.commons.leaning.of, map(_nearest, levels))
        return [own + share * (guest - own) for own, guest, share in zip(weighed, guests, shares, strict=True)]

    def _weighed(self, ways: Ways, levels: Sequence[float], x: Mapping[str, float], mean: float) -> list[float]:
        """Return what all ways come to as they are heard, before the mixture leans toward its guests."""
        found, shifts, deviation = [], self.commons.shifts.of(*self._alike(x, mean)), self.deviation(x, mean)
        for at, level in enumerate(levels):
            nearest = _nearest(level)
            weights = self.ways[nearest].weights(tuple(ways), self.commons.ways[nearest])
            mixed = sum([weight * ways[name][at] for name, weight in weights.items()])
            found.append(max(mixed + shifts[nearest] * deviation, 0.0))
        return found

    def learn(self, v: Array, x: Mapping[str, float], mean: float, ways: Ways, total: float) -> None:
        """Take up what came, where `mean` and `ways` were foretold."""
        scale = self.horizon * (x["level"] + LOW)
        deviation, guests = self.deviation(x, mean), _guests(ways)
        weighed = self._weighed(ways, LEVELS, x, mean)
        mixed = sorted(self._leant(weighed, guests, LEVELS))
        if guests:
            self.commons.leaning.learn(weighed, guests, total, deviation)
        for at, level in enumerate(LEVELS):
            losses = {name: pinball(level, total, found[at]) for name, found in ways.items()}
            usual = max(self.ways[at].best, _LITTLE)
            self.ways[at].learn(losses)
            if self.ways[at].count > _FEW:
                lost = {name: min(loss / usual, _OUTLIER) for name, loss in losses.items()}
                self.commons.ways[at].learn(lost)
        if self.ways[0].count > _FEW:
            self.commons.shifts.learn(*self._alike(x, mean), [total <= quantile for quantile in mixed])
        target = math.log((total + LOW) / scale)
        self.commons.lines.learn(self._line_inputs(v, mean, scale), target)
        error = target - math.log((mean + LOW) / scale)
        self.width += 0.05 * (abs(error) - self.width)
        self.upper += 0.05 * (2 * max(error, 0.0) - self.upper)
        self.errors.add(total - mean)
        self.scaled.add((total - mean) / math.sqrt(mean + 0.1))
        self.dispersion.learn(self.commons.pool, x["level"], stage(x), mean, total)

    def state(self) -> dict[str, Any]:
        """Return what is this series' own."""
        names = list(self.ways[0].losses)
        losses = np.array([[way.losses[name] for name in names] for way in self.ways])
        return {
            "ways": {"names": names, "losses": packed(losses, "<f4"), "count": self.ways[0].count},
            "dispersion": self.dispersion.state(),
            "errors": self.errors.state(),
            "scaled": self.scaled.state(),
            "width": self.width,
            "upper": self.upper,
            "whole": self.whole,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        names, count = state["ways"]["names"], state["ways"]["count"]
        losses = unpacked(state["ways"]["losses"], "<f4").reshape(len(self.ways), len(names))
        for way, row in zip(self.ways, losses.tolist(), strict=True):
            way.losses, way.count = dict(zip(names, row, strict=True)), count
        self.dispersion.restore(state["dispersion"])
        self.errors = Residuals.restore(state["errors"], self.window)
        self.scaled = Residuals.restore(state["scaled"], self.window, HALF)
        self.width, self.upper, self.whole = state["width"], state["upper"], state["whole"]


def _nearest(level: float) -> int:
    """Return the place of the level that is learnt and nearest."""
    found = _NEAREST.get(level)
    return min(range(len(LEVELS)), key=lambda n: abs(LEVELS[n] - level)) if found is None else found


def _guests(ways: Ways) -> list[float]:
    """Return what guests say together, a level each; nothing where none speaks."""
    told = [found for name, found in ways.items() if name not in _OWN]
    return [sum(said) / len(told) for said in zip(*told, strict=True)]
