"""From the window's key events to scans and keys: `handheld.scan.keys` tells a scanner's typing from a person's.

The window is listened to itself, never a text box: a box loses characters of a
fast scanner. While a person types into one (a name to look up), what a scanner
typed there is taken out again.
"""

import time
from collections.abc import Callable
from typing import Any

from kivy.core.window import Window

from handheld.scan.keys import Keys, Typed
from handheld.scan.scan import Scan
from handheld.screens.kit import KField

NAMES = {13: "enter", 271: "enter", 27: "escape", 8: "backspace"}


class Listener:
    """Tells scans to `scanned` and a person's keys to `pressed`, which says whether a key meant something."""

    def __init__(self, scanned: Callable[[Scan], None], pressed: Callable[[str], bool]) -> None:
        self._scanned, self._pressed = scanned, pressed
        self._keys = Keys()

    def listen(self) -> None:
        """Begin."""
        Window.bind(on_key_down=self._down, on_key_up=self._up, on_textinput=self._text)

    def close(self) -> None:
        """End."""
        Window.unbind(on_key_down=self._down, on_key_up=self._up, on_textinput=self._text)

    def poll(self) -> None:
        """Look whether what was typed is over."""
        self._tell(self._keys.poll(time.monotonic()))

    def _down(self, _window: Any, key: int, _code: int, text: str | None, modifiers: list[str]) -> bool:
        self._tell(self._keys.down(key, text, modifiers, time.monotonic()))
        return key == 27  # Kivy would end the application

    def _up(self, _window: Any, key: int, *_: Any) -> None:
        self._keys.up(key)

    def _text(self, _window: Any, text: str) -> None:
        self._tell(self._keys.text(text, time.monotonic()))

    def _tell(self, said: list[Scan | Typed]) -> None:
        for each in said:
            if isinstance(each, Scan):
                if KField.active is not None:
                    KField.active.restore()
                self._scanned(each)
            elif (name := NAMES.get(each.key) or each.character) and KField.active is None:
                self._pressed(name)
