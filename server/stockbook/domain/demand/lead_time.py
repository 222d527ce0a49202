"""How long deliveries take and how far that strays, learnt from what came in for orders."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stockbook.domain.demand.threshold import Terms

KEEP, AGREED = 0.95, 3.0
"""How much of the past each receipt keeps; for how many receipts the agreed terms count."""


@dataclass(slots=True)
class LeadTime:
    """The deliveries of one item by one supplier to one buyer; mean and variance fade, counts do not.

    >>> apples = LeadTime()
    >>> for hours, late in ((48.0, 0.0), (72.0, 24.0), (60.0, None)):
    ...     apples.learn(hours, late)
    >>> round(apples.hours), round(apples.deviation_hours), apples.receipts, apples.promised, apples.on_time
    (60, 10, 3, 2, 1)
    """

    receipts: int = 0
    weight: float = 0.0
    """Fading number of receipts."""
    hours: float = 0.0
    variance: float = 0.0
    promised: int = 0
    """Receipts for which a time was promised."""
    on_time: int = 0
    late_hours: float = 0.0
    """Of those, how many hours later than promised on average, fading; below 0 when earlier."""

    @property
    def deviation_hours(self) -> float:
        """The standard deviation of the hours."""
        return math.sqrt(self.variance)

    def learn(self, hours: float, late_hours: float | None) -> None:
        """Take up a receipt: so long after it was ordered, so much later than promised."""
        self.receipts += 1
        self.weight = KEEP * self.weight + 1
        share = 1 / self.weight
        off = hours - self.hours
        self.hours += share * off
        self.variance = (1 - share) * (self.variance + share * off * off)
        if late_hours is not None:
            self.promised += 1
            self.on_time += late_hours <= 0
            self.late_hours += max(1 / self.promised, 1 - KEEP) * (late_hours - self.late_hours)


def learnt(terms: Terms, several: Sequence[LeadTime]) -> Terms:
    """Return terms with the lead time and its deviation as an item's suppliers keep them, agreed ones while few came.

    That suppliers differ, and that they keep another time than agreed, widens the deviation.

    >>> slow = LeadTime(receipts=20, weight=12.0, hours=96.0, variance=144.0)
    >>> found = learnt(Terms(lead_time_hours=48.0), [slow])
    >>> round(found.lead_time_hours, 1), round(found.lead_time_deviation_hours, 1)
    (86.4, 22.0)
    >>> learnt(Terms(), []) == Terms()
    True
    """
    weight = math.fsum(each.weight for each in several)
    if not weight:
        return terms
    total = weight + AGREED
    mean = (math.fsum(each.weight * each.hours for each in several) + AGREED * terms.lead_time_hours) / total
    spread = math.fsum(each.weight * (each.variance + (each.hours - mean) ** 2) for each in several)
    spread += AGREED * (terms.lead_time_deviation_hours**2 + (terms.lead_time_hours - mean) ** 2)
    return replace(terms, lead_time_hours=mean, lead_time_deviation_hours=math.sqrt(spread / total))
