"""Features of several periods taken together, where one orders for more than the next one."""

import math
from collections.abc import Sequence

from stockbook.domain.demand.features import BEYOND, CLIP, LOW, WINDOW, Features
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import Plan
from stockbook.domain.demand.series import Series

_WEEKDAYS = frozenset(f"d{n}" for n in range(7))


def window(series: Series, index: int, plans: Sequence[Plan]) -> Features:
    """Return the features of the periods from `index` on taken together, one plan for each.

    What is planned, and the calendar, are averages over the periods; what is remembered is as it stands.

    >>> from stockbook.domain.demand.plan import UNPLANNED
    >>> tomatoes = Series(Period.DAY)
    >>> tomatoes.close(3.0, 0)
    >>> x = window(tomatoes, 1, [UNPLANNED, Plan(promotions=(("promo", 1.0),))])
    >>> x["promo"], x["d4"], x["d5"]
    (0.5, 0.5, 0.5)
    """
    x = series.features(index, Plan.together(plans))
    _promote(series, x, [plan.promoted for plan in plans])
    if series.period is Period.DAY:
        x = {key: value for key, value in x.items() if key not in _WEEKDAYS}
        scale, share = series.level + LOW, 1 / len(plans)
        x["dowlvl"] = 0.0
        for at in range(len(plans)):
            weekday = (series.period.first_day(index + at) + 3) % 7
            x[f"d{weekday}"] = x.get(f"d{weekday}", 0.0) + share
            mean = series.weekdays[weekday]
            if mean is not None:
                x["dowlvl"] += share * min(max(math.log((mean + LOW) / scale), -CLIP), CLIP)
    return x


def _promote(series: Series, x: Features, promoted: Sequence[float]) -> None:
    """Set what promotions do to several periods: their sum's logarithm, not their logarithms' average."""
    if len(set(promoted)) < 2:
        return
    scale, share = series.level + LOW, 1 / len(promoted)
    lifted = math.log(sum(math.exp(series.lift * each) for each in promoted) * share)
    x["lift"] = min(max(lifted, -CLIP), CLIP)
    for key, plain, pushed in zip(("alike3", "alike1"), series.plain, series.pushed, strict=True):
        plain_mean = plain if plain is not None else series.level
        pushed_mean = pushed if pushed is not None else plain_mean * math.exp(series.lift)
        mean = sum(pushed_mean if each > 0.5 else plain_mean for each in promoted) * share
        x[key] = min(max(math.log((mean + LOW) / scale), -CLIP), CLIP)


def ahead(series: Series, index: int, plans: Sequence[Plan], reach: int | None = None) -> Features:
    """Return the features of period `index`, and beside them those of the first `reach` periods, and of the rest.

    >>> from stockbook.domain.demand.plan import UNPLANNED
    >>> tomatoes = Series(Period.WEEK)
    >>> x = ahead(tomatoes, 0, [UNPLANNED, Plan(promotions=(("promo", 1.0),)), UNPLANNED], 2)
    >>> x["promo"], x["w:promo"], "w:l1" in x, x["b:s1"] > x["s1"]
    (0.0, 0.5, False, True)
    """
    x = series.features(index, plans[0])
    if series.period is Period.WEEK and all(plan == plans[0] for plan in plans):
        return x
    reach = reach or len(plans)
    beside = {WINDOW: window(series, index, plans[:reach])}
    if reach < len(plans):
        beside[BEYOND] = window(series, index + reach, plans[reach:])
    return x | {
        f"{begins}{key}": value
        for begins, together in beside.items()
        for key, value in together.items()
        if value != x.get(key)
    }
