"""Which goods are easily taken for each other: by their photographs, by what the catalogue says, by corrections.

The catalogue says so by brand and style, where its registrar has told them, and
else by names.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from handheld.vision.proposal import Alike, Source
from handheld.vision.scoring import Index
from handheld.vision.settling import MISTAKEN_SHARE
from handheld.work.ports import Item

MISTAKEN = 0.05
"""What an item beside the first must have of a picture's confidence, or of that of a picture in the first's middle."""
SHARED_WORDS = 0.75
"""Of the words in two names, so many in common make them one style."""
_SIZE = re.compile(
    r"(?<![a-z])(?:xxs|xs|s|m|l|x{1,4}l|\dxl|small|medium|large|mini|maxi|jumbo|big)(?![a-z])"
    r"|[0-9]+(?:[.,][0-9]+)?\s*(?:[-~/x×*]\s*[0-9]+(?:[.,][0-9]+)?\s*)*"
    r"(?:(?:kg|g|mg|l|ml|cl|cm|mm|m|oz|lb|pcs|pack)(?![a-z])|公斤|千克|克|升|毫升|米|厘米|片|包|袋|瓶|盒|件|支|卷|抽|罐|号|码)?"
    r"|(?:特大|加大|超大|[大中小])(?=[号码包瓶袋盒装份杯罐])[号码包瓶袋盒装份杯罐]?"
)
_WORD = re.compile(r"[\u2e80-\U0010ffff]|[^\W\d_\u2e80-\U0010ffff]+")


class Goods(Item, Protocol):
    """A kind of goods."""

    @property
    def look(self) -> str:
        """What it has in common with its other sizes, brand and style; empty where that isn't said of it."""


class Catalogue(Protocol):
    """What is known of goods: the replica."""

    def item(self, reference: str) -> Goods | None:
        """Return an item by its reference."""

    def search(self, text: str) -> Iterable[Goods]:
        """Return goods whose name has all words of a text."""

    def styled(self, reference: str) -> Iterable[Goods]:
        """Return the other goods of an item's look; none where it isn't said."""


def style(name: str) -> str:
    """Return a name without sizes and figures: what is left is brand and style.

    >>> style("帮宝适 一级帮 纸尿裤 XL 48片"), style("Pampers Premium L 52 pcs"), style("小白菜 500g")
    ('帮宝适 一级帮 纸尿裤', 'pampers premium', '小白菜')
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(_SIZE.sub(" ", plain).split())


def one_style(one: str, other: str) -> bool:
    """Return whether two names are of one brand and style, as far as words tell.

    >>> one_style("Pampers Premium L 52", "Pampers Premium XL 48"), one_style("Arla Milk", "Alpro Milk")
    (True, False)
    """
    words, others = set(_WORD.findall(style(one))), set(_WORD.findall(style(other)))
    both = words | others
    return bool(both) and len(words & others) / len(both) >= SHARED_WORDS


def lookalikes(
    first: str,
    beside: Mapping[str, float],
    index: Index,
    scale: float,
    mistaken: Mapping[str, float],
    catalogue: Catalogue | None = None,
) -> tuple[Alike, ...]:
    """Return what the first candidate must not be mistaken for, the best founded first.

    Parameters
    ----------
    first, beside
        The likeliest item, and the next ones with their confidence.
    mistaken
        What people had to put right: by other item the share of its uses.
    catalogue
        Also finds what isn't enrolled: a size that nobody has photographed yet.
        Goods of which it says different looks are not told alike by their names.
    """
    found: dict[str, set[Source]] = {}
    for other in _near(first, beside, index, scale):
        found.setdefault(other, set()).add(Source.GEOMETRY)
    for other in (other for other, share in mistaken.items() if share >= MISTAKEN_SHARE):
        found.setdefault(other, set()).add(Source.CORRECTIONS)
    for other in _told_alike(first, beside, catalogue) if catalogue else ():
        found.setdefault(other, set()).add(Source.CATALOGUE)
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return tuple(Alike(other, frozenset(sources)) for other, sources in ordered)


def _near(first: str, beside: Mapping[str, float], index: Index, scale: float) -> Iterator[str]:
    """Yield what is close to the first among all pairs and may be this picture, and what any picture may be."""
    if first not in index.items:
        return
    at = index.items.index(first)
    least = 1 - math.log(1 / MISTAKEN - 1) / scale  # where the softmax of the two gives the other its share
    for item, cosine in zip(index.items, index.prototypes @ index.prototypes[at], strict=True):
        close = cosine >= index.close and beside.get(item, 0.0) >= MISTAKEN
        if item != first and (close or cosine >= least):
            yield item


def _told_alike(first: str, beside: Iterable[str], catalogue: Catalogue) -> Iterator[str]:
    item = catalogue.item(first)
    if item is None:
        return
    yield from (other.reference for other in catalogue.styled(first))
    sizes = catalogue.search(style(item.name)) if style(item.name) else ()
    next_ones = (catalogue.item(other) for other in beside)
    for other in (*sizes, *next_ones):
        if other is None or other.reference == first or (item.look and other.look and item.look != other.look):
            continue
        if one_style(item.name, other.name):
            yield other.reference
