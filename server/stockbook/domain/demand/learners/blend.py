"""Many experts on one series, none of them right for all: the learner that speaks wherever goods sell often.

Means come from exponential smoothing, from a Poisson regression that all series
share, from that one bent by two regressions of the series' own, from one that
is the series' alone, and from guests. Quantiles come from the negative
binomial around the mixed mean, from this series' own past errors, from a
quantile regression that all series share, and from guests. Who fared better
on this series of late is heard more.

A blend may speak of several periods together: then its features are those of
the window (`Series.window`), it learns a window when its last period closes,
and nothing is scaled by the root of the horizon.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.dispersion import Dispersion, count_quantiles, gamma_quantiles, kind
from stockbook.domain.demand.learners.inputs import AT, GUEST, KEYS, base_of
from stockbook.domain.demand.learners.packed import Array, packed, unpacked
from stockbook.domain.demand.learners.poisson import FAR, PoissonRegression
from stockbook.domain.demand.learners.regression import kind_of
from stockbook.domain.demand.learners.shared import VERSION, Shared
from stockbook.domain.demand.learners.spread import Residuals, between
from stockbook.domain.demand.learners.waiting import Means, Waiting, Ways
from stockbook.domain.demand.learners.weighing import Weighing
from stockbook.domain.demand.metrics import pinball
from stockbook.domain.demand.series import HASTE, LOW, clean, usable

_SLOW, _QUICK = 0.05, 0.1
_TILT = ("1", "promo", "e3", "lastpromo", "dowlvl", "m4")
_BEND = ("1", "promo", "lift", "e3", "l1", "l7", "m28", "m13", "lastpromo", "s1", "c1", "d4", "d5", "d6")
_OWN = (
    *("1", "e3", "l1", "l7", "m7", "m28", "m4", "m13", "dowlvl", "promo", "lift", "lastpromo"),
    *("s1", "c1", "alike1", "alike3", "first"),
)
_TILT_AT, _BEND_AT, _OWN_AT = (np.array([AT[key] for key in keys]) for keys in (_TILT, _BEND, _OWN))
_NEAREST = {level: at for at, level in enumerate(LEVELS)}
_LITTLE = 0.02
_OUTLIER = 25.0
"""No period counts for more than so many usual squared errors."""
_FEW = 6
"""Errors from which on a series' own are asked."""
_FASTER, _FORGOTTEN = 4.0, 0.25
"""After a drift: how much faster averages move, and for how much counts who fared how before."""


@lru_cache(1000)
def _kind_of(key: str) -> str:
    """Return the kind of input that a place of the vector is told as."""
    return kind_of(base_of(key))


