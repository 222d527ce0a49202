"""The screens, in a real window: `window/` is run in processes of its own, and its tests are counted.

Where Kivy finds no way to draw, tests of its kind are silently not collected;
so a run of fewer tests than there are is a failure.
"""

import os
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SCREENS = ROOT / "mobile" / "handheld" / "screens"
DOCTESTS = 7
RUNS = {
    "a handheld's window": ("480x800", "sdl2", ("test_pages.py", "test_scans.py"), 86 + DOCTESTS),
    "a smaller one": ("360x640", "sdl2", ("test_pages.py",), 76),
    "without drawing": ("480x800", "mock", ("test_life.py",), 4),
}
"""Size, what draws, which tests, and how many they are. Without drawing, what is measured is Python's part."""
SECONDS_MAX = 900


@pytest.fixture(scope="module")
def display():
    """A display of our own, so that keys are typed into nobody's windows; else that of the environment."""
    if shutil.which("Xvfb") is None and os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
        return
    if shutil.which("Xvfb") is None:
        pytest.skip("no display, and Xvfb is not installed (Debian: apt-get install xvfb)")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        ready, _, _ = select.select([read], [], [], 20)
        said = os.read(read, 16).decode().strip() if ready else ""
        if not said:
            pytest.skip("Xvfb does not start here")
        yield f":{said}"
    finally:
        os.close(read)
        server.terminate()
        server.wait(10)


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
