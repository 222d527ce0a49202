"""A display for what draws, a fresh one for each module of tests."""

import os
import select
import shutil
import subprocess

import pytest


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
