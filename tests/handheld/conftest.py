"""A display for what draws, a fresh one for each module of tests; a certificate for what listens."""

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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate that signed itself, with its key."""
    folder = tmp_path_factory.mktemp("certificate")
    made = (folder / "certificate.pem", folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=stockbook",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", made[0], "-keyout", made[1]],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made
