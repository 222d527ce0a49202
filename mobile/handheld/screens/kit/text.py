"""Text, which is whole or says that it isn't."""

from pathlib import Path

from kivy.core.text import LabelBase
from kivy.lang import Builder
from kivy.properties import BooleanProperty
from kivy.uix.label import Label

FONTS = Path(__file__).parent.parent / "fonts" / "dist"


def register() -> None:
    """Give Kivy's default font our faces: there is no other font in the application."""
    regular, bold = (FONTS / f"NotoSansSC-{weight}.ttf" for weight in ("Regular", "Bold"))
    if not regular.exists():
        raise SystemExit(f"{FONTS} has no fonts: make screens builds them")
    LabelBase.register("Roboto", str(regular), fn_bold=str(bold))


register()
Builder.load_file(str(Path(__file__).with_suffix(".kv")))


class KText(Label):
    """Words of the application: as wide as it is given, as high as it needs; never shortened."""

    wrap = BooleanProperty(True)
    """Whether it goes on in a next line; else it is as wide as it is."""


class KName(KText):
    """A name from the books: one line, and shortened with three dots when it is longer."""
