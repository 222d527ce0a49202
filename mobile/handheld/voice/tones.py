"""The three tones, as WAV files made of sines: they are told apart without looking, and through a glove."""

import io
import math
import struct
import wave
from typing import NamedTuple

RATE = 22_050
LOUDNESS = 0.8
EDGE_SECONDS = 0.006
"""Rise and fall of a note, so that it doesn't click."""


class Note(NamedTuple):
    """A pitch for a while; no pitch is silence."""

    hertz: float
    seconds: float


TONES: dict[str, tuple[Note, ...]] = {
    "ok": (Note(1760, 0.09),),
    "warn": (Note(1175, 0.1), Note(0, 0.07), Note(1175, 0.1)),
    "no": (Note(233, 0.5),),
}
"""By the words of `handheld.work.saying.feedback.Beep`: high and short, twice, low and long."""


def tone(name: str) -> bytes:
    """Return a tone as a WAV file.

    >>> from wave import open
    >>> from io import BytesIO
    >>> [open(BytesIO(tone(name))).getnframes() * 1000 // RATE for name in ("ok", "warn", "no")]
    [89, 269, 500]
    """
    return wav(b"".join(_sound(note) for note in TONES[name]), RATE)


def wav(frames: bytes, rate: int) -> bytes:
    """Return 16-bit mono samples as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(frames)
    return file.getvalue()


def _sound(note: Note) -> bytes:
    count = int(note.seconds * RATE)
    edge = EDGE_SECONDS * RATE
    samples = []
    for at in range(count):
        turn = 2 * math.pi * note.hertz * at / RATE
        # a little of the octave: low notes are lost on a handheld's speaker otherwise
        height = 0.75 * math.sin(turn) + 0.25 * math.sin(2 * turn)
        shape = min(1.0, at / edge, (count - at) / edge)
        samples.append(int(height * shape * LOUDNESS * 32_767))
    return struct.pack(f"<{count}h", *samples)
