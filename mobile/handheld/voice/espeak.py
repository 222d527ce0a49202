"""The desktop's engine: espeak-ng, a program of its own for each sentence."""

import shutil
import subprocess

VOICES = {"zh": "cmn", "en": "en-us"}
SPEED = "175"
SECONDS_MAX = 10


def speak(text: str, language: str) -> bool:
    """Say a text and return when it is said; False when this machine can't."""
    program = shutil.which("espeak-ng")
    if program is None or language not in VOICES:
        return False
    command = [program, "-v", VOICES[language], "-s", SPEED, text]
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS_MAX, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return True
