"""The scale on the gateway's own port: its frames, whoever made it, become a weight of our events."""

import threading
from collections.abc import Callable

from handheld.scales.scale import Line
from handheld.scales.serial import serial_line
from handheld.scales.weighing import Choice, Weighing

FRESH_SECONDS = 2.0
"""A weight that was said longer ago is none: the line may hang."""
AGAIN_SECONDS = 3.0
"""Between two tries to reach a scale that doesn't answer."""


class Scale:
    """Listens until it is closed; a scale that is switched off or unplugged is tried again and again."""

    def __init__(self, port: str, form: str, opened: Callable[[str], Line] = serial_line) -> None:
        self._choice, self._opened = Choice(port, port, form), opened
        self._weighing = Weighing(lambda _kilograms: None)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="scale-line", daemon=True)
        self._thread.start()

    def at_rest(self) -> str:
        """Return the weight on the pan in kilograms; empty when it moves, hangs, is too heavy or not there."""
        weight = self._weighing.latest
        if weight is None or weight.kilograms is None or not weight.stable or weight.kilograms < 0:
            return ""
        fresh = self._weighing.chosen is not None and self._weighing.silent_seconds <= FRESH_SECONDS
        return f"{weight.kilograms:f}" if fresh else ""

    def close(self) -> None:
        """Listen no more."""
        self._closing.set()
        self._thread.join(AGAIN_SECONDS)
        self._weighing.close()

    def _keep(self) -> None:
        while not self._closing.is_set():
            if self._weighing.chosen is None:
                self._weighing.choose(self._choice, self._opened)
            self._closing.wait(AGAIN_SECONDS)
