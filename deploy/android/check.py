"""What can be verified of the APK without Android's SDK; run by `make android-check` in an environment of its own.

    python deploy/android/check.py FOLDER    (staged by stage.py; buildozer and python-for-android installed)

Each check prints one line; any that fails makes the exit status 1.
"""

import ast
import configparser
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import buildozer
from buildozer import Buildozer
from pythonforandroid.bootstrap import Bootstrap
from pythonforandroid.build import Context
from pythonforandroid.graph import get_recipe_order_and_bootstrap
from pythonforandroid.recipe import Recipe

HERE = Path(__file__).resolve().parent
LOCK = (HERE.parent.parent / "requirements.lock").read_text()
SPEC = HERE / "buildozer.spec"
PYTHON = (3, 14)
LEVEL_MIN = "31"
HONEYWELL = "com.honeywell.decode.permission.DECODE"
MODEL = ("sku.tflite", "sku.json", "NOTICE.md")
LITERT = "com.google.ai.edge.litert:litert:1.4.2"
"""The line of LiteRT that has the interpreter alone; `handheld.android.litert` calls it."""


class Wrong(Exception):
    """A check failed."""


def main() -> int:
    """Run every check."""
    staged = Path(sys.argv[1])
    checks: dict[str, Callable[[Path], str]] = {
        "the specification is one that buildozer knows": keys,
        "Android 12 and newer, 64-bit ARM, with the scanners' permission": levels,
        "every Python file is one that Python 3.14 reads": sources,
        "the recipes fit together and are pinned as they are": recipes,
        "the rest is pure Python or built for Android, of the versions we test with": modules,
        "the manifest's pieces are XML": manifest,
        "the Java sources compile (against stubs of what they call)": java,
        "font, prompts and rules lie in the folder": assets,
        "the model for recognition is whole, and its interpreter is among the libraries": recognition,
    }
    failed = 0
    for words, check in checks.items():
        try:
            print(f"✔ {words}: {check(staged)}", flush=True)
        except Wrong as wrong:
            failed += 1
            print(f"✘ {words}: {wrong}", flush=True)
    return bool(failed)


def spec() -> Buildozer:
    """Return the specification as buildozer reads it."""
    return Buildozer(str(SPEC))


