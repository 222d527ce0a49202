"""What every page with a camera has: a finder to look through, a picture that is asked about, a word when it can't."""

from collections.abc import Callable
from typing import Any, TypeVar

from kivy.properties import BooleanProperty

from handheld.screens.pages.page import Page
from handheld.screens.pages.proposed import Verdict
from handheld.vision.absent import Absent
from handheld.vision.sizing import small

FINDER = 480
"""Pixels of a finder's shorter side."""
T = TypeVar("T")


class FinderPage(Page):
    """Looks through the camera while it is to be seen; frames and pictures are looked at beside the drawing."""

    busy = BooleanProperty(False)
    """Whether something is asked that has no answer yet."""
    absent: Absent | None = None
    """Why nothing can be recognised."""

    def __init__(self, **kwargs: Any) -> None:
        self._question = 0
        super().__init__(**kwargs)

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

    def show_verdict(self, told: Verdict) -> None:
        """Show in the banner how it stands."""
        banner = self.ids.banner
        banner.tone, banner.icon, banner.headline, banner.line = told.tone, told.icon, told.headline, told.line

    # asking

    def photograph(self, look: Callable[[bytes | None], T], show: Callable[[T], None]) -> None:
        """Take a picture and have it looked at; what comes of it is shown, unless the page has gone on."""
        camera, desk = self.app.machine.camera, self.desk
        if camera is None or self.busy:
            return
        answer = self._asked(show)
        camera.take(lambda taken: desk.see(lambda: look(taken), answer))
        self.render()

    def ask(self, look: Callable[[], T], show: Callable[[T], None]) -> None:
        """Have something looked at; what comes of it is shown, unless the page has gone on."""
        if not self.busy:
            self.desk.see(look, self._asked(show))
            self.render()

    def _asked(self, show: Callable[[T], None]) -> Callable[[T], None]:
        self.busy, question = True, self._question

        def answer(found: T) -> None:
            if question == self._question:
                self.busy = False
                show(found)

        return answer

    def go_on(self) -> None:
        """Be told no more of what was asked so far."""
        self._question += 1
        self.busy = False

    def blinked(self) -> None:
        """Ask no more; the strip says why."""
        self.busy = False
        self.render()
