"""The composition root: the rooms of an enrolment, opened and running."""

from collections.abc import Callable
from pathlib import Path

from handheld.client.enrolment import Enrolment, Keystore, Wrong, read
from handheld.client.hour import Hour
from handheld.client.runner import Runner
from handheld.client.sync import Sync
from handheld.client.transport import Transport
from handheld.outbox.journal import Journal
from handheld.replica.replica import Replica
from handheld.screens.desk import Fault, Rooms
from handheld.work.ports import World

FAULTS: dict[Wrong, str] = {
    Wrong.NOT_JSON: "enrol_bad",
    Wrong.INCOMPLETE: "enrol_short",
    Wrong.BAD_ADDRESS: "enrol_address",
    Wrong.BAD_SECRET: "enrol_short",
    Wrong.OLDER: "enrol_older",
}


def kept(home: Path, keystore: Keystore) -> Rooms | None:
    """Return the rooms of the enrolment made before."""
    enrolment = keystore.load()
    return None if enrolment is None else opened(home, enrolment, keystore)


def enroller(home: Path, keystore: Keystore) -> Callable[[str], Rooms | Fault]:
    """Return what makes the rooms of an enrolment's text, or says what is wrong with it."""

    def enrol(text: str) -> Rooms | Fault:
        said = read(text, keystore.load())
        if isinstance(said, Wrong):
            return FAULTS[said], {}
        keystore.save(said)
        return opened(home, said, keystore)

    return enrol


def opened(home: Path, enrolment: Enrolment, keystore: Keystore) -> Rooms:
    """Open the journal and the replica, and begin to exchange."""
    home.mkdir(parents=True, exist_ok=True)
    outbox = Journal(home / "outbox.db", enrolment.identity, enrolment.limits)
    replica = Replica(home / "replica.db")
    hour = Hour(home / "hour.json")
    runner = Runner(Sync(outbox, replica, keystore, Transport(enrolment.address, heard=hour.heard)))
    runner.start()
    return Rooms(enrolment.reference, enrolment.address, outbox, World(replica, hour), replica, runner)
