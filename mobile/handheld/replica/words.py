"""Finding goods by what people type: Chinese by characters that stand together, other words by how they begin."""

import re
import unicodedata

_HAN_FROM = "\u2e80"
"""From here on characters are words by themselves (Chinese, kana)."""
_WORD = re.compile(r"\w+")


def indexed(*texts: str) -> str:
    """Return texts as they are indexed: a blank between characters that are words by themselves.

    >>> indexed("清风抽纸Ａ4 500ml×24", "SKU-7")
    '清 风 抽 纸 a4 500ml×24 sku-7'
    """
    plain = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    return " ".join("".join(f" {each} " if each >= _HAN_FROM else each for each in plain).split())


def look(brand: str, style: str) -> str:
    """Return what goods that look alike have in common, empty for those of which it is not said.

    >>> look("帮宝适", "一级帮"), look("Arla ", "Medium  Fat") == look("ARLA", "medium fat"), look("Arla", "")
    ('帮 宝 适|一 级 帮', True, '')
    """
    both = indexed(brand), indexed(style)
    return "|".join(both) if all(both) else ""


def asked(text: str) -> str:
    """Return what to ask the index for, empty when nothing was typed that could be found.

    >>> asked("抽纸 Tempo"), asked("茶 康师傅"), asked('"*-')
    ('"抽 纸" tempo*', '"茶" "康 师 傅"', '')
    """
    found: list[str] = []
    for typed in text.split():
        phrase: list[str] = []
        for each in _WORD.findall(indexed(typed)):
            if each >= _HAN_FROM:
                phrase.append(each)
                continue
            found += [*_closed(phrase), f"{each}*"]
        found += _closed(phrase)
    return " ".join(found)


def _closed(phrase: list[str]) -> list[str]:
    said = [f'"{" ".join(phrase)}"'] if phrase else []
    phrase.clear()
    return said
