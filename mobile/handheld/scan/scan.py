"""A scan: what a scanner said, by whichever way it came."""

from enum import Enum
from typing import NamedTuple


class Source(Enum):
    """The way a scan came in."""

    INTENT = "intent"
    KEYS = "keys"
    CAMERA = "camera"


class Scan(NamedTuple):
    """What a scanner said.

    `at` is seconds of a clock that nobody sets (`time.monotonic`).
    """

    text: str
    symbology: str
    at: float
    source: Source

    @property
    def separated(self) -> bool:
        """Whether it carries GS1's separator."""
        return "\x1d" in self.text
