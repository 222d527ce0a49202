"""The screens, in a real window: `window/` is run in processes of its own, and its tests are counted.

Where Kivy finds no way to draw, tests of its kind are silently not collected;
so a run of fewer tests than there are is a failure.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SCREENS = ROOT / "mobile" / "handheld" / "screens"
DOCTESTS = 9
RUNS = {
    "a handheld's window": (
        "480x800",
        "sdl2",
        ("test_pages.py", "test_scans.py", "test_scale.py", "test_wiped.py"),
        160 + DOCTESTS,
    ),
    "a smaller one": ("360x640", "sdl2", ("test_pages.py",), 119),
    "what the camera sees": ("480x800", "sdl2", ("test_glimpses.py", "test_expiry.py"), 30),
    "without drawing": ("480x800", "mock", ("test_life.py",), 4),
}
"""Size, what draws, which tests, and how many they are. Without drawing, what is measured is Python's part."""
SECONDS_MAX = 1500


@pytest.mark.timeout(SECONDS_MAX + 30)
@pytest.mark.parametrize("run", RUNS)
def test_every_test_of_the_window_runs_and_passes(display, run, tmp_path):
    size, backend, files, count = RUNS[run]
    environment = {
        **os.environ,
        "DISPLAY": display,
        "HANDHELD_WINDOW": "1",
        "HANDHELD_SIZE": size,
        "KIVY_GL_BACKEND": backend,
        "KIVY_HOME": str(tmp_path / "kivy"),
    }
    what = [str(HERE / "window" / name) for name in files] + [str(SCREENS)] * ("test_scans.py" in files)
    options = ["-q", "-o", "addopts=--doctest-modules --strict-markers", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--basetemp={tmp_path / 'window'}", *what],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None, ran.stdout
    assert int(passed[1]) == count, "a test of the window was added or lost: RUNS says how many there are"
    assert "skipped" not in ran.stdout or shutil.which("xdotool") is None
