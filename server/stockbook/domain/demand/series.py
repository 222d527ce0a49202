"""What is remembered of one series, updated in constant time, and the features drawn from it.

Everything is relative to the level, an average of demand without promotions:
a shop that sells three and one that sells three hundred look alike to a model
that serves both. No scaler is needed, and none is used (a scaler met by a
feature that was constant so far throws it 22 sigma away).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from stockbook.domain.demand.features import CLIP, KIN, LIFTED, LOW, Features, usable
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan

HASTE, _FASTER = 6, 3.0
"""After a drift: for how many periods, and how much faster, the level follows."""
_SWAYED = 0.25
"""How strong a similar item's promotion or want must be to say what it does."""
FAST, SLOW, SPREAD, WEEKDAY, PRICE = 0.3, 0.1, 0.05, 0.1, 0.1
_LEVEL = {Period.WEEK: 0.08, Period.DAY: 0.04}
_LEVEL_SCALE, _CV_SCALE, _GAP_SCALE, _YEAR_SCALE, _STREAK_SCALE = 0.33, 0.3, 0.5, 0.5, 0.5


@dataclass(slots=True)
class Series:
    """The features' memory of one series.

    >>> tomatoes = Series(Period.WEEK)
    >>> for sold in (3, 5, 4):
    ...     tomatoes.close(sold, tomatoes.count)
    >>> round(tomatoes.level, 3)
    3.227
    >>> sorted(tomatoes.features(3))[:4]
    ['alike1', 'alike3', 'c1', 'c2']
    """

    period: Period
    count: int = 0
    """Periods closed."""
    gap: int = 0
    """Closed periods since the last one with a sale."""
    fast: float | None = None
    slow: float | None = None
    base: float | None = None
    spread: float | None = None
    """Average squared distance from the level."""
    lift: float = 0.0
    lifts: int = 0
    promoted: float = 0.0
    """Whether the last closed period was promoted."""
    streak: int = 0
    """Promoted periods up to the last closed one without a break."""
    plain: list[float | None] = field(default_factory=lambda: [None, None])
    """A fast and a slow average of periods without promotion."""
    pushed: list[float | None] = field(default_factory=lambda: [None, None])
    """The same of promoted periods."""
    price: float | None = None
    lags: list[float] = field(default_factory=list)
    """Closed quantities, newest last."""
    weekdays: list[float | None] = field(default_factory=lambda: [None] * 7)
    haste: int = 0
    """Periods for which the level still follows faster."""
    swayed: dict[str, list[float]] = field(default_factory=dict)
    """What similar items did to it, by `KIN`: an average logarithm of what sold over the level, and how often."""

    @property
    def level(self) -> float:
        """Demand of a period without promotion; at least 0.3, for it divides."""
        return max(self.base if self.base is not None else 1.0, LOW)

    def features(self, index: int, plan: Plan = UNPLANNED) -> Features:
        """Return the features of period `index` as they are known before it begins."""
        level, lags = self.level, self.lags
        scale = level + LOW
        have = len(lags)

        def relative(quantity: float) -> float:
            return min(max(math.log((quantity + LOW) / scale), -CLIP), CLIP)

        day = self.period.first_day(index)
        turn = 2 * math.pi * (day % 365.25) / 365.25
        x = {
            "level": level,
            "loglevel": min(max(math.log(scale) * _LEVEL_SCALE, -CLIP), CLIP),
            "e3": relative(self.fast or 0.0),
            "e1": relative(self.slow or 0.0),
            "l1": relative(lags[-1]) if have >= 1 else 0.0,
            "l2": relative(lags[-2]) if have >= 2 else 0.0,
            "l3": relative(lags[-3]) if have >= 3 else 0.0,
            "s1": math.sin(turn),
            "c1": math.cos(turn),
            "s2": math.sin(2 * turn),
            "c2": math.cos(2 * turn),
            "gap": min(math.log1p(self.gap) * _GAP_SCALE, CLIP),
            "cv": min(math.sqrt(self.spread) / level * _CV_SCALE if self.spread is not None else _CV_SCALE, CLIP),
        }
        if self.period is Period.WEEK:
            x["m4"] = relative(sum(lags[-4:]) / min(4, have)) if have else 0.0
            x["m13"] = relative(sum(lags[-13:]) / min(13, have)) if have else 0.0
            x["l52"] = relative(lags[-52]) * _YEAR_SCALE if have >= 52 else 0.0
        else:
            weekday = (day + 3) % 7
            mean = self.weekdays[weekday]
            x["l7"] = relative(lags[-7]) if have >= 7 else 0.0
            x["l14"] = relative(lags[-14]) if have >= 14 else 0.0
            x["m7"] = relative(sum(lags[-7:]) / min(7, have)) if have else 0.0
            x["m28"] = relative(sum(lags[-28:]) / min(28, have)) if have else 0.0
            x[f"d{weekday}"] = 1.0
            x["dowlvl"] = relative(mean) if mean is not None else 0.0
        promoted = plan.promoted
        x["disc"] = min(max(plan.discount, -CLIP), CLIP)
        x["prel"] = min(max(math.log(plan.price / self.price), -CLIP), CLIP) if plan.price and self.price else 0.0
        x["promo"] = promoted
        for name, share in plan.promotions:
            x[name] = share
        for name, value in plan.influences:
            x[name] = min(max(value, -CLIP), CLIP)
            if name in self.swayed:
                x[f"{name}{LIFTED}"] = min(max(self.swayed[name][0] * value, -CLIP), CLIP)
        x.update(plan.guests)
        x["lift"] = min(max(self.lift * promoted, -CLIP), CLIP)
        x["lastpromo"] = self.promoted
        x["first"] = promoted * (1 - self.promoted)
        x["into"] = promoted * min(math.log1p(self.streak + 1) * _STREAK_SCALE, CLIP)
        fast, slow = self.pushed if promoted > 0.5 else self.plain
        x["alike3"] = relative(fast) if fast is not None else 0.0
        x["alike1"] = relative(slow) if slow is not None else 0.0
        return x

    def close(self, quantity: float | None, index: int, plan: Plan = UNPLANNED) -> None:
        """Remember what period `index` came to; a period of which nothing is known (None, NaN) teaches nothing."""
        sold = usable(quantity)
        if sold is None:
            return
        promoted, level = plan.promoted, self.level
        swayed = [name for name, value in plan.influences if name in KIN and value >= _SWAYED]
        self.lags.append(sold)
        if len(self.lags) > self.period.lags:
            del self.lags[0]
        self.slow = _toward(self.slow, sold, SLOW)
        self.fast = _toward(self.fast, sold, FAST)
        if self.base is None or (promoted < 0.5 and not swayed):
            self.base = _toward(self.base, sold, _LEVEL[self.period] * (_FASTER if self.haste else 1.0))
        elif promoted < 0.5:
            for name in swayed:
                lift, times = self.swayed.get(name, (0.0, 0.0))
                moved = math.log((sold + LOW) / (level + LOW)) / dict(plan.influences)[name]
                self.swayed[name] = [lift + (moved - lift) / min(8.0, times + 2.0), times + 1.0]
        else:
            self.lift += (math.log((sold + LOW) / (level + LOW)) - self.lift) / min(8, self.lifts + 2)
            self.lifts += 1
        if self.period is Period.DAY:
            weekday = (self.period.first_day(index) + 3) % 7
            self.weekdays[weekday] = _toward(self.weekdays[weekday], sold, WEEKDAY)
        self.spread = _toward(self.spread, (sold - (self.base or 0.0)) ** 2, SPREAD)
        self.gap = 0 if sold > 0 else self.gap + 1
        self.promoted = promoted
        self.streak = self.streak + 1 if promoted > 0.5 else 0
        alike = self.pushed if promoted > 0.5 else self.plain
        alike[:] = [_toward(mean, sold, weight) for mean, weight in zip(alike, (FAST, SLOW), strict=True)]
        if plan.price and plan.price > 0:
            self.price = _toward(self.price, plan.price, PRICE)
        self.count += 1
        self.haste = max(self.haste - 1, 0)

    def fold(self, periods: int, index: int) -> None:
        """Remember `periods` unpromoted periods without a sale from `index` on, in one step.

        Equals as many calls of `close(0.0, ...)`: averages decay geometrically
        and the spread follows a geometric sum.
        """
        if periods <= 0:
            return
        if self.base is None:
            self.close(0.0, index)
            periods, index = periods - 1, index + 1
        if self.base is None or self.fast is None or self.slow is None or self.spread is None:
            return
        keep = 1 - _LEVEL[self.period]
        turn, rest = keep * keep, 1 - SPREAD
        # each step adds SPREAD * base_j**2 after base has decayed once more
        drawn = SPREAD * self.base**2 * turn * (rest**periods - turn**periods) / (rest - turn)
        self.spread = self.spread * rest**periods + drawn
        self.base *= keep**periods
        self.fast *= (1 - FAST) ** periods
        self.slow *= (1 - SLOW) ** periods
        self.plain = [
            mean * (1 - weight) ** periods if mean is not None else 0.0
            for mean, weight in zip(self.plain, (FAST, SLOW), strict=True)
        ]
        if self.period is Period.DAY:
            first = (self.period.first_day(index) + 3) % 7
            for weekday, mean in enumerate(self.weekdays):
                met = (periods + 6 - (weekday - first) % 7) // 7
                if met:
                    self.weekdays[weekday] = mean * (1 - WEEKDAY) ** met if mean is not None else 0.0
        self.lags = (self.lags + [0.0] * min(periods, self.period.lags))[-self.period.lags :]
        self.gap += periods
        if periods:
            self.promoted, self.streak = 0.0, 0
        self.count += periods

    def amend(self, back: int, change: float) -> float:
        """Correct a closed period, `back` periods before the newest, by `change`; return what was taken up.

        Levels and lags become what they would have been had the quantity been
        known in time (averages are linear, so each takes the weight that the
        period still has in it). The spread and what models have learnt stay. A
        period never falls below nothing; one that is no longer kept among the
        lags takes nothing up.
        """
        if not 0 <= back < len(self.lags):
            return 0.0
        change = max(change, -self.lags[-1 - back])
        self.lags[-1 - back] += change
        first = back == self.count - 1

        def amended(mean: float | None, weight: float) -> float | None:
            return None if mean is None else max(mean + change * (1 - weight) ** back * (1.0 if first else weight), 0.0)

        self.fast = amended(self.fast, FAST)
        self.slow = amended(self.slow, SLOW)
        self.base = amended(self.base, _LEVEL[self.period])
        self.plain = [amended(mean, weight) for mean, weight in zip(self.plain, (FAST, SLOW), strict=True)]
        self.gap = next((n for n, lag in enumerate(reversed(self.lags)) if lag > 0), max(self.gap, len(self.lags)))
        return change

    def state(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            **dict(zip(_PLAIN, _plain(self), strict=True)),
            "period": self.period.value,
            "lags": list(self.lags),
            "weekdays": list(self.weekdays),
            "plain": list(self.plain),
            "pushed": list(self.pushed),
            **({"swayed": {name: list(lift) for name, lift in self.swayed.items()}} if self.swayed else {}),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> "Series":
        """Return the series whose `state()` this is."""
        return cls(
            **{
                **state,
                "period": Period(state["period"]),
                "lags": list(state["lags"]),
                "weekdays": list(state["weekdays"]),
                "plain": list(state["plain"]),
                "pushed": list(state["pushed"]),
                "swayed": {name: list(lift) for name, lift in state.get("swayed", {}).items()},
            }
        )


_LISTS = frozenset(("period", "lags", "weekdays", "plain", "pushed", "swayed"))
_PLAIN = tuple(one.name for one in fields(Series) if one.name not in _LISTS)
_plain = attrgetter(*_PLAIN)


def _toward(mean: float | None, value: float, weight: float) -> float:
    return value if mean is None else mean + weight * (value - mean)
