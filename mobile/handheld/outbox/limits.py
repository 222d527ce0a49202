"""How much a device may keep that the server hasn't got, and what it says when that is too much."""

from dataclasses import dataclass
from enum import Enum

ENTRIES_MAX = 50_000
HOURS_MAX = 72.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings of the device; the server's enrolment says others.

    Attributes
    ----------
    entries
        Entries waiting at most; the next one is refused.
    hours
        How old the oldest that waits may become; then the next one is refused.
    warn_share
        From which share of either on a person is warned.
    kept_days
        How long what is done is kept, in case the server must be given it again.
    """

    entries: int = ENTRIES_MAX
    hours: float = HOURS_MAX
    warn_share: float = 0.8
    kept_days: float = 7


class Reason(Enum):
    """Why nothing was recorded; the screens have a text for each."""

    STOPPED = "the server refused this device's seals: it must be enrolled anew"
    FULL = "so many scans wait that no more are taken: bring the device to a network"
    TOO_OLD = "the oldest scan waits for too long: bring the device to a network"
    UNFIT = "that is no event: see the message"
    WIPING = "the server has this device wiped: no more scans are taken"
    DISK = "the device can't store it: its memory is full or failing"


@dataclass(frozen=True, slots=True)
class Unkept:
    """Nothing was recorded: the scan must not beep as if it had been."""

    reason: Reason
    message: str = ""


class Concern(Enum):
    """What will soon be a reason."""

    NEARLY_FULL = "many scans wait: bring the device to a network soon"
    NEARLY_TOO_OLD = "a scan has waited long: bring the device to a network soon"
    DAMAGED = "the device's memory was damaged: what could be read was kept"


class Stop(Enum):
    """Why the queue is stopped until the device is enrolled anew."""

    FORK = "the server has another event under a number of ours: this device was copied or set back"
    TAMPERED = "a seal of ours does not verify"
    BROKEN = "what is stored is no longer what was sealed"
    WIPED = "everything was erased, as the server ordered"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the outbox stands, for the eye: always shown."""

    waiting: int
    oldest_seconds: float
    held: int
    unsettled: int
    warning: Concern | None = None
    reason: Reason | None = None
    stop: Stop | None = None


def judged(limits: Limits, waiting: int, oldest_seconds: float, more: int = 1) -> Reason | Concern | None:
    """Return what stands against `more` entries beside those that wait.

    >>> judged(Limits(), 39_998, 0), judged(Limits(), 39_999, 0).name, judged(Limits(), 50_000, 0).name
    (None, 'NEARLY_FULL', 'FULL')
    >>> judged(Limits(), 49_999, 0).name, judged(Limits(), 49_999, 0, more=2).name
    ('NEARLY_FULL', 'FULL')
    >>> judged(Limits(), 1, 57 * 3600), judged(Limits(), 1, 58 * 3600).name, judged(Limits(), 1, 72 * 3600).name
    (None, 'NEARLY_TOO_OLD', 'TOO_OLD')
    """
    seconds = limits.hours * 3600
    if waiting + more > limits.entries:
        return Reason.FULL
    if waiting and oldest_seconds >= seconds:
        return Reason.TOO_OLD
    if waiting + more >= limits.entries * limits.warn_share:
        return Concern.NEARLY_FULL
    if waiting and oldest_seconds >= seconds * limits.warn_share:
        return Concern.NEARLY_TOO_OLD
    return None
