"""Build the playground's files into `dist/`: npm packages as pinned in package-lock.json, bundled by esbuild.

Does nothing when `dist/` is newer than every source. Runs with nothing but Python's own library.
"""

import os
import runpy
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIST = HERE / "dist"
NPM = HERE.parents[3] / "deploy" / "npm.py"
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
        environment = runpy.run_path(str(NPM))["install"](HERE, work)
        esbuild = [str(work / "node_modules" / ".bin" / "esbuild"), "main.jsx", "--outdir=dist", *OPTIONS]
        subprocess.run(esbuild, cwd=work, env=environment, check=True)
        for name in ("index.html", "icon.svg"):
            shutil.copy(HERE / name, work / "dist" / name)
        shutil.rmtree(DIST, ignore_errors=True)
        shutil.copytree(work / "dist", DIST)
        os.utime(DIST / "index.html")


if __name__ == "__main__":
    build()
    print(f"{sum(path.stat().st_size for path in DIST.iterdir()) // 1024} KiB in {DIST}")
