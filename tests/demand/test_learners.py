"""Every learner of the catalogue passes the battery."""

import json
import random

import pytest

from stockbook.domain.demand.learners.catalogue import LEARNERS
from stockbook.domain.demand.learners.rls import RecursiveLeastSquares
from stockbook.domain.demand.learners.sparse import Sparse
from stockbook.domain.demand.learners.spread import z
from tests.demand.battery import CHECKS


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", LEARNERS)
def test_battery(name: str, check: str) -> None:
    CHECKS[check](name)


def test_recursive_least_squares_finds_what_solving_finds() -> None:
    numpy = pytest.importorskip("numpy")
    rng = numpy.random.default_rng(3)
    inputs = rng.normal(size=(200, 3))
    targets = 1.5 + inputs @ [0.5, -1.0, 0.25] + rng.normal(scale=0.1, size=200)
    model = RecursiveLeastSquares(("a", "b", "c"), prior=0.01, forget=1.0, huber=1e9)
    for row, target in zip(inputs, targets, strict=True):
        model.learn(dict(zip("abc", map(float, row), strict=True)), float(target))
    design = numpy.column_stack([numpy.ones(200), inputs])
    ridge = numpy.linalg.solve(design.T @ design + 0.01 * numpy.eye(4), design.T @ targets)
    assert numpy.allclose(model.weights, ridge, atol=2e-3)


def test_a_direction_that_shows_nothing_new_does_not_blow_up() -> None:
    model = RecursiveLeastSquares(("a", "never"), forget=0.9)
    for n in range(2000):
        model.learn({"a": (-1.0) ** n}, (-1.0) ** n)
    model.learn({"a": 1.0, "never": 1.0}, 4.0)
    assert abs(model.predict({"a": 1.0, "never": 1.0})) < 5
    assert abs(model.predict({"a": 1.0}) - 1) < 1


@pytest.mark.parametrize("seed", range(20))
def test_folding_equals_single_steps_when_sparse(seed: int) -> None:
    rng = random.Random(seed)
    folded, stepped = Sparse(), Sparse()
    for _ in range(rng.randrange(1, 30)):
        sold = rng.choice([0.0, 0.0, 1.0, 2.5])
        folded.learn_one({}, sold)
        stepped.learn_one({}, sold)
    periods = rng.randrange(1, 60)
    expected = 0.0
    for _ in range(periods):
        expected += stepped.mean
        stepped.learn_one({}, 0.0)
    assert folded.fold(periods) == pytest.approx(expected, rel=1e-9)
    assert json.loads(json.dumps(folded.state())) == pytest.approx(stepped.state(), rel=1e-9)


def test_quantiles_of_what_sells_seldom_are_remembered_by_nobody():
    seldom = Sparse(chance=0.4, size=2.0)
    before = z.cache_info().currsize
    for sold in range(50):
        seldom.learn_one({}, float(sold % 3))
        seldom.forecast({})
    assert z.cache_info().currsize == before
