"""What a picture may be of: the picture, and up to three goods with their faces, in words how sure."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kivy.lang import Builder
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from PIL import Image

from handheld.screens.kit import KCandidate, Layered
from handheld.screens.kit.pictures import texture
from handheld.vision.absent import Absent
from handheld.vision.proposal import Proposal
from handheld.work.saying.words import Language

if TYPE_CHECKING:
    from handheld.screens.pages.page import Page

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

FACE = 160
"""Pixels of a face's side."""
SURE = ((0.85, "sure_very"), (0.5, "sure_likely"), (0.2, "sure_perhaps"), (0.0, "sure_hardly"))
"""The least confidence of each word; what is not known is hardly anything of this."""
ROW, ROW_SMALL, SMALL = 84, 68, 640
"""dp: the height of a row, and below which height of a page it is the smaller one."""


class Verdict(NamedTuple):
    """What the banner says of a proposal."""

    tone: str
    icon: str
    headline: str
    line: str = ""
    aloud: str = ""
    """What is spoken, where it isn't the headline."""

    @property
    def spoken(self) -> str:
        """What is heard."""
        return self.aloud or self.headline


def verdict(page: "Page", said: Proposal | Absent) -> Verdict:
    """Return what is said of a proposal."""
    if isinstance(said, Absent):
        text = said.text.zh if page.app.language == Language.CHINESE else said.text.en
        return Verdict("warn", "warn", text)
    if said.word == "unknown":
        return _verdict(page, said.word, "warn", "warn", page.word("see_unknown_do"))
    if said.word == "alike":
        other = name(page, said.alike[0].item)
        return _verdict(page, said.word, "warn", "warn", page.word("see_alike_with", name=other))
    item = name(page, said.filled) if said.filled else ""
    return _verdict(page, said.word, "accent", "info", page.word("see_or_scan"), item=item)


def _verdict(page: "Page", code: str, tone: str, icon: str, line: str, **values: Any) -> Verdict:
    return Verdict(tone, icon, page.seen_word(code, **values), line, page.seen_said(code, **values))


def name(page: "Page", reference: str) -> str:
    """Return what goods are called; by their reference when the device knows no name."""
    item = page.desk.item(reference)
    return item.name if item else reference


def sure(said: Proposal, confidence: float) -> str:
    """Return the word's key for a confidence.

    >>> from dataclasses import replace
    >>> import numpy as np
    >>> known = Proposal((), True, 1.0, "", (), False, "m", np.zeros(1))
    >>> sure(known, 0.97), sure(known, 0.3), sure(replace(known, known=False), 0.97)
    ('sure_very', 'sure_perhaps', 'sure_hardly')
    """
    if not said.known:
        return SURE[-1][1]
    return next(word for least, word in SURE if confidence >= least)


class Proposed(Layered, BoxLayout):
    """Shows a proposal; `on_choice` tells which of its goods were touched."""

    __events__ = ("on_choice",)

    def on_choice(self, item: str) -> None:
        """Be told that goods were touched."""

    def show(
        self, page: "Page", picture: Image.Image | None, said: Proposal | Absent, faces: Mapping[str, Image.Image]
    ) -> None:
        """Show the picture, and the goods that it may be of."""
        self.ids.taken.show(picture)
        rows = self.ids.rows
        candidates = () if isinstance(said, Absent) else said.candidates
        while len(rows.children) > len(candidates):
            rows.remove_widget(rows.children[0])
        while len(rows.children) < len(candidates):
            rows.add_widget(KCandidate(size_hint_y=None, on_release=self._touched))
        for row, each in zip(reversed(rows.children), candidates, strict=True):
            assert not isinstance(said, Absent)
            row.height = dp(ROW if page.height > dp(SMALL) else ROW_SMALL)
            row.label, row.name, row.sub = each.item, name(page, each.item), each.item
            row.sure = page.word(sure(said, each.confidence))
            row.tone = "good" if each.item == said.filled else ""
            row.ids.face.texture = texture(faces.get(each.item))

    def _touched(self, row: Any) -> None:
        self.dispatch("on_choice", row.label)
