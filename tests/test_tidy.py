"""The repository tests its own tidiness."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
PYTHON = [path for path in TRACKED if path.suffix == ".py"]
ROOTS = (ROOT / "server", ROOT / "mobile")
SOURCE = [path for path in PYTHON if {*ROOTS} & {*path.parents}]
MIGRATIONS = ROOT / "server/stockbook/store/migrations"
STUBS = ROOT / "deploy/android/stubs"
"""Named as the libraries are that they stand for."""
MADE = (ROOT / "Makefile").read_text()
SCRIPTS = {path for path in SOURCE if path.relative_to(ROOT).as_posix() in MADE}
"""Run by make, imported by nobody."""
ROOMS = sorted(
    {path.parent for path in SOURCE if MIGRATIONS not in path.parents and path not in SCRIPTS} - {ROOT / "mobile"}
)

LINES_MAX = 500
FUNCTION_LINES_MAX = 70
NOWHERE = {"utils", "util", "helpers", "helper", "common", "managers", "services", "core", "misc"}
TOP = {"server", "mobile", "schema", "policies", "tests", "deploy"}


def named(path):
    return path.relative_to(ROOT).as_posix()


def module(path):
    root = next(root for root in ROOTS if root in path.parents)
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path):
    """Yield the names of the modules that a file imports, or names to import when they are wanted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and str(node.value).startswith(("stockbook.", "handheld.")):
            yield node.value


@pytest.mark.parametrize("path", PYTHON, ids=named)
def test_a_file_is_short_enough_to_read(path):
    assert len(path.read_text().splitlines()) <= LINES_MAX


@pytest.mark.parametrize("path", PYTHON, ids=named)
def test_a_function_fits_on_a_screen(path):
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long


def test_no_module_that_nobody_imports():
    used = {name for path in PYTHON for name in imported(path) if path not in SOURCE or name != module(path)}
    entrances = {"__init__.py", "__main__.py", "main.py"}
    dead = {
        module(path)
        for path in SOURCE
        if path.name not in entrances and MIGRATIONS not in path.parents and path not in SCRIPTS
    } - used
    assert not dead


def test_no_drawer_for_odds_and_ends():
    ours = [path for path in TRACKED if STUBS not in path.parents]
    assert not [named(path) for path in ours if NOWHERE & {*path.parts[len(ROOT.parts) : -1], path.stem}]


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_a_room_says_what_question_it_answers(room):
    door = room / "__init__.py"
    assert door.exists(), "a room has an __init__.py"
    assert ast.get_docstring(ast.parse(door.read_text())), "its docstring says what question the room answers"


def test_every_refusal_has_a_row_in_the_tables():
    codes = re.findall(
        r"^    ([A-Z_]+) = \(\d+, (?:True|False)\)", (ROOT / "server/stockbook/domain/refusal.py").read_text(), re.M
    )
    assert len(codes) > 20
    tables = " ".join(path.read_text() for path in sorted((ROOT / "tests/tables").glob("*.txt")))
    assert not [code for code in codes if not re.search(rf"\b{code}\b", tables)]


def test_the_map_in_the_readme_shows_every_room():
    readme = (ROOT / "README.md").read_text()
    rooms = {room.name for room in ROOMS if room.parent.name in {"stockbook", "domain", "handheld"}}
    assert not [room for room in sorted(rooms) if not re.search(rf"\b{room}/", readme)]


def test_the_top_level_is_fixed():
    folders = {path.relative_to(ROOT).parts[0] for path in TRACKED if path.parent != ROOT}
    assert not {folder for folder in folders if not folder.startswith(".")} - TOP


def texts():
    for path in TRACKED:
        if path != Path(__file__) and path.name != "requirements.lock":
            try:
                yield named(path), path.read_text()
            except UnicodeDecodeError:
                continue  # a picture


@pytest.mark.parametrize(
    ("what", "pattern", "except_in"),
    [
        ("a path of somebody's machine", r"(?<![\w.])/(work|home|root|Users)/\w", ()),
        (
            "a registry's host",
            r"pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|pypi\.org",
            (),
        ),
        ("a note to oneself", r"\b(TODO|FIXME|XXX|HACK)\b", ()),
        ("a conflict marker", r"^(<<<<<<<|>>>>>>>) ", ()),
        ("a secret", r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}", ()),
    ],
)
def test_no_file_contains(what, pattern, except_in):
    found = re.compile(pattern, re.MULTILINE)
    assert not [name for name, text in texts() if name not in except_in and found.search(text)], what


def test_every_markdown_page_has_one_title():
    for path in TRACKED:
        if path.suffix == ".md":
            prose = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
            assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1, named(path)
