"""What goes into the journal, and what comes back when it is on the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from handheld.outbox.limits import Concern
from stockbook.domain.capture.event import Drafted


class Entry(Protocol):
    """An event before it has its time: what `work` makes of a scan."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What it means, 1 to 8 of them."""

    @property
    def code(self) -> str:
        """What was scanned."""

    @property
    def symbology(self) -> str:
        """Its AIM identifier."""

    @property
    def task(self) -> str:
        """The task it belongs to."""

    @property
    def person(self) -> str:
        """Who held the device."""

    @property
    def base(self) -> str:
        """The version of the replica."""

    @property
    def chain(self) -> str:
        """Events of one chain stand or fall together."""

    @property
    def draft(self) -> Drafted | None:
        """Of a count: what recognition had counted before."""

    @property
    def id(self) -> str:
        """Its own id; one is drawn when it is empty."""


@dataclass(frozen=True, slots=True)
class Written:
    """The plainest entry."""

    labels: Mapping[str, str]
    code: str = ""
    symbology: str = ""
    task: str = ""
    person: str = ""
    base: str = ""
    chain: str = ""
    id: str = ""
    draft: Drafted | None = None


class Receipt(NamedTuple):
    """An entry is on the disk."""

    sequence: int
    id: str
    clock: str
    warning: Concern | None = None


class Identity(NamedTuple):
    """Who the device is since it was enrolled; each enrolment is an epoch with a secret of its own."""

    reference: str
    epoch: int
    secret: bytes
