"""Dates that are printed on goods for people: read out of the lines of text that stand on a pack.

::

    EXP 20.12.2026      BBE DEC 2026      有效期至 2026年12月20日      生产日期 2026.01.05 保质期 12个月

A print is not a code: it has no check digit, and 03/04/26 is a day in March, in
April, or in 2003. So every way to read it is told, the likeliest first, and a
person says which holds.
"""

import re
import unicodedata
from calendar import monthrange
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

YEARS_BACK, YEARS_AHEAD = 10, 15
"""What lies further off is no date of goods."""
SHORT_BACK, SHORT_AHEAD = 3, 10
"""The same of a year of two digits, which may be a day as well."""


class Says(StrEnum):
    """What a printed date says of the goods."""

    EXPIRY = "EXPIRY"
    """Good until then: a month alone is its last day."""
    UNSAID = "UNSAID"
    """No word beside it says which."""
    PRODUCED = "PRODUCED"
    """Made or packed then."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One way to read a printed date; `text` is what stands there."""

    says: Says
    on: date
    text: str


class Found(NamedTuple):
    """A date in a line, with every day that it may be, the likeliest first."""

    start: int
    end: int
    days: tuple[date, ...]


_MONTHS = {
    name: at
    for at, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
_MONTH = f"(?P<word>{'|'.join(_MONTHS)})[A-Z]{{0,6}}\\.?"
_YEAR, _ANY_YEAR = r"(?P<y>20\d\d)", r"(?P<y>20\d\d|\d\d)"
_M, _D = r"(?P<m>0?[1-9]|1[0-2])", r"(?P<d>0?[1-9]|[12]\d|3[01])"
_BETWEEN = r"\s*[-./,]\s*|\s+"
_WHOLE = r"(?<![0-9][-./])"
"""Not the end of a day that doesn't exist: 31.02.2027 isn't February."""
_WAYS = (
    rf"{_YEAR}\s*年\s*{_M}\s*月\s*{_D}\s*日?",
    rf"{_YEAR}(?:{_BETWEEN}){_M}(?:{_BETWEEN}){_D}",
    r"(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])",
    rf"{_D}\s*[-./]?\s*{_MONTH}\s*[-./,]?\s*{_ANY_YEAR}",
    rf"{_MONTH}\s*{_D}\s*[,.]?\s+{_YEAR}",
    rf"(?P<a>\d\d?)(?:{_BETWEEN})(?P<b>\d\d?)(?:{_BETWEEN}){_ANY_YEAR}",
    rf"{_YEAR}\s*年\s*{_M}\s*月",
    rf"{_WHOLE}{_MONTH}\s*[-./]?\s*{_ANY_YEAR}",
    rf"{_WHOLE}{_M}\s*[-./]\s*{_YEAR}",
    rf"{_WHOLE}{_YEAR}\s*[-./]\s*{_M}",
    r"(?P<six>\d{6})",
)
"""Ways to write a date; where two begin at one place the earlier one is meant."""
_DATES = tuple(re.compile(rf"(?<![0-9]){way}(?![0-9])") for way in _WAYS)
_EXPIRY = "|".join(
    (
        *(
            r"EXP(?:IRY)?(?:\.?\s*DATE)?",
            "EXPIRES",
            "EXPIRATION",
            r"BEST\s*BEFORE(?:\s*END)?",
            r"BEST\s*BY",
            r"B\.?B\.?E?",
        ),
        *(r"USE\s*BY", r"SELL\s*BY", "MHD", "DLC", "DDM", "有效期至", "有效期限", "有效期到", "有效期", "有效日期"),
        *("保质期至", "保质期到", "保存期限", "到期日期?", "失效日期", "限用日期", "限期使用日期", "最佳食用"),
        *("赏味期限", "賞味期限", "消费期限", "消費期限"),
    )
)
_PRODUCED = "|".join(
    (
        *(r"M(?:FG|FD)(?:\.?\s*DATE)?", "MAN", "PROD", "PRODUCED", "PRODUCTION", "PKD", "PACKED", "MANUFACTURED"),
        *("生产日期", "制造日期", "製造日期", "包装日期", "出厂日期", "制造年月"),
    )
)
_LASTS = r"(?:保质期|保存期|SHELF\s*LIFE)\s*[:]?\s*(?P<many>\d{1,4})\s*(?P<unit>个月|月|天|日|年|MONTHS?|DAYS?|YEARS?)"
_WORDS = re.compile(f"(?<![A-Z])(?:(?P<expiry>{_EXPIRY})|(?P<produced>{_PRODUCED}))(?![A-Z])")
_LIFE = re.compile(_LASTS)
_LOT = re.compile(
    r"(?:批\s*号|批\s*次|(?<![A-Z])(?:LOT|BATCH)(?:\s*NO)?|(?<![A-Z])B/N)[\s.:#]*"
    rf"(?!{_EXPIRY}|{_PRODUCED})(?P<code>[A-Z]{{0,4}}[-/]?[0-9][A-Z0-9/-]{{0,17}})"
)
"""A code with a digit: readers of print leave spaces out, so that LOTK1120 is lot K1120."""
_SIX = (("y", "m", "d"), ("d", "m", "y"))


def dates(lines: Iterable[str], today: date) -> tuple[Printed, ...]:
    """Return what printed lines may say of dates: expiries first, then what nothing is said of, then productions.

    >>> [(each.says.name, f"{each.on}") for each in dates(["生产日期 2026.01.05", "保质期 12个月"], date(2026, 11, 28))]
    [('EXPIRY', '2027-01-05'), ('PRODUCED', '2026-01-05')]
    >>> [f"{each.on}" for each in dates(["BBE 03/04/2027"], date(2026, 11, 28))]
    ['2027-04-03', '2027-03-04']
    """
    plain = [_plain(line) for line in lines]
    found = list(_said(plain, today))
    if not any(each.says is Says.EXPIRY for each in found):
        found += _lasting(plain, found)
    order = list(Says)
    unique = {(each.says, each.on): each for each in reversed(found)}
    ranked = sorted(unique.values(), key=found.index)
    return tuple(sorted(ranked, key=lambda each: order.index(each.says)))


def lot(lines: Iterable[str]) -> str:
    """Return the lot that printed lines name; empty when they name none.

    >>> lot(["批号: K1120A", "EXP 2026-12-20"]), lot(["LOT NO. 7731/2"]), lot(["A LOT OF MILK"])
    ('K1120A', '7731/2', '')
    """
    for line in lines:
        if found := _LOT.search(_plain(line)):
            return found["code"]
    return ""


def typed(digits: str) -> date | None:
    """Return the day that a person typed as YYYYMMDD.

    >>> typed("20261220"), typed("20261320"), typed("2026122")
    (datetime.date(2026, 12, 20), None, None)
    """
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
        return None
    return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _plain(line: str) -> str:
    """Return a line in capitals and half-width, a letter that stands among digits read as the digit that it looks like.

    >>> _plain("ｅｘｐ：２0.l2.2O26"), _plain("15 OCT 2026")
    ('EXP:20.12.2026', '15 OCT 2026')
    """
    text = unicodedata.normalize("NFKC", line)
    text = re.sub(r"(?<=[0-9])[Il|](?=[0-9])|(?<=[-./ ])[Il|](?=[0-9])|(?<=[0-9])[Il|](?=[-./])", "1", text).upper()
    return re.sub(r"(?<=[0-9])[OQ](?![A-Z]{2})|(?<![A-Z])[OQ](?=[0-9])", "0", text)


# which date is said to be what


def _said(lines: Sequence[str], today: date) -> Iterator[Printed]:
    """Yield the dates; a word goes to the next date, in its line or the one below, several words in their order."""
    waiting: deque[Says] = deque()
    for line in lines:
        found = list(_found(line, today, sure=bool(waiting) or _WORDS.search(line) is not None))
        words = [
            each
            for each in _WORDS.finditer(line)
            if not any(one.start < each.end() and each.start() < one.end for one in found)
        ]
        if words:
            waiting.clear()
        if not found:
            if not words and waiting:
                waiting.clear()
            waiting.extend(_meant(each) for each in words)
            continue
        marks = sorted(
            [(each.start(), each) for each in words] + [(each.start, each) for each in found], key=lambda mark: mark[0]
        )
        for at, (_, mark) in enumerate(marks):
            if isinstance(mark, re.Match):
                waiting.append(_meant(mark))
                continue
            after = marks[at + 1][1] if at + 1 < len(marks) else None
            if waiting:
                says = waiting.popleft()
            elif isinstance(after, re.Match) and at + 2 == len(marks):
                says = _meant(after)
            else:
                says = Says.UNSAID
            for day in mark.days:
                yield Printed(says, day, line[max(0, mark.start - 12) : mark.end].strip())
        waiting.clear()


def _meant(word: re.Match[str]) -> Says:
    return Says.EXPIRY if word["expiry"] else Says.PRODUCED


def _lasting(lines: Sequence[str], found: Sequence[Printed]) -> list[Printed]:
    """Return the expiries that follow from a production and how long the goods last."""
    life = next((each for line in lines if (each := _LIFE.search(line))), None)
    if life is None:
        return []
    made = [each for each in found if each.says is Says.PRODUCED]
    made = made or [each for each in found if each.says is Says.UNSAID]
    many, unit = int(life["many"]), life["unit"][0]
    ends = [(each, _later(each.on, many, unit)) for each in made]
    return [Printed(Says.EXPIRY, end, f"{each.text} + {life[0]}") for each, end in ends if end is not None]


def _later(on: date, many: int, unit: str) -> date | None:
    """Return a day so many days, months or years later; the last of its month where there is no such day.

    >>> _later(date(2026, 1, 31), 1, "月"), _later(date(2024, 2, 29), 1, "Y"), _later(date(2026, 1, 5), 180, "天")
    (datetime.date(2026, 2, 28), datetime.date(2025, 2, 28), datetime.date(2026, 7, 4))
    """
    try:
        if unit in "天日D":
            return date.fromordinal(on.toordinal() + many)
        months = on.year * 12 + on.month - 1 + many * (12 if unit in "年Y" else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(on.day, monthrange(year, month)[1]))
    except (ValueError, OverflowError):
        return None


# what is a date


def _found(line: str, today: date, *, sure: bool) -> Iterator[Found]:
    """Yield the dates of a line from left to right; six digits are one only where a word says so."""
    at = 0
    while at < len(line):
        hits = ((hit.start(), number, hit) for number, way in enumerate(_DATES) if (hit := way.search(line, at)))
        ordered = sorted(hits, key=lambda each: each[:2])
        hit = next((each for _, _, each in ordered if sure or "six" not in each.re.groupindex), None)
        if hit is None:
            return
        days = tuple(dict.fromkeys(_days(hit.groupdict(), today)))
        if days:
            yield Found(hit.start(), hit.end(), days)
        at = hit.end() if days else hit.start() + 1


def _days(said: dict[str, str | None], today: date) -> Iterator[date]:
    """Yield the days that a date may be, within what goods have."""
    for year, month, day, short in _readings(said):
        found = _day(2000 + year if year < 100 else year, month, day)
        back, ahead = (SHORT_BACK, SHORT_AHEAD) if short else (YEARS_BACK, YEARS_AHEAD)
        if found is not None and today.year - back <= found.year <= today.year + ahead:
            yield found


def _readings(said: dict[str, str | None]) -> Iterator[tuple[int, int, int, bool]]:
    """Yield year, month, day (0: the month's last), and whether the year has two digits."""
    if six := said.get("six"):
        for names in _SIX:
            part = dict(zip(names, (int(six[at : at + 2]) for at in (0, 2, 4)), strict=True))
            yield part["y"], part["m"], part["d"], True
        return
    year = said["y"] or ""
    if said.get("a"):
        first, second = int(said["a"] or 0), int(said["b"] or 0)
        yield int(year), second, first, len(year) == 2
        if len(year) == 2:
            yield first, second, int(year), True
        yield int(year), first, second, len(year) == 2
        return
    month = _MONTHS[said["word"] or ""] if said.get("word") else int(said["m"] or 0)
    yield int(year), month, int(said.get("d") or 0), len(year) == 2


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        return None
