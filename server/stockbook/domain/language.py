"""In which language something is said, and how quantities are written in it."""

import math
import re
from enum import StrEnum


class Language(StrEnum):
    """In which language something is said."""

    EN = "EN"
    ZH = "ZH"


def amount(value: float, unit: str, language: Language) -> str:
    """Return a quantity in its unit, as people write it.

    >>> amount(12.0, "kg", Language.EN), amount(0.5, "", Language.EN)
    ('12 kg', '0.5')
    >>> [amount(pieces, "piece", Language.EN) for pieces in (0, 0.5, 1.001, -1.0, 5)]
    ['0 pieces', '0.5 pieces', '1 piece', '-1 piece', '5 pieces']
    >>> amount(5, "box", Language.EN), amount(5, "box", Language.ZH)
    ('5 boxes', '5 box')
    """
    number = _number(value)
    if language is Language.EN and number.removeprefix("-") != "1":
        unit = plural(unit)
    return f"{number} {unit}".rstrip()


def _number(value: float) -> str:
    """Return a number in three digits, as people write it.

    >>> _number(12345.6), _number(0.04567), _number(12.0)
    ('12,346', '0.0457', '12')
    """
    if value == 0 or not math.isfinite(value):
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def plural(unit: str) -> str:
    """Return a unit as English names several of it: an organisation chooses its name, so only known words change.

    >>> [plural(unit) for unit in ("piece", "Box", "gift box", "6-pack", "loaf", "tray")]
    ['pieces', 'Boxes', 'gift boxes', '6-packs', 'loaves', 'trays']
    >>> [plural(unit) for unit in ("kg", "each", "dozen", "BOX", "pcs", "lbs", "pack of 6", "Stück", "箱", "")]
    ['kg', 'each', 'dozen', 'BOX', 'pcs', 'lbs', 'pack of 6', 'Stück', '箱', '']
    """
    last = _LAST.search(unit)
    word = last.group() if last else ""
    if word.lower() not in _NOUNS or not word[1:].islower():
        return unit
    if word.endswith("af"):
        return unit.removesuffix("f") + "ves"
    return unit + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


_LAST = re.compile(r"(?<![^ -])[A-Za-z]+$")
_NOUNS = frozenset((
    "bag", "bale", "bar", "barrel", "basket", "block", "bottle", "bowl", "box", "bucket", "bunch", "bundle",
    "can", "carton", "case", "container", "crate", "cup", "dish", "drum", "gallon", "glass", "gram", "head",
    "item", "jar", "jug", "keg", "kilo", "kilogram", "kit", "leaf", "liter", "litre", "loaf", "meter", "metre",
    "ounce", "pack", "package", "packet", "pail", "pair", "pallet", "parcel", "part", "piece", "pint", "plate",
    "portion", "pot", "pound", "punnet", "quart", "roll", "sachet", "sack", "serving", "set", "sheet", "slice",
    "stack", "stem", "stick", "strip", "tablet", "tin", "ton", "tonne", "tote", "tray", "tub", "tube", "unit",
    "vial",
))  # fmt: skip
