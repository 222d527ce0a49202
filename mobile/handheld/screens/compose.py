"""What makes a device of an enrolment's text."""

from collections.abc import Callable
from pathlib import Path

from handheld.client.enrolment import Keystore, Wrong, read
from handheld.opening import Unmetered, free, opened
from handheld.rooms import Rooms
from handheld.screens.desk import Fault

FAULTS: dict[Wrong, str] = {
    Wrong.NOT_JSON: "enrol_bad",
    Wrong.INCOMPLETE: "enrol_short",
    Wrong.BAD_ADDRESS: "enrol_address",
    Wrong.BAD_SECRET: "enrol_short",
    Wrong.BAD_AUTHORITY: "enrol_authority",
    Wrong.OLDER: "enrol_older",
}


def enroller(home: Path, keystore: Keystore, unmetered: Unmetered = free) -> Callable[[str], Rooms | Fault]:
    """Return what makes the rooms of an enrolment's text, or says what is wrong with it."""

    def enrol(text: str) -> Rooms | Fault:
        said = read(text, keystore.load())
        if isinstance(said, Wrong):
            return FAULTS[said], {}
        keystore.save(said)
        return opened(home, said, keystore, unmetered)

    return enrol
