"""Enrolling a device: it becomes a principal with a role, and a secret that only it and the server can make.

A device that is reinstalled or replaced is enrolled anew under its reference: a
new epoch with a secret of its own, whose sequence begins at 1. What it sealed
before and had not sent is refused by name, and tokens of the old epoch are void.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from stockbook.domain.refusal import Refusal
from stockbook.domain.stock.references import PlaceRef
from stockbook.flows.author import Author
from stockbook.flows.devices.door import Enrolment


class DeviceSystem(StrEnum):
    """What a device runs."""

    ANDROID = "ANDROID"
    IOS = "IOS"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A handheld, scale or camera. It acts in `role`, at `sites` when any are named."""

    external_reference: str
    name: str
    role: str
    model: str = ""
    system: DeviceSystem = DeviceSystem.OTHER
    system_version: str = ""
    app_version: str = ""
    sites: tuple[PlaceRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device that is enrolled: its enrolment, and what it runs."""

    enrolment: Enrolment
    system: DeviceSystem
    system_version: str
    app_version: str


class Enrolling(Protocol):
    """Enrols devices; all of a request or none."""

    async def enrol_devices(self, author: Author, entries: Sequence[DeviceEntry]) -> list[Enrolled | Refusal]:
        """Enrol devices, each under a new epoch."""
        ...
