"""Quantities: exact decimals with a unit, never floats.

A quantity is kept in the item's base unit with the item's digits. In another
unit it is multiplied by the unit's factor and rounded half up; down when it is
promised, so that nobody is promised more than there is.
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation

from stockbook.domain.refusal import Code, Refusal

QUANTITY_MAX = Decimal("999999999999.999999")
DECIMALS_MAX = 6
_STEPS = tuple(Decimal(1).scaleb(-digits) for digits in range(DECIMALS_MAX + 1))
_LENGTH_MAX = 40


def parse(text: str) -> Decimal | Refusal:
    """Return the decimal that a text says: plain digits, no underscores, no NaN, not enormous.

    >>> parse("0.50"), parse("1e3").code.name, parse("NaN").code.name, parse("9" * 30).code.name
    (Decimal('0.50'), 'BAD_QUANTITY', 'BAD_QUANTITY', 'BAD_QUANTITY')
    """
    plain = text.strip()
    if len(plain) > _LENGTH_MAX or not plain.isascii() or not set(plain) <= set("+-.0123456789"):
        return Refusal(Code.BAD_QUANTITY, "a quantity is written in digits, with a point if need be")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return Refusal(Code.BAD_QUANTITY, "a quantity is written in digits, with a point if need be")
    return bad(value) or value


def bad(quantity: Decimal) -> Refusal | None:
    """Return why a decimal is no quantity at all, or None."""
    if not quantity.is_finite():
        return Refusal(Code.BAD_QUANTITY, "a quantity is a finite number")
    if abs(quantity) > QUANTITY_MAX:
        return Refusal(Code.BAD_QUANTITY, f"a quantity is at most {QUANTITY_MAX}")
    return None


def in_base(
    quantity: Decimal, unit: str | None, base_unit: str, units: Mapping[str, Decimal], decimals: int, *, down: bool
) -> Decimal | Refusal:
    """Return a quantity above zero in the base unit.

    Parameters
    ----------
    down
        Whether it is promised: round down rather than half up.

    Examples
    --------
    >>> box = {"box": Decimal(12), "lb": Decimal("0.453592")}
    >>> in_base(Decimal(5), "box", "piece", box, 0, down=False)
    Decimal('60')
    >>> in_base(Decimal(3), "lb", "kg", box, 3, down=False), in_base(Decimal(3), "lb", "kg", box, 3, down=True)
    (Decimal('1.361'), Decimal('1.360'))
    >>> in_base(Decimal("0.5"), None, "piece", box, 0, down=False).message
    'a quantity in piece has at most 0 digits after the point'
    """
    if not quantity.is_finite() or quantity > QUANTITY_MAX:
        return bad(quantity) or Refusal(Code.BAD_QUANTITY, "that is no quantity")
    if quantity <= 0:
        return Refusal(Code.BAD_QUANTITY, "a quantity is above zero")
    if unit is None or unit == base_unit:
        exact = _within(quantity, decimals)
        if exact is None:
            return Refusal(
                Code.BAD_QUANTITY, f"a quantity in {base_unit} has at most {decimals} digits after the point"
            )
        return exact
    factor = units.get(unit)
    if factor is None:
        return Refusal(Code.BAD_UNIT, f"the item has no unit {unit[:40]}")
    if _within(quantity, DECIMALS_MAX) is None:
        return Refusal(Code.BAD_QUANTITY, f"a quantity has at most {DECIMALS_MAX} digits after the point")
    value = quantity * factor
    if value > QUANTITY_MAX:
        return Refusal(Code.BAD_QUANTITY, f"a quantity is at most {QUANTITY_MAX} {base_unit}")
    rounded = value.quantize(_STEPS[decimals], rounding=ROUND_DOWN if down else ROUND_HALF_UP)
    if rounded <= 0:
        return Refusal(Code.BAD_QUANTITY, f"{quantity} {unit} is less than the item's smallest quantity")
    return rounded


def in_unit(quantity: Decimal, factor: Decimal, digits: int = 3) -> Decimal:
    """Return a base quantity in another unit, rounded half up.

    >>> in_unit(Decimal("0.907"), Decimal("0.453592"))
    Decimal('2.000')
    """
    return (quantity / factor).quantize(_STEPS[digits], rounding=ROUND_HALF_UP)


def plain(quantity: Decimal) -> str:
    """Return a quantity as people write it: no exponent, no idle zeros.

    >>> plain(Decimal("12.500000")), plain(Decimal("0E-6")), plain(Decimal("1E+3"))
    ('12.5', '0', '1000')
    """
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _within(quantity: Decimal, decimals: int) -> Decimal | None:
    """Return the quantity when it needs no more digits than allowed; idle zeros are not counted."""
    rounded = quantity.quantize(_STEPS[decimals], rounding=ROUND_DOWN)
    return rounded if rounded == quantity else None
