"""GS1: trade item numbers, element strings and Digital Links, read by biip.

A variable-length element ends at a separator (FNC1, read as GS). A scanner
that isn't set for GS1 swallows it, and what follows a lot then reads as part of
the lot. Where that can be seen it is told, and what is in doubt stays empty:
an element of variable length that no separator ended; or one whose value hides
a date element with everything that follows it (`10B261117261211`: lot B2611,
expiry 2026-12-11). A lot that really reads so is believed once the scanner is
known to send separators (`keeps_separators`).
"""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString, GS1ElementStrings
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin
from biip.upc import Upc

from stockbook.domain.capture.reading import Kind, Problem, Reading

GS = "\x1d"
SEPARATORS = ("\u241d", "{GS}", "[GS]", "<GS>", "^]", "~", "|")
"""How scanners write the separator when they are told to show it; none can stand in a GS1 element."""
POUND = Decimal("0.45359237")
_LENGTHS = (8, 12, 13, 14)
_LINK = re.compile(r"https?://.*/(?:01/(?:\d{8}|\d{12,14})|00/\d{18})(?:[/?#]|$)", re.IGNORECASE)
_HIDDEN = re.compile(r"1[15367](?:2|3|4)\d(?:0[1-9]|1[0-2])[0-3]\d")


def number(text: str) -> str | None:
    """Return a trade item number in 14 digits, or None when it is none.

    >>> number("6921168509256"), number("6921168509257"), number("96385074")
    ('06921168509256', None, '00000096385074')
    """
    if len(text) not in _LENGTHS or not text.isascii() or not text.isdigit():
        return None
    try:
        return Gtin.parse(text).as_gtin_14()
    except ParseError:
        return None


def short(text: str) -> str | None:
    """Return the number that a UPC-E says in 14 digits: 8 digits with zeros left out, so the check differs.

    >>> short("01234565"), short("01234566")
    ('00012345000065', None)
    """
    try:
        return Gtin.parse(Upc.parse(text).as_upc_a()).as_gtin_14() if len(text) == 8 else None
    except ParseError:
        return None


def forms(gtin: str) -> tuple[str, ...]:
    """Return every way to write a number of 14 digits, the longest first; catalogues hold any of them.

    >>> forms("06921168509256"), forms("00000096385074")
    (('06921168509256', '6921168509256'), ('00000096385074', '0000096385074', '000096385074', '96385074'))
    """
    return tuple(gtin[-length:] for length in reversed(_LENGTHS) if not gtin[:-length].strip("0"))


def message(code: str, symbology: str = "", *, keeps_separators: bool = False) -> Reading:
    r"""Read element strings: those of GS1-128, DataMatrix and QR, and the human form in brackets.

    >>> said = message("0106921168509256" "10B2611\x1d" "17261211")
    >>> said.gtin, said.lot, said.expiry.isoformat(), said.problem
    ('06921168509256', 'B2611', '2026-12-11', None)
    >>> message("0106921168509256" "10B2611" "17261211").problem.name
    'SEPARATOR_LOST'
    """
    blank = Reading(code, symbology, scheme="GS1")
    if code.startswith("("):
        try:
            return told(GS1Message.parse_hri(code).element_strings, blank)
        except ParseError:
            return replace(blank, problem=Problem.UNREADABLE)
    text = code
    for written in SEPARATORS:
        text = text.replace(written, GS)
    rest = text.strip(GS)
    sent = keeps_separators or GS in rest
    found = GS1ElementStrings()
    lost = False
    while rest:
        try:
            element = GS1ElementString.extract(rest)
        except ParseError:
            problem = Problem.SEPARATOR_LOST if lost else Problem.BAD_DATE if _dated(rest) else Problem.UNREADABLE
            return replace(told(_sure(found) if lost else found, blank), problem=problem)
        found.append(element)
        rest = rest[len(element) :]
        open_ended = element.ai.separator_required and not rest.startswith(GS)
        if open_ended and rest and sent:
            return replace(told(_sure(found), blank), problem=Problem.UNREADABLE)
        lost = lost or (open_ended and not sent and (bool(rest) or _hides(element.value)))
        rest = rest.lstrip(GS)
    if lost:
        return replace(told(_sure(found), blank), problem=Problem.SEPARATOR_LOST)
    return told(found, blank)


def link(code: str, symbology: str = "") -> Reading | None:
    """Read a Digital Link, or return None for any other address.

    >>> said = link("https://id.gs1.org/01/06901234567892/10/LOT7?17=281031")
    >>> said.gtin, said.lot, said.expiry.isoformat()
    ('06901234567892', 'LOT7', '2028-10-31')
    >>> link("https://example.org/menu")
    """
    if not _LINK.search(code):
        return None
    try:
        elements = GS1DigitalLinkURI.parse(code).element_strings
    except (ParseError, ValueError):
        return None
    return told(elements, Reading(code, symbology, scheme="GS1"))


def told(elements: GS1ElementStrings, blank: Reading) -> Reading:
    """Return what elements say; a wrong check digit leaves the number empty and is told."""
    said = blank
    for each in elements:
        said = replace(said, **_names(each), **_details(each))
    best_before = elements.get(ai="15")
    if best_before and not said.expiry:
        said = replace(said, expiry=best_before.date)
    if elements.get(ai="00"):
        return replace(said, kind=Kind.LOGISTIC_UNIT)
    return replace(said, kind=Kind.DETAILS) if elements and said.kind is Kind.TEXT else said


def _names(element: GS1ElementString) -> dict[str, Any]:
    """Return which goods an element names: a trade item, a logistic unit, or the trade items in one."""
    match element.ai.ai:
        case "00":
            return {"problem": Problem.BAD_CHECK_DIGIT} if element.sscc_error else {"sscc": element.value}
        case "01" | "02":
            wrong = {"problem": Problem.BAD_CHECK_DIGIT} if element.gtin_error else {"gtin": element.value}
            return {"kind": Kind.ITEM, **wrong}
    return {}


def _details(element: GS1ElementString) -> dict[str, Any]:
    """Return what an element says of the goods."""
    match element.ai.ai:
        case "10":
            return {"lot": element.value}
        case "21":
            return {"serial": element.value}
        case "17":
            return {"expiry": element.date}
        case "11":
            return {"produced": element.date}
        case "30" | "37":
            return {"quantity": Decimal(element.value)}
        case ai if ai.startswith("310"):
            return {"weight": element.decimal}
        case ai if ai.startswith("320") and element.decimal is not None:
            return {"weight": round(element.decimal * POUND, 6)}
    return {}


def _sure(elements: GS1ElementStrings) -> GS1ElementStrings:
    """Return the elements before the first of variable length: nothing after it is sure."""
    sure = GS1ElementStrings()
    for each in elements:
        if each.ai.separator_required:
            break
        sure.append(each)
    return sure


def _hides(value: str) -> bool:
    """Return whether a date element stands inside a value, and everything after it reads as elements too."""
    return any(_reads(value[at:]) for at in range(1, len(value)) if _HIDDEN.match(value, at))


def _reads(rest: str) -> bool:
    while rest:
        try:
            rest = rest[len(GS1ElementString.extract(rest)) :]
        except ParseError:
            return False
    return True


def _dated(rest: str) -> bool:
    """Return whether what can't be read begins with a date element of the right length."""
    return re.match(r"1[1-7]\d{6}", rest) is not None
