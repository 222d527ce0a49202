"""One series as it is followed live: the open period, what is remembered, and its learner.

A sale moves the open period at once, and with it the forecast. The learner
learns a period when the clock closes it, so that one without a sale is learnt
as nothing sold.

Late sales and returns, the rule:

* A late sale is added to the closed period in which it occurred. Lags and
  levels become what they would have been; models are not taught again, and past
  errors are not judged again. Older than the lags that are kept, it is dropped.
* A return, or a sale reversed, is taken from the period in which it occurred
  (of a reversed sale: in which that sale occurred); what that period did not
  sell is taken from the ones before it, newest first. No period falls below
  nothing; what no kept period sold is dropped.

Sales are not demand where there was nothing to sell: what is learnt is what was
wanted (`shelf`). Where nobody can tell, models learn nothing, and what is
remembered goes on as was expected.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from stockbook.domain.demand.features import Features
from stockbook.domain.demand.learner import LEVELS, Outlook
from stockbook.domain.demand.learners.adaptive import Adaptive
from stockbook.domain.demand.learners.shared import FAR, Habit, Shared
from stockbook.domain.demand.pace import Pace
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.series import HASTE, Series
from stockbook.domain.demand.shelf import MOSTLY, steadiness, trust, void, wanted
from stockbook.domain.demand.windows import ahead

Shelf = Callable[[int], float]
"""Says for which share of a period the shelf was empty, by the period's index."""
Plans = Callable[[int], Plan]
"""Says what is known of a period, by its index."""


def unplanned(_: int) -> Plan:
    """Know nothing of any period."""
    return UNPLANNED


def stocked(_: int) -> float:
    """Hold the shelf for filled in every period."""
    return 0.0


class Drifted(NamedTuple):
    """In which period it showed that forecasts had drifted, and which way demand went: 1 up, -1 down."""

    period: int
    way: int


