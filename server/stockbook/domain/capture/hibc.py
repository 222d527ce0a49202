"""HIBC, the health industry's code (ANSI/HIBC 2.6, supplier labelling).

::

    +A123BJC5D6E71G                 primary: labeller A123, product BJC5D6E7, unit of measure 1, check character G
    +$$52001510X3GR                 secondary: flag $$5 (year and day of year), lot 10X3, link G, check
    +A99912345/$$52001510X3/S77C    both in one, with supplements: /S serial, /14D expiry, /16D produced, /Q quantity

The check character is the sum of all others modulo 43; a secondary names, as
its link, the check character of the primary that it belongs to.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from stockbook.domain.capture.reading import Kind, Problem, Reading

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_PRIMARY = re.compile(r"([A-Z][A-Z0-9]{3})([A-Z0-9]{1,18})([0-9])")
_LEADING = re.compile(r"(?:8(?P<tens>\d{2})|9(?P<many>\d{5}))?(?P<rest>.*)")
_DATES = {
    "2": r"(?P<month>\d{2})(?P<day>\d{2})(?P<year>\d{2})",
    "3": r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})",
    "4": r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})\d{2}",
    "5": r"(?P<year>\d{2})(?P<days>\d{3})",
    "6": r"(?P<year>\d{2})(?P<days>\d{3})\d{2}",
    "7": "",
}
_MONTH_AND_YEAR = r"(?P<month>[01]\d)(?P<year>\d{2})"
_DAY_OF_YEAR = r"(?P<year>\d{2})(?P<days>\d{3})"
_LOT = re.compile(r"[A-Z0-9 .\-]{0,18}")
_FULL_DATE = re.compile(r"(?P<century>\d{2})(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})")


def check(text: str) -> str:
    """Return the check character of a code, its + included.

    >>> check("+A123BJC5D6E71"), check("+A99912345/$$52001510X3")
    ('G', '3')
    """
    return CHARACTERS[sum(CHARACTERS.index(each) for each in text) % len(CHARACTERS)]


def read(code: str, symbology: str = "") -> Reading:
    """Read a HIBC.

    >>> said = read("+A99912345/$$52001510X33")
    >>> said.reference, said.lot, said.expiry.isoformat(), said.problem
    ('A99912345', '10X3', '2020-01-15', None)
    >>> read("+A99912345/$$52001510X34").problem.name
    'BAD_CHECK_DIGIT'
    """
    text = code[:-1] + " " if code.endswith("_") else code  # what is printed below a check character of space
    blank = Reading(code, symbology, Kind.DETAILS, scheme="HIBC")
    if len(text) < 4 or text[0] != "+" or set(text) - set(CHARACTERS):
        return replace(blank, kind=Kind.TEXT, problem=Problem.UNREADABLE)
    if check(text[:-1]) != text[-1]:
        return replace(blank, problem=Problem.BAD_CHECK_DIGIT)
    alone = not text[1].isalpha()
    primary, *parts = ["", *text[1:-2].split("/")] if alone else text[1:-1].split("/")
    said = replace(blank, link=text[-2] if alone else "" if parts else text[-1])
    if not alone:
        named = _PRIMARY.fullmatch(primary)
        if not named:
            return replace(blank, problem=Problem.UNREADABLE)
        said = replace(said, kind=Kind.ITEM, reference=primary)
    try:
        for number, part in enumerate(parts):
            said = _supplement(said, part) or (_secondary(said, part) if number == 0 else _refuse())
    except _BadDateError:
        return replace(blank, kind=said.kind, reference=said.reference, problem=Problem.BAD_DATE)
    except ValueError:
        return replace(blank, kind=said.kind, reference=said.reference, problem=Problem.UNREADABLE)
    return said


def joined(primary: Reading, secondary: Reading) -> Reading | None:
    """Return what the two codes of one label say together, or None when they are of two labels.

    >>> primary, secondary = read("+A123BJC5D6E71G"), read("+$$52001510X3G" + check("+$$52001510X3G"))
    >>> joined(primary, secondary).lot, joined(read("+A99912345" + check("+A99912345")), secondary)
    ('10X3', None)
    """
    fits = primary.scheme == secondary.scheme == "HIBC" and primary.link and primary.link == secondary.link
    if not fits or not primary.reference or secondary.reference or primary.problem or secondary.problem:
        return None
    return replace(
        secondary, code=primary.code + secondary.code, kind=primary.kind, reference=primary.reference, link=""
    )


class _BadDateError(ValueError):
    """There is no such day."""


def _refuse() -> Reading:
    raise ValueError


def _secondary(said: Reading, part: str) -> Reading:
    """Read quantity, expiry and lot or serial."""
    if part.startswith("$$"):
        rest, serial = (part[3:], True) if part[2:3] == "+" else (part[2:], False)
        leading = _LEADING.fullmatch(rest)
        assert leading
        counted, rest = leading["tens"] or leading["many"], leading["rest"]
        if counted:
            said = replace(said, quantity=Decimal(counted))
        form = _DATES.get(rest[:1])
        found = re.match(_MONTH_AND_YEAR if form is None else rest[0] + form, rest)
        if found:
            said, rest = replace(said, expiry=_day(found)), rest[found.end() :]
        elif rest:
            raise ValueError(part)
    elif part.startswith("$"):
        rest, serial = (part[2:], True) if part[1:2] == "+" else (part[1:], False)
    else:
        found, serial = re.match(_DAY_OF_YEAR, part), False
        if not found:
            raise ValueError(part)
        said, rest = replace(said, expiry=_day(found)), part[found.end() :]
    if not _LOT.fullmatch(rest):
        raise ValueError(part)
    return replace(said, serial=rest) if serial else replace(said, lot=rest)


def _supplement(said: Reading, part: str) -> Reading | None:
    """Read one of the parts that name themselves; None when it is none."""
    for name, field in (("14D", "expiry"), ("16D", "produced")):
        found = _FULL_DATE.fullmatch(part.removeprefix(name)) if part.startswith(name) else None
        if found:
            return replace(said, expiry=_day(found)) if field == "expiry" else replace(said, produced=_day(found))
    if re.fullmatch(r"S[A-Z0-9 .\-]{1,18}", part):
        return replace(said, serial=part[1:])
    if re.fullmatch(r"Q\d{1,5}", part):
        return replace(said, quantity=Decimal(part[1:]))
    return None


def _day(found: re.Match[str]) -> date | None:
    """Return the day that a date says; a month alone is its last day, and no date is None."""
    said = found.groupdict()
    if not said:
        return None
    year = int(said.get("century") or "20") * 100 + int(said["year"])
    try:
        if "days" in said:
            if not 1 <= int(said["days"]) <= 366:
                raise _BadDateError
            day = date(year, 1, 1) + timedelta(int(said["days"]) - 1)
            if day.year != year:
                raise _BadDateError
            return day
        month, number = int(said["month"]), int(said.get("day") or 0)
        if number:
            return date(year, month, number)
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    except ValueError:
        raise _BadDateError from None
