"""Ordering that a device be wiped: it is told at its next exchange, erases itself, and is shut out.

From an AT_ONCE order on the device's token opens nothing but the order itself and
the way to say that it was carried out; a DRAIN_FIRST order lets the device hand
over what waits before. The order is of one enrolment: the device that is enrolled
anew under the same reference is another one to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stockbook.domain.capture.wipe import WipeMode
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.registrations import DeviceRef


@dataclass(frozen=True, slots=True)
class WipeEntry:
    """A device that is to erase all it keeps, and why. AT_ONCE can follow DRAIN_FIRST, not the other way round."""

    device: DeviceRef
    mode: WipeMode
    reason: str


class Wiping(Protocol):
    """Orders wipes; all of a request or none."""

    async def wipe_devices(self, author: Author, entries: Sequence[WipeEntry]) -> Verdicts:
        """Order that devices be wiped; the same order again is known."""
        ...
