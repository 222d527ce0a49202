"""The learner that Stockbook runs: sparse while a series sells seldom, a blend once it sells often."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from stockbook.domain.demand.features import BEYOND, WINDOW
from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.blend import Blend
from stockbook.domain.demand.learners.dispersion import PLAIN
from stockbook.domain.demand.learners.drift import Drift
from stockbook.domain.demand.learners.inputs import GUEST
from stockbook.domain.demand.learners.shared import FAR, VERSION, Habit, Shared
from stockbook.domain.demand.learners.sparse import Sparse

OFTEN, SELDOM, AT_LEAST = 0.4, 0.15, 8
"""Chance of a sale in a period from which a blend is kept, below which it is dropped; periods it waits for."""
_TSB = f"{GUEST}tsb"
_FEWER_ERRORS = 45


class Dense:
    """A blend of the next period and one of the next `reach` together; other horizons lie between or beyond them."""

    def __init__(self, shared: Shared, item: str, reach: int = FAR) -> None:
        self.shared, self.item = shared, item
        self.near = Blend(shared, item)
        self.far = self._of(reach)

    def _of(self, reach: int) -> Blend:
        return Blend(self.shared, self.item, horizon=reach, window=_FEWER_ERRORS, alone=False)

    def aim(self, reach: int) -> None:
        """Learn another number of periods together; of what was learnt only averages of single periods stay."""
        before, self.far = self.far.experts, self._of(reach)
        self.far.experts.smooth, self.far.experts.count = list(before.smooth), before.count

    @property
    def name(self) -> str:
        """What the learner is called."""
        return self.near.name

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Teach both, each with the features of its own periods."""
        near, far, _ = apart(x, self.far.horizon)
        self.near.learn_one(near, y)
        self.far.learn_one(far, y)

    def hasten(self) -> None:
        """Learn faster for a while."""
        self.near.hasten()
        self.far.hasten()

    def forecasts(self, x: Mapping[str, float], levels: Sequence[float], horizons: Sequence[float]) -> list[Outlook]:
        """Return the outlook over each horizon; both blends are asked once."""
        reach = self.far.horizon
        near, far, beyond = apart(x, reach)
        first = self.near.forecast(near, levels)
        if all(horizon == 1 for horizon in horizons):
            return [first] * len(horizons)
        whole = self.far.forecast(far, levels, reach)
        further = any(horizon > reach for horizon in horizons)
        rate = self.far.forecast(beyond, ()).mean if further and beyond != far else whole.mean / reach
        return [
            self._beyond(whole, levels, horizon, rate)
            if horizon > reach
            else self._between(first, whole, levels, horizon)
            for horizon in horizons
        ]

    def _beyond(self, whole: Outlook, levels: Sequence[float], horizon: float, rate: float) -> Outlook:
        """Return the outlook over more periods than are learnt: what follows comes at a rate, and strays as they do."""
        more = horizon - self.far.horizon
        mean, width = whole.mean + more * rate, math.sqrt(horizon / self.far.horizon)
        quantiles = [mean + width * (quantile - whole.mean) for quantile in whole.quantiles]
        return Outlook.of(mean, levels, quantiles, whole.shares)

    def _between(self, first: Outlook, whole: Outlook, levels: Sequence[float], horizon: float) -> Outlook:
        """Return the outlook; between the two horizons means grow evenly, and so do variances."""
        reach = self.far.horizon
        if horizon in {1, reach}:
            return first if horizon == 1 else whole
        along = (horizon - 1) / (reach - 1)
        mean = max(first.mean + along * (whole.mean - first.mean), 0.0)
        quantiles = []
        for one, all_ in zip(first.quantiles, whole.quantiles, strict=True):
            short, long = one - first.mean, all_ - whole.mean
            width = math.copysign(short * short, short) * (1 - along) + math.copysign(long * long, long) * along
            quantiles.append(mean + math.copysign(math.sqrt(abs(width)), width))
        return Outlook.of(mean, levels, quantiles, whole.shares)


