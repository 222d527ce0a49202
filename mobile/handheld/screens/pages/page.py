"""What every page has."""

from typing import TYPE_CHECKING, Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from handheld.screens.words import word
from handheld.vision import sentences
from handheld.work.saying.words import Language
from stockbook.domain.capture.reading import Kind, Reading

if TYPE_CHECKING:
    from handheld.screens.app import Handheld
    from handheld.screens.desk import Desk

Builder.load_string("""
<Page>:
    orientation: 'vertical'
    ground: app.palette.paper
    padding: dp(10)
    spacing: dp(8)
""")


GS = "\x1d"


def visible(code: str) -> str:
    r"""Return a code as it is shown: the separator, which has no face, gets one.

    >>> visible("\x1d01069\x1d10B1")
    '01069<GS>10B1'
    """
    return code.removeprefix(GS).replace(GS, "<GS>")


class Page(BoxLayout):
    """A page: entered with facts, drawn again when the language changes, given scans and keys."""

    ground = ColorProperty((1, 1, 1, 1))
    title = StringProperty("")
    sub = StringProperty("")
    app: "Handheld" = ObjectProperty(None)
    corner = "back"
    """What the corner of the head leads to."""

    @property
    def desk(self) -> "Desk":
        """What the page works on."""
        return self.app.desk

    def word(self, key: str, **values: Any) -> str:
        """Return a word in the language in use."""
        return word(key, self.app.language, **values)

    def seen_word(self, code: str, **values: Any) -> str:
        """Return what recognition says, as it is drawn."""
        return sentences.shown(code, Language(self.app.language), **values)

    def seen_said(self, code: str, **values: Any) -> str:
        """Return what recognition says, as it is spoken."""
        return sentences.said(code, Language(self.app.language), **values)

    def on_title(self, *_: Any) -> None:
        """Have it shown in the head."""
        if self.parent is not None:
            self.app.head()

    on_sub = on_title

    def enter(self, **facts: Any) -> None:
        """Be shown."""

    def leave(self) -> None:
        """Be shown no more."""

    def render(self) -> None:
        """Draw what may have changed, and all words that a rule doesn't know."""

    def scan(self, reading: Reading) -> None:
        """Take a scan; where a page has no use for it, goods are looked up."""
        if reading.kind is Kind.ITEM:
            self.app.go("search", reading=reading)
        else:
            self.app.sound("no")

    def blinked(self) -> None:
        """Be told that recognition broke, whatever was asked of it."""

    def key(self, name: str) -> bool:
        """Take a key of the device; say whether it meant something."""
        return False
