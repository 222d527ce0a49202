"""The learners by name, each made for one series."""

from collections.abc import Callable

from stockbook.domain.demand.learner import Learner
from stockbook.domain.demand.learners.adaptive import Adaptive
from stockbook.domain.demand.learners.baselines import LastValue, MovingAverage, SeasonalNaive, Smoothing
from stockbook.domain.demand.learners.blend import Blend
from stockbook.domain.demand.learners.classical import HoltWinters, Snarimax
from stockbook.domain.demand.learners.regression import EXPERTS, Regression
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.learners.sparse import Sparse

Maker = Callable[[Shared, str, int, int], Learner]
"""Makes a learner from what is shared, the item, the season and the window of a moving average (both in periods)."""


def _regression(name: str, *experts: str) -> Maker:
    return lambda shared, item, season, window: Regression(shared, experts, name)


_LONGEST = 14
"""Periods of the longest season that Holt-Winters keeps; a year of weeks is more than most series have."""
LEARNERS: dict[str, Maker] = {
    "last_value": lambda shared, item, season, window: LastValue(),
    "seasonal_naive": lambda shared, item, season, window: SeasonalNaive(season),
    "moving_average": lambda shared, item, season, window: MovingAverage(window),
    "ses": lambda shared, item, season, window: Smoothing(),
    "holt_winters": lambda shared, item, season, window: HoltWinters(season if season <= _LONGEST else 0),
    "snarimax": lambda shared, item, season, window: Snarimax(),
    "tsb": lambda shared, item, season, window: Sparse(),
    "rls": _regression("rls", "own"),
    "adagrad": _regression("adagrad", "global"),
    "adagrad_rls": _regression("adagrad_rls", "both"),
    "aggregate": _regression("aggregate", *EXPERTS),
    "blend": lambda shared, item, season, window: Blend(shared, item),
    "blend_trees": lambda shared, item, season, window: Blend(shared, item),
    "adaptive": lambda shared, item, season, window: Adaptive(shared, item),
}
FEATURELESS = frozenset(("last_value", "seasonal_naive", "moving_average", "ses", "holt_winters", "snarimax", "tsb"))
"""Those that look at no features."""
AIDED = frozenset(("blend_trees",))
"""Those that hear nightly trees beside their own experts, where the extra `trees` is installed."""
