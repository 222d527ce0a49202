"""Quantiles that cover too little or too much come to cover what they say."""

import json
import random

import pytest

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.shifts import Shifts
from stockbook.domain.demand.learners.spread import z


@pytest.mark.parametrize("times", [0.7, 1.0, 1.5])
def test_quantiles_of_a_wrong_width_cover_what_they_say_within_a_few_thousand_periods(times: float) -> None:
    rng, shifts = random.Random(4), Shifts()
    covered = [0] * len(LEVELS)
    for n in range(9000):
        came = rng.gauss(0, 1)
        met = [came <= times * z(level) + shift for level, shift in zip(LEVELS, shifts.of("2", ""), strict=True)]
        shifts.learn("2", "", met)
        if n >= 3000:
            covered = [sum_ + one for sum_, one in zip(covered, met, strict=True)]
    assert [count / 6000 for count in covered] == pytest.approx(LEVELS, abs=0.01)


def test_of_the_upper_levels_kinds_in_one_stage_learn_together_and_no_other_stage_is_moved() -> None:
    shifts, other = Shifts(), Shifts()
    for n in range(700):
        shifts.learn("2", "", [n % 3 == 0] * len(LEVELS))
    middle, *upper = shifts.of("3", "")
    assert middle == 0.0
    assert min(upper) > 0.1
    assert set(shifts.of("3b", "b")) == {0.0}
    other.restore(json.loads(json.dumps(shifts.state())))
    for each in (shifts, other):
        each.learn("2", "", [True] * len(LEVELS))
    assert other.state() == shifts.state()
