"""Gradient-boosted trees, grown at night on everything so far: one more expert among the online ones.

A guest of the blends: its mean and quantiles come to each series as features
named `e:trees...`, and every series hears it as far as it fared well there. Needs
the extra `trees` (LightGBM); without it nobody misses it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from stockbook.domain.demand.features import LOW
from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.inputs import GUEST, PLAIN, named
from stockbook.domain.demand.learners.packed import Array

NAME = f"{GUEST}trees"
_GROWTH = {
    **{"learning_rate": 0.07, "min_child_samples": 60, "subsample": 0.8, "subsample_freq": 1, "colsample_bytree": 0.7},
    **{"n_jobs": 1, "verbosity": -1, "deterministic": True, "seed": 1},
}
_ROUNDS, _MEAN = 200, {"objective": "tweedie", "tweedie_variance_power": 1.5, "num_leaves": 63, "reg_lambda": 10.0}
"""The power says how variance grows with the mean: with a lower one the few large series decide for all."""
_TAIL_ROUNDS, _TAIL = 120, {"objective": "quantile", "reg_lambda": 1.0, "cat_smooth": 50.0}
"""An item with fewer examples than `cat_smooth` is not told from others: its own past says as much, with less noise."""
_LEAVES = {level: 31 if level < 0.95 else 15 for level in LEVELS}
"""Of a quantile's trees: the higher it is, the fewer examples lie above it."""
_LEAST, _LEAF = 60, 200
"""Examples in a leaf of a quantile's trees at least and at most, a tenth of all between them."""
_LAGS = ("l1", "l2", "l3")


class Trees:
    """A mean (Tweedie) and a model a quantile, of all series together.

    >>> grown = Trees()
    >>> x = [{"level": 4.0, "promo": float(n % 2)} for n in range(400)]
    >>> grown.grow([("pear", each, 2.0 + 6.0 * each["promo"]) for each in x])
    >>> guests = grown.guests([("pear", {"level": 4.0, "promo": 1.0})])[0]
    >>> round(guests["e:trees"]), sorted(guests)[1]
    (8, 'e:trees:0.5')
    """

    def __init__(self) -> None:
        self.items: dict[str, int] = {}
        self.names: list[str] = []
        self._mean: Any = None
        self._tails: dict[float, Any] = {}

    def _matrix(self, rows: Sequence[tuple[str, Mapping[str, float]]]) -> Array:
        """Return a row each: plain features, their units again, what is named, and the item's number."""
        found = []
        for item, x in rows:
            scale = x["level"] + LOW
            lags = [float(np.exp(x.get(key, 0.0))) * scale for key in _LAGS]
            names = [x.get(name, 0.0) for name in self.names]
            plain = [x.get(key, 0.0) for key in PLAIN]
            found.append([*plain, x["level"], *lags, *names, float(self.items.get(item, -1))])
        return np.array(found)

    def grow(self, examples: Sequence[tuple[str, Mapping[str, float], float]]) -> None:
        """Learn anew from examples: item, features, what sold."""
        import lightgbm  # noqa: PLC0415 - heavy, and only the extra `trees` has it

        self.items = {item: at for at, item in enumerate(sorted({item for item, _, _ in examples}))}
        self.names = sorted({name for _, x, _ in examples for name in named(x)})
        inputs = self._matrix([(item, x) for item, x, _ in examples])
        sold = np.array([y for _, _, y in examples])
        scale = np.array([x["level"] + LOW for _, x, _ in examples])
        category = [inputs.shape[1] - 1]
        data = lightgbm.Dataset(inputs, sold, categorical_feature=category, free_raw_data=False)
        self._mean = lightgbm.train({**_GROWTH, **_MEAN}, data, _ROUNDS)
        leaf = min(max(len(sold) // 10, _LEAST), _LEAF)
        for level in LEVELS:
            relative = lightgbm.Dataset(inputs, sold / scale, weight=scale, categorical_feature=category)
            settings = {**_GROWTH, **_TAIL, "alpha": level, "num_leaves": _LEAVES[level], "min_child_samples": leaf}
            self._tails[level] = lightgbm.train(settings, relative, _TAIL_ROUNDS)

    def guests(self, rows: Sequence[tuple[str, Mapping[str, float]]]) -> list[dict[str, float]]:
        """Return for each row the forecasts as features; none before anything is grown."""
        if self._mean is None or not rows:
            return [{} for _ in rows]
        inputs = self._matrix(rows)
        scale = np.array([x["level"] + LOW for _, x in rows])
        columns = {NAME: self._mean.predict(inputs)}
        for level, model in self._tails.items():
            columns[f"{NAME}:{level}"] = np.maximum(model.predict(inputs) * scale, 0.0)
        return [{key: float(column[at]) for key, column in columns.items()} for at in range(len(rows))]

    def state(self) -> dict[str, Any]:
        """Return models as text, with what their columns mean."""
        tails = {str(level): model.model_to_string() for level, model in self._tails.items()}
        mean = self._mean.model_to_string() if self._mean is not None else None
        return {"items": dict(self.items), "names": list(self.names), "mean": mean, "tails": tails}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        import lightgbm  # noqa: PLC0415

        self.items, self.names = dict(state["items"]), list(state["names"])
        self._mean = lightgbm.Booster(model_str=state["mean"]) if state["mean"] else None
        self._tails = {float(at): lightgbm.Booster(model_str=text) for at, text in state["tails"].items()}