def apart(x: Mapping[str, float], reach: int) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return the features of the next period, those of the next `reach` together, and of as many like those beyond.

    >>> near, far, beyond = apart({"level": 2.0, "promo": 1.0, "w:promo": 0.25, "b:promo": 0.5}, 4)
    >>> near["promo"], far["promo"], beyond["promo"], len(far)
    (1.0, 0.25, 0.5, 2)
    """
    near, several = dict(x), dict(x)
    beyond: dict[str, float] = {}
    window: dict[str, float] = {}
    for key in [key for key in x if ":" in key]:  # most are neither a window's nor a guest's
        if key.startswith(GUEST):
            several[key] *= reach
        elif key.startswith((WINDOW, BEYOND)):
            del several[key]
            (window if key.startswith(WINDOW) else beyond)[key[len(WINDOW) :]] = near.pop(key)
    far = several | window
    return near, far, several | beyond if beyond else far


class Adaptive:
    """Both kinds of learner behind one; most series of a retailer never need the second.

    Where a blend is kept its errors are watched, and it learns faster for a
    while once they have drifted. What sells seldom isn't watched: a few sales
    more or fewer are no sign, and its chance follows within weeks anyway.

    >>> shared = Shared()
    >>> learner = Adaptive(shared, "apple")
    >>> learner.dense is None
    True
    """

    name = "adaptive"

    def __init__(self, shared: Shared, item: str, like: Habit | None = None) -> None:
        self.shared, self.item = shared, item
        self.reach = FAR
        """Periods that a blend learns together beside single ones."""
        self.sparse = Sparse(*shared.habits.prior(item, like))
        self.dense: Dense | None = None
        self.drift = Drift()
        self.drifted = 0
        """1 or -1 when the period learnt last showed that errors have drifted up or down, else 0."""

    def aim(self, horizon: float) -> None:
        """Learn as many periods together as one orders for, once that is a whole period off what was learnt so far.

        No more than FAR: each is a window more that waits for what comes, and a series' state stays small.
        """
        reach = min(max(round(horizon), 2), FAR)
        if horizon <= 1 or abs(min(horizon, FAR) - self.reach) < 1:
            return
        self.reach = reach
        if self.dense:
            self.dense.aim(reach)

    @property
    def speaker(self) -> Dense | Sparse:
        """Whoever speaks for the series now: the blend as soon as it has a few errors to know itself by."""
        return self.dense if self.dense and self.dense.near.count >= AT_LEAST else self.sparse

    @property
    def kind(self) -> str:
        """Which learner speaks for the series now."""
        return self.speaker.name

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Learn the period by all that are kept; then see whether a blend is worth its keep."""
        self.drifted = 0
        if self.dense:
            self.dense.learn_one({**x, _TSB: self.sparse.mean}, y)
            self._watch(self.dense)
        before = self.sparse.count
        self.sparse.learn_one(x, y)
        if self.sparse.count > before:
            sold = y or 0.0
            self.shared.add_habit(self.item, 1, int(sold > 0), max(sold, 0.0))
        if self.dense is None and self.sparse.count >= AT_LEAST and self.sparse.chance >= OFTEN:
            self.dense = Dense(self.shared, self.item, self.reach)
        elif self.dense and self.sparse.chance < SELDOM:
            self.dense, self.drift = None, Drift()

    def spread(self, level: float) -> float | None:
        """Return variance over mean of a plain period, as far as a blend knows it."""
        near = self.dense and self.dense.near
        return near.quantiles.dispersion.ratio(near.commons.pool, level, PLAIN) if near else None

    def _watch(self, dense: Dense) -> None:
        off = dense.near.off
        if off is not None and self.speaker is dense:
            self.drifted = self.drift.learn(off)
            if self.drifted:
                dense.hasten()

    def fold(self, periods: int) -> float:
        """Learn periods without a sale at once (only while no blend is kept); return the means' sum."""
        assert self.dense is None, "a blend learns period by period"
        self.shared.add_habit(self.item, periods, 0, 0.0)
        return self.sparse.fold(periods)

    def amend(self, back: int, before: float, after: float) -> None:
        """Correct a closed period in the chance of a sale; a blend is not taught again."""
        self.sparse.amend(back, before, after)

    def expect(self, x: Mapping[str, float]) -> float:
        """Return the mean of the next period."""
        speaker = self.speaker
        if isinstance(speaker, Sparse):
            return speaker.mean
        return speaker.near.forecast(apart({**x, _TSB: self.sparse.mean}, speaker.far.horizon)[0], ()).mean

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return the blend's outlook where one is kept, else the sparse one."""
        return self.forecasts(x, levels, (horizon,))[0]

    def forecasts(self, x: Mapping[str, float], levels: Sequence[float], horizons: Sequence[float]) -> list[Outlook]:
        """Return the same over several horizons, looked at once."""
        speaker = self.speaker
        if isinstance(speaker, Sparse):
            found = {horizon: speaker.forecast(x, levels, horizon) for horizon in dict.fromkeys(horizons)}
            return [found[horizon] for horizon in horizons]
        return speaker.forecasts({**x, _TSB: self.sparse.mean}, levels, horizons)

    def state(self) -> dict[str, Any]:
        """Return all states; the item and what is shared are not part of it."""
        dense = self.dense and {
            "near": self.dense.near.state(),
            "far": self.dense.far.state(),
            "drift": self.drift.state(),
        }
        return {"version": VERSION, "reach": self.reach, "sparse": self.sparse.state(), "dense": dense}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up all states."""
        self.reach = state.get("reach", FAR)
        self.sparse.restore(state["sparse"])
        self.dense = Dense(self.shared, self.item, self.reach) if state["dense"] else None
        if self.dense:
            self.dense.near.restore(state["dense"]["near"])
            self.dense.far.restore(state["dense"]["far"])
            self.drift.restore(state["dense"]["drift"])
