"""What every learner must pass before it may follow a series; a new one is one line in the catalogue."""

import copy
import json
import math
import pickle
import random
from collections.abc import Callable, Iterator

from stockbook.domain.demand.features import Features
from stockbook.domain.demand.learner import LEVELS, Learner
from stockbook.domain.demand.learners.catalogue import LEARNERS
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import Plan
from stockbook.domain.demand.series import Series

ODD_LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99, 0.995)


def fresh(name: str, shared: Shared | None = None) -> Learner:
    return LEARNERS[name](shared or Shared(), "apple", 7, 28)


def history(seed: int = 1, periods: int = 120, period: Period = Period.DAY) -> Iterator[tuple[Features, float]]:
    """Seasonal demand with promotions, lumps and empty stretches."""
    rng, series = random.Random(seed), Series(period)
    for index in range(periods):
        plan = Plan(promotions=(("promo", float(rng.random() < 0.1)),))
        x = series.features(index, plan)
        rate = 4 * (1.5 if index % 7 == 5 else 1.0) * (3 if plan.promoted else 1)
        sold = 0.0 if 60 <= index < 75 else float(round(rng.expovariate(1 / rate)))
        yield x, sold
        series.close(sold, index, plan)


def taught(name: str, seed: int = 1, periods: int = 120) -> tuple[Learner, Shared, Features]:
    shared = Shared()
    learner = fresh(name, shared)
    for x, y in history(seed, periods):
        learner.learn_one(x, y)
    return learner, shared, x


def copied(shared: Shared) -> Shared:
    """A copy by way of JSON, as storage makes it."""
    other = Shared()
    other.restore(json.loads(json.dumps(dict(shared.pieces()))))
    return other


def everything(learner: Learner, shared: Shared) -> str:
    """All state as text; a number that is none cannot be written."""
    return json.dumps([learner.state(), dict(shared.pieces())], sort_keys=True, allow_nan=False)


def check_json_round_trip(name: str) -> None:
    """A learner taken up from storage goes on bit for bit as one that never left."""
    learner, shared, _ = taught(name)
    other_shared = copied(shared)
    other = fresh(name, other_shared)
    other.restore(json.loads(json.dumps(learner.state())))
    for x, y in history(seed=2, periods=60):
        assert other.forecast(x, ODD_LEVELS) == learner.forecast(x, ODD_LEVELS)
        learner.learn_one(x, y)
        other.learn_one(x, y)
    assert everything(other, other_shared) == everything(learner, shared)


def check_pickle_round_trip(name: str) -> None:
    learner, shared, _ = taught(name)
    other, other_shared = pickle.loads(pickle.dumps((learner, shared)))
    for x, y in history(seed=2, periods=30):
        assert other.forecast(x) == learner.forecast(x)
        learner.learn_one(x, y)
        other.learn_one(x, y)
    assert everything(other, other_shared) == everything(learner, shared)


def check_state_is_small(name: str) -> None:
    learner, _, _ = taught(name, periods=400)
    assert len(json.dumps(learner.state())) < 0.9 * 8192


def check_forecast_is_pure(name: str) -> None:
    learner, shared, x = taught(name)
    before = everything(learner, shared)
    answers = {repr(learner.forecast(x, ODD_LEVELS, horizon)) for horizon in (1, 4) for _ in range(3)}
    assert len(answers) <= 2
    assert everything(learner, shared) == before


def check_inputs_are_neither_kept_nor_changed(name: str) -> None:
    learner, shared, _ = taught(name)
    for x, y in history(seed=3, periods=5):
        given = copy.deepcopy(x)
        learner.forecast(x)
        learner.learn_one(x, y)
        assert x == given
        after = everything(learner, shared)
        for key in x:
            x[key] = -1.0
        assert everything(learner, shared) == after


def check_state_is_a_copy(name: str) -> None:
    learner, shared, x = taught(name)
    state, before = learner.state(), learner.forecast(x)
    other = fresh(name, copied(shared))
    other.restore(state)
    for features, y in history(seed=4, periods=10):
        other.learn_one(features, y)
    assert state == learner.state()
    assert learner.forecast(x) == before


