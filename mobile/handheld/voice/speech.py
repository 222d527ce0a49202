"""One seam to the voice: `say` returns at once, a worker speaks, and what is stale is not said any more."""

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from handheld.voice.prompts import DIST, joined

WAITING_MAX = 2
"""A third sentence drops the oldest: an instruction for two scans ago misleads."""

Engine = Callable[[str, str], bool]
"""Says (text, language), returns when it is said; False when it can't say this language."""
Player = Callable[[bytes], None]
"""Plays a WAV file and returns when it is heard."""


class Speech:
    """Speaks by the first engine that can; the packed prompts are the last of them.

    >>> said, heard = [], threading.Event()
    >>> speech = Speech([lambda text, language: not said.append((text, language)) and not heard.set()])
    >>> speech.say("十二箱", "zh"); heard.wait(5)
    True
    >>> speech.close(); said
    [('十二箱', 'zh')]
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = engines
        self._waiting: queue.Queue[tuple[str, str] | None] = queue.Queue()
        self._lock = threading.Lock()
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="speech", daemon=True)
        self._thread.start()

    def say(self, text: str, language: str) -> None:
        """Say it soon, or not at all."""
        with self._lock:
            while self._waiting.qsize() >= WAITING_MAX:
                try:
                    self._waiting.get_nowait()
                except queue.Empty:
                    break
                self.dropped += 1
            self._waiting.put((text, language))

    def hush(self) -> None:
        """Forget what waits."""
        with self._lock:
            while not self._waiting.empty():
                self._waiting.get_nowait()

    def close(self) -> None:
        """Say what waits no more, and end."""
        self.hush()
        self._waiting.put(None)
        self._thread.join(1)

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            for speak in self._engines:
                try:
                    if speak(*item):
                        break
                except OSError:  # that engine is broken today; the next one may speak
                    continue


def packed(play: Player, folder: Path = DIST) -> Engine:
    """Return the engine that joins packed prompts and plays them."""

    def speak(text: str, language: str) -> bool:
        sound = joined(text, language, folder)
        if sound is None:
            return False
        play(sound)
        return True

    return speak
