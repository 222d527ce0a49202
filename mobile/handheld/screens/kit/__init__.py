"""Of what are the pages made? Our own few widgets: big, calm, readable at arm's length, usable with a glove.

Every surface has a `ground`, the colour that its text stands on; tests compute
the contrast from it. All names begin with K, since a rule named like a graphics
instruction of Kivy is silently not a rule.
"""

from handheld.screens.kit.buttons import KButton, KChoice, KPress, KTile
from handheld.screens.kit.entry import KField, KPad, KStepper
from handheld.screens.kit.pictures import KCandidate, KFinder, KMark, KPhoto, KShelf, KThumb
from handheld.screens.kit.rows import KLine, KList
from handheld.screens.kit.surfaces import (
    KActions,
    KBanner,
    KBar,
    KCard,
    KChip,
    KChips,
    KGoods,
    KLayer,
    KMeter,
    KScan,
    KStrip,
)
from handheld.screens.kit.text import KName, KText, Layered

__all__ = [
    "KActions",
    "KBanner",
    "KBar",
    "KButton",
    "KCandidate",
    "KCard",
    "KChip",
    "KChips",
    "KChoice",
    "KField",
    "KFinder",
    "KGoods",
    "KLayer",
    "KLine",
    "KList",
    "KMark",
    "KMeter",
    "KName",
    "KPad",
    "KPhoto",
    "KPress",
    "KScan",
    "KShelf",
    "KStepper",
    "KStrip",
    "KText",
    "KThumb",
    "KTile",
    "Layered",
]
