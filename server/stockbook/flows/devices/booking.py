"""Booking scans: in the device's order, chain by chain, each with what it is answered."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from stockbook.domain.capture.event import Event
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.devices.door import Desk, Enrolment
from stockbook.flows.devices.raising import Raising
from stockbook.flows.devices.scans import Scan, answer, barcodes, fell, linked, parts, posted, understand
from stockbook.flows.ports import Fault, Outcome
from stockbook.flows.posting.command import Command

LOG = structlog.get_logger()
_BROKEN = Refusal(Code.CONFLICT, "something went wrong on our side when it was posted; it is kept")


class Poster(Protocol):
    """The posting flow, as it posts chains."""

    def post_chain(self, commands: Sequence[Command]) -> "asyncio.Future[list[Outcome]]":
        """Send commands that stand or fall together on their way."""
        ...


class Booking:
    """Posts what devices scanned; `raising` writes the tasks of what could not be posted."""

    def __init__(self, posting: Poster, raising: Raising) -> None:
        self._posting = posting
        self._raising = raising

    async def post(
        self,
        desk: Desk,
        enrolment: Enrolment,
        scans: Sequence[Scan],
        verbs: frozenset[Verb],
        late_before: datetime,
        *,
        out_of_order: bool = False,
    ) -> None:
        """Post scans in their order, chain by chain, and write into each what it is answered.

        What occurred before `late_before` comes late.
        """
        meant = await desk.meant(barcodes(scans)) if scans else {}
        before: dict[str, tuple[int, ...]] = {}
        for run in parts(scans):
            undone = await self._undone(desk, enrolment, run, before)
            for scan in run:
                understand(scan, enrolment, verbs, meant, undone)
            chains = list(linked(run))
            await self._post_chains(chains)
            moved = [movement for scan in run for movement in scan.movements]
            tasks = await desk.discrepancies(moved) if moved else {}
            for together in chains:
                answer(together, tasks, late_before, out_of_order=out_of_order)
                for scan in together:
                    if scan.refusal is not None and scan.kept.with_task_of is None:
                        scan.kept.raised = await self._raising.of(scan, enrolment)
            before |= {scan.event.id: scan.movements for scan in run if isinstance(scan.event, Event)}

    async def _undone(
        self, desk: Desk, enrolment: Enrolment, run: Sequence[Scan], before: Mapping[str, tuple[int, ...]]
    ) -> dict[str, tuple[int, ...]]:
        """Return what the events posted that scans take back; an event that isn't known is absent."""
        found: dict[str, tuple[int, ...]] = {}
        for scan in run:
            if scan.undoes in before:
                found[scan.undoes] = before[scan.undoes]
            elif scan.undoes:
                posted_then = await desk.posted(enrolment.epoch, scan.kept.sequence, scan.undoes)
                if posted_then is not None:
                    found[scan.undoes] = posted_then
        return found

    async def _post_chains(self, chains: Sequence[list[Scan]]) -> None:
        """Post chains beside one another, and note in each scan what became of it."""
        waiting = [
            (together, self._posting.post_chain([command for scan in together for command in scan.commands]))
            for together in chains
            if not fell(together) and any(scan.commands for scan in together)
        ]
        said = await asyncio.gather(*(future for _, future in waiting), return_exceptions=True)
        for (together, _), outcomes in zip(waiting, said, strict=True):
            if isinstance(outcomes, (Fault, asyncio.CancelledError)):
                raise outcomes
            if isinstance(outcomes, BaseException):  # our mistake must not stop a device for ever
                LOG.error("scan_failed", exc_info=outcomes, key=together[0].commands[0].key)
                together[0].refusal = _BROKEN
                fell(together)
                continue
            each = iter(outcomes)
            for scan in together:
                posted(scan, [next(each) for _ in scan.commands])
