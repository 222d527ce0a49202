"""A drift is told soon, with its direction; chance is not taken for one; and what has drifted is learnt anew faster."""

import math
import random
from datetime import timedelta

import numpy as np
import pytest

from stockbook.domain.demand.learners.drift import Drift
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.track import Track
from tests.demand.world import MONDAY

FALSE_ALARMS_A_YEAR = 0.025
"""At most one false alarm in forty years of a series that sells by chance alone."""


def lived(means: list[float], seed: int, shared: Shared | None = None) -> tuple[Track, list[float]]:
    """Follow a series of Poisson weeks; return it and what was promised of each."""
    rng = np.random.default_rng(seed)
    track = Track.begin(shared or Shared(), "apple", Period.WEEK, MONDAY)
    promised = []
    for week, mean in enumerate(means):
        promised.append(track.promised if track.promised is not None else math.nan)
        track.sell(MONDAY + timedelta(weeks=week, days=2), float(rng.poisson(mean)))
        track.close_until(track.opened + 1)
    return track, promised


@pytest.mark.parametrize("mean", [0.7, 2.0, 8.0, 60.0])
def test_chance_alone_raises_fewer_alarms_than_is_said(mean: float) -> None:
    """Errors of a forecast that is right, of Poisson demand: a thousand years of weeks."""
    rng, alarms = np.random.default_rng(3), 0
    for _ in range(250):
        watched = Drift()
        errors = (rng.poisson(mean, 4 * 52) - mean) / math.sqrt(mean * 1.02)
        alarms += sum(watched.learn(float(error)) != 0 for error in errors)
    assert alarms / 1000 <= FALSE_ALARMS_A_YEAR


def test_a_series_that_is_followed_live_is_not_alarmed_by_chance() -> None:
    """Twenty series of two years, with a learner that has to find their means first."""
    shared, alarms = Shared(), 0
    for seed in range(20):
        track, _ = lived([random.Random(seed).choice((1.5, 4.0, 15.0))] * 104, seed, shared)
        alarms += track.drifted is not None
    assert alarms <= 2


@pytest.mark.parametrize(("after", "way"), [(25.0, 1), (3.0, -1)])
def test_a_drift_is_told_within_weeks_with_its_direction(after: float, way: int) -> None:
    told = 0
    for seed in range(6):
        track, _ = lived([10.0] * 60 + [after] * 10, seed)
        began = Period.WEEK.number(MONDAY) + 60
        told += track.drifted is not None and track.drifted.way == way and began <= track.drifted.period
    assert told >= 5


def test_what_has_drifted_is_forecast_better_for_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same weeks with the alarm and without: errors from the twelfth week after the change on."""

    def off(seed: int, after: float) -> float:
        _, promised = lived([10.0] * 50 + [after] * 24, seed)
        return float(np.abs(np.array(promised[62:]) - after).mean())

    cases = [(seed, after) for seed in range(8) for after in (30.0, 3.0)]
    told = [off(*case) for case in cases]
    monkeypatch.setattr(Drift, "learn", lambda self, error: 0)
    silent = [off(*case) for case in cases]
    assert sum(told) < 0.9 * sum(silent), (sum(told), sum(silent))


def test_the_test_goes_on_from_storage_as_if_it_had_never_left() -> None:
    rng, one = random.Random(1), Drift()
    for _ in range(200):
        other = Drift()
        other.restore(one.state())
        error = rng.gauss(0.4, 1)
        assert other.learn(error) == one.learn(error) and other.state() == one.state()


def test_errors_that_are_no_number_tell_nothing() -> None:
    watched = Drift()
    before = watched.state()
    assert watched.learn(math.nan) == watched.learn(math.inf) == 0 and watched.state() == before
