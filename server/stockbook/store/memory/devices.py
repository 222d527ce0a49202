"""Devices in dictionaries: what the flow of scans is tested against."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from stockbook.domain.capture.event import Event, read
from stockbook.domain.capture.settings import Settings
from stockbook.flows.devices.door import FORGED, Desk, Enrolment, Fate, Kept, Meant, Taken, Waiting
from stockbook.store.memory.store import MemoryStore, Task


class MemoryDevices:
    """`flows.devices.Devices` over dictionaries, beside a memory store of the ledger."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.enrolments: dict[tuple[int, int], Enrolment] = {}
        self.kept: dict[tuple[int, int], dict[int, Kept]] = {}
        self.evidence: list[Kept] = []
        self.barcodes: dict[str, Meant] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    def enrol(self, organisation: int, principal: int, reference: str, at: datetime, epoch: int = 1) -> Enrolment:
        """Enrol a device, whose id is its principal's; an earlier epoch is not in force any more."""
        for name, earlier in self.enrolments.items():
            if name[0] == principal:
                self.enrolments[name] = replace(earlier, in_force=False)
        made = Enrolment(
            principal, organisation, principal, reference, "", epoch, True, b"", at, 0, 0, None, Settings()
        )
        self.enrolments[principal, epoch] = made
        self.kept[principal, epoch] = {}
        return made

    @contextlib.asynccontextmanager
    async def alone(self, organisation: int, principal: int, reference: str) -> AsyncIterator[Desk | None]:
        """Lend the desk of the device that a principal is, alone; None when that is no device of the organisation."""
        mine = (organisation, principal, reference)
        if not any((each.organisation, each.principal, each.reference) == mine for each in self.enrolments.values()):
            yield None
            return
        async with self._locks.setdefault(principal, asyncio.Lock()):
            yield _Desk(self, principal)

    async def waiting(self, before: datetime) -> list[Waiting]:
        """Return the enrolments with events that have been held since before a moment."""
        return [
            Waiting(each.organisation, each.principal, each.reference, each.epoch)
            for name, each in self.enrolments.items()
            if any(kept.outcome is Fate.HELD and kept.received_at < before for kept in self.kept[name].values())
        ]


class _Desk:
    def __init__(self, devices: MemoryDevices, device: int) -> None:
        self._devices = devices
        self._device = device

    async def load(self, epoch: int, sequences: Collection[int]) -> Taken | None:
        """Return an epoch with what was taken of these sequences; None when the device was never enrolled so."""
        enrolment = self._devices.enrolments.get((self._device, epoch))
        if enrolment is None:
            return None
        beside = {number + step for number in sequences for step in (-1, 0, 1)} | {enrolment.upto}
        rows = self._devices.kept[self._device, epoch]
        known = {
            number: replace(rows[number])
            for number in sorted(rows)
            if number in beside or rows[number].outcome is Fate.HELD
        }
        held = [kept for kept in known.values() if kept.outcome is Fate.HELD and kept.sequence > enrolment.upto]
        return Taken(replace(enrolment), known, held)

    async def meant(self, barcodes: Collection[str]) -> Mapping[str, Meant]:
        """Return what barcodes mean; those that mean nothing are absent."""
        return {code: self._devices.barcodes[code] for code in barcodes if code in self._devices.barcodes}

    async def posted(self, epoch: int, before: int, event: str) -> tuple[int, ...] | None:
        """Return the movements of an event of the device, in order; None when it has no such event."""
        books = self._devices.store.books
        for (device, of), rows in self._devices.kept.items():
            for kept in rows.values() if device == self._device else ():
                said = read(kept.scan)
                if isinstance(said, Event) and said.id == event and (of, kept.sequence) < (epoch, before):
                    enrolment = self._devices.enrolments[device, of]
                    key = f"scan:{enrolment.reference}:{of}:{kept.sequence}"
                    lines = sorted(name for name in books.keys if name[:2] == (enrolment.organisation, key))
                    return tuple(books.keys[name][1] for name in lines)
        return None

    async def discrepancies(self, movements: Collection[int]) -> dict[int, int]:
        """Return the tasks that movements opened: movement -> task."""
        tasks = self._devices.store.tasks
        return {task.movement: number for number, task in enumerate(tasks, 1) if task.movement in movements}

    async def keep(self, enrolment: Enrolment, events: Sequence[Kept]) -> None:
        """Keep events with their answers, open their tasks, and remember how far the enrolment is."""
        devices = self._devices
        name = (enrolment.device, enrolment.epoch)
        tasks: dict[int, int] = {}
        for event in events:
            if event.raised is not None:
                devices.store.tasks.append(Task(enrolment.organisation, event.raised.kind.value, 0, event.raised.note))
                tasks[event.raised.sequence] = len(devices.store.tasks)
        for event in events:
            event.task = tasks.get(event.task_of, event.task)
            if event.outcome in FORGED:
                devices.evidence.append(event)
                if devices.kept[name].get(event.sequence, event).scan == event.scan:
                    devices.kept[name].pop(event.sequence, None)
            else:
                devices.kept[name][event.sequence] = replace(event)
        devices.enrolments[name] = replace(enrolment)
