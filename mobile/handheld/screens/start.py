"""Open the window on what the device has."""

import logging
from pathlib import Path

from kivy.clock import Clock

from handheld.client.enrolment import Keystore
from handheld.screens import compose, liking
from handheld.screens.app import Handheld
from handheld.screens.desk import Desk
from handheld.screens.platform import machine


def start(home: Path, keystore: Keystore) -> None:
    """Run until the window is closed."""
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("kivy").setLevel(logging.WARNING)  # the window's import has set it anew
    desk = Desk(
        lambda act: Clock.schedule_once(lambda _seconds: act()),
        compose.enroller(home, keystore),
        compose.kept(home, keystore),
    )
    Handheld(desk, machine(), home / liking.FILE).run()
