"""What a frame costs in Python: the real application, with nothing that draws behind it.

Drawing is the graphics chip's part, and none is here; what is left is what a
handheld's processor, several times slower than this one, does for each frame.
Kivy opens its window when it is imported and for good: a process of its own.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Figure

SECONDS_MAX = 600
HOW = "no graphics; CPU of the UI thread"


def figures() -> list[Figure]:
    """Measure; without a display only that is told."""
    with _display() as display:
        if display is None:
            return [Figure("frames.measured", 0, None, "", note="no display, and Xvfb is not installed")]
        with tempfile.TemporaryDirectory(prefix="frames") as folder:
            said = _measured(display, Path(folder))
    return [
        Figure("frames.idle", said["idle"], 2, "ms", note=HOW),
        Figure("frames.drag of 5,000 lines p50", said["drag_p50"], 8, "ms", note=HOW),
        Figure("frames.drag of 5,000 lines p95", said["drag_p95"], 16, "ms", note=HOW),
        Figure("frames.a whole new page of 5,000 lines p50", said["leap_p50"], 40, "ms", note=HOW),
        Figure("frames.change of page p50", said["change_p50"], 40, "ms", note=HOW),
        Figure("frames.change of page after 500 changes, times the first", said["ageing"], 2, "times"),
        Figure("frames.widgets left behind by 500 changes", said["left"], 5, "widgets"),
        Figure("scan.to feedback p50", said["scan_p50"], 100, "ms", note="judged, on the disk, shown; 200 scans"),
        Figure("scan.to feedback p99", said["scan_p99"], 100, "ms", note="the same"),
        Figure("scan.to feedback in a task of 5,000 lines p50", said["long_p50"], 100, "ms", note="the same"),
        Figure("frames.memory of the whole application", said["resident"], None, "MB"),
    ]


def _measured(display: str, folder: Path) -> dict[str, float]:
    environment = {**os.environ, "DISPLAY": display, "KIVY_GL_BACKEND": "mock", "KIVY_HOME": str(folder / "kivy")}
    command = [sys.executable, "-m", "tests.bench_handheld.framing", str(folder)]
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX, check=True
    )  # fmt: skip
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


@contextmanager
def _display() -> Iterator[str | None]:
    """Yield a display, one of our own where there is none; None where there can't be one."""
    if os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
        return
    if shutil.which("Xvfb") is None:
        yield None
        return
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "480x800x24", "-nolisten", "tcp"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        ready, _, _ = select.select([read], [], [], 20)
        said = os.read(read, 16).decode().strip() if ready else ""
        yield f":{said}" if said else None
    finally:
        os.close(read)
        server.terminate()
        server.wait(10)
