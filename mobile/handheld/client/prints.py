"""What is printed on a pack, read by the server: nothing waits here, and without network nothing is read."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from handheld.client.enrolment import Keystore
from handheld.client.transport import Failed, Said, Transport, Trouble
from stockbook.domain.capture.printed import Printed, Says

PATH = "/recognition/print"
_NO_READER = frozenset({"PRINT_UNREAD", "NOT_FOUND"})


class Unread(Enum):
    """Why nothing was read: the person types the date."""

    OFFLINE = "the server can't be reached"
    NO_READER = "the server reads no print"
    BAD_PICTURE = "the server can't look at the picture"
    NO_DATE = "no date stands there"


class Print(NamedTuple):
    """What is printed there: every way to read its dates, the likeliest first, and its lot."""

    dates: tuple[Printed, ...] = ()
    lot: str = ""


class Prints:
    """Has print read. Its method takes its time."""

    def __init__(self, keystore: Keystore, transport: Transport) -> None:
        self._keystore, self._transport = keystore, transport

    def read(self, picture: bytes) -> Print | Unread:
        """Return what is printed in a picture, or why it was not read."""
        enrolment = self._keystore.load()
        if enrolment is None:
            return Unread.OFFLINE
        said = self._transport.read(PATH, enrolment.token, picture)
        if isinstance(said, Failed):
            # another kind of answer is an older server's, which has no such door
            return Unread.NO_READER if said.trouble in {Trouble.OUTDATED, Trouble.FORBIDDEN} else Unread.OFFLINE
        if isinstance(said, Said):
            return Unread.NO_READER if said.code in _NO_READER else Unread.BAD_PICTURE
        found = heard(said)
        return found if found.dates else Unread.NO_DATE


def heard(said: Mapping[str, Any]) -> Print:
    """Return what the server says stands there; what is not understood is left out.

    >>> heard({"dates": [{"says": "EXPIRY", "on": "2026-12-20", "text": "EXP"}, {"says": "MOOD"}], "lot": "B1"})
    Print(dates=(Printed(says=<Says.EXPIRY: 'EXPIRY'>, on=datetime.date(2026, 12, 20), text='EXP'),), lot='B1')
    """
    listed, lot = said.get("dates"), said.get("lot")
    found = [each for one in (listed if isinstance(listed, list) else ()) if (each := _printed(one)) is not None]
    return Print(tuple(found), lot if isinstance(lot, str) else "")


def _printed(said: Any) -> Printed | None:
    try:
        return Printed(Says(said["says"]), date.fromisoformat(said["on"]), str(said["text"]))
    except (KeyError, TypeError, ValueError):
        return None