def check_unusable_quantities_teach_nothing(name: str) -> None:
    learner, shared, x = taught(name)
    before = everything(learner, shared)
    for nothing in (None, math.nan, math.inf, -math.inf):
        learner.learn_one(x, nothing)
        assert everything(learner, shared) == before


def check_unusable_features_do_no_lasting_harm(name: str) -> None:
    learner, shared, x = taught(name)
    for broken in (math.nan, math.inf, -math.inf):
        spoilt = {key: broken if key != "level" else value for key, value in x.items()}
        learner.learn_one(spoilt, 3.0)
        outlook = learner.forecast(spoilt)
        assert all(map(math.isfinite, (outlook.mean, *outlook.quantiles)))
    outlook = learner.forecast(x)
    assert all(map(math.isfinite, (outlook.mean, *outlook.quantiles)))
    assert everything(learner, shared)


def check_constant_series(name: str) -> None:
    """Ten a day, nothing ever changing, then a promotion for the first time: no division by nothing, no leap."""
    shared, series = Shared(), Series(Period.DAY)
    learner = fresh(name, shared)
    for index in range(300):
        learner.learn_one(series.features(index), 10.0)
        series.close(10.0, index)
    outlook = learner.forecast(series.features(300))
    assert abs(outlook.mean - 10) < 0.5
    first = series.features(300, Plan(price=5.0, base_price=10.0, promotions=(("promo", 1.0),)))
    assert 0 <= learner.forecast(first).mean < 100
    learner.learn_one(first, 30.0)
    assert 5 < learner.forecast(series.features(301)).mean < 31


def check_all_zero_series(name: str) -> None:
    learner, series = fresh(name), Series(Period.DAY)
    for index in range(200):
        learner.learn_one(series.features(index), 0.0)
        series.close(0.0, index)
    outlook = learner.forecast(series.features(200))
    assert outlook.mean < 0.2 and all(q < 3 for q in outlook.quantiles)


def check_speaks_before_it_learns(name: str) -> None:
    outlook = fresh(name).forecast(Series(Period.WEEK).features(0), ODD_LEVELS, 4)
    assert all(math.isfinite(q) and q >= 0 for q in (outlook.mean, *outlook.quantiles))


def check_quantiles_are_ordered(name: str) -> None:
    shared = Shared()
    learner = fresh(name, shared)
    for x, y in history(seed=5, periods=150):
        for horizon in (1, 4):
            outlook = learner.forecast(x, ODD_LEVELS, horizon)
            assert outlook.mean >= 0 and len(outlook.quantiles) == len(ODD_LEVELS)
            assert list(outlook.quantiles) == sorted(outlook.quantiles) and outlook.quantiles[0] >= 0
        learner.learn_one(x, y)


def check_a_longer_horizon_wants_no_less(name: str) -> None:
    learner, _, x = taught(name)
    near, far = learner.forecast(x, LEVELS, 1), learner.forecast(x, LEVELS, 4)
    assert far.mean >= near.mean and far.quantiles[-1] >= near.quantiles[0]


def check_shares_make_one(name: str) -> None:
    learner, _, x = taught(name)
    shares = learner.forecast(x).shares
    assert shares and abs(sum(shares.values()) - 1) < 1e-9


def check_same_order_same_state(name: str) -> None:
    assert everything(*taught(name)[:2]) == everything(*taught(name)[:2])


def check_survives_huge_and_tiny_quantities(name: str) -> None:
    learner, shared, x = taught(name)
    for y in (1e9, 1e-9, 0.0, 1e12, 1.0):
        learner.learn_one(x, y)
        outlook = learner.forecast(x, LEVELS, 4)
        assert all(map(math.isfinite, (outlook.mean, *outlook.quantiles)))
    assert everything(learner, shared)


CHECKS: dict[str, Callable[[str], None]] = {
    check.removeprefix("check_"): call for check, call in list(globals().items()) if check.startswith("check_")
}
