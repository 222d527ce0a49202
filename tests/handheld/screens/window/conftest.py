"""Kivy is set before it opens its window, once a process."""

import os
import tempfile

os.environ.setdefault("KIVY_NO_ARGS", "1")
os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")  # leaves stderr and the root logger alone
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="kivy"))
SIZE = os.environ.get("HANDHELD_SIZE", "480x800")
WIDE = 480

from kivy.config import Config  # noqa: E402

WIDTH, HEIGHT = SIZE.split("x")
for name, value in {"width": WIDTH, "height": HEIGHT, "resizable": "0", "maxfps": "0", "vsync": "0"}.items():
    Config.set("graphics", name, value)


def pytest_collection_modifyitems(items):
    """Leave out half of what is looked at of the pages of recognition, which are many: each word and light is left."""
    from . import glimpses  # noqa: PLC0415  # Kivy is set by now

    kept = {("zh", "night"), ("en", "day")} if int(WIDTH) >= WIDE else {("en", "day")}
    items[:] = [
        each
        for each in items
        if (said := getattr(each, "callspec", None)) is None
        or said.params.get("name") not in glimpses.SCENES
        or said.params["app"] in kept
    ]
