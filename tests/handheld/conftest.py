"""A display for what draws: that of the environment, else one of our own."""

import os
import select
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def display():
    """The name of a display."""
    if os.environ.get("DISPLAY"):
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