class Track:
    """Everything known of one series.

    `plans` says what is known of periods besides past sales, `shelf` for how long
    there was nothing to sell; whoever follows the series sets both before each
    call. A period is forecast with what is known when the forecast is made, and
    learnt with what is known when it is closed.

    >>> from datetime import UTC, datetime, timedelta
    >>> monday = datetime(2026, 11, 2, tzinfo=UTC)
    >>> apples = Track.begin(Shared(), "apple", Period.WEEK, monday)
    >>> for day in range(21):
    ...     apples.sell(monday + timedelta(days=day), 2.0)
    >>> apples.sold, apples.series.lags
    (14.0, [14.0, 14.0])
    >>> apples.sell(monday, 1.0)
    >>> apples.series.lags
    [15.0, 14.0]
    """

    __slots__ = (
        *("_seen", "_told", "drifted", "learner", "lost", "missed"),
        *("opened", "plans", "promised", "series", "shelf", "sold", "units", "version", "void"),
    )

    def __init__(self, series: Series, learner: Adaptive, opened: int) -> None:
        self.series, self.learner, self.opened = series, learner, opened
        self.plans: Plans = unplanned
        self.shelf: Shelf = stocked
        self.version = 0
        """Counts what it learnt: as long as it stays, so do `series` and `learner`."""
        self._seen: tuple[list[Plan], Features] | None = None
        """The features of the open period, and the plans that they were made of."""
        self._told: tuple[object, list[Outlook]] | None = None
        """What the learner said of them, and what that was asked with: most sales change neither."""
        self.sold = 0.0
        self.promised: float | None = None
        """The mean forecast when the open period began; None in the first."""
        self.missed, self.units = 0.0, 0.0
        """Sums of |sold - promised| and of what was sold, over periods that had a forecast."""
        self.drifted: Drifted | None = None
        """The last time that its forecasts had drifted."""
        self.lost = 0.0
        """What it might have sold since the shelf ran empty, while it still is (`service.unmet`)."""
        self.void = 0
        """Closed periods on end in which the shelf was empty throughout."""

    @classmethod
    def begin(cls, shared: Shared, item: str, period: Period, at: datetime, like: Habit | None = None) -> "Track":
        """Return a series that begins with the period of `at`.

        Its prior is the item's habits elsewhere, else those that it is `like`, else its category's.
        """
        return cls(Series(period), Adaptive(shared, item, like), period.number(at))

    @property
    def past_error(self) -> float | None:
        """WAPE of its forecasts over one period; None while nothing was sold in a forecast period."""
        return self.missed / self.units if self.units > 0 else None

    @property
    def trust(self) -> float:
        """How many periods of experience a forecast weighs against what a period shows."""
        return trust(self.learner.dense is not None, self.series.count)

    @property
    def steadiness(self) -> float:
        """For how many periods of what came its forecast counts."""
        often = self.learner.dense is not None
        return steadiness(often, self.series.count, self.learner.spread(self.series.level))

    @property
    def listens(self) -> bool:
        """Whether its forecast looks at features, and so at plans and influences."""
        return self.learner.dense is not None and self.learner.speaker is self.learner.dense

    @property
    def due(self) -> int:
        """The period at whose beginning the clock must have closed this series.

        The next one while it sells or keeps a blend. A sparse series that
        is idle is closed after 1, 7, 21, 63 idle periods: closing several at
        once comes to the same, and its forecast falls too slowly to need more.
        """
        if self.sold > 0 or self.learner.dense:
            return self.opened + 1
        return self.opened + (max(2 * self.series.gap, 6) if self.series.gap else 1)

    def aim(self, horizon: float) -> None:
        """Learn demand of as many periods together as one orders for."""
        before = self.learner.reach
        self.learner.aim(horizon)
        if self.learner.reach != before:
            self._move_on()

    def sell(self, at: datetime, quantity: float) -> None:
        """Take up a sale, or with a negative quantity a return, that occurred at `at`."""
        if not math.isfinite(quantity):
            return
        index = self.series.period.number(at)
        if index > self.opened:
            self.close_until(index)
        if index == self.opened:
            self.sold += quantity
            if self.sold >= 0:
                return
            quantity, self.sold, index = self.sold, 0.0, self.opened - 1
        if quantity > 0:
            self._amend(self.opened - 1 - index, quantity)
            return
        for back in range(self.opened - 1 - index, len(self.series.lags)):
            quantity -= self._amend(back, quantity)
            if quantity >= 0:
                return

    def _amend(self, back: int, change: float) -> float:
        before = self.series.lags[-1 - back] if 0 <= back < len(self.series.lags) else 0.0
        taken = self.series.amend(back, change)
        if taken:
            self._move_on()
            self.learner.amend(back, before, before + taken)
        return taken

    def close_until(self, index: int) -> None:
        """Close every period before `index`; runs of empty ones in one step where no blend is kept."""
        while self.opened < index:
            idle = self._idle(index) if self.sold == 0 and self.learner.dense is None else 0
            if idle:
                self._fold(idle)
            else:
                self._close()

    def _idle(self, index: int) -> int:
        """Return how many periods from the open one on, before `index`, saw no sale though there was something."""
        if self.shelf is stocked:
            return index - self.opened
        return next((at for at in range(self.opened, index) if self.shelf(at) >= MOSTLY), index) - self.opened

    def _close(self) -> None:
        sold, self.sold = self.sold, 0.0
        wanted = self._wanted(sold, self.shelf(self.opened))
        if wanted is not None:
            self._score(abs(wanted - self.promised) if self.promised is not None else None, wanted)
        self.learner.learn_one(self._features(), wanted)
        if self.learner.drifted:
            self.drifted, self.series.haste = Drifted(self.opened, self.learner.drifted), HASTE
        kept = wanted if wanted is not None else self.promised or 0.0
        self.series.close(kept, self.opened, self.plans(self.opened))
        self.opened += 1
        self._move_on()
        self.promised = self.learner.expect(self._features())

    def _wanted(self, sold: float, empty: float) -> float | None:
        """Return what customers wanted of a period that sold so much; None when nobody can tell."""
        self.void = void(self.void, sold, empty)
        if empty <= 0 or self.promised is None:
            return sold
        often = self.learner.dense is not None
        return wanted(self.promised, sold, empty, voids=self.void, often=often, steady=self.steadiness)

    def _fold(self, periods: int) -> None:
        began = self.learner.sparse.mean
        missed = self.learner.fold(periods) - began + (self.promised or 0.0)
        self._score(missed, 0.0)
        self.series.fold(periods, self.opened)
        self.opened += periods
        self.void = 0
        self._move_on()
        self.promised = self.learner.sparse.mean

    def _move_on(self) -> None:
        """Hold for old what was seen and said of the open period."""
        self._seen = self._told = None
        self.version += 1

    def _score(self, missed: float | None, sold: float) -> None:
        if missed is not None:
            self.missed += missed
            self.units += sold

    def _features(self) -> Features:
        # only a blend looks at features, and most series keep none
        if not self.learner.dense:
            return {}
        plans = [self.plans(self.opened + n) for n in range(FAR)]
        if self._seen is None or self._seen[0] != plans:
            self._seen, self._told = (plans, ahead(self.series, self.opened, plans, self.learner.reach)), None
        return self._seen[1]

    def outlook(self, at: datetime, horizon: float = 1, levels: Sequence[float] = LEVELS) -> Outlook:
        """Return what the open period and the ones after it, `horizon` in all, will have sold when they end.

        What the open period sold so far is certain; its rate and the share of
        the period that has passed move the mean of what is still to come, and
        the uncertainty narrows with the time left.
        """
        return next(self.outlooks(at, (horizon,), levels))

    def outlooks(self, at: datetime, horizons: Sequence[float], levels: Sequence[float] = LEVELS) -> Iterator[Outlook]:
        """Yield the outlook over each horizon."""
        near, *wholes = self._foretold(tuple(levels), (1.0, *horizons))
        pace = Pace.of(near.mean, self.series.period.elapsed(self.opened, at), self.sold, self.trust)
        for horizon, whole in zip(horizons, wholes, strict=True):
            yield pace.until(horizon, whole)

    def look_ahead(
        self, at: datetime, horizons: Sequence[float], cover: float, levels: Sequence[float] = LEVELS
    ) -> tuple[list[Outlook], Outlook]:
        """Return the outlook over each horizon, and what the time of `cover` periods from `at` on will ask for.

        What is idle is not closed every period: it is asked of the period of `at`, not of one long over.
        """
        near, *wholes, onward = self._foretold(tuple(levels), (1.0, *horizons, cover))
        index = max(self.opened, self.series.period.number(at))
        sold = self.sold if index == self.opened else 0.0
        pace = Pace.of(near.mean, self.series.period.elapsed(index, at), sold, self.trust)
        told = [pace.until(horizon, whole) for horizon, whole in zip(horizons, wholes, strict=True)]
        return told, pace.onward(cover, onward)

    def _foretold(self, levels: tuple[float, ...], horizons: tuple[float, ...]) -> list[Outlook]:
        """Return what the learner says, which only a lesson or another plan changes."""
        x = self._features()
        asked = self.learner.shared.lessons, levels, horizons
        if self._told is None or self._told[0] != asked:
            self._told = asked, self.learner.forecasts(x, levels, horizons)
        return self._told[1]

    def state(self) -> dict[str, Any]:
        """Return everything as JSON values; what is shared is saved by itself."""
        return self.open_state() | {"series": self.series.state(), "learner": self.learner.state()}

    def open_state(self) -> dict[str, Any]:
        """Return what sales of the open period change, and the little beside it."""
        return {
            "opened": self.opened,
            "sold": self.sold,
            "promised": self.promised,
            "missed": self.missed,
            "units": self.units,
            "drifted": list(self.drifted) if self.drifted else None,
            "lost": self.lost,
            "void": self.void,
        }

    @classmethod
    def restore(cls, shared: Shared, item: str, state: Mapping[str, Any]) -> "Track":
        """Return the track whose `state()` this is."""
        learner = Adaptive(shared, item)
        learner.restore(state["learner"])
        track = cls(Series.restore(state["series"]), learner, state["opened"])
        track.sold, track.promised = state["sold"], state["promised"]
        track.missed, track.units = state["missed"], state["units"]
        track.lost, track.void = state["lost"], state["void"]
        track.drifted = Drifted(*state["drifted"]) if state["drifted"] else None
        return track