def keys(_: Path) -> str:
    """Check that there is no key that buildozer would pass over."""
    template = (Path(buildozer.__file__).parent / "default.spec").read_text()
    known = set(re.findall(r"^#?\s*([a-z][\w.\-]+)\s*=", template, re.MULTILINE))
    parser = configparser.ConfigParser(allow_no_value=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(SPEC)
    used = {key for section in parser.sections() for key in parser[section]}
    if unknown := used - known:
        raise Wrong(f"unknown: {sorted(unknown)}")
    spec().check_configuration_tokens()
    return f"{len(used)} keys"


def levels(_: Path) -> str:
    """Check levels, architecture and permissions."""
    read = spec().config
    said = {key: read.getdefault("app", f"android.{key}", "") for key in ("minapi", "ndk_api", "archs", "permissions")}
    if said["minapi"] != LEVEL_MIN or said["ndk_api"] != LEVEL_MIN:
        raise Wrong("android.minapi and android.ndk_api must both be 31")
    if said["archs"] != "arm64-v8a" or HONEYWELL not in said["permissions"]:
        raise Wrong(str(said))
    return f"API {LEVEL_MIN}, {said['archs']}"


def sources(staged: Path) -> str:
    """Check the syntax, by a real 3.14 where there is one, else by its grammar as far as this Python knows it."""
    files = sorted(staged.rglob("*.py"))
    if len(files) < 50:
        raise Wrong(f"only {len(files)} files are staged")
    if python := shutil.which("python3.14"):
        done = subprocess.run([python, "-m", "compileall", "-q", staged], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Wrong(done.stdout)
        return f"{len(files)} files compiled by {python}"
    for path in files:
        ast.parse(path.read_text(), feature_version=PYTHON)
    gone = re.compile(
        r"^\s*(?:import|from) (?:imp|asynchat|asyncore|distutils|telnetlib|cgi|pkg_resources)\b", re.MULTILINE
    )
    if old := [path.name for path in files if gone.search(path.read_text())]:
        raise Wrong(f"import what Python 3.14 has no more: {old}")
    return f"{len(files)} files parsed (no Python 3.14 here)"


def context() -> Context:
    """Return a context of python-for-android without SDK."""
    made = Context()
    made.setup_dirs(tempfile.mkdtemp())
    return made


def required() -> list[tuple[str, str]]:
    """Return the requirements as (name, version or empty)."""
    return [tuple(each.strip().partition("==")[::2]) for each in spec().config.getlist("app", "requirements", [])]  # type: ignore[misc]


def ordered(made: Context) -> tuple[list[str], list[str]]:
    """Return the recipes in the order in which they are built, and what pip installs."""
    bootstrap = Bootstrap.get_bootstrap(spec().config.getdefault("app", "p4a.bootstrap", ""), made)
    order, pip, _ = get_recipe_order_and_bootstrap(made, [name for name, _ in required()], bootstrap)
    return order, pip


def recipes(_: Path) -> str:
    """Check that the graph of recipes resolves and that pins are the recipes' own."""
    made = context()
    order, _pip = ordered(made)
    for name, version in required():
        if version and name in order:
            built = str(Recipe.get_recipe(name, made).version).lstrip("v")
            if built != version:
                raise Wrong(f"{name} is pinned to {version}, its recipe builds {built}")
    return " ".join(order)


def modules(_: Path) -> str:
    """Check that what pip installs has no compiled part, and is what our tests run with."""
    made = context()
    order, pip = ordered(made)
    python = str(Recipe.get_recipe("python3", made).version)
    pinned = [f"{name}=={version}" for name, version in required() if name not in order]
    if loose := set(pip) - {each.partition("==")[0] for each in pinned}:
        raise Wrong(f"no version is named for {sorted(loose)}")
    locked = dict(re.findall(r"^([\w.-]+)==(\S+) ", LOCK, re.MULTILINE))
    if other := [each for each in pinned if locked.get(each.partition("==")[0], version(each)) != version(each)]:
        raise Wrong(f"tested with other versions: {other}")
    for each in pinned:
        report = _resolved(each, python)
        foreign = [name for name in report if not re.search(r"none-any\.whl$|-android_\d+_arm64_v8a\.whl$", name)]
        if foreign:
            raise Wrong(f"{each} has parts that no device runs: {foreign}")
    return ", ".join(pinned)


def version(pin: str) -> str:
    """Return the version of a pin."""
    return pin.partition("==")[2]


def _resolved(requirement: str, python: str) -> list[str]:
    """Return the wheels that pip would install on the device."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable, "-m", "pip", "install", requirement, "--dry-run", "--ignore-installed", "--quiet",
            "--only-binary=:all:", "--report", str(report), "--target", folder, "--python-version", python,
            f"--platform=android_{LEVEL_MIN}_arm64_v8a",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Wrong(f"{requirement}: {done.stderr.strip().splitlines()[-1]}")
        return [Path(each["download_info"]["url"]).name for each in json.loads(report.read_text())["install"]]


def manifest(staged: Path) -> str:
    """Check that the piece of the manifest is well-formed where it will stand."""
    text = (staged / "queries.xml").read_text()
    whole = f'<manifest xmlns:android="http://schemas.android.com/apk/res/android">{text}</manifest>'
    try:
        found = ElementTree.fromstring(whole)  # noqa: S314 - our own file
    except ElementTree.ParseError as error:
        raise Wrong(str(error)) from error
    return f"{len(found.findall('.//package'))} scanner services may be seen"


def java(staged: Path) -> str:
    """Compile the Java sources."""
    compiler = shutil.which("javac")
    if compiler is None:
        return "not compiled: there is no javac here (Debian: apt-get install default-jdk-headless)"
    files = [*(HERE / "stubs").rglob("*.java"), *(staged / "java").rglob("*.java")]
    with tempfile.TemporaryDirectory() as out:
        command = [compiler, "-Xlint:all,-serial", "-Werror", "--release", "11", "-d", out, *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Wrong(done.stderr)
    return ", ".join(sorted(path.stem for path in (staged / "java").rglob("*.java")))


def assets(staged: Path) -> str:
    """Check that what is built beforehand is there."""
    fonts = sorted(path.name for path in staged.rglob("*.ttf"))
    sounds = len(list(staged.rglob("*.wav")))
    rules = len(list(staged.rglob("*.kv")))
    if len(fonts) < 2 or not sounds or not rules:
        raise Wrong(f"fonts {fonts}, {sounds} prompts, {rules} files of rules: run `make screens` first")
    return f"{', '.join(fonts)}, {sounds} prompts, {rules} files of rules"


def recognition(staged: Path) -> str:
    """Check that model, notices and what runs the model get into the APK."""
    folder = staged / "handheld/vision/model"
    if lacking := [name for name in MODEL if not (folder / name).is_file()]:
        raise Wrong(f"not staged: {lacking}")
    if left_out := {Path(name).suffix[1:] for name in MODEL} - {
        *spec().config.getlist("app", "source.include_exts", [])
    }:
        raise Wrong(f"buildozer leaves out {left_out}")
    weights, facts = (folder / "sku.tflite").read_bytes(), json.loads((folder / "sku.json").read_text())
    if hashlib.sha256(weights).hexdigest() != facts["sha256"]:
        raise Wrong("sku.json is of another sku.tflite")
    libraries = spec().config.getlist("app", "android.gradle_dependencies", [])
    if LITERT not in libraries:
        raise Wrong(f"{LITERT} is not among {libraries}")
    return f"version {facts['version']}, {len(weights) / 1e6:.1f} MB, {LITERT}"


if __name__ == "__main__":
    sys.exit(main())
