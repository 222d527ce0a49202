"""An environment of its own for tflite-runtime, whose last version needs an older numpy than the rest of us."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
EXTRA = "tflite-runtime"
TRIED = (3, 11)
"""Its last wheels are for this Python."""


def tflite_runtime(folder: Path = ROOT / "build/tflite-runtime") -> Path | str:
    """Return the interpreter of an environment with the extra of that name, or why there is none."""
    python = folder / "bin/python"
    stamp = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if python.exists() and (folder / "stamp").exists() and (folder / "stamp").read_text() == stamp:
        return python
    if sys.version_info[:2] != TRIED:
        return f"tflite-runtime has no wheel for Python {sys.version_info[0]}.{sys.version_info[1]}"
    for command in (
        [UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder],
        [UV, "pip", "install", "--quiet", "--python", python, "-r", ROOT / "pyproject.toml", "--extra", EXTRA],
    ):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        if done.returncode:
            return f"tflite-runtime can't be installed here: {done.stderr.strip()[-300:]}"
    (folder / "stamp").write_text(stamp)
    return python


def environment() -> dict[str, str]:
    """Return the environment in which our own packages are found, and nobody else's."""
    path = os.pathsep.join(str(ROOT / each) for each in ("server", "mobile", "."))
    return {**os.environ, "PYTHONPATH": path}
