"""The composition root: the rooms of an enrolment, opened and running, with or without a screen."""

from collections.abc import Callable
from pathlib import Path

from handheld.client.enrolment import Enrolment, Keystore
from handheld.client.hour import Hour
from handheld.client.models import Models
from handheld.client.packs import Packs
from handheld.client.prints import Prints
from handheld.client.recognition import Recognition
from handheld.client.runner import Runner
from handheld.client.sharing import Sharing
from handheld.client.sync import Sync
from handheld.client.transport import Transport
from handheld.outbox.journal import Journal
from handheld.outbox.samples import Samples
from handheld.replica.replica import Replica
from handheld.rooms import Rooms
from handheld.vision.model import SHIPPED
from handheld.vision.opening import FILE as VISION
from handheld.vision.opening import opened as see
from handheld.vision.sight import Sight
from handheld.work.ports import World

ERASED = ("hour.json*", "liking.json*", "gateway.token*", f"{VISION}*")
"""What a device keeps beside its journal, its replica and its enrolment; erased with them."""

Unmetered = Callable[[], bool]


def free() -> bool:
    """Say that the network costs nothing, as in a shop or on a desk."""
    return True


def kept(home: Path, keystore: Keystore, unmetered: Unmetered = free) -> Rooms | None:
    """Return the rooms of the enrolment made before."""
    enrolment = keystore.load()
    return None if enrolment is None else opened(home, enrolment, keystore, unmetered)


def opened(home: Path, enrolment: Enrolment, keystore: Keystore, unmetered: Unmetered = free) -> Rooms:
    """Open the journal and the replica, and begin to exchange; `unmetered` says that the network costs nothing."""
    home.mkdir(parents=True, exist_ok=True)
    outbox = Journal(home / "outbox.db", enrolment.identity, enrolment.limits)
    replica = Replica(home / "replica.db")
    hour = Hour(home / "hour.json")
    transport, courier = (
        Transport(enrolment.address, heard=heard, authority=enrolment.authority)
        for heard in (hour.heard, lambda _date: None)
    )
    models, samples = Models(home / "models", SHIPPED), Samples(home / "samples")
    recognition = Recognition(home, models, samples, keystore, courier, unmetered)
    sight = Sight(
        lambda folder: see(home, replica, (folder, SHIPPED)),
        lambda: models.folder,
        samples,
        hour.now,
        lambda: recognition.set.accept,
    )
    recognition.sharing, recognition.packs = Sharing(courier, sight), Packs(home, courier, sight)
    runner = Runner(Sync(outbox, replica, keystore, transport, erase=lambda: _erased(home, recognition)))
    pictures = Runner(recognition)
    runner.start()
    pictures.start()
    world = World(replica, hour)
    prints = Prints(keystore, Transport(enrolment.address, authority=enrolment.authority))
    return Rooms(
        enrolment.reference, enrolment.address, outbox, world, replica, runner, sight, recognition, pictures, prints
    )


def _erased(home: Path, recognition: Recognition) -> None:
    recognition.forget()
    for pattern in ERASED:
        for path in home.glob(pattern):
            path.unlink(missing_ok=True)
