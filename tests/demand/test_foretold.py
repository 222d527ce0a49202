"""Quantiles cover what they say where little is foretold and where much is, though means went too far both ways."""

import numpy as np

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.commons import Commons
from stockbook.domain.demand.learners.quantiles import Quantiles
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.series import Series

USUAL, LITTLE, MUCH = 0.8, 0.4, 1.6
"""What sells in a week, and what is foretold of it by turns."""
GOODS, WEEKS, LEARNT = 20, 300, 100


def test_where_little_is_foretold_as_often_as_where_much_is() -> None:
    rng, commons = np.random.default_rng(5), Commons()
    x = Series(Period.WEEK).features(0) | {"level": USUAL}
    v, goods = commons.vector(x), [Quantiles(commons, 1, 90) for _ in range(GOODS)]
    covered: dict[float, list[bool]] = {LITTLE: [], MUCH: []}
    for week in range(WEEKS):
        for each in goods:
            mean = float(rng.choice((LITTLE, MUCH)))
            came = float(rng.negative_binomial(2, 2 / (2 + USUAL)))
            ways = each.said(v, x, mean, LEVELS)
            if week >= LEARNT:
                covered[mean].append(came <= each.mixed(ways, LEVELS, x, mean)[LEVELS.index(0.95)])
            each.learn(v, x, mean, ways, came)
    little, much = (float(np.mean(covered[mean])) for mean in (LITTLE, MUCH))
    assert abs(little - 0.95) < 0.02 and abs(much - 0.95) < 0.02, (little, much)
