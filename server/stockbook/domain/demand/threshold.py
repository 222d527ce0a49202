"""When to order and up to where: quantiles of the demand of lead time and review.

Nothing here is a fixed number of pieces: each figure follows from the forecast
(promotions among its inputs), from hours on the road, from how far deliveries
stray, and from the peak coefficient, and moves with every sale.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from stockbook.domain.demand.influence import Heard
from stockbook.domain.demand.learner import Outlook
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.service import CLEAR, beyond

_HOURS = {Period.DAY: 24.0, Period.WEEK: 168.0}
_score = lru_cache(1024)(NormalDist().inv_cdf)
FOLLOW = 0.05
"""How fast the moving range follows when a threshold stays within it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long an order takes and strays, how often one orders, how seldom demand may exceed the reorder point."""

    lead_time_hours: float = 168.0
    lead_time_deviation_hours: float = 0.0
    review_hours: float = 168.0
    service_level: float = 0.95
    fill_rate: float | None = None
    """The share of what is asked for that shall be filled; the service level then follows what was achieved."""

    @property
    def levels(self) -> tuple[float, float]:
        """The quantiles that a threshold is made of: the median, and that of the service level.

        Where the level follows a fill rate it is one step of a scale, and drawn out from `service.CLEAR`.
        """
        return 0.5, min(max(self.service_level, 0.5), CLEAR if self.fill_rate is not None else 1.0)

    def horizon(self, period: Period, heard: Heard) -> float:
        """Return lead time and review in periods; hours on the road that were heard count before agreed ones.

        >>> from stockbook.domain.demand.plan import UNPLANNED
        >>> Terms().horizon(Period.WEEK, Heard(UNPLANNED)), Terms().horizon(Period.WEEK, Heard(UNPLANNED, hours=504.0))
        (2.0, 4.0)
        """
        return (self.lead(heard) + self.review_hours) / _HOURS[period]

    def lead(self, heard: Heard) -> float:
        """Return the lead time in hours: those on the road where they were heard, else as agreed and learnt."""
        return heard.hours if heard.hours is not None else self.lead_time_hours

    def strays(self, period: Period, heard: Heard) -> float:
        """Return the standard deviation of the lead time in periods.

        Of deliveries of which a part does not come when it should, that part of
        the lead time is taken for it when nothing greater is agreed.
        """
        heard_of = (1.0 - heard.stability) * self.lead(heard) if heard.stability is not None else 0.0
        return max(self.lead_time_deviation_hours, heard_of) / _HOURS[period]


@dataclass(frozen=True, slots=True)
class Threshold:
    """Order when less than the reorder point is there or coming, up to the ceiling."""

    horizon: float
    service_level: float
    expected: float
    safety_stock: float
    reorder_point: float
    ceiling: float
    peak: float
    lead_time_hours: float
    lead_time_deviation_hours: float


def threshold(terms: Terms, heard: Heard, period: Period, whole: Outlook) -> Threshold:
    """Return the thresholds that follow from an outlook over lead time and review.

    `whole` has the `levels` of the terms as its first two. How far
    the lead time strays adds to the safety stock as independent chances do.

    >>> from stockbook.domain.demand.plan import UNPLANNED
    >>> outlook = Outlook(12.0, (0.5, 0.95), (10.0, 16.0))
    >>> found = threshold(Terms(), Heard(UNPLANNED, peak=1.5), Period.WEEK, outlook)
    >>> found.safety_stock, found.reorder_point, found.ceiling
    (9.0, 19.0, 25.0)
    """
    hours, lead, strays = _HOURS[period], terms.lead(heard), terms.strays(period, heard)
    horizon = (lead + terms.review_hours) / hours
    median, high = whole.quantiles[:2]
    spread = (high - median) * (beyond(terms.service_level) if terms.fill_rate is not None else 1.0)
    rate = whole.mean / horizon if horizon else 0.0
    strayed = max(_score(terms.service_level), 0.0) * strays * rate
    safety = math.hypot(spread, strayed) * heard.peak
    reorder = median + safety
    review = terms.review_hours / hours
    return Threshold(
        horizon,
        terms.service_level,
        median,
        safety,
        reorder,
        reorder + rate * review,
        heard.peak,
        lead,
        strays * hours,
    )
