"""Start the handheld: on Android by its icon, on a desktop in a window of a handheld's size.

python -m handheld [--home FOLDER] [--enrolment TEXT|FILE] [--server ADDRESS] [--size 480x800] [--camera FOLDER]
"""

import argparse
import logging
import os
import sys
from pathlib import Path

from handheld.client.enrolment import FileKeystore, taken

SIZE = "480x800"
ON_ANDROID = "ANDROID_ARGUMENT" in os.environ


def main() -> None:
    """Start."""
    said = _parsed()
    home = _home(said.home)
    home.mkdir(parents=True, exist_ok=True)
    keystore = _keystore(home)
    if said.enrolment:
        wrong = taken(said.enrolment, said.server, keystore)  # a file that isn't there: the first page asks for it
        if wrong is not None:
            sys.exit(f"The enrolment is not taken: {wrong.value}")
    if (
        not ON_ANDROID
        and sys.platform == "linux"
        and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    ):
        sys.exit("The handheld needs a display: DISPLAY is not set (without a screen: xvfb-run -a make handheld)")
    _set_up_kivy(home, said.size)
    from handheld.screens.start import start  # noqa: PLC0415  # opens the window

    start(home, keystore, said.camera)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="handheld", description="Stockbook's handheld")
    parser.add_argument("--home", type=Path, help="where the device keeps its journal and replica")
    parser.add_argument("--enrolment", help="the enrolment's text as the QR code has it, or a file with it")
    parser.add_argument("--server", help="the server's address, instead of the enrolment's")
    parser.add_argument("--camera", type=Path, nargs="*", default=(), help="pictures, or folders, that its camera sees")
    parser.add_argument("--size", default=SIZE, help="of the window, in pixels (default: %(default)s)")
    return parser.parse_args([] if ON_ANDROID else None)


def _keystore(home: Path) -> FileKeystore:
    path = home / "enrolment.json"
    if not ON_ANDROID:
        return FileKeystore(path)
    from handheld.android.keystore import lose, unwrap, wrap  # noqa: PLC0415  # there is nothing of it elsewhere

    return FileKeystore(path, wrap, unwrap, lose)


def _home(asked: Path | None) -> Path:
    if asked is not None:
        return asked
    if ON_ANDROID:
        from handheld.android.keystore import folder  # noqa: PLC0415  # there is nothing of it elsewhere

        return folder()
    return Path.home() / ".local/share/stockbook-handheld"


def _set_up_kivy(home: Path, size: str) -> None:
    """Set Kivy before it is imported: it opens its window then."""
    os.environ.setdefault("KIVY_HOME", str(home / "kivy"))
    os.environ["KIVY_NO_ARGS"] = "1"
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
    from kivy.config import Config  # noqa: PLC0415  # reads its environment when it is imported

    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        sys.exit(f"{size} is no size, which is written as {SIZE}")
    if not ON_ANDROID:
        Config.set("graphics", "width", width)
        Config.set("graphics", "height", height)
        Config.set("input", "mouse", "mouse,multitouch_on_demand")  # a right click leaves no red dots
    Config.set("kivy", "log_level", "warning")
    logging.getLogger("kivy").setLevel(logging.WARNING)
    logging.getLogger("kivy").addFilter(lambda record: not record.getMessage().startswith("Cutbuffer"))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "window_icon", "")


if __name__ == "__main__":
    main()
