"""What there is once the device is enrolled, as far as its screens, or a gateway, look at it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from handheld.client.prints import Prints
from handheld.client.recognition import Recognition
from handheld.client.wiping import Wiped
from handheld.outbox.answers import Told
from handheld.outbox.limits import Limits, Standing
from handheld.vision.sight import Sight
from handheld.work.ports import Item, Journal, World
from handheld.work.tasks.task import Task
from stockbook.domain.capture.event import Event


class Outbox(Journal, Protocol):
    """The journal, as far as it is looked at."""

    @property
    def limits(self) -> Limits:
        """How much may wait."""

    def recorded(self, id: str) -> tuple[int, Event] | None:  # noqa: A002  # as the event calls it
        """Return the event of an id with its number, None when none was recorded or it is kept no more."""

    def standing(self) -> Standing:
        """Return how it stands."""

    def unsettled(self) -> Sequence[Told]:
        """Return the answers that a person must see."""

    def dismiss(self, epoch: int, sequence: int) -> None:
        """Note that a person has settled one."""

    def close(self) -> None:
        """Close it."""


class Replica(Protocol):
    """The replica, as far as it is looked at."""

    def search(self, text: str) -> Sequence[Item]:
        """Return the goods that a text names, the best first."""

    def tasks(self) -> Sequence[Task]:
        """Return what is to be done."""

    def on_hand(self, item: str) -> Decimal:
        """Return how much of an item is there, as of the replica's version."""

    def sites(self) -> Sequence[str]:
        """Return the sites that the device may work at."""

    @property
    def age_seconds(self) -> float | None:
        """How long ago it had everything that the server knew; None before the first time."""

    @property
    def items(self) -> int:
        """How many goods are known."""

    def close(self) -> None:
        """Close it."""


class Exchange(Protocol):
    """The exchange with the server."""

    @property
    def online(self) -> bool:
        """Whether the last try reached it."""

    @property
    def since_seconds(self) -> float | None:
        """How long ago it was reached."""

    @property
    def wiped(self) -> Wiped | None:
        """What the device was wiped for, once the server had it wiped."""

    def nudge(self) -> None:
        """Try now."""

    def close(self) -> None:
        """Try no more."""


class Rooms(NamedTuple):
    """What there is once the device is enrolled."""

    device: str
    address: str
    outbox: Outbox
    world: World
    replica: Replica
    exchange: Exchange
    sight: Sight
    recognition: Recognition
    courier: Exchange
    """Brings models and takes pictures, beside the exchange of scans."""
    prints: Prints

    def shut(self) -> None:
        """Close everything but the exchange; what was scanned is on the disk anyhow."""
        self.courier.close()
        self.sight.close()
        self.recognition.samples.close()
        self.outbox.close()
        self.replica.close()
