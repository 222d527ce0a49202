"""The camera of the device: CameraX in Java; frames come as JPEG in base64, pictures as files, codes as read."""

import base64
import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from android.permissions import Permission, check_permission, request_permissions
from jnius import PythonJavaClass, java_method

from handheld.android.jni import activity, java
from handheld.scan.camera import Codes, Told

FRAME, CODE, PICTURE, FAILED = "frame", "code", "picture", "failed"


class _Told(PythonJavaClass):  # type: ignore[misc]
    __javainterfaces__ = ("app/stockbook/handheld/Heard",)
    __javacontext__ = "app"

    def __init__(self, told: Callable[[str, str], None]) -> None:
        super().__init__()
        self._told = told

    @java_method("(Ljava/lang/String;Ljava/lang/String;)V")  # type: ignore[untyped-decorator]
    def heard(self, source: str, extras: str) -> None:
        """Be told, on a thread of Java's."""
        self._told(source, extras)


class AndroidCamera:
    """Looks through CameraX, once the person has given leave; what codes it sees meanwhile, `codes` is told."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._lock = threading.Lock()
        self._frame: bytes | None = None
        self._waiting: list[Told] = []
        self._open = False
        self._told = _Told(self._heard)  # Java holds it weakly
        folder = java("java.io.File")(tempfile.mkdtemp(prefix="camera"))
        self._camera = java("app.stockbook.handheld.Camera")(activity(), folder, self._told)

    def open(self) -> None:
        """Begin to look; without leave it is asked for, and looking begins when it is given."""
        self._open = True
        if check_permission(Permission.CAMERA):
            self._camera.start()
        else:
            request_permissions([Permission.CAMERA], self._allowed)

    def _allowed(self, _permissions: object, _granted: object) -> None:
        if self._open and check_permission(Permission.CAMERA):
            self._camera.start()

    def close(self) -> None:
        """Look no more; a picture that is still asked for has failed."""
        self._open = False
        self._camera.stop()
        self._heard(FAILED, "closed")

    def frame(self) -> bytes | None:
        """Return what was seen last, once."""
        with self._lock:
            frame, self._frame = self._frame, None
            return frame

    def take(self, told: Told) -> None:
        """Take a picture."""
        with self._lock:
            self._waiting.append(told)
        self._camera.take()

    def _heard(self, what: str, said: str) -> None:
        if what == FRAME:
            with self._lock:
                self._frame = base64.b64decode(said)
            return
        if what == CODE:
            read = json.loads(said)
            self._codes.see(read["code"], read["symbology"])
            return
        taken = _read(Path(said)) if what == PICTURE else None
        with self._lock:
            waiting, self._waiting = self._waiting, []
            if what == FAILED:
                self._frame = None
        for told in waiting:
            told(taken)


def _read(path: Path) -> bytes | None:
    try:
        taken = path.read_bytes()
        path.unlink()
    except OSError:
        return None
    return taken
