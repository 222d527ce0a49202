"""Kivy is set before it opens its window, once a process."""

import os
import tempfile

os.environ.setdefault("KIVY_NO_ARGS", "1")
os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")  # leaves stderr and the root logger alone
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="kivy"))
SIZE = os.environ.get("HANDHELD_SIZE", "480x800")

from kivy.config import Config  # noqa: E402

WIDTH, HEIGHT = SIZE.split("x")
for name, value in {"width": WIDTH, "height": HEIGHT, "resizable": "0", "maxfps": "0", "vsync": "0"}.items():
    Config.set("graphics", name, value)
