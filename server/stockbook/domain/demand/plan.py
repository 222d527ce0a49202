"""What is known of a period before it ends."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class Plan(NamedTuple):
    """What is known of a period before it ends: price, promotions that run (0 to 1 each), other influences."""

    price: float | None = None
    base_price: float | None = None
    promotions: tuple[tuple[str, float], ...] = ()
    influences: tuple[tuple[str, float], ...] = ()
    """What else is known, normalised as features are; names begin with `features.INFLUENCE`."""
    guests: tuple[tuple[str, float], ...] = ()
    """What others forecast of it, in units (`learners/inputs.py`, `GUEST`)."""

    @property
    def discount(self) -> float:
        """The logarithm of price over base price; 0 when either is unknown.

        >>> round(Plan(price=8.0, base_price=10.0).discount, 3)
        -0.223
        """
        if not self.price or not self.base_price or self.price <= 0 or self.base_price <= 0:
            return 0.0
        return math.log(self.price / self.base_price)

    @property
    def promoted(self) -> float:
        """How strongly the period is promoted, 0 to 1; a price cut above 5 % counts."""
        strongest = max((share for _, share in self.promotions), default=0.0)
        return 1.0 if self.discount < -0.05 else strongest

    @classmethod
    def together(cls, plans: Sequence["Plan"]) -> "Plan":
        """Return what is known of several periods taken together: prices and shares are averages.

        >>> Plan.together([Plan(price=8.0), Plan(promotions=(("promo", 1.0),))])
        Plan(price=8.0, base_price=None, promotions=(('promo', 0.5),), influences=(), guests=())
        """
        share = 1 / len(plans)
        prices = [plan.price for plan in plans if plan.price]
        bases = [plan.base_price for plan in plans if plan.base_price]
        promotions: dict[str, float] = {}
        influences: dict[str, float] = {}
        for plan in plans:
            for named, found in ((plan.promotions, promotions), (plan.influences, influences)):
                for name, value in named:
                    found[name] = found.get(name, 0.0) + value * share
        return cls(
            sum(prices) / len(prices) if prices else None,
            sum(bases) / len(bases) if bases else None,
            tuple(promotions.items()),
            tuple(influences.items()),
        )


UNPLANNED = Plan()
