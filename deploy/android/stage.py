"""Gather what goes into the APK: the handheld, and of the server exactly the modules that it imports.

    python deploy/android/stage.py [FOLDER]

Buildozer then builds in that folder (build/android when none is named).
"""

import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SERVER, MOBILE = ROOT / "server", ROOT / "mobile"
BORROWED = ("stockbook.domain.capture", "stockbook.domain.stock.states", "stockbook.domain.refusal",
            "stockbook.domain.quantity")  # fmt: skip
"""What a device may have of the server, with the packages that these lie in."""
BESIDE = ("buildozer.spec", "queries.xml", "icon.png", "java")


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def borrowed() -> dict[str, Path]:
    """Return the server's modules that the handheld needs, each with its file; their packages are among them."""
    found: dict[str, Path] = {}
    waiting = [name for path in MOBILE.rglob("*.py") for name in imports(path)]
    while waiting:
        name = waiting.pop()
        if not name.startswith("stockbook") or name in found:
            continue
        path = SERVER.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if path.exists():
            found[name] = path
            waiting += [*imports(path), name.rpartition(".")[0]]
    return found


def misplaced(names: Iterator[str] | list[str]) -> list[str]:
    """Return the modules that no device may have.

    >>> misplaced(["stockbook.domain", "stockbook.domain.stock", "stockbook.domain.stock.states", "stockbook.store"])
    ['stockbook.store']
    """
    return [
        name
        for name in names
        if not any(f"{each}.".startswith(f"{name}.") or f"{name}.".startswith(f"{each}.") for each in BORROWED)
    ]


def stage(folder: Path) -> list[Path]:
    """Make the folder anew; return the Python files in it."""
    if wrong := misplaced(list(borrowed())):
        sys.exit(f"The handheld imports of the server what no device has: {', '.join(sorted(wrong))}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    skipped = shutil.ignore_patterns("__pycache__", "*.pyc", "build.py", "package*.json", "node_modules")
    shutil.copytree(MOBILE / "handheld", folder / "handheld", ignore=skipped)
    shutil.copy(MOBILE / "main.py", folder / "main.py")
    for path in borrowed().values():
        target = folder / path.relative_to(SERVER)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for name in BESIDE:
        source = HERE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return sorted(folder.rglob("*.py"))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "android"
    print(f"{len(stage(target))} Python files in {target}")
