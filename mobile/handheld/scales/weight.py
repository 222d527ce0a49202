"""A weight as every scale says it, whoever made it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

KILOGRAMS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
    "t": Decimal(1000),
}
"""NIST Handbook 44, appendix C: a pound and an ounce are exact."""


class Trouble(StrEnum):
    """Why there is no weight."""

    OVERLOAD = "OVERLOAD"
    UNDERLOAD = "UNDERLOAD"
    GARBLED = "GARBLED"
    """A frame whose check or form is wrong: a loose plug, or another format."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a scale says once.

    Attributes
    ----------
    kilograms
        Exact; None when there is trouble.
    stable
        Whether the pan is at rest: only such a weight may become a quantity.
    net
        Whether a tare is taken off.
    """

    kilograms: Decimal | None
    stable: bool = False
    net: bool = False
    trouble: Trouble | None = None


def kilograms(figure: str, unit: str) -> Decimal | None:
    """Return a printed weight in kilograms, None when it can't be read.

    >>> kilograms("+  12.50", "kg"), kilograms("250", "g"), kilograms("1", "stone"), kilograms("1.2.3", "kg")
    (Decimal('12.50'), Decimal('0.250'), None, None)
    """
    factor = KILOGRAMS.get(unit.lower())
    plain = "".join(figure.split())
    if factor is None or not plain.lstrip("+-").replace(".", "", 1).isdecimal() or not plain.isascii():
        return None
    return Decimal(plain) * factor
