"""The metrics against their definitions written out with numpy."""

import numpy
import pytest

from stockbook.domain.demand.metrics import Scale, Scores, pinball

LEVELS = (0.5, 0.9, 0.95, 0.99)


def test_metrics_are_what_their_definitions_say() -> None:
    rng = numpy.random.default_rng(5)
    history = rng.poisson(4, size=(3, 60)).astype(float)
    actual = rng.poisson(4, size=(3, 20)).astype(float)
    mean = rng.uniform(2, 6, size=(3, 20))
    quantiles = numpy.sort(rng.uniform(1, 12, size=(3, 20, 4)), axis=2)
    scores = Scores({str(n): Scale.of(list(history[n])) for n in range(3)})
    for n in range(3):
        for t in range(20):
            scores.add(str(n), actual[n, t], mean[n, t], quantiles[n, t])
    table = scores.table()
    naive = numpy.diff(history, axis=1)
    roots = numpy.sqrt(((actual - mean) ** 2).mean(1) / (naive**2).mean(1))
    weights = history[:, -13:].sum(1)
    assert table["MASE"] == pytest.approx((numpy.abs(actual - mean).mean(1) / numpy.abs(naive).mean(1)).mean())
    assert table["RMSSE"] == pytest.approx(roots.mean())
    assert table["WRMSSE"] == pytest.approx((roots * weights).sum() / weights.sum())
    assert table["WAPE"] == pytest.approx(numpy.abs(actual - mean).sum() / actual.sum())
    assert table["bias"] == pytest.approx((mean - actual).sum() / actual.sum())
    for at, level in enumerate(LEVELS):
        off = actual - quantiles[:, :, at]
        loss = numpy.maximum(level * off, (level - 1) * off).sum()
        assert table[f"PL{level * 100:.0f}"] == pytest.approx(2 * loss / actual.sum())
        if level > 0.5:
            assert table[f"cov{level * 100:.0f}"] == pytest.approx((off <= 0).mean())


def test_pinball_is_least_at_the_quantile() -> None:
    sample = list(range(101))
    best = min(range(101), key=lambda q: sum(pinball(0.9, actual, q) for actual in sample))
    assert best == pytest.approx(90, abs=1)


def test_a_series_that_never_changed_is_left_out() -> None:
    scores = Scores({})
    scores.add("flat", 2.0, 2.0, (2.0,) * 4)
    assert scores.table()["MASE"] == 0.0
    assert scores.table()["WAPE"] == 0.0
