"""The headless half of the handheld runs with a few packages and none of the server's, on every Python at hand."""

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = Path(__file__).with_name("python314")
ROOMS = ("scan", "outbox", "replica", "client", "work")
PACKAGES = ("biip", "urllib3", "certifi", "ecdsa", "six")
DOMAIN = ("stockbook", "stockbook.domain", "stockbook.domain.capture", "stockbook.domain.quantity",
          "stockbook.domain.refusal", "stockbook.domain.stock", "stockbook.domain.stock.states")  # fmt: skip

WORK = """
import base64, importlib, pkgutil, sys, tempfile
from pathlib import Path

rooms, packages, domain = (each.split() for each in sys.argv[1:4])
before = set(sys.modules)
for room in rooms:
    package = importlib.import_module(f"handheld.{room}")
    for found in pkgutil.walk_packages(package.__path__, f"handheld.{room}."):
        importlib.import_module(found.name)
loaded = set(sys.modules) - before
known = {"handheld", "stockbook", *packages, *sys.stdlib_module_names}
if sys.platform == "emscripten":
    known |= {"js", "pyodide", "_pyodide", "pyodide_js", "_pyodide_core"}  # its own way to the outside
strangers = {name.partition(".")[0] for name in loaded} - known
assert not strangers, strangers
borrowed = {name for name in loaded if name.startswith("stockbook")}
assert not (wrong := {n for n in borrowed if n not in domain and not n.startswith("stockbook.domain.capture.")}), wrong

from handheld.client.signature import signed
from handheld.client.transport import Transport, Trouble
from handheld.outbox.entry import Identity, Written
from handheld.outbox.journal import Journal
from handheld.replica.replica import Replica
from stockbook.domain.capture.codes import read

folder = Path(tempfile.mkdtemp())
assert read("]C1010692116850925610B2611\\x1d17261211").lot == "B2611"
replica = Replica(folder / "replica.db")
item = {"id": "1", "externalReference": "MILK", "name": "\\u725b\\u5976", "gtin": "6921168509256"}
replica.take({"cursor": "c", "complete": True, "restart": True, "version": "1", "items": [item]})
assert [each.reference for each in replica.search("\\u725b\\u5976")] == ["MILK"]
journal = Journal(folder / "outbox.db", Identity("PDA-7", 1, bytes(32)))
(receipt,) = journal.append(Written({"action": "count", "item": "MILK"}))
assert len(journal.batch().entries) == journal.standing().waiting == receipt.sequence == 1
key, proof = (base64.b64encode(bytes.fromhex(each)).decode() for each in sys.argv[4:6])
assert signed(key, "", proof) and not signed(key, "x", proof)
assert Transport("http://127.0.0.1:9").ask("{me{id}}", {}, "t").trouble is Trouble.OFFLINE
print("ran", len(borrowed), sys.version_info[:2])
"""


SIGNED = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
)
"""A key and its signature of nothing: the first test of RFC 8032."""


def interpreters():
    """Return the Pythons at hand that the handheld is meant for, each as it names itself."""
    wanted = {f"3.{minor}" for minor in (11, 12, 13, 14)}
    found = {f"3.{sys.version_info.minor}": sys.executable}
    homes = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.*/bin/python3"))
    named = [path for minor in (11, 12, 13, 14) if (path := shutil.which(f"python3.{minor}"))]
    for path in [*map(str, homes), *named]:
        ask = "import sys, sqlite3; print(f'3.{sys.version_info.minor}')"
        said = subprocess.run([path, "-c", ask], check=False, capture_output=True, text=True)
        if said.returncode == 0 and said.stdout.strip() in wanted:
            found.setdefault(said.stdout.strip(), path)
    return [pytest.param(path, id=version) for version, path in sorted(found.items())]


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The packages in a folder of their own."""
    folder = tmp_path_factory.mktemp("packages")
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if not spec.submodule_search_locations:
            shutil.copy(spec.origin, folder)
            continue
        shutil.copytree(Path(spec.origin).parent, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        assert not list((folder / name).rglob("*.so")), f"{name} must be plain Python"
    return folder


@pytest.mark.parametrize("python", interpreters())
def test_the_rooms_work_with_a_few_packages_and_none_of_the_server_s(python, packages, tmp_path):
    path = os.pathsep.join(map(str, (ROOT / "server", ROOT / "mobile", packages)))
    ran = subprocess.run(
        [python, "-S", "-B", "-W", "error", "-c", WORK, " ".join(ROOMS), " ".join(PACKAGES), " ".join(DOMAIN), *SIGNED],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("ran ")


@pytest.fixture(scope="module")
def wasm():
    """CPython 3.14 in WebAssembly, installed once: no other 3.14 can be had where only registries are reached."""
    if shutil.which("node") is None:
        pytest.skip("CPython 3.14 in WebAssembly needs Node")
    folder = ROOT / "build/python314"
    folder.mkdir(parents=True, exist_ok=True)
    spec = importlib.util.spec_from_file_location("npm", ROOT / "deploy/npm.py")
    npm = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(npm)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules/pyodide/pyodide.asm.wasm").exists():
            try:
                npm.install(PINNED, folder)
            except (OSError, subprocess.CalledProcessError) as fault:
                pytest.skip(f"CPython 3.14 can't be installed here: {fault}")
    shutil.copy(PINNED / "run.mjs", folder / "run.mjs")
    return folder


def test_the_rooms_work_on_the_python_of_the_android_package(wasm, packages, tmp_path):
    (tmp_path / "work.py").write_text(WORK)
    folders = {"/server": str(ROOT / "server"), "/mobile": str(ROOT / "mobile"), "/packages": str(packages)}
    given = [" ".join(ROOMS), " ".join(PACKAGES), " ".join(DOMAIN), *SIGNED]
    ran = subprocess.run(
        ["node", "run.mjs", str(tmp_path / "work.py"), json.dumps(folders), *given],
        check=False,
        capture_output=True,
        text=True,
        cwd=wasm,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().endswith("(3, 14)")
