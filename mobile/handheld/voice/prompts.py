"""Packed prompts: what is said where no engine speaks the language, joined from recorded pieces.

Many handhelds come without a Chinese voice. The pieces are cut from the
sentences themselves, so every sentence of the work can be said; digits, tens
and letters say the values. Names of goods have no recording: they are shown.
"""

import io
import re
import string
import wave
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from handheld.vision.sentences import SPOKEN as SEEN
from handheld.voice.tones import wav
from handheld.work.saying.refusals import Text
from handheld.work.saying.sentences import SENTENCES, UNITS

DIST = Path(__file__).parent / "dist"
DIGITS = {
    "zh": "零一二三四五六七八九",
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
PLACES_ZH = ("", "十", "百", "千")
TEENS_EN = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS_EN = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SHOWN_ONLY = (
    *("books_", "chip_", "choice_", "compare_", "did_", "label_"),
    *("lift_", "outcome_", "problem_", "reason_", "refused_"),
)
"""How the codes of sentences begin that are for the eye alone: chips, lists, what the server said."""
NUMBER_MAX = 99_999_999
_PIECE = re.compile(r"\{[^}]*\}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PAUSE = ".,;:!?，。；：！？、—–\n"
PAUSE_SECONDS = 0.12


def vocabulary(language: str) -> list[str]:
    """Return every piece that is recorded.

    >>> {"十", "A", "点", "箱"} <= set(vocabulary("zh")), {"twelve", "A", "point", "boxes"} <= set(vocabulary("en"))
    (True, True)
    """
    chinese = language == "zh"
    pieces = [*string.ascii_uppercase, *DIGITS[language]]
    pieces += [*PLACES_ZH[1:], "万", "点", "月", "日"] if chinese else [*TEENS_EN, *TENS_EN, "hundred", "thousand",
                                                                     "million", "point"]  # fmt: skip
    pieces += [name for names in UNITS.values() for name in (names[:1] if chinese else names[1:])]
    for text in _spoken():
        said = (text.say_zh or text.zh) if chinese else (text.say_en or text.en)
        pieces += [_tidy(part) for whole in _PIECE.split(said) for part in re.split(f"[{_PAUSE}]", whole)]
    return sorted({piece for piece in pieces if piece.strip()})


def _spoken() -> Iterator[Text]:
    """Yield every text that is heard: the work's, and what recognition says."""
    yield from (text for code, text in SENTENCES.items() if not code.startswith(SHOWN_ONLY))
    yield from SEEN


def _tidy(text: str) -> str:
    return " ".join(text.split())


def spelt(text: str, language: str) -> Iterator[str]:
    """Yield the pieces that say a text, longest first, and "" for a pause.

    >>> list(spelt("12 箱", "zh")), list(spelt("A-03", "en"))
    (['十', '二', '箱'], ['A', 'zero', 'three'])
    """
    pieces = _pieces(language)
    text = _NUMBER.sub(lambda found: " " + " ".join(number(found.group(), language)) + " ", text)
    at = 0
    while at < len(text):
        if text[at] in _PAUSE:
            yield ""
        piece = _longest(text[at:], pieces)
        if piece is None and language == "en" and text[at].isalpha():
            at += re.match(r"[^\W\d]+", text[at:]).end()  # type: ignore[union-attr]  # no half of a word
            continue
        if piece is not None:
            yield pieces[piece]
        at += len(piece) if piece else 1


@cache
def _pieces(language: str) -> Mapping[str, str]:
    """Return the pieces by their lower-case text, longest first."""
    return {piece.lower(): piece for piece in sorted(vocabulary(language), key=len, reverse=True)}


def _longest(text: str, pieces: Mapping[str, str]) -> str | None:
    low = text.lower()
    for piece in pieces:
        if low.startswith(piece):
            after = low[len(piece) : len(piece) + 1]
            if not (piece[-1].isascii() and piece[-1].isalpha() and after.isascii() and after.isalpha()):
                return piece
    return None


def number(text: str, language: str) -> list[str]:
    """Return the pieces that say a number; digit by digit when it leads with zero or is very large.

    >>> number("105", "zh"), number("20", "zh"), number("15", "zh"), number("2.5", "zh")
    (['一', '百', '零', '五'], ['二', '十'], ['十', '五'], ['二', '点', '五'])
    >>> number("1240", "en"), number("03", "en")
    (['one', 'thousand', 'two', 'hundred', 'forty'], ['zero', 'three'])
    """
    whole, _, part = text.partition(".")
    if (len(whole) > 1 and whole[0] == "0") or int(whole) > NUMBER_MAX:
        pieces = [DIGITS[language][int(digit)] for digit in whole]
    else:
        pieces = (_chinese if language == "zh" else _english)(int(whole)) or [DIGITS[language][0]]
    if part:
        pieces += ["点" if language == "zh" else "point", *(DIGITS[language][int(digit)] for digit in part)]
    return pieces


def _chinese(value: int) -> list[str]:
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        gap = ["零"] if 0 < low < 1000 else []
        return [*_chinese(high), "万", *gap, *_chinese(low)]
    pieces: list[str] = []
    for place, digit in zip(range(3, -1, -1), f"{value:04d}", strict=True):
        if digit != "0":
            if pieces and pieces[-1] != "零" and f"{value:04d}"[2 - place] == "0":
                pieces.append("零")
            pieces += [DIGITS["zh"][int(digit)], *([PLACES_ZH[place]] if place else [])]
    return pieces[1:] if pieces[:2] == ["一", "十"] else pieces


def _english(value: int) -> list[str]:
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            return [*_english(value // size), name, *_english(value % size)]
    if value >= 20:
        return [TENS_EN[value // 10 - 2], *_english(value % 10)]
    return [TEENS_EN[value - 10]] if value >= 10 else [DIGITS["en"][value]] if value else []


def file_name(piece: str) -> str:
    """Return the file of a piece.

    >>> file_name("十"), file_name("Go to")
    ('5341.wav', '476f20746f.wav')
    """
    plain = piece.isascii()
    return (piece.encode().hex() if plain else "".join(f"{ord(each):04x}" for each in piece)) + ".wav"


def joined(text: str, language: str, folder: Path = DIST) -> bytes | None:
    """Return the prompts of a text as one WAV file; None when none of it was recorded."""
    frames, rate, heard = b"", 0, False
    for piece in spelt(text, language):
        if not piece:
            frames += bytes(2 * int(PAUSE_SECONDS * rate))
            continue
        path = folder / language / file_name(piece)
        if not path.exists():
            continue
        with wave.open(io.BytesIO(path.read_bytes())) as reader:
            rate, heard = reader.getframerate(), True
            frames += reader.readframes(reader.getnframes())
    return wav(frames, rate) if heard else None
