"""Text, which is whole or says that it isn't."""

from pathlib import Path
from typing import Any

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


class Layered:
    """Of several that lie on one place: while it is disabled, what lies below it is touched. Kivy would swallow it."""

    def on_touch_down(self, touch: Any) -> bool:
        """Take a touch, or let it through."""
        return not self.disabled and bool(super().on_touch_down(touch))  # type: ignore[attr-defined,misc]


class KText(Label):
    """Words of the application: as wide as it is given, as high as it needs; never shortened."""

    wrap = BooleanProperty(True)
    """Whether it goes on in a next line; else it is as wide as it is."""


class KName(KText):
    """A name from the books: one line, and shortened with three dots when it is longer."""
