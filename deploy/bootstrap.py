"""Put the pinned uv into a virtual environment that has no pip.

    python3 deploy/bootstrap.py VENV

uv's version and hashes are those of requirements.lock. Where the machine has
pip, pip installs it; where it has not (Debian's python3 alone), the wheel is
fetched from the index that the machine's configuration names and unpacked, or,
as root, Debian's pip is installed first. Standard library only, since it runs
before anything is installed.
"""

import configparser
import hashlib
import html.parser
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements.lock"


def pin(lock: str) -> tuple[str, str, frozenset[str]]:
    """Return uv's requirement with its hashes, its version, and the hashes."""
    found = re.search(r"^uv==(\S+)[^\n]*(?:\n    --hash[^\n]*)+", lock, re.MULTILINE)
    if not found:
        sys.exit("requirements.lock does not pin uv")
    return found.group(0) + "\n", found.group(1), frozenset(re.findall(r"sha256:([0-9a-f]{64})", found.group(0)))


def index() -> str | None:
    """Return the package index that the machine's configuration of uv or pip names, if any."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name].rstrip("/")
    config = configparser.RawConfigParser()
    home = Path.home()
    config.read(
        [
            "/etc/pip.conf",
            home / ".pip/pip.conf",
            home / ".config/pip/pip.conf",
            os.environ.get("PIP_CONFIG_FILE", os.devnull),
        ]
    )
    named = config.get("global", "index-url", fallback=None)
    return named.rstrip("/") if named else None


class Links(html.parser.HTMLParser):
    """The addresses of a simple index page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def fetch(address: str) -> bytes:
    """Return what is at `address`, through the machine's proxy and certificates."""
    trust = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT"))
    request = urllib.request.Request(address, headers={"Accept": "text/html, */*", "User-Agent": "stockbook-setup"})  # noqa: S310
    with urllib.request.urlopen(request, context=trust, timeout=180) as answer:  # noqa: S310
        return bytes(answer.read())


def unpack(venv: Path, index: str, version: str, hashes: frozenset[str]) -> None:
    """Fetch uv's wheel for this machine, check its hash and unpack its programs into `venv`."""
    page = f"{index}/uv/"
    links = Links()
    links.feed(fetch(page).decode())
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    fits = re.compile(rf"/uv-{re.escape(version)}-py3-none-[^/]*{libc}[^/]*_{platform.machine()}\.[^/]*whl")
    wheels = [urllib.parse.urljoin(page, link) for link in links.found if fits.search(urllib.parse.unquote(link))]
    if not wheels:
        sys.exit(f"The index has no wheel of uv {version} for this machine; install pip and try again")
    content = fetch(wheels[0])
    if hashlib.sha256(content).hexdigest() not in hashes:
        sys.exit("The wheel of uv does not have the hash that requirements.lock names")
    with tempfile.TemporaryFile() as file:
        file.write(content)
        with zipfile.ZipFile(file) as wheel:
            for name in wheel.namelist():
                if ".data/scripts/" in name:
                    program = venv / "bin" / Path(name).name
                    program.write_bytes(wheel.read(name))
                    program.chmod(0o755)


def by_pip(python: str, venv: Path, requirement: str) -> bool:
    """Install uv into `venv` by the pip of `python`; False when it has none or fails."""
    if subprocess.run([python, "-m", "pip", "--version"], check=False, capture_output=True).returncode:
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirement)
        file.flush()
        command = [python, "-m", "pip", "--python", str(venv / "bin/python"), "install", "--quiet"]
        tried = subprocess.run([*command, "--require-hashes", "--no-deps", "-r", file.name], check=False)
    return tried.returncode == 0


def debian_pip() -> bool:
    """Install Debian's pip when this is Debian and we are root."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get -qq update", "apt-get -qq install --yes --no-install-recommends python3-pip"):
        if subprocess.run(command.split(), check=False, env=quiet, stdout=subprocess.DEVNULL).returncode:
            return False
    return True


def main() -> None:
    """Install uv the first way that works."""
    venv = Path(sys.argv[1])
    requirement, version, hashes = pin(LOCK.read_text())
    if by_pip(sys.executable, venv, requirement):
        return
    if found := index():
        unpack(venv, found, version, hashes)
    elif not (debian_pip() and by_pip("/usr/bin/python3", venv, requirement)):
        sys.exit("Stockbook's set-up needs pip (Debian: apt-get install python3-pip)")


if __name__ == "__main__":
    main()
