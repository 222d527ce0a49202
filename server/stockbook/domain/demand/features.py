"""The words of features: how they are named, and between which bounds they are kept."""

import math
from collections.abc import Mapping
from typing import Any

Features = dict[str, float]
"""Normalised inputs, each within +-2.5, and `level` (units, at least 0.3), by which they were normalised."""

INFLUENCE = "i:"
"""Begins the names of features that come from outside (`influence.py`), e.g. `i:weather`."""
KIN = frozenset((f"{INFLUENCE}rival", f"{INFLUENCE}lack"))
"""What similar items do: one is promoted, one has run out. How far that moves a series is its own to learn."""
LIFTED = "+"
"""Ends the name of what such a thing did to the series before, times how strong it is now."""
WINDOW = "w:"
"""Begins the names of features that are of several periods together, beside those of the first."""
BEYOND = "b:"
"""Begins the names of features of the periods after those, together."""
LOW = 0.3
"""Added to every quantity before its logarithm, so that nothing sold is a number."""
CLIP = 2.5


def usable(quantity: float | None) -> float | None:
    """Return the quantity as a model may learn it: never negative, None when it is no number.

    >>> usable(float("nan")), usable(None), usable(-2), usable(3)
    (None, None, 0.0, 3.0)
    """
    if quantity is None or not math.isfinite(quantity):
        return None
    return max(float(quantity), 0.0)


def clean(x: Mapping[str, float | None]) -> Features:
    """Return a copy of the features in which what is no number is 0: one NaN ruins a linear model for ever.

    >>> clean({"level": 2.0, "e1": float("inf"), "promo": None})
    {'level': 2.0, 'e1': 0.0, 'promo': 0.0}
    """
    values: Any = x.values()
    if None not in values and math.isfinite(sum(values)):  # nearly always: then each of them is a number
        return dict[str, Any](x)
    return {name: value if value is not None and math.isfinite(value) else 0.0 for name, value in x.items()}
