"""What goes into the APK; `make android-check` verifies more of it, with buildozer and python-for-android."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from handheld.scan.vendors import profiles

ANDROID = Path(__file__).parents[3] / "deploy" / "android"


@pytest.fixture(scope="module")
def stage():
    spec = importlib.util.spec_from_file_location("stage", ANDROID / "stage.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_device_takes_of_the_server_only_what_a_device_may_have(stage):
    names = set(stage.borrowed())
    assert "stockbook.domain.capture.codes" in names
    assert not stage.misplaced(names)


def test_what_is_gathered_imports_nothing_that_is_not_there(stage, tmp_path):
    files = stage.stage(tmp_path / "apk")
    there = {path.relative_to(tmp_path / "apk").with_suffix("").as_posix().replace("/", ".") for path in files}
    there |= {name.removesuffix(".__init__") for name in there}
    wanted = {name for path in files for name in stage.imports(path) if name.startswith(("stockbook.", "handheld."))}
    missing = {name for name in wanted if name not in there and name.rpartition(".")[0] not in there}
    assert not missing
    assert not list((tmp_path / "apk").rglob("build.py")), "what is built beforehand needs no builder"


def test_the_manifest_asks_for_every_permission_that_a_scanner_needs():
    spec = (ANDROID / "buildozer.spec").read_text()
    for profile in profiles("app.stockbook.handheld"):
        assert profile.permission in spec, profile.maker


def test_the_versions_on_the_device_are_those_that_are_tested():
    lock = (ANDROID.parents[1] / "requirements.lock").read_text()
    required = re.search(r"^requirements = (.*)$", (ANDROID / "buildozer.spec").read_text(), re.MULTILINE)[1].split(",")
    for each in required:
        name, _, version = each.partition("==")
        if version and f"\n{name}==" in lock:
            assert f"\n{name}=={version} " in lock, each


def test_the_model_for_recognition_and_what_runs_it_get_into_the_package():
    spec = (ANDROID / "buildozer.spec").read_text()
    said = dict(re.findall(r"^([\w.]+) = (.*)$", spec, re.MULTILINE))
    assert {"tflite", "json", "md"} <= {*said["source.include_exts"].split(",")}
    assert {"numpy", "pillow"} <= {*said["requirements"].split(",")}
    assert "com.google.ai.edge.litert:litert:1.4.2" in said["android.gradle_dependencies"]


@pytest.mark.skipif(shutil.which("javac") is None, reason="no javac (Debian: apt-get install default-jdk-headless)")
def test_the_java_sources_compile(tmp_path):
    files = [*(ANDROID / "stubs").rglob("*.java"), *(ANDROID / "java").rglob("*.java")]
    done = subprocess.run(
        ["javac", "-Xlint:all,-serial", "-Werror", "--release", "11", "-d", tmp_path, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
