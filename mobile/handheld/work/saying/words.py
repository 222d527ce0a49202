"""Sentences in the storeman's language: chosen when they are drawn or spoken, so a switch needs no restart.

A sentence is a code with its values. The catalogue (`sentences.py`) has for each
code what is shown and, where it differs, what is said, in Chinese and in English.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from handheld.work.saying.sentences import SENTENCES, UNITS
from stockbook.domain.quantity import plain

SPOKEN_MAX, SPOKEN_TAIL = 12, 4
"""Of a code longer than this only the last characters are said: an SSCC, a long serial."""


class Language(StrEnum):
    """What the device speaks."""

    CHINESE = "zh"
    ENGLISH = "en"


class Spelt(NamedTuple):
    """A code that is shown as it is and said one character after the other: a bin, a lot."""

    text: str


class Unit(NamedTuple):
    """A unit of measure, by its name in the catalogue of goods, and of how many."""

    name: str
    quantity: Decimal = Decimal(2)


class Sentence(NamedTuple):
    """Something to tell, in no language yet.

    >>> told = tell("go_to_place", place=Spelt("A-03-2"))
    >>> told.shown(Language.ENGLISH), told.said(Language.ENGLISH)
    ('Go to A-03-2', 'Go to A, 0, 3, 2')
    >>> told.shown(Language.CHINESE), told.said(Language.CHINESE)
    ('前往 A-03-2', '前往 A，0，3，2')
    """

    code: str
    values: tuple[tuple[str, Any], ...] = ()

    def shown(self, language: Language) -> str:
        """Return it as it is drawn."""
        text = SENTENCES[self.code]
        return _fill(text.zh if language is Language.CHINESE else text.en, self.values, language, aloud=False)

    def said(self, language: Language) -> str:
        """Return it as the voice speaks it."""
        text = SENTENCES[self.code]
        spoken = (text.say_zh or text.zh) if language is Language.CHINESE else (text.say_en or text.en)
        return _fill(spoken, self.values, language, aloud=True)


def tell(code: str, /, **values: Any) -> Sentence:
    """Return a sentence; a code that the catalogue hasn't is a bug."""
    if code not in SENTENCES:
        raise KeyError(code)
    return Sentence(code, tuple(values.items()))


def label_name(label: str) -> Sentence | str:
    """Return what a label is called; one that somebody added, by its own name."""
    code = f"label_{label}"
    return tell(code) if code in SENTENCES else label


def unit_name(unit: str, language: Language, quantity: Decimal | None = None) -> str:
    """Return what a unit is called.

    >>> unit_name("box", Language.CHINESE), unit_name("box", Language.ENGLISH, Decimal(1)), unit_name("firkin", "en")
    ('箱', 'box', 'firkin')
    """
    names = UNITS.get(unit)
    if names is None:
        return unit
    if language is Language.CHINESE:
        return names.zh
    return names.one if quantity == 1 else names.many


def _fill(text: str, values: tuple[tuple[str, Any], ...], language: Language, *, aloud: bool) -> str:
    return text.format(**{name: _worded(value, language, aloud) for name, value in values})


def _worded(value: Any, language: Language, aloud: bool) -> str:
    match value:
        case Sentence():
            return value.said(language) if aloud else value.shown(language)
        case Spelt():
            if not aloud:
                return value.text
            characters = [character for character in value.text if character.isalnum()]
            tail = characters[-SPOKEN_TAIL:] if len(characters) > SPOKEN_MAX else characters
            return ("，" if language is Language.CHINESE else ", ").join(tail)
        case Unit():
            return unit_name(value.name, language, value.quantity)
        case Decimal():
            return plain(value)
        case date():
            if not aloud:
                return f"{value:%Y-%m-%d}"
            return f"{value.month}月{value.day}日" if language is Language.CHINESE else f"{value.day} {value:%B}"
        case _:
            return str(value)
