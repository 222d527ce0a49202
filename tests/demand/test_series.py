"""The features' memory: folding and amending are laws, not approximations."""

import dataclasses
import json
import random

import pytest

from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import Plan
from stockbook.domain.demand.series import Series


def followed(period: Period, sales: list[float], start: int = 100) -> Series:
    series = Series(period)
    for index, sold in enumerate(sales, start):
        series.close(sold, index)
    return series


def numbers(series: Series) -> dict[str, object]:
    state = dataclasses.asdict(series)
    for name in ("weekdays", "plain", "pushed"):
        state[name] = [mean for mean in state[name] if mean is not None]
    return state


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("seed", range(15))
def test_folding_equals_single_steps(period: Period, seed: int) -> None:
    rng = random.Random(seed)
    sales = [rng.choice([0.0, 0.0, 1.0, 7.5]) for _ in range(rng.randrange(0, 70))]
    empty = rng.randrange(1, 90)
    folded, stepped = followed(period, sales), followed(period, sales)
    folded.fold(empty, 100 + len(sales))
    for index in range(100 + len(sales), 100 + len(sales) + empty):
        stepped.close(0.0, index)
    a, b = numbers(folded), numbers(stepped)
    for name in a:
        if isinstance(a[name], (float, list)):
            assert a[name] == pytest.approx(b[name], rel=1e-9, abs=1e-12), name
        else:
            assert a[name] == b[name], name
    at = 100 + len(sales) + empty
    assert folded.features(at) == pytest.approx(stepped.features(at), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(15))
def test_amending_equals_having_known_in_time(seed: int) -> None:
    rng = random.Random(seed)
    sales = [float(rng.randrange(0, 6)) for _ in range(rng.randrange(1, 60))]
    back = rng.randrange(0, min(len(sales), 52))
    late = float(rng.randrange(1, 9))
    amended = followed(Period.WEEK, sales)
    assert amended.amend(back, late) == late
    intime = list(sales)
    intime[-1 - back] += late
    known = followed(Period.WEEK, intime)
    for name in ("fast", "slow", "base", "plain", "gap", "lags", "count"):
        assert getattr(amended, name) == pytest.approx(getattr(known, name), rel=1e-9), name


def test_a_period_never_falls_below_nothing() -> None:
    series = followed(Period.WEEK, [3.0, 2.0])
    assert series.amend(0, -5.0) == -2.0
    assert series.lags == [3.0, 0.0]
    assert series.amend(99, 1.0) == 0.0


def test_state_round_trip() -> None:
    series = followed(Period.DAY, [1.0, 0.0, 2.5, 4.0])
    again = Series.restore(json.loads(json.dumps(series.state())))
    assert again == series
    again.close(3.0, 104)
    assert again != series


def test_promotions_leave_the_level_alone() -> None:
    series = followed(Period.WEEK, [10.0] * 20)
    before = series.level
    series.close(50.0, 120, Plan(promotions=(("feature", 1.0),)))
    assert series.level == before
    assert series.lift > 0.5
