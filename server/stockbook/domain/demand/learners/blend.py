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
from typing import Any

from stockbook.domain.demand.features import clean, usable
from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.experts import Experts, mixture
from stockbook.domain.demand.learners.packed import Array
from stockbook.domain.demand.learners.quantiles import Quantiles
from stockbook.domain.demand.learners.shared import VERSION, Shared
from stockbook.domain.demand.learners.waiting import Means, Waiting, Ways
from stockbook.domain.demand.series import HASTE

_FASTER, _FORGOTTEN = 4.0, 0.25
"""After a drift: how much faster averages move, and for how much counts who fared how before."""


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
    >>> from stockbook.domain.demand.plan import Plan
    >>> from stockbook.domain.demand.series import Series
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
        self.shared, self.horizon = shared, horizon
        self.commons = shared.commons(horizon)
        self.experts = Experts(self.commons, horizon, shared.habits.mean(item), alone)
        self.quantiles = Quantiles(self.commons, horizon, window)
        self.waiting: list[Waiting] = []
        """Windows that are not complete yet."""
        self.haste = 0
        """Periods for which it still learns faster."""
        self.off: float | None = None
        """How far the period learnt last was off, in deviations; None before one was."""

    @property
    def count(self) -> int:
        """Periods learnt."""
        return self.experts.count

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Begin a window with features `x`, add the period to those begun, and learn the one that is complete."""
        sold, x = usable(y), clean(x)
        self.off = None
        if sold is None:
            return
        self.quantiles.whole = self.quantiles.whole and abs(sold - round(sold)) < 1e-9
        self.commons.meet(x)
        v = self.commons.vector(x)
        means = self.experts.means(v, x)
        mean = self.experts.mixed(means, x["level"])
        ways = self.quantiles.said(v, x, mean, LEVELS)
        if self.horizon == 1:
            self._learn(v, x, mean, means, ways, sold)
        else:
            begun = Waiting.begin(x, means, ways)
            self.waiting = [one._replace(sold=one.sold + sold) for one in (*self.waiting, begun)]
            if len(self.waiting) == self.horizon:
                done = self.waiting.pop(0)
                mean = self.experts.mixed(done.means, done.x["level"])
                self._learn(self.commons.vector(done.x), done.x, mean, done.means, done.ways, done.sold)
        self.experts.follow(sold, _FASTER if self.haste else 1.0)
        self.haste = max(self.haste - 1, 0)

    def hasten(self) -> None:
        """Learn faster for a while: averages follow sooner, and who fared well before counts for less."""
        self.haste = HASTE
        for heard in (self.experts.heard, *self.quantiles.ways):
            heard.fade(_FORGOTTEN)

    def _learn(self, v: Array, x: Mapping[str, float], mean: float, means: Means, ways: Ways, total: float) -> None:
        level = x["level"]
        self.off = (total - mean) / self.quantiles.deviation(x, mean)
        self.quantiles.learn(v, x, mean, ways, total)
        self.experts.hear(means, total, level)
        self.experts.learn(v, level, total)
        self.shared.changed.add(f"commons:{self.horizon}")
        self.shared.lessons += 1

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return the mixed mean and quantiles; another horizon than one's own is scaled, its errors by the root."""
        x = clean(x)
        v = self.commons.vector(x)
        means = self.experts.means(v, x)
        weights = self.experts.weights(means, x["level"])
        mean, times = mixture(means, weights), horizon / self.horizon
        if not levels:
            return Outlook.of(mean * times, (), ())
        ways = self.quantiles.said(v, x, mean, levels)
        quantiles = self.quantiles.mixed(ways, levels, x, mean)
        if times != 1:
            quantiles = [mean * times + (quantile - mean) * math.sqrt(times) for quantile in quantiles]
        return Outlook.of(mean * times, levels, quantiles, self.experts.shares(v, x, means, weights, mean))

    def state(self) -> dict[str, Any]:
        """Return what is this series' own; what is shared is saved by itself."""
        waiting = [one.state(before) for before, one in zip((None, *self.waiting), self.waiting, strict=False)]
        own = self.experts.state() | self.quantiles.state()
        return {"version": VERSION, **own, "haste": self.haste, "waiting": waiting}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        self.experts.restore(state)
        self.quantiles.restore(state)
        self.haste = state["haste"]
        self.waiting = []
        for kept in state["waiting"]:
            self.waiting.append(Waiting.restore(kept, self.waiting[-1] if self.waiting else None))
