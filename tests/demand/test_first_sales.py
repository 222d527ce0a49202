"""A series begins because something sold: that tells how much, not how often."""

import json

import numpy as np
import pytest

from stockbook.domain.demand.backtest import History, Panel, backtest
from stockbook.domain.demand.learners.sparse import Sparse
from stockbook.domain.demand.period import Period

WEEKS, GOODS = 26, 600
MUCH = {0.03: 1.0, 0.08: 0.4, 0.2: 0.15}
"""How much more than sold may be expected, by the chance of a sale; counted the other way it was 5.3, 1.6 and 0.4."""


@pytest.mark.parametrize("chance", [0.03, 0.08, 0.2])
def test_of_an_assortment_that_opens_little_more_is_expected_than_sells(chance: float) -> None:
    """With first sales counted among the periods, the second quarter was forecast at half as much again and more."""
    sold = np.random.default_rng(3).random((WEEKS, GOODS)) < chance
    begun = {item: int(np.argmax(sold[:, item])) for item in np.flatnonzero(sold[: WEEKS // 2].any(axis=0))}
    shop = {
        f"shop|{item}": History(f"{item}", week, tuple(map(float, sold[week:, item]))) for item, week in begun.items()
    }
    (row,) = backtest(Panel("shop", Period.WEEK, 52, 13, WEEKS // 2, shop), ("adaptive",))
    assert -0.15 < row.metrics["bias"] < MUCH[chance]


def test_what_is_returned_of_the_first_sale_moves_no_chance_and_what_it_was_is_kept() -> None:
    seldom = Sparse(0.2, 2.0)
    for came in (3.0, 0.0, 0.0):
        seldom.learn_one({}, came)
    before = seldom.chance
    seldom.amend(2, 3.0, 0.0)
    assert seldom.chance == before
    seldom.amend(1, 0.0, 2.0)
    assert seldom.chance > before
    again = Sparse()
    again.restore(json.loads(json.dumps(seldom.state())))
    for each in (again, seldom):
        each.learn_one({}, 1.0)
    assert again.state() == seldom.state()


def test_a_series_that_begins_empty_counts_from_its_first_period() -> None:
    waiting, opened = Sparse(0.2, 2.0), Sparse(0.2, 2.0)
    waiting.learn_one({}, 0.0)
    opened.learn_one({}, 2.0)
    assert (waiting.count, opened.count) == (1, 0)
    assert waiting.chance < opened.chance == 0.2
