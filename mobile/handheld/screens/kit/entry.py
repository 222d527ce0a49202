"""Numbers and words from a finger: never from the scanner."""

import time
from collections import deque
from pathlib import Path
from typing import Any

from kivy.factory import Factory
from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.textinput import TextInput

from handheld.screens.kit.text import Layered

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

BURST_SECONDS = 0.15
CHANGES_KEPT = 200
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "backspace")


class KPad(Layered, GridLayout):
    """Twelve keys: whoever holds it hears `on_key` with a digit, a point or "backspace"."""

    __events__ = ("on_key",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for key in KEYS:
            face = {"icon": "erase"} if key == "backspace" else {"word": key}
            button = Factory.KKey(**face)
            button.bind(on_release=lambda _button, key=key: self.dispatch("on_key", key))
            self.add_widget(button)

    def on_key(self, name: str) -> None:
        """Be told of a key."""


class KStepper(BoxLayout):
    """One more, one less."""

    __events__ = ("on_step",)
    title = StringProperty("")
    text = StringProperty("")

    def on_step(self, by: int) -> None:
        """Be told that it was touched."""


class KField(TextInput):
    """Words from a finger. A code that a scanner typed into it is taken out again."""

    ground = ColorProperty((1, 1, 1, 1))
    active: "KField | None" = None
    """The one that a person types into."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._was: str = ""
        self._changes: deque[tuple[float, str]] = deque(maxlen=CHANGES_KEPT)

    def on_focus(self, _field: Any, focused: bool) -> None:
        """Be the one, or not any more."""
        KField.active = self if focused else None if KField.active is self else KField.active

    def on_text(self, _field: Any, text: str) -> None:
        """Remember what it was before."""
        self._changes.append((time.monotonic(), self._was))
        self._was = text

    def restore(self) -> None:
        """Be as before the last burst of characters, which came from a scanner."""
        before, end = str(self._was), time.monotonic()
        while self._changes and end - self._changes[-1][0] <= BURST_SECONDS:
            end, before = self._changes.pop()
        self.text = before
