"""The same answers by every runtime, each in an environment of its own: what can't be had here is skipped, with a word.

Tolerance: of the same picture the embeddings of two runtimes have a cosine of at
least `ALIKE`, since each rounds the numbers of an int8 model in its own way.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from handheld.vision.absent import Absent
from handheld.vision.model import SHIPPED, read
from tests.bench_vision.environment import ROOT, UV, environment, tflite_runtime
from tests.bench_vision.peer import ran

ALIKE = 0.98
JAVA = Path(__file__).parent / "java"
SPEC = ROOT / "deploy/android/buildozer.spec"
DRIVE = """
import json, sys
from pathlib import Path
import jnius_config
jnius_config.set_classpath(sys.argv[1])
import numpy as np
from handheld.android.litert import Aar
from handheld.vision.model import Calibration, Model
from handheld.vision.runtime import Unfit
path = Path(sys.argv[2])
path.write_text("8 16")
model = Model(path, "1", "", 8, 16, Calibration(15, 0.9, 0.5))
runtime = Aar(model)
said = []
for seed in range(3):
    image = np.random.default_rng(seed).uniform(0, 255, (8, 8, 3)).astype(np.float32)
    embedding, orientation = runtime.run(image)
    assert embedding.dtype == orientation.dtype == np.float32
    wanted = image.ravel().reshape(-1, 16).sum(0)
    said.append(float(np.abs(embedding - wanted).max() / np.abs(wanted).max()))
    assert orientation.tolist() == [image[0, 0, 0], image[-1, -1, -1]], orientation
path.write_text("9 16")
try:
    Aar(model)
except Unfit:
    said.append(0.0)
print(json.dumps(said))
"""
ALONE = """
import importlib, pkgutil, sys
before = set(sys.modules)
package = importlib.import_module("handheld.vision")
for found in pkgutil.walk_packages(package.__path__, "handheld.vision."):
    importlib.import_module(found.name)
print(*({name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))
print(*(name for name in sys.modules if name.startswith("stockbook")))
"""


@pytest.mark.slow
def test_tflite_runtime_says_what_litert_says(tmp_path):
    pytest.importorskip("ai_edge_litert.interpreter")
    model = read(SHIPPED)
    if isinstance(model, Absent):
        pytest.skip("no model is shipped yet")
    python = tflite_runtime()
    if isinstance(python, str):
        pytest.skip(python)
    rng = np.random.default_rng(0)
    coarse = rng.uniform(0, 255, (8, 7, 7, 3))
    each = -(-model.size // 7)
    pictures = coarse.repeat(each, 1).repeat(each, 2)[:, : model.size, : model.size].astype(np.float32)
    np.save(tmp_path / "pictures.npy", pictures)
    command = [python, "-m", "tests.bench_vision.peer", SHIPPED, "tflite-runtime", tmp_path / "pictures.npy",
               tmp_path / "out.npz"]  # fmt: skip
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "out.npz") as said:
        theirs = {name: said[name] for name in said.files}
    ours = ran(SHIPPED, "ai-edge-litert", pictures)
    one, other = (
        each / np.linalg.norm(each, axis=1, keepdims=True) for each in (ours["embedding"], theirs["embedding"])
    )
    assert (one * other).sum(axis=1).min() > ALIKE
    sure = [1 / (1 + np.exp(each["orientation"][:, 0] - each["orientation"][:, 1])) for each in (ours, theirs)]
    assert np.abs(sure[0] - sure[1]).max() < 0.2


@pytest.mark.slow
def test_the_interpreter_of_java_is_called_as_it_wants_to_be(tmp_path):
    if shutil.which("javac") is None:
        pytest.skip("no javac (Debian: apt-get install default-jdk-headless)")
    classes, python = tmp_path / "classes", tmp_path / "venv/bin/python"
    files = map(str, JAVA.rglob("*.java"))
    subprocess.run(["javac", "--release", "11", "-d", str(classes), *files], check=True)
    pin = re.search(r"pyjnius==[\d.]+", SPEC.read_text())[0]
    for command in (
        [UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"],
        [UV, "pip", "install", "--quiet", "--python", python, pin, "numpy", "pillow"],
    ):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"pyjnius can't be installed here: {done.stderr[-300:]}")
    home = Path(shutil.which("javac")).resolve().parents[1]
    done = subprocess.run(
        [str(python), "-c", DRIVE, str(classes), str(tmp_path / "sku.tflite")],
        capture_output=True, text=True, check=False, env={**environment(), "JAVA_HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(said) == 4
    assert max(said) < 1e-5


def test_vision_needs_numpy_and_pillow_and_nothing_of_the_server_or_the_screens():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'server'}{os.pathsep}{ROOT / 'mobile'}"},
    )  # fmt: skip
    packages, borrowed = (set(line.split()) for line in done.stdout.splitlines())
    assert packages <= {"handheld", "stockbook", "numpy", "PIL", "biip"}
    domain = (
        "stockbook.domain.capture",
        "stockbook.domain.stock",
        "stockbook.domain.refusal",
        "stockbook.domain.quantity",
    )
    assert {name for name in borrowed if not name.startswith(domain)} <= {"stockbook", "stockbook.domain"}
