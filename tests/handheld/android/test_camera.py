"""The camera's Python half, over a Java that is played: what it sees is told as frames, codes and pictures."""

import base64
import importlib
import json
import sys
import types
from pathlib import Path

import pytest

from handheld.scan.camera import Codes
from handheld.scan.scan import Source


class Java:
    """The camera in Java, as far as Python calls it."""

    def __init__(self, _context, folder, heard):
        self.folder, self.heard, self.on = folder, heard, False

    def start(self):
        self.on = True

    def stop(self):
        self.on = False

    def take(self):
        path = Path(self.folder, "1.jpg")
        path.write_bytes(b"a picture")
        self.heard.heard("picture", str(path))


@pytest.fixture
def played(monkeypatch):
    """Modules of Android and pyjnius."""
    classes = {
        "java.io.File": str,
        "app.stockbook.handheld.Camera": Java,
        "org.kivy.android.PythonActivity": types.SimpleNamespace(mActivity=None),
    }
    permissions = types.ModuleType("android.permissions")
    permissions.Permission = types.SimpleNamespace(CAMERA="camera")
    permissions.check_permission = lambda _name: True
    permissions.request_permissions = None
    jnius = types.ModuleType("jnius")
    jnius.PythonJavaClass, jnius.autoclass, jnius.cast = object, classes.get, None
    jnius.java_method = lambda _signature: lambda method: method
    for name, module in {"android": types.ModuleType("android"), "android.permissions": permissions,
                         "jnius": jnius}.items():  # fmt: skip
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("handheld.android.jni", "handheld.android.camera"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module("handheld.android.camera")
    for name in ("handheld.android.jni", "handheld.android.camera"):
        sys.modules.pop(name, None)


def test_a_code_that_is_held_into_the_finder_is_one_scan_whatever_the_frames(played):
    now, scans = [0.0], []
    codes = Codes(lambda: now[0])
    codes.receive = scans.append
    camera = played.AndroidCamera(codes)
    camera.open()
    assert camera._camera.on
    told = json.dumps({"code": "01069211685092561726121110B1", "symbology": "]C1"})
    for _ in range(5):
        camera._told.heard("code", told)
        now[0] += 0.1
    assert [(scan.text, scan.symbology, scan.source) for scan in scans] == [
        ("01069211685092561726121110B1", "]C1", Source.CAMERA)
    ]


def test_frames_are_shown_once_and_pictures_are_told_and_not_left_behind(played):
    camera, taken = played.AndroidCamera(Codes(lambda: 0.0)), []
    camera._told.heard("frame", base64.b64encode(b"a frame").decode())
    assert (camera.frame(), camera.frame()) == (b"a frame", None)
    camera.take(taken.append)
    assert taken == [b"a picture"]
    camera._waiting.append(taken.append)
    camera.close()
    assert taken == [b"a picture", None], "what is still asked for has failed"
