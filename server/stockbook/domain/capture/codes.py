"""Codes: what any label says, ours, GS1's or HIBC's.

Labels of our own, for QR or Code 128, begin with ``SB:`` and a letter::

    SB:B:A03-05       bin A03-05, by its reference
    SB:V:TRUCK-7      vehicle
    SB:P:E1024        person
    SB:C:CONFIRM      command: what a button would do

A code that is none of these is kept as text, which may still be somebody's
reference.
"""

import re
from dataclasses import replace

from stockbook.domain.capture import gs1, hibc
from stockbook.domain.capture.reading import Kind, Problem, Reading

OWN = {"B": Kind.BIN, "V": Kind.VEHICLE, "P": Kind.PERSON, "C": Kind.COMMAND}
_PREFIX = "SB:"
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_MESSAGES = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
"""The symbologies whose first character is FNC1: what follows are element strings."""
_LIKE_MESSAGE = re.compile(r"\x1d|\(\d{2,4}\)|01\d{14}|02\d{14}|00\d{18}")
_NUMBER = re.compile(r"\d{8}|\d{12,14}")


def read(code: str, symbology: str = "", *, keeps_separators: bool = False) -> Reading:
    """Read a code.

    Parameters
    ----------
    symbology
        Its AIM identifier, where the scanner tells it apart from the code; one
        that stands before the code is taken off.
    keeps_separators
        Whether the scanner is known to send GS1's separator: then a lot that
        looks as if it had swallowed one is believed.

    Examples
    --------
    >>> read("6921168509256").gtin, read("SB:B:A03-05").reference, read("]C1" "0106921168509256" "10B2611").lot
    ('06921168509256', 'A03-05', 'B2611')
    >>> read("6921168509257").problem.name, read("hello").kind
    ('BAD_CHECK_DIGIT', <Kind.TEXT: 'text'>)
    """
    text = code.strip("\r\n\t\0")
    if found := _AIM.match(text):
        symbology, text = found[0], text[3:]
    blank = Reading(text, symbology, reference=text.strip())
    if not text.strip():
        return replace(blank, problem=Problem.EMPTY)
    if text.startswith(_PREFIX):
        return _own(text.strip(), blank)
    if symbology in _MESSAGES:
        return _linked(text, symbology) or gs1.message(text, symbology, keeps_separators=keeps_separators)
    health = text.strip("*")
    if health.startswith("+") and (said := _health(health, symbology)):
        return said
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return _numbered(text, blank)
    if said := _linked(text, symbology):
        return said
    if _LIKE_MESSAGE.match(text):
        said = gs1.message(text, symbology, keeps_separators=keeps_separators)
        if said.kind not in {Kind.TEXT, Kind.DETAILS} or said.problem is None:
            return said
    return blank


def label(kind: Kind, reference: str) -> str:
    """Return the code of a label of our own.

    >>> label(Kind.BIN, "A03-05"), read(label(Kind.COMMAND, "UNDO")).kind
    ('SB:B:A03-05', <Kind.COMMAND: 'command'>)
    """
    letter = next(letter for letter, named in OWN.items() if named is kind)
    return f"{_PREFIX}{letter}:{reference}"


def _own(text: str, blank: Reading) -> Reading:
    letter, colon, reference = text.removeprefix(_PREFIX).partition(":")
    kind = OWN.get(letter)
    if kind is None or not colon or not reference:
        return replace(blank, problem=Problem.UNREADABLE)
    return replace(blank, kind=kind, reference=reference)


def _health(text: str, symbology: str) -> Reading | None:
    """Read a HIBC; a text that only begins with + (a telephone number) is none."""
    said = hibc.read(text, symbology)
    if said.problem is None or re.match(r"\+(?:[A-Z][A-Z0-9]{3}[A-Z0-9]|\$)", text):
        return said
    return None


def _numbered(text: str, blank: Reading) -> Reading:
    """Read digits as long as a trade item number; another symbology may carry a number of somebody's own."""
    gtin = (gs1.short(text) if blank.symbology == "]E0" else None) or gs1.number(text)
    if gtin is not None:
        return replace(blank, kind=Kind.ITEM, scheme="GS1", gtin=gtin, reference="")
    if blank.symbology[:2] in {"", "]E", "]I", "]X"}:
        return replace(blank, kind=Kind.ITEM, scheme="GS1", reference="", problem=Problem.BAD_CHECK_DIGIT)
    return blank


def _linked(text: str, symbology: str) -> Reading | None:
    return gs1.link(text, symbology) if text[:4].lower() == "http" else None
