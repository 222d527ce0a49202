"""Open the window on what the device has."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from kivy.clock import Clock
from kivy.core.window import Window

from handheld import opening
from handheld.client.enrolment import Keystore
from handheld.scan.camera import Clip
from handheld.screens import compose, liking
from handheld.screens.app import Handheld
from handheld.screens.desk import Desk
from handheld.screens.platform import machine


def start(home: Path, keystore: Keystore, clip: Iterable[Path] = ()) -> None:
    """Run until the window is closed; a desktop's camera shows a clip, and what is dropped on the window."""
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("kivy").setLevel(logging.WARNING)  # the window's import has set it anew
    here = machine(clip)
    if isinstance(here.camera, Clip):
        camera = here.camera
        Window.bind(on_drop_file=lambda _window, name, *_: camera.drop(Path(os.fsdecode(name))))
    desk = Desk(
        lambda act: Clock.schedule_once(lambda _seconds: act()),
        compose.enroller(home, keystore, lambda: here.unmetered),
        opening.kept(home, keystore, lambda: here.unmetered),
    )
    Handheld(desk, here, home / liking.FILE).run()
