"""What a critical eye would find: cut words, boxes, pale letters, small buttons, crowded ones."""

from pathlib import Path

from fontTools.ttLib import TTFont
from kivy.core.text import Label as Drawn
from kivy.metrics import dp, sp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView

from handheld.screens.fonts.build import DIST
from handheld.screens.kit import KName
from handheld.screens.theme import CONTRAST_LEAST, contrast

TARGET = 64
GAP = 8
TEXT_LEAST = 14
SLACK = 1.5
OVERLAP = 3
LEADING = 0.2

with TTFont(Path(DIST) / "NotoSansSC-Regular.ttf") as _regular, TTFont(Path(DIST) / "NotoSansSC-Bold.ttf") as _bold:
    DRAWABLE = {False: set(_regular.getBestCmap()), True: set(_bold.getBestCmap())}


def seen(widget):
    """Yield every widget below one that a person can see now."""
    if widget.opacity == 0 or widget.width < 1 or widget.height < 1:
        return
    yield widget
    for child in widget.children:
        yield from seen(child)


def bare(label):
    """The text without its markup."""
    text = label.text
    while "[size=" in text:
        at = text.index("[size=")
        text = text[:at] + text[text.index("]", at) + 1 :]
    return text.replace("[/size]", "").replace("[b]", "").replace("[/b]", "")


def labels(root):
    return [each for each in seen(root) if isinstance(each, Label) and each.text.strip()]


def clipped(root):
    """Words that don't fit: wider or higher than their widget, or broken within a word."""
    found = []
    for label in labels(root):
        if label.is_shortened and not isinstance(label, KName):
            found.append((label.text, "shortened"))
        width, height = label.texture_size
        if width > label.width + SLACK or (height > label.height + SLACK and label.height > 1):
            found.append((label.text, (width, height), tuple(label.size)))
        longest = max((_width(label, word) for word in bare(label).split() if word.isascii()), default=0)
        if longest > label.width + SLACK and not isinstance(label, KName):
            found.append((label.text, "a word is broken", longest, label.width))
    return found


def _width(label, word):
    drawn = Drawn(font_size=label.font_size, bold=label.bold, font_name=label.font_name)
    return drawn.get_extents(word)[0]


def boxes(root):
    """Characters that the font can't draw."""
    return [(label.text, each) for label in labels(root) for each in bare(label)
            if each.isprintable() and ord(each) not in DRAWABLE[bool(label.bold)]]  # fmt: skip


def small(root):
    """Text below 14 sp."""
    return [(label.text, label.font_size) for label in labels(root) if label.font_size < sp(TEXT_LEAST) - 0.01]


def ground(widget):
    """What a widget's text stands on."""
    while True:
        shade = getattr(widget, "ground", None)
        if shade is not None and shade[3] > 0:
            return tuple(shade)
        widget = widget.parent


def pale(root):
    """Text whose contrast is below 7:1."""
    found = []
    for label in labels(root):
        upper = label.disabled_color if label.disabled else label.color
        told = contrast(tuple(upper), ground(label))
        if told < CONTRAST_LEAST:
            found.append((label.text, told))
    return found


def targets(root):
    return [each for each in seen(root) if isinstance(each, ButtonBehavior) and not each.disabled]


def little(root):
    """Targets below 64 dp either way."""
    return [(each.__class__.__name__, tuple(each.size)) for each in targets(root)
            if min(each.size) < dp(TARGET) - 0.5]  # fmt: skip


def spot(widget):
    """Where a widget is seen in the window: (left, bottom, right, top), cut by what it scrolls in."""
    left, bottom = widget.to_window(widget.x, widget.y)
    right, top = left + widget.width, bottom + widget.height
    parent = widget.parent
    while parent is not None and parent.parent is not parent:
        if isinstance(parent, ScrollView):
            x, y = parent.to_window(parent.x, parent.y)
            left, bottom = max(left, x), max(bottom, y)
            right, top = min(right, x + parent.width), min(top, y + parent.height)
        parent = parent.parent
    return left, bottom, right, top


def crowded(root):
    """Pairs of targets nearer than 8 dp."""
    spots = [(each, *spot(each)) for each in targets(root)]
    spots = [each for each in spots if each[1] < each[3] and each[2] < each[4]]
    found = []
    for index, (one, left, bottom, right, top) in enumerate(spots):
        for other, left2, bottom2, right2, top2 in spots[index + 1 :]:
            gap = max(left2 - right, left - right2, bottom2 - top, bottom - top2)
            if gap < dp(GAP) - 0.5:
                found.append((one.__class__.__name__, other.__class__.__name__, gap))
    return found


def overlapping(root):
    """Pairs of words that lie on each other."""
    spots = [(label, *_drawn(label)) for label in labels(root)]
    found = []
    for index, (one, left, bottom, right, top) in enumerate(spots):
        for other, left2, bottom2, right2, top2 in spots[index + 1 :]:
            across, along = min(right, right2) - max(left, left2), min(top, top2) - max(bottom, bottom2)
            if across > OVERLAP and along > OVERLAP:
                found.append((one.text, other.text, across, along))
    return found


def _drawn(label):
    """Where the letters of a label are: less than its lines, which leave room above and below."""
    left, bottom, right, top = spot(label)
    middle, half = (bottom + top) / 2, min(label.texture_size[1], top - bottom) / 2 - label.font_size * LEADING
    return left, middle - half, right, middle + half


def outside(root, size):
    """Words that reach beyond the window."""
    found = []
    for label in labels(root):
        left, bottom, right, top = spot(label)
        if left < -1 or bottom < -1 or right > size[0] + 1 or top > size[1] + 1:
            found.append((label.text, spot(label)))
    return found