class Blend:
    """One series' experts and how each is heard.

    Parameters
    ----------
    horizon
        Periods taken together.
    window
        Past errors kept.
    alone
        Whether a regression of the series' own is among the experts.

    >>> from stockbook.domain.demand.period import Period
    >>> from stockbook.domain.demand.series import Plan, Series
    >>> learner, apples = Blend(Shared()), Series(Period.WEEK)
    >>> for week in range(60):
    ...     plan = Plan(promotions=(("promo", float(week % 6 == 0)),))
    ...     x, sold = apples.features(week, plan), 30.0 if week % 6 == 0 else 10.0
    ...     learner.learn_one(x, sold)
    ...     apples.close(sold, week, plan)
    >>> plain, promoted = (apples.features(60, Plan(promotions=(("promo", p),))) for p in (0.0, 1.0))
    >>> 2.5 < learner.forecast(promoted).mean / learner.forecast(plain).mean < 3.5
    True
    """

    name = "blend"

    def __init__(self, shared: Shared, item: str = "", horizon: int = 1, window: int = 90, alone: bool = True) -> None:
        self.shared, self.horizon, self.window = shared, horizon, window
        self.smooth = [shared.habits.mean(item)] * 2
        """Averages of a period, a slow and a quick one."""
        self.count = 0
        self.tilt = PoissonRegression(len(_TILT), prior=30.0, forget=0.9995)
        self.bend = PoissonRegression(len(_BEND), prior=30.0, forget=0.9995)
        self.own = PoissonRegression(len(_OWN), prior=15.0, forget=0.9995) if alone else None
        self.heard = Weighing(strict=3.3, keep=0.97 ** (1 / horizon))
        self.ways = [Weighing(strict=1.0, keep=0.99 ** (1 / horizon)) for _ in LEVELS]
        self.dispersion = Dispersion(horizon)
        self.errors, self.scaled = Residuals(window), Residuals(window)
        """Past errors as they were, and divided by the root of the mean."""
        self.width, self.upper = 0.5, 0.3
        """Average size of errors on the logarithm, and twice the average of those upward."""
        self.whole = True
        """Whether all that sold so far were whole units."""
        self.commons = shared.commons(horizon)
        self.waiting: list[Waiting] = []
        """Windows that are not complete yet."""
        self.haste = 0
        """Periods for which it still learns faster."""
        self.off: float | None = None
        """How far the period learnt last was off, in deviations; None before one was."""

    def _means(self, v: Array, x: Mapping[str, float]) -> Means:
        scale = self.horizon * (x["level"] + LOW)
        together = self.commons.rate.predict(v)

        def rate(logarithm: float) -> float:
            return scale * math.exp(min(max(logarithm, -FAR), FAR))

        means = {
            "slow": self.horizon * self.smooth[0],
            "quick": self.horizon * self.smooth[1],
            "global": rate(together),
            "tilt": rate(together + self.tilt.predict(v[_TILT_AT])),
            "bend": rate(together + self.bend.predict(v[_BEND_AT])),
        }
        if self.own:
            means["own"] = rate(self.own.predict(v[_OWN_AT]))
        for key, value in x.items():
            if key.startswith(GUEST) and ":" not in key[len(GUEST) :]:
                means[key] = max(value, 0.0)
        return means

    def _weights(self, means: Means, level: float) -> dict[str, float]:
        return self.heard.weights(tuple(means), self.commons.heard(kind(level, False)))

    def _mixed(self, means: Means, level: float) -> float:
        weights = self._weights(means, level)
        return max(sum(weight * means[name] for name, weight in weights.items()), 0.01)

    def _line_inputs(self, v: Array, mean: float, scale: float) -> Array:
        point = math.log((mean + LOW) / scale)
        return np.concatenate([(min(max(point, -FAR), FAR), min(self.width, 2.5), min(self.upper, 2.5)), v])

    def _quantile_ways(self, v: Array, x: Mapping[str, float], mean: float, levels: Sequence[float]) -> Ways:
        """Return each way's quantiles."""
        scale = self.horizon * (x["level"] + LOW)
        ratio = self.dispersion.ratio(self.commons.pool, x["level"], x.get("promo", 0.0) > 0.5)
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
        for key in x:
            name, _, level = key[len(GUEST) :].partition(":")
            if key.startswith(GUEST) and level and name not in ways:
                known = {float(k.rpartition(":")[2]): q for k, q in x.items() if k.startswith(f"{GUEST}{name}:")}
                ordered = sorted(known)
                ways[name] = between(levels, ordered, sorted(known[at] for at in ordered))
        return ways

    def _quantiles(
        self, ways: Mapping[str, Sequence[float]], levels: Sequence[float], deviation: float, alike: str
    ) -> list[float]:
        """Return the mixed quantiles, shifted so that over all series they cover what they say."""
        found, shifts = [], self.commons.shift(alike)
        for at, level in enumerate(levels):
            nearest = _NEAREST.get(level)
            if nearest is None:
                nearest = min(range(len(LEVELS)), key=lambda n: abs(LEVELS[n] - level))
            weights = self.ways[nearest].weights(tuple(ways), self.commons.ways[nearest])
            mixed = sum(weight * ways[name][at] for name, weight in weights.items())
            found.append(max(mixed + shifts[nearest] * deviation, 0.0))
        return sorted(found)

    def _deviation(self, x: Mapping[str, float], mean: float) -> float:
        ratio = self.dispersion.ratio(self.commons.pool, x["level"], x.get("promo", 0.0) > 0.5)
        return math.sqrt(mean * ratio)

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Begin a window with features `x`, add the period to those begun, and learn the one that is complete."""
        sold, x = usable(y), clean(x)
        self.off = None
        if sold is None:
            return
        self.whole = self.whole and abs(sold - round(sold)) < 1e-9
        self.commons.meet(x)
        v = self.commons.vector(x)
        means = self._means(v, x)
        ways = self._quantile_ways(v, x, self._mixed(means, x["level"]), LEVELS)
        if self.horizon == 1:
            self._learn(x, means, ways, sold)
        else:
            begun = Waiting.begin(x, means, ways)
            self.waiting = [one._replace(sold=one.sold + sold) for one in (*self.waiting, begun)]
            if len(self.waiting) == self.horizon:
                done = self.waiting.pop(0)
                self._learn(done.x, done.means, done.ways, done.sold)
        faster = _FASTER if self.haste else 1.0
        self.smooth = [
            mean + max(faster * weight, 1 / (self.count + 2)) * (sold - mean)
            for mean, weight in zip(self.smooth, (_SLOW, _QUICK), strict=True)
        ]
        self.count += 1
        self.haste = max(self.haste - 1, 0)

    def hasten(self) -> None:
        """Learn faster for a while: averages follow sooner, and who fared well before counts for less."""
        self.haste = HASTE
        for heard in (self.heard, *self.ways):
            heard.fade(_FORGOTTEN)

    def _learn(self, x: Mapping[str, float], means: Means, ways: Ways, total: float) -> None:
        commons, level = self.commons, x["level"]
        scale, promoted = self.horizon * (level + LOW), x.get("promo", 0.0) > 0.5
        v = commons.vector(x)
        mean = self._mixed(means, x["level"])
        deviation = self._deviation(x, mean)
        self.off = (total - mean) / deviation
        self._learn_quantiles(v, x, mean, deviation, ways, total)
        self._hear(means, total, level)
        together = commons.rate.predict(v)
        offset = scale * math.exp(min(max(together, -FAR), FAR))
        self.dispersion.learn(commons.pool, level, promoted, mean, total)
        self.tilt.learn(v[_TILT_AT], offset, total)
        self.bend.learn(v[_BEND_AT], offset, total)
        if self.own:
            self.own.learn(v[_OWN_AT], scale, total)
        commons.rate.learn(v, scale, total)
        self.shared.changed.add(f"commons:{self.horizon}")
        self.shared.lessons += 1

    def _hear(self, means: Means, total: float, level: float) -> None:
        usual = max(self.heard.best, 0.05)
        most = _OUTLIER * usual if self.heard.count >= 3 else math.inf
        losses = {name: min((total - mean) ** 2, most) for name, mean in means.items()}
        self.heard.learn(losses)
        if most < math.inf:
            self.commons.hear(kind(level, False), {name: lost / usual for name, lost in losses.items()})

    def _learn_quantiles(
        self, v: Array, x: Mapping[str, float], mean: float, deviation: float, ways: Ways, total: float
    ) -> None:
        scale = self.horizon * (x["level"] + LOW)
        alike = kind(x["level"], x.get("promo", 0.0) > 0.5)
        mixed = self._quantiles(ways, LEVELS, deviation, alike)
        for at, level in enumerate(LEVELS):
            losses = {name: pinball(level, total, found[at]) for name, found in ways.items()}
            usual = max(self.ways[at].best, _LITTLE)
            self.ways[at].learn(losses)
            if self.ways[at].count > _FEW:
                lost = {name: min(loss / usual, _OUTLIER) for name, loss in losses.items()}
                self.commons.ways[at].learn(lost)
                self.commons.calibrate(alike, at, total <= mixed[at])
        target = math.log((total + LOW) / scale)
        self.commons.lines.learn(self._line_inputs(v, mean, scale), target)
        error = target - math.log((mean + LOW) / scale)
        self.width += 0.05 * (abs(error) - self.width)
        self.upper += 0.05 * (2 * max(error, 0.0) - self.upper)
        self.errors.add(total - mean)
        self.scaled.add((total - mean) / math.sqrt(mean + 0.1))

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return the mixed mean and quantiles; another horizon than one's own is scaled, its errors by the root."""
        x = clean(x)
        v = self.commons.vector(x)
        means = self._means(v, x)
        mean = self._mixed(means, x["level"])
        asked = tuple(levels)
        deviation = self._deviation(x, mean)
        alike = kind(x["level"], x.get("promo", 0.0) > 0.5)
        quantiles = self._quantiles(self._quantile_ways(v, x, mean, asked), asked, deviation, alike) if asked else []
        times = horizon / self.horizon
        if times != 1:
            quantiles = [mean * times + (quantile - mean) * math.sqrt(times) for quantile in quantiles]
        return Outlook.of(mean * times, levels, quantiles, self._shares(v, x, means, mean) if asked else {})

    def _shares(self, v: Array, x: Mapping[str, float], means: Means, mean: float) -> dict[str, float]:
        """Return which part of the mean each kind of input makes.

        On the logarithm the parts add up; the logarithmic mean turns each into
        units without remainder (Divisia's decomposition). What no input explains is the level's.
        """
        scale = self.horizon * (x["level"] + LOW)
        weights, moved = self._weights(means, x["level"]), dict[str, float]()
        slopes = np.zeros(len(v))
        for name, weight in weights.items():
            parts = self._parts(name, v)
            if parts is None:
                moved["recent"] = moved.get("recent", 0.0) + weight * (means[name] - scale)
                continue
            point = float(parts.sum())
            unit = (means[name] - scale) / point if abs(point) > 1e-9 else means[name]
            slopes += weight * unit * parts
        keys = (*KEYS, *self.commons.names)
        for key, part in zip(keys[1:], slopes[1:].tolist(), strict=True):
            if part:
                found = _kind_of(key)
                moved[found] = moved.get(found, 0.0) + part
        shares = {found: round(part / mean, 4) for found, part in moved.items() if abs(part) > 1e-4 * mean}
        return {"level": 1.0 - math.fsum(shares.values()), **shares}

    def _parts(self, name: str, v: Array) -> Array | None:
        """Return what each input adds to an expert's logarithm; None for one that has no inputs."""
        parts = self.commons.rate.weights * v if name in {"global", "tilt", "bend"} else np.zeros(len(v))
        if name == "tilt":
            np.add.at(parts, _TILT_AT, self.tilt.weights * v[_TILT_AT])
        elif name == "bend":
            np.add.at(parts, _BEND_AT, self.bend.weights * v[_BEND_AT])
        elif name == "own" and self.own:
            np.add.at(parts, _OWN_AT, self.own.weights * v[_OWN_AT])
        elif name != "global":
            return None
        return parts

    def state(self) -> dict[str, Any]:
        """Return what is this series' own; what is shared is saved by itself."""
        return {
            "version": VERSION,
            "smooth": list(self.smooth),
            "count": self.count,
            "tilt": self.tilt.state(),
            "bend": self.bend.state(),
            "own": self.own.state() if self.own else None,
            "heard": self.heard.state(),
            "ways": self._ways_state(),
            "dispersion": self.dispersion.state(),
            "errors": self.errors.state(),
            "scaled": self.scaled.state(),
            "width": self.width,
            "upper": self.upper,
            "whole": self.whole,
            "haste": self.haste,
            "waiting": [one.state(before) for before, one in zip((None, *self.waiting), self.waiting, strict=False)],
        }

    def _ways_state(self) -> dict[str, Any]:
        names = list(self.ways[0].losses)
        losses = np.array([[way.losses[name] for name in names] for way in self.ways])
        return {"names": names, "losses": packed(losses), "count": self.ways[0].count}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        self.smooth, self.count = list(state["smooth"]), state["count"]
        self.tilt.restore(state["tilt"])
        self.bend.restore(state["bend"])
        if self.own and state["own"]:
            self.own.restore(state["own"])
        self.heard.restore(state["heard"])
        names, count = state["ways"]["names"], state["ways"]["count"]
        losses = unpacked(state["ways"]["losses"]).reshape(len(self.ways), len(names))
        for way, row in zip(self.ways, losses.tolist(), strict=True):
            way.losses, way.count = dict(zip(names, row, strict=True)), count
        self.dispersion.restore(state["dispersion"])
        self.errors = Residuals.restore(state["errors"], self.window)
        self.scaled = Residuals.restore(state["scaled"], self.window)
        self.width, self.upper, self.whole = state["width"], state["upper"], state["whole"]
        self.haste = state["haste"]
        self.waiting = []
        for kept in state["waiting"]:
            self.waiting.append(Waiting.restore(kept, self.waiting[-1] if self.waiting else None))
