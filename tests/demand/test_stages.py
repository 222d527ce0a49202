"""Of a promotion that begins one knows less than of one that runs: its quantiles say so, and others do not pay."""

import json

import numpy as np

from stockbook.domain.demand.backtest import History, Panel
from stockbook.domain.demand.learners.dispersion import BEGINS, PLAIN, PROMOTED, STAGES, Dispersion, Pool, stage
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.series import Series
from stockbook.domain.demand.windows import window
from tests.bench_demand.replay import ahead

DAYS, JUDGED, SHELVES, WEEK = 500, 200, 14, 7
PROMOTION = Plan(promotions=(("promo", 1.0),))


def market() -> tuple[Panel, np.ndarray]:
    """Return shelves that sell four a day; each promotion multiplies that, by what nobody knows before."""
    rng = np.random.default_rng(8)
    promoted, means = np.zeros((DAYS, SHELVES), bool), np.full((DAYS, SHELVES), 4.0)
    for shelf in range(SHELVES):
        day = int(rng.integers(5, 30))
        while day < DAYS:
            last = day + int(rng.integers(3, 12))
            promoted[day:last, shelf], means[day:last, shelf] = True, 4.0 * np.exp(rng.uniform(0.4, 2.7))
            day = last + int(rng.integers(10, 40))
    sold = rng.poisson(means)
    shelves = {
        f"shop|{shelf:02}": History(
            f"{shelf:02}",
            0,
            tuple(map(float, sold[:, shelf])),
            {int(day): PROMOTION for day in np.flatnonzero(promoted[:, shelf])},
        )
        for shelf in range(SHELVES)
    }
    return Panel("market", Period.DAY, 7, 28, DAYS - JUDGED, shelves), promoted


def test_weeks_in_which_a_promotion_begins_are_covered_as_often_as_others() -> None:
    panel, promoted = market()
    run = ahead(panel, WEEK)
    sums = run.sums(WEEK)
    begins, none = np.zeros_like(promoted), np.zeros_like(promoted)
    for day in range(DAYS - JUDGED, DAYS - WEEK):
        coming = promoted[day : day + WEEK]
        begins[day] = ~promoted[day - 1] & ~coming[0] & coming.any(axis=0)
        none[day] = ~promoted[day - 1] & ~coming.any(axis=0)
    assert begins.sum() > 150
    covered = [float((sums <= run.quantiles[0.95])[weeks].mean()) for weeks in (begins, none)]
    assert min(covered) >= 0.9
    assert max(covered) <= 0.99


def test_the_stage_of_a_window_is_told_by_what_is_planned_and_what_ran_before() -> None:
    shelf = Series(Period.DAY)
    shelf.close(4.0, 0)
    plain, soon = [UNPLANNED] * WEEK, [UNPLANNED] * 5 + [PROMOTION] * 2
    assert [stage(window(shelf, 1, plans)) for plans in (plain, soon)] == [PLAIN, BEGINS]
    assert stage(shelf.features(1, PROMOTION)) == BEGINS
    shelf.close(20.0, 1, PROMOTION)
    ends = [PROMOTION] + [UNPLANNED] * 6
    assert [stage(window(shelf, 2, plans)) for plans in ([PROMOTION] * WEEK, ends, plain)] == [
        PROMOTED,
        PROMOTED,
        PLAIN,
    ]


def test_what_one_stage_teaches_moves_no_other_and_is_kept() -> None:
    mine, pool = Dispersion(), Pool()
    before = [mine.ratio(pool, 4.0, each) for each in STAGES]
    for _ in range(40):
        mine.learn(pool, 4.0, BEGINS, mean=8.0, quantity=40.0)
    after = [mine.ratio(pool, 4.0, each) for each in STAGES]
    assert after[:2] == before[:2]
    assert after[2] > 10 * before[2]
    again = Dispersion()
    again.restore(json.loads(json.dumps(mine.state())))
    assert [again.ratio(pool, 4.0, each) for each in STAGES] == after
