"""Build the packed prompts into `dist/` by espeak-ng: as good as a telephone, without silence, a file a piece.

Does nothing when they are all there and newer than what they are made of.
"""

import shutil
import subprocess
import sys
import wave
from array import array
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from handheld.voice.espeak import VOICES
from handheld.voice.prompts import DIST, file_name, vocabulary
from handheld.voice.tones import wav

RATE = 8_000
SPEED = "165"
QUIET = 300
"""Below this a sample is silence."""
MARGIN = 220


def build() -> int:
    """Build what is missing; return how many pieces there are."""
    wanted = {DIST / language / file_name(piece): (language, piece) for language in VOICES
              for piece in vocabulary(language)}  # fmt: skip
    made = Path(__file__).stat().st_mtime
    missing = [path for path in wanted if not path.exists() or path.stat().st_mtime < made]
    if missing:
        for language in VOICES:
            (DIST / language).mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda path: record(path, *wanted[path]), missing))
    for path in set(DIST.glob("*/*.wav")) - set(wanted):
        path.unlink()
    return len(wanted)


def record(path: Path, language: str, piece: str) -> None:
    """Record one piece."""
    said = piece.lower() if len(piece) > 1 else piece
    raw = path.with_suffix(".raw")
    command = ["espeak-ng", "-v", VOICES[language], "-s", SPEED, "-w", str(raw), said]
    subprocess.run(command, check=True, capture_output=True)
    with wave.open(str(raw)) as reader:
        samples = array("h", reader.readframes(reader.getnframes()))
        step = reader.getframerate() / RATE
    raw.unlink()
    path.write_bytes(wav(trimmed(thinned(samples, step)).tobytes(), RATE))


def thinned(samples: "array[int]", step: float) -> "array[int]":
    """Return fewer samples, each the mean of those around it."""
    width = max(1, round(step))
    return array(
        "h",
        (sum(samples[int(at * step) : int(at * step) + width]) // width for at in range(int(len(samples) / step))),
    )


def trimmed(samples: "array[int]") -> "array[int]":
    """Return the samples without the silence around them.

    >>> len(trimmed(array("h", [0] * 1000 + [5000] * 10 + [0] * 1000)))
    450
    """
    loud = [at for at, sample in enumerate(samples) if abs(sample) > QUIET]
    return samples[max(0, loud[0] - MARGIN) : loud[-1] + MARGIN + 1] if loud else samples[:0]


if __name__ == "__main__":
    if shutil.which("espeak-ng") is None:
        print("Without packed prompts: espeak-ng, which speaks them, is not here (Debian: apt-get install espeak-ng)")
        sys.exit(0)
    count = build()
    size = sum(path.stat().st_size for path in DIST.glob("*/*.wav"))
    print(f"{count} prompts, {size // 1024} KiB in {DIST}")
