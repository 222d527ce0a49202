"""In what quantities one orders: whole cases, at least so many; never over the ceiling without saying so."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

_ZERO = Decimal(0)


class Order(NamedTuple):
    """How much to order: so much, for what is needed; what lies above the ceiling for the sake of packs is `over`."""

    quantity: Decimal
    needed: Decimal

    @property
    def over(self) -> Decimal:
        """How much more than what is missing to the ceiling."""
        return self.quantity - self.needed


@dataclass(frozen=True, slots=True)
class Packs:
    """Whole multiples of a quantity, and no less than another; both in the item's base unit, 0 where nothing is said.

    A multiple may have more digits than the item's quantities (a pound is
    .453592 kg): so many of it are rounded half up, as they are when received.
    """

    multiple: Decimal = _ZERO
    minimum: Decimal = _ZERO

    def order(self, missing: Decimal, decimals: int) -> Order:
        """Return how much to order where so much is missing: never less than that.

        >>> boxes = Packs(Decimal(12), minimum=Decimal(20))
        >>> boxes.order(Decimal("30.2"), 0), boxes.order(Decimal(3), 0).quantity
        (Order(quantity=Decimal('36'), needed=Decimal('31')), Decimal('24'))
        >>> Packs(Decimal("0.453592")).order(Decimal("1.2"), 3).quantity, Packs().order(Decimal("1.2"), 0).over
        (Decimal('1.361'), Decimal('0'))
        """
        step = Decimal(1).scaleb(-decimals)
        needed = max(missing.quantize(step, rounding=ROUND_CEILING), step)
        least = max(needed, self.minimum)
        if self.multiple <= 0:
            return Order(least.quantize(step, rounding=ROUND_CEILING), needed)
        count = (least / self.multiple).to_integral_value(ROUND_CEILING)
        while (quantity := (count * self.multiple).quantize(step, rounding=ROUND_HALF_UP)) < needed:
            count += 1
        return Order(quantity, needed)


LOOSE = Packs()
"""As it comes."""
