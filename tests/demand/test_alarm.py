"""The level of alarms is learnt: few enough needed ones are missed, and no more are raised than that asks for."""

import numpy as np
import pytest

from stockbook.domain.demand.alarm import MISSED, TOLD, Alarm


def lived(rng: np.random.Generator, mean: float, shape: float, told_mean: float) -> tuple[float, float]:
    """Return the share of needed alarms that were missed, and the level; `told_mean` is what forecasts believe."""
    sums = rng.gamma(shape, mean / shape, (120, 40))
    told = tuple(float(q) for q in np.quantile(rng.gamma(shape, told_mean / shape, 20_000), TOLD))
    alarm, needed, missed = Alarm(), 0, 0
    for period, row in enumerate(sums):
        below = alarm.below(told)
        for came, position in zip(row, rng.uniform(0, 3 * mean, len(row)), strict=True):
            if period >= 20:
                needed += came > position
                missed += came > position >= below
            alarm.learn(told, mean, float(came))
        alarm.fade()
    return missed / needed, alarm.level


@pytest.mark.parametrize("shape", [0.7, 2.0, 8.0])
@pytest.mark.parametrize("believed", [0.8, 1.0, 1.15])
def test_the_share_that_is_missed_is_held_whatever_the_forecasts_believe(shape: float, believed: float) -> None:
    missed, _ = lived(np.random.default_rng(1), 20.0, shape, 20.0 * believed)
    assert missed == pytest.approx(MISSED, abs=0.03)


def test_who_forecasts_too_much_raises_alarms_at_a_lower_level() -> None:
    levels = [lived(np.random.default_rng(2), 20.0, 2.0, told)[1] for told in (16.0, 20.0, 26.0)]
    assert levels == sorted(levels, reverse=True) and levels[0] > levels[-1]


def test_until_enough_is_known_one_keeps_to_the_level_one_began_with() -> None:
    alarm = Alarm(begin=0.9)
    for _ in range(10):
        alarm.learn((1.0, 2.0, 3.0, 4.0, 5.0), usual=1.0, came=9.0)
    assert alarm.level == pytest.approx(0.9) and alarm.below((1.0, 2.0, 3.0, 4.0, 5.0)) == 4.0


def test_demand_beyond_every_level_raises_the_highest() -> None:
    alarm = Alarm()
    for _ in range(100):
        alarm.learn((0.0, 0.0, 0.0, 0.0, 0.0), usual=1.0, came=5.0)
    assert alarm.level == pytest.approx(0.945, abs=0.005)
