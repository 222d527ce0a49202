"""What every page with a camera has: a finder to look through, and what there is to say when there is none."""

from typing import Any

from handheld.screens.pages.page import Page
from handheld.screens.sight import small
from handheld.vision.absent import Absent

FINDER = 480
"""Pixels of a finder's shorter side."""


class FinderPage(Page):
    """Looks through the camera while it is to be seen; frames are made smaller beside the drawing."""

    absent: Absent | None = None
    """Why nothing can be recognised."""

    def look_through(self) -> None:
        """Show what the camera sees, when there is one."""
        if (camera := self.app.machine.camera) is not None:
            self.ids.finder.look(camera, self._decode)

    def ask_ready(self) -> None:
        """Find out whether there is a model."""
        self.desk.see(lambda: self.desk.sight.absent, self._ready)

    def _ready(self, absent: Absent | None) -> None:
        self.absent = absent
        if absent is not None:
            self.ids.finder.rest()
        self.render()

    def _decode(self, frame: bytes, show: Any) -> None:
        self.desk.see(lambda: small(frame, FINDER), show)
