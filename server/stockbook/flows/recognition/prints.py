"""Reading what is printed on a pack: its dates and its lot, proposed to whoever holds it; nothing is kept.

A print proposes, a person decides: what is confirmed comes with the next scan,
like anything read from a code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from stockbook.domain.capture import printed
from stockbook.domain.capture.printed import Printed
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.recognition.pictures import Eye


class Reader(Protocol):
    """What reads print."""

    async def __call__(self, content: bytes) -> list[str] | None:
        """Return the lines of text in a picture, from the top; None where nothing reads print."""
        ...


@dataclass(frozen=True, slots=True)
class Print:
    """What is printed there: every way to read its dates, and its lot where one is named."""

    dates: tuple[Printed, ...]
    lot: str


class Prints:
    """Reads print out of pictures."""

    def __init__(self, reader: Reader, eye: Eye, picture_max: int, today: Callable[[], date]) -> None:
        self._reader, self._eye, self._today = reader, eye, today
        self.picture_max = picture_max

    async def read(self, content: bytes) -> Print | Refusal | None:
        """Return what is printed in a picture, or why it can't be looked at; None where nothing reads print."""
        if await self._eye(content) is None:
            return Refusal(Code.PICTURE_UNREADABLE, "it is no JPEG or PNG that can be read")
        lines = await self._reader(content)
        if lines is None:
            return None
        return Print(printed.dates(lines, self._today()), printed.lot(lines))
