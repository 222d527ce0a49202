"""The benchmark's own parts are right: the known law, the stock room, the alarms."""

import numpy as np
import pytest

from stockbook.domain.demand.service import Service
from tests.bench_demand import alarms, replenish, truth
from tests.bench_demand.limits import SAFETY
from tests.bench_demand.replay import LEVELS, Ahead
from tests.bench_demand.safety import safety

TRADE = replenish.Trade(lead=2, cycle=3, days=1, window=10)


def run(seed: int = 1, rows: int = 120, series: int = 8, rate: float = 5.0) -> Ahead:
    """A run whose forecasts are the law's own quantiles, by drawing."""
    rng = np.random.default_rng(seed)
    sold = rng.poisson(rate, (rows, series)).astype(float)
    drawn = rng.poisson(rate * TRADE.horizon, 100_000)
    quantiles = {level: np.full(sold.shape, np.quantile(drawn, level)) for level in LEVELS}
    mean = np.full(sold.shape, rate * TRADE.horizon)
    return Ahead(list(range(rows)), [str(n) for n in range(series)], TRADE.horizon, sold, mean, quantiles, rows // 2)


def test_the_known_law_has_the_quantiles_that_drawing_finds() -> None:
    law = truth.generated(series=2)
    rng = np.random.default_rng(3)
    means = law.means[100:107, 1]
    drawn = rng.negative_binomial(means / (truth.RATIO - 1), 1 / truth.RATIO, (200_000, 7)).sum(axis=1)
    exact = law.quantiles(100, 1, 7, (0.5, 0.9, 0.95, 0.99))
    assert exact == pytest.approx(np.quantile(drawn, (0.5, 0.9, 0.95, 0.99)), abs=1.0)


def test_chances_are_those_of_the_negative_binomial() -> None:
    found = truth.chances(3.0, 2.0)
    count = np.arange(len(found))
    assert found.sum() == pytest.approx(1.0)
    assert (found * count).sum() == pytest.approx(3.0)
    assert (found * (count - 3.0) ** 2).sum() == pytest.approx(6.0, rel=1e-6)


def test_sums_look_ahead_and_end_with_the_panel() -> None:
    found = run(rows=6, series=1).sums(3)[:, 0]
    assert np.isnan(found).tolist() == [False, False, False, False, True, True]


def test_more_stock_fills_more() -> None:
    it = run()
    fills = [replenish.keep_stock(it, TRADE, lambda row, q=q: it.quantiles[q][row]) for q in (0.5, 0.95, 0.998)]
    assert fills[0].fill < fills[1].fill <= fills[2].fill
    assert fills[0].days < fills[1].days < fills[2].days


def test_the_controller_reaches_its_target_without_knowing_the_law() -> None:
    it = run(rows=600)
    kept = replenish.held(it, TRADE, it.quantiles, Service(target=0.992, score=1.0))
    assert kept.fill > 0.985


def test_the_poorest_stretch_may_lie_before_the_window() -> None:
    it = run()
    it.sold[it.since // 2] *= 20  # a day that nobody could have stock for
    window, all_of_it = (
        replenish.keep_stock(it, TRADE, lambda row: it.quantiles[0.95][row], first) for first in (it.since, 0)
    )
    assert window.poorest == window.fill > all_of_it.poorest


def test_hindsight_finds_the_fill_it_is_asked_for() -> None:
    it = run(rows=300)
    assert replenish.in_hindsight(it, TRADE, it.quantiles, 0.98).fill == pytest.approx(0.98, abs=0.01)


def test_the_safety_stock_of_true_quantiles_errs_by_less_than_the_limit() -> None:
    it = run(rows=1600, rate=60.0)  # enough that whole units and one window's luck count for little
    found = safety(it, it.quantiles)
    assert abs(found["pooled"]) <= SAFETY and abs(found["like for like"]) <= SAFETY
    assert abs(found["of all"]) <= SAFETY


def test_half_the_safety_stock_is_half_of_what_hindsight_asks_for() -> None:
    it = run(rows=1600, rate=60.0)
    half = {level: (q + it.quantiles[0.5]) / 2 for level, q in it.quantiles.items()}
    assert safety(it, half)["of all"] == pytest.approx(-0.5, abs=0.05)


def test_true_quantiles_raise_few_needless_alarms_and_miss_few() -> None:
    it = run(rows=800)
    rates = alarms.alarms(it, TRADE, it.quantiles)
    assert 0 <= rates["cover"] < 0.15 and rates["miss"] < 0.15
    assert alarms.at_best(it, TRADE) <= rates["cover"]


def test_where_a_thing_sells_seldom_most_alarms_are_needless_even_at_best() -> None:
    assert alarms.at_best(run(rows=800, rate=0.1), TRADE) > 0.3


def test_the_fewest_needless_alarms_are_those_that_trying_every_choice_finds() -> None:
    rng = np.random.default_rng(2)
    needed, needless = rng.random(10), rng.random(10)
    choices = [np.array([bool(number >> at & 1) for at in range(10)]) for number in range(1, 1024)]
    enough = [chosen for chosen in choices if needed[chosen].sum() >= 0.85 * needed.sum()]
    least = min(float(needless[chosen].mean()) for chosen in enough)
    assert alarms.least(needed, needless, 0.15) == pytest.approx(least, abs=0.05)
