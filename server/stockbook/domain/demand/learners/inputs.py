"""From features by name to one vector: a fixed order, and the products in which promotions act.

A promotion does not add to demand, it bends how the past speaks for it: what
sold yesterday means one thing within a promotion and another the day it
begins. Linear models see that only in products of features.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from stockbook.domain.demand.features import INFLUENCE, LIFTED
from stockbook.domain.demand.learners.packed import Array

PLAIN = (
    *("loglevel", "e3", "e1", "l1", "l2", "l3", "m4", "m13", "l52", "l7", "l14", "m7", "m28", "dowlvl"),
    *("gap", "cv", "s1", "c1", "s2", "c2", "disc", "prel", "promo", "lift", "lastpromo"),
    *("first", "into", "alike1", "alike3", *(f"d{n}" for n in range(7))),
)
_RISING = ("e3", "l1", "m4", "m13", "m7", "m28", "dowlvl", "e1", "alike1")
CROSSED = (
    *("promo*e3", "promo*l1", "last*end", "first*lift", "first*l1", "end*l1", "quiet*l1"),
    *("lift*lift", "promo*loglevel", "promo*alike1", "promo*alike3", "disc*disc"),
    *(f"promo*d{n}" for n in range(7)),
    *(f"{key}+" for key in _RISING),
)
KEYS = ("1", *PLAIN, *CROSSED)
"""The vector's places, before those of promotions and influences by name."""
AT = {key: place for place, key in enumerate(KEYS)}
_KNOWN = frozenset((*PLAIN, "level"))
GUEST = "e:"
"""Begins the names of forecasts from outside, in units: `e:NAME` a mean, `e:NAME:LEVEL` a quantile."""


def named(x: Mapping[str, float]) -> list[str]:
    """Return the features that stand for a promotion or an influence of its own.

    >>> named({"level": 1.0, "promo": 1.0, "display": 1.0, "i:weather": 0.2, "e:trees": 3.0})
    ['display', 'i:weather']
    """
    return [key for key in x if key not in _KNOWN and not key.startswith(GUEST)]


def guests(x: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Return what comes from outside: whose it is, of which level (a mean has none), and what it says.

    >>> guests({"level": 1.0, "i:weather": 0.2, "e:trees": 3.0, "e:trees:0.9": 5.0})
    [('trees', '', 3.0), ('trees', '0.9', 5.0)]
    """
    strange = [(key, value) for key, value in x.items() if key not in _KNOWN]
    if not strange:
        return []
    told = [(key[len(GUEST) :].partition(":"), value) for key, value in strange if key.startswith(GUEST)]
    return [(name, level, value) for (name, _, level), value in told]


def vector(x: Mapping[str, float], names: Sequence[str] = ()) -> Array:
    """Return the features as a vector, those of `names` last.

    >>> v = vector({"level": 2.0, "promo": 1.0, "l1": 0.5, "i:rain": 0.3}, ["i:rain"])
    >>> v[[AT["promo"], AT["promo*l1"], -1]].tolist()
    [1.0, 0.5, 0.3]
    """
    get = x.get
    plain = list(map(get, PLAIN, _ZEROS))
    promo, last, lift, first = get("promo", 0.0), get("lastpromo", 0.0), get("lift", 0.0), get("first", 0.0)
    e3, l1, disc, ends = get("e3", 0.0), get("l1", 0.0), get("disc", 0.0), (1 - promo) * last
    crossed = [
        promo * e3,
        promo * l1,
        ends,
        first * lift,
        first * l1,
        ends * l1,
        (1 - promo) * (1 - last) * l1,
        lift * abs(lift) * 0.5,
        promo * get("loglevel", 0.0),
        promo * get("alike1", 0.0),
        promo * get("alike3", 0.0),
        disc * abs(disc),
        *[promo * plain[at] for at in _WEEKDAYS],
        *[0.0 if plain[at] < 0.0 else plain[at] for at in _RISING_AT],
    ]
    return np.array([1.0, *plain, *crossed, *[get(name, 0.0) for name in names]])


_WEEKDAYS = tuple(PLAIN.index(f"d{n}") for n in range(7))
_RISING_AT = tuple(PLAIN.index(key) for key in _RISING)
_ZEROS = (0.0,) * len(PLAIN)


def base_of(key: str) -> str:
    """Return the feature from which a place of the vector is mostly made, for telling inputs apart.

    >>> base_of("promo*l1"), base_of("e3+"), base_of("i:rain"), base_of("first*lift")
    ('promo', 'e3', 'i:rain', 'promo')
    """
    if key.startswith(INFLUENCE):
        return key.removesuffix(LIFTED)
    head = key.removesuffix("+").partition("*")[0]
    return {"first": "promo", "last": "promo", "end": "promo", "into": "promo", "quiet": "l1"}.get(head, head)
