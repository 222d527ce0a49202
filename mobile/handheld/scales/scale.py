"""A scale on a line: its bytes become weights, whatever the line is."""

import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from handheld.scales.formats import FRAME_MAX, Format
from handheld.scales.weight import Trouble, Weight


class Line(Protocol):
    """What bytes come by: a serial port, a Bluetooth socket."""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none when nothing came for a while; `OSError` when the line is cut."""

    def write(self, sent: bytes) -> object:
        """Send."""

    def close(self) -> None:
        """End; a read under way returns."""


class Frames:
    r"""Cuts what comes by the line into frames, however it is torn.

    >>> frames = Frames(b"\r\n")
    >>> [*frames.cut(b"+1.0 kg\r\nST,+1.2")], [*frames.cut(b"  kg\r"), *frames.cut(b"\n")]
    ([], [b'ST,+1.2  kg'])
    """

    def __init__(self, end: bytes) -> None:
        self._end = end
        self._rest = b""
        self._whole = False
        """Whether the beginning of the next frame is known: the line may have been joined in the middle of one."""

    def cut(self, came: bytes) -> Iterator[bytes]:
        """Yield the frames that are whole now; a flood without an end is one garbled frame."""
        *frames, self._rest = (self._rest + came).split(self._end)
        for frame in frames:
            if self._whole and frame:
                yield frame
            self._whole = True
        if len(self._rest) > FRAME_MAX:
            self._rest, self._whole = b"", False
            yield b""


class Scale:
    """Tells each weight to `heard`, from a thread of its own, until it is closed or the line is cut.

    `gone` is called once when the line was cut, so that the screen can say so.
    """

    def __init__(
        self, line: Line, form: Format, heard: Callable[[Weight], None], gone: Callable[[], None] = lambda: None
    ) -> None:
        self._line = line
        self._format = form
        self._heard = heard
        self._gone = gone
        self._open = True
        self._thread = threading.Thread(target=self._listen, name="scale", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._open = False
        self._line.close()
        self._thread.join(2)

    def _listen(self) -> None:
        frames = Frames(self._format.end)
        try:
            while self._open:
                if self._format.ask:
                    self._line.write(self._format.ask)
                for frame in frames.cut(self._line.read(FRAME_MAX)):
                    self._heard(self._format.read(frame) if frame else Weight(None, trouble=Trouble.GARBLED))
        except (OSError, ValueError, TypeError):  # a port closed in another thread fails by any of these
            if self._open:
                self._gone()
