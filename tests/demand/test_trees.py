"""What nightly trees may tell apart: small series among large ones, and items only where there is enough of each."""

import random

import pytest

from stockbook.domain.demand.features import Features
from stockbook.domain.demand.learners.trees import Trees

pytest.importorskip("lightgbm")
Example = tuple[str, Features, float]


def sold(rng: random.Random, tries: int) -> float:
    return float(sum(rng.random() < 0.1 for _ in range(tries)))


def grown(examples: list[Example]) -> Trees:
    trees = Trees()
    trees.grow(examples)
    return trees


def test_a_small_series_is_heard_among_large_ones_that_stray():
    rng, examples = random.Random(0), list[Example]()
    for n in range(2000):
        shown, other = float(rng.random() < 0.5), {"e1": rng.gauss(0, 1), "l1": rng.gauss(0, 1)}
        level = rng.uniform(500, 2000) if n % 10 else 2.0
        came = float(round(level * rng.lognormvariate(-0.5, 1.0))) if n % 10 else sold(rng, 40 if shown else 20)
        examples.append(("pear", {"level": level, "display": shown, **other}, came))
    noise = [{"level": 2.0, "e1": e, "l1": lag} for e in (-1.0, 0.0, 1.0) for lag in (-1.0, 0.0, 1.0)]
    said = grown(examples).guests([("pear", each | {"display": shown}) for shown in (0.0, 1.0) for each in noise])
    plain, displayed = (sum(each["e:trees"] for each in part) / len(part) for part in (said[:9], said[9:]))
    assert plain < 4 and displayed > 1.2 * plain


def quantiles_by_item(items: int, periods: int) -> dict[str, set[float]]:
    """What is said of items that sell by one law, but for the first, which sells three times as much."""
    rng, examples = random.Random(3), list[Example]()
    for _ in range(periods):
        for item in range(items):
            examples.append((f"part {item}", {"level": rng.uniform(2.4, 3.6)}, sold(rng, 30 if item else 90)))
    said = grown(examples).guests([(f"part {item}", {"level": 3.0}) for item in range(items)])
    return {name: {each[name] for each in said} for name in said[0] if name != "e:trees"}


def test_quantiles_tell_items_apart_only_where_each_sold_in_many_periods():
    assert all(len(said) == 1 for said in quantiles_by_item(items=60, periods=40).values())
    assert all(len(said) > 1 for said in quantiles_by_item(items=12, periods=200).values())
