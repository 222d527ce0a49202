"""The means that a blend mixes: which experts speak for a series, how each is heard, what each says of its inputs."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from stockbook.domain.demand.features import LOW
from stockbook.domain.demand.learners.commons import Commons
from stockbook.domain.demand.learners.dispersion import PLAIN, kind
from stockbook.domain.demand.learners.inputs import AT, GUEST, KEYS, base_of, guests
from stockbook.domain.demand.learners.packed import Array
from stockbook.domain.demand.learners.poisson import FAR, PoissonRegression
from stockbook.domain.demand.learners.regression import kind_of
from stockbook.domain.demand.learners.waiting import Means
from stockbook.domain.demand.learners.weighing import Weighing

_PACES = {"slow": 0.05, "quick": 0.1, "brisk": 0.2}
"""Averages of a period, and how much each gives a new one."""
_WINDOWS = ("m13", "m28")
"""The longest plain average that is remembered, of weeks or of days."""
_TILT = ("1", "promo", "e3", "lastpromo", "dowlvl", "m4")
_BEND = ("1", "promo", "lift", "e3", "l1", "l7", "m28", "m13", "lastpromo", "s1", "c1", "d4", "d5", "d6")
_OWN = (
    *("1", "e3", "l1", "l7", "m7", "m28", "m4", "m13", "dowlvl", "promo", "lift", "lastpromo"),
    *("s1", "c1", "alike1", "alike3", "first"),
)
_TILT_AT, _BEND_AT, _OWN_AT = (np.array([AT[key] for key in keys]) for keys in (_TILT, _BEND, _OWN))
_OUTLIER = 25.0
"""No period counts for more than so many usual squared errors."""


@lru_cache(1000)
def _kind_of(key: str) -> str:
    """Return the kind of input that a place of the vector is told as."""
    return kind_of(base_of(key))


def rate(scale: float, logarithm: float) -> float:
    """Return the quantity whose logarithm over the scale is given, within what any rate may be."""
    return scale * math.exp(min(max(logarithm, -FAR), FAR))


def mixture(means: Means, weights: Mapping[str, float]) -> float:
    """Return the mean in which each weighs so much; never nothing, for it divides."""
    return max(sum([weight * means[name] for name, weight in weights.items()]), 0.01)


class Experts:
    """A series' own averages and regressions, the regression that all series share, and guests.

    `begin` is the mean of a period before anything sold; without `alone` no regression is the series' alone.
    """

    def __init__(self, commons: Commons, horizon: int, begin: float, alone: bool) -> None:
        self.commons, self.horizon = commons, horizon
        self.smooth = [begin] * len(_PACES)
        self.count = 0
        self.tilt = PoissonRegression(len(_TILT), prior=30.0, forget=0.9995)
        self.bend = PoissonRegression(len(_BEND), prior=30.0, forget=0.9995)
        self.own = PoissonRegression(len(_OWN), prior=15.0, forget=0.9995) if alone else None
        self.heard = Weighing(strict=3.3, keep=0.97 ** (1 / horizon))

    def means(self, v: Array, x: Mapping[str, float]) -> Means:
        """Return what each expert expects."""
        scale = self.horizon * (x["level"] + LOW)
        together = self.commons.rate.predict(v)
        means = {
            **{name: self.horizon * mean for name, mean in zip(_PACES, self.smooth, strict=True)},
            **{key: max(rate(scale, x[key]) - self.horizon * LOW, 0.0) for key in _WINDOWS if key in x},
            "global": rate(scale, together),
            "tilt": rate(scale, together + self.tilt.predict(v[_TILT_AT])),
            "bend": rate(scale, together + self.bend.predict(v[_BEND_AT])),
        }
        if self.own:
            means["own"] = rate(scale, self.own.predict(v[_OWN_AT]))
        means |= {f"{GUEST}{name}": max(value, 0.0) for name, level, value in guests(x) if not level}
        return means

    def weights(self, means: Means, level: float) -> dict[str, float]:
        """Return how each is heard: as far as it fared well, on this series and on its kind."""
        return self.heard.weights(tuple(means), self.commons.heard(kind(level, PLAIN)))

    def mixed(self, means: Means, level: float) -> float:
        """Return the mean of what all say, as they are heard."""
        return mixture(means, self.weights(means, level))

    def hear(self, means: Means, total: float, level: float) -> None:
        """Take up how far each was off."""
        usual = max(self.heard.best, 0.05)
        most = _OUTLIER * usual if self.heard.count >= 3 else math.inf
        losses = {name: min((total - mean) ** 2, most) for name, mean in means.items()}
        self.heard.learn(losses)
        if most < math.inf:
            self.commons.hear(kind(level, PLAIN), {name: lost / usual for name, lost in losses.items()})

    def learn(self, v: Array, level: float, total: float) -> None:
        """Teach the regressions what came of the inputs."""
        scale = self.horizon * (level + LOW)
        offset = rate(scale, self.commons.rate.predict(v))
        self.tilt.learn(v[_TILT_AT], offset, total)
        self.bend.learn(v[_BEND_AT], offset, total)
        if self.own:
            self.own.learn(v[_OWN_AT], scale, total)
        self.commons.rate.learn(v, scale, total)

    def follow(self, sold: float, faster: float) -> None:
        """Move the averages by a period."""
        self.smooth = [
            mean + max(faster * weight, 1 / (self.count + 2)) * (sold - mean)
            for mean, weight in zip(self.smooth, _PACES.values(), strict=True)
        ]
        self.count += 1

    def shares(
        self, v: Array, x: Mapping[str, float], means: Means, weights: Mapping[str, float], mean: float
    ) -> dict[str, float]:
        """Return which part of the mean each kind of input makes.

        On the logarithm the parts add up; the logarithmic mean turns each into
        units without remainder (Divisia's decomposition). What no input explains is the level's.
        """
        scale = self.horizon * (x["level"] + LOW)
        moved = dict[str, float]()
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
            parts[_TILT_AT] += self.tilt.weights * v[_TILT_AT]
        elif name == "bend":
            parts[_BEND_AT] += self.bend.weights * v[_BEND_AT]
        elif name == "own" and self.own:
            parts[_OWN_AT] += self.own.weights * v[_OWN_AT]
        elif name != "global":
            return None
        return parts

    def state(self) -> dict[str, Any]:
        """Return what is this series' own."""
        return {
            "smooth": list(self.smooth),
            "count": self.count,
            "tilt": self.tilt.state(),
            "bend": self.bend.state(),
            "own": self.own.state() if self.own else None,
            "heard": self.heard.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        self.smooth, self.count = list(state["smooth"]), state["count"]
        self.tilt.restore(state["tilt"])
        self.bend.restore(state["bend"])
        if self.own and state["own"]:
            self.own.restore(state["own"])
        self.heard.restore(state["heard"])
