"""A reading: what a code on a label says, before anybody knows whether it is right here."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


class Kind(Enum):
    """What a code names."""

    ITEM = "item"
    LOGISTIC_UNIT = "logistic unit"
    BIN = "bin"
    VEHICLE = "vehicle"
    PERSON = "person"
    COMMAND = "command"
    DETAILS = "details"
    """Lot, dates, weight of goods that another code on the same label names."""
    TEXT = "text"


class Problem(Enum):
    """Why a code can't be relied on; the first that applies is told."""

    EMPTY = "nothing was read"
    BAD_CHECK_DIGIT = "the check digit is wrong: read it again"
    SEPARATOR_LOST = "the scanner is not set for GS1: it swallows the separator (FNC1)"
    BAD_DATE = "it has a date that doesn't exist"
    UNREADABLE = "it is not written as its kind of code is"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a code says; what it doesn't say is empty.

    Attributes
    ----------
    code
        What was read, without the symbology identifier.
    symbology
        Its AIM identifier (``]C1``), where the scanner told it.
    scheme
        Who issued the number: ``GS1`` or ``HIBC``; empty for others.
    gtin
        In 14 digits, whatever was printed; `gs1.forms` has the other ways to write it.
    expiry
        AI 17, else best before (AI 15); a month alone is its last day.
    produced
        Date of production, AI 11.
    quantity
        How many pieces it says it holds (AI 30 or 37).
    weight
        Net kilograms (AI 310n, or 320n from pounds).
    reference
        What an own label names; of a HIBC, labeller, product and unit of measure; else the text.
    link
        HIBC in two codes: the character that both carry.
    problem
        Why it can't be relied on. What is doubtful is left empty then, never guessed.
    """

    code: str
    symbology: str = ""
    kind: Kind = Kind.TEXT
    scheme: str = ""
    gtin: str = ""
    lot: str = ""
    expiry: date | None = None
    produced: date | None = None
    serial: str = ""
    sscc: str = ""
    quantity: Decimal | None = None
    weight: Decimal | None = None
    reference: str = ""
    link: str = ""
    problem: Problem | None = None

    @property
    def production_identified(self) -> bool:
        """Whether it says more than which product: lot, serial, expiry or date of production (UDI: PI)."""
        return bool(self.lot or self.serial or self.expiry or self.produced)
