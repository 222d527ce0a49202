"""How far a blend leans toward its guests: as far as what came of it says."""

import json
import random

from stockbook.domain.demand.features import Features
from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.blend import Blend
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.metrics import pinball
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.series import Series
from tests.demand.battery import copied, everything

SERIES, WEEKS = 12, 60
NORMAL = (0.0, 1.28, 1.64, 2.33)


def lived(kind: str, shared: Shared) -> tuple[list[Blend], list[Features], float]:
    """Demand about a rate that only a guest can know; his figures are of the law, far off, or not there."""
    rng = random.Random(5)
    blends, series = [Blend(shared) for _ in range(SERIES)], [Series(Period.WEEK) for _ in range(SERIES)]
    lost, last = 0.0, list[Features]()
    for week in range(WEEKS):
        last = []
        for blend, one in zip(blends, series, strict=True):
            rate = rng.choice((10.0, 30.0))
            sold = float(max(round(rng.gauss(rate, 3.0)), 0))
            centre = {"knows": rate, "errs": 40.0 - rate, "none": None}[kind]
            x = one.features(week)
            if centre is not None:
                x |= {f"e:guest:{level}": centre + 3 * z for level, z in zip(LEVELS, NORMAL, strict=True)}
            if week >= WEEKS - 20:
                lost += sum(map(pinball, LEVELS, [sold] * 4, blend.forecast(x).quantiles))
            blend.learn_one(x, sold)
            one.close(sold, week)
            last.append(x)
    return blends, last, lost


def test_a_guest_that_knows_is_leant_on_and_one_that_errs_is_not():
    knowing, erring = Shared(), Shared()
    lived("knows", knowing)
    lived("errs", erring)
    for at in range(len(LEVELS)):
        assert knowing.commons(1).leaning.of(at) > 0.09
        assert erring.commons(1).leaning.of(at) < 0.02
    assert erring.commons(1).leaning.of(0) < -0.09


def test_whom_to_lean_on_costs_little_where_the_guest_errs_and_gains_where_he_knows():
    alone, knows, errs = (lived(kind, Shared())[2] for kind in ("none", "knows", "errs"))
    assert knows < 0.6 * alone and errs < 1.05 * alone


def test_where_no_guest_speaks_nothing_is_learnt_of_guests():
    shared = Shared()
    lived("none", shared)
    assert shared.commons(1).leaning.state() == Shared().commons(1).leaning.state()


def test_leaning_is_taken_up_from_storage_bit_for_bit():
    shared = Shared()
    blends, last, _ = lived("knows", shared)
    other_shared = copied(shared)
    other = Blend(other_shared)
    other.restore(json.loads(json.dumps(blends[0].state())))
    assert other.forecast(last[0]) == blends[0].forecast(last[0])
    for each in (other, blends[0]):
        each.learn_one(last[0], 25.0)
    assert everything(other, other_shared) == everything(blends[0], shared)
