"""What the machine does beside drawing: sounds, vibration, speech, a screen that stays on. One seam, two machines."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from serial.tools.list_ports import comports

from handheld.scales.scale import Line
from handheld.scales.serial import serial_line
from handheld.scan.camera import Camera, Clip
from handheld.scan.scan import Scan
from handheld.voice import espeak
from handheld.voice.speech import Engine
from handheld.voice.tones import tone


class Machine(Protocol):
    """What the screens ask of the machine; nothing of it may wait."""

    @property
    def name(self) -> str:
        """Of the scanner's maker, empty when scans come as keys."""

    @property
    def engines(self) -> Sequence[Engine]:
        """What can speak, the best first."""

    def beep(self, name: str, volume: float) -> None:
        """Sound a tone of `handheld.voice.tones`."""

    def play(self, sound: bytes, volume: float) -> None:
        """Play a WAV file."""

    def vibrate(self, pattern: tuple[int, ...]) -> None:
        """Vibrate: milliseconds on, off, on."""

    def awake(self, on: bool) -> None:
        """Keep the screen on, or let it go out."""

    def scans(self, receive: Callable[[Scan], None]) -> None:
        """Have every scan that comes by intent told; from any thread."""

    @property
    def camera(self) -> Camera | None:
        """What takes pictures, None when nothing does."""

    @property
    def unmetered(self) -> bool:
        """Whether the network in use is not paid by volume."""

    def scales(self) -> dict[str, str]:
        """Return the names of scales that may be there, by their addresses."""

    def line(self, address: str) -> Line:
        """Open the line to a scale; an OSError says that it does not answer."""


class Desktop:
    """A desktop: tones and prompts by Kivy's mixer, speech by espeak-ng; it can't vibrate and doesn't fall asleep.

    Its camera shows a recorded clip, and the files that are dropped on the window.
    """

    name = ""
    engines: Sequence[Engine] = (espeak.speak,)
    unmetered = True

    def __init__(self, clip: Iterable[Path] = ()) -> None:
        self.camera = Clip(clip)
        self._folder = Path(tempfile.mkdtemp(prefix="tones"))
        self._sounds: dict[str, Any] = {}
        self._lock = threading.Lock()

    def beep(self, name: str, volume: float) -> None:
        """Sound a tone; its file is made once."""
        if name not in self._sounds:
            path = self._folder / f"{name}.wav"
            path.write_bytes(tone(name))
            self._sounds[name] = _loaded(path)
        self._start(self._sounds[name], volume)

    def play(self, sound: bytes, volume: float) -> None:
        """Play a WAV file and return when it is heard."""
        with self._lock:
            path = self._folder / "prompt.wav"
            path.write_bytes(sound)
            prompt = _loaded(path)
            self._start(prompt, volume)
            if prompt is not None:
                time.sleep(max(0, prompt.length))

    def _start(self, sound: Any, volume: float) -> None:
        if sound is not None:
            sound.stop()
            sound.volume = volume
            sound.play()

    def vibrate(self, pattern: tuple[int, ...]) -> None:
        """Do nothing: a desktop has no motor."""

    def awake(self, on: bool) -> None:
        """Do nothing: a desktop stays on."""

    def scans(self, receive: Callable[[Scan], None]) -> None:
        """Do nothing: a desktop has no intents, a scanner there is a keyboard."""

    def scales(self) -> dict[str, str]:
        """Return the serial ports."""
        return {port.device: port.name for port in comports()}

    def line(self, address: str) -> Line:
        """Open a serial port."""
        return serial_line(address)


def _loaded(path: Path) -> Any:
    """Return a sound of Kivy's mixer, None when this machine has no audio."""
    from kivy.core.audio import SoundLoader  # noqa: PLC0415  # opens the audio device

    return SoundLoader.load(str(path))


def machine(clip: Iterable[Path] = ()) -> Machine:
    """Return the machine this runs on; a desktop's camera shows a clip."""
    if "ANDROID_ARGUMENT" in os.environ:
        from handheld.android.machine import Android  # noqa: PLC0415  # there is nothing of it elsewhere

        return Android()
    return Desktop(clip)
