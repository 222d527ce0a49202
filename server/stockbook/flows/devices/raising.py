"""What a scan that could not be posted leaves for a person: where, what, how much; of a conflict, both sides."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from stockbook.domain.capture.event import Event
from stockbook.domain.quantity import plain
from stockbook.domain.stock.lines import ChangeState, Count
from stockbook.domain.stock.states import States
from stockbook.domain.stock.work import TaskKind
from stockbook.flows.devices.door import Enrolment, Fate, Kept
from stockbook.flows.devices.scans import Scan
from stockbook.flows.ports import Catalogue, Ledger, Want
from stockbook.flows.tasks import Raised


class Raising:
    """Writes the tasks of scans that could not be posted."""

    def __init__(self, ledger: Ledger, catalogue: Catalogue) -> None:
        self._ledger = ledger
        self._catalogue = catalogue

    def forged(self, kept: Kept, enrolment: Enrolment) -> Raised:
        """Return the task of what is no part of the chain: numbered below zero, since the number is the chain's."""
        return replace(self._bare(kept, enrolment), sequence=-kept.sequence)

    async def of(self, scan: Scan, enrolment: Enrolment) -> Raised:
        """Return the task of a scan."""
        raised = self._bare(scan.kept, enrolment)
        if isinstance(scan.event, Event):
            raised = replace(raised, said=json.dumps(dict(scan.event.labels), ensure_ascii=False))
        line: Any = scan.steps[0].line if scan.steps else None
        if line is None:
            return raised
        item = await self._number("Item", getattr(line, "item", None))
        place = await self._number("Place", getattr(line, "place", None))
        document = scan.commands[0].document if scan.commands else None
        raised = replace(
            raised,
            item=item,
            place=place,
            quantity=getattr(line, "quantity", None) or getattr(line, "counted", None),
            document=await self._number("Document", document, enrolment.organisation),
        )
        return await self._sides(scan, raised, enrolment.organisation) if scan.kept.outcome is Fate.CONFLICT else raised

    def _bare(self, kept: Kept, enrolment: Enrolment) -> Raised:
        return Raised(TaskKind.REFUSED, kept.message or "", enrolment.device, enrolment.epoch, kept.sequence)

    async def _sides(self, scan: Scan, raised: Raised, organisation: int) -> Raised:
        """Add what the device saw and said, and what the books have."""
        figures = scan.refusal.figures if scan.refusal else {}
        raised = replace(raised, kind=TaskKind.CONFLICT)
        for step in scan.steps:
            if isinstance(step.line, Count):
                books = figures.get("actual", "")
                return replace(raised, saw=plain(step.line.expected), said=plain(step.line.counted), books=books)
            if isinstance(step.line, ChangeState):
                books = await self._states(raised.item or 0, raised.place or 0, step.line.lot, organisation)
                return replace(raised, saw=step.line.from_state, said=step.line.to_state, books=books)
        return raised

    async def _states(self, item: int, place: int, code: str | None, organisation: int) -> str:
        """Return the states that an organisation sees goods in, those there is most of first."""
        names = States(await self._catalogue.states())
        books = await self._ledger.load(Want(stock=frozenset({(item, place)})))
        there: dict[int, Decimal] = {}
        for position, quantity in books.positions.items():
            lot = books.lots.get(position.lot)
            if position.place == place and quantity and (code is None or (lot is not None and lot.code == code)):
                state = names.seen(position.state, organisation)
                there[state] = there.get(state, Decimal(0)) + quantity
        return " ".join(names.name(state) for state in sorted(there, key=lambda state: -there[state]))

    async def _number(self, kind: str, reference: str | None, organisation: int = 0) -> int | None:
        """Return the id of what a line names, when there is such a thing."""
        if reference is None:
            return None
        return (await self._catalogue.resolve(kind, [reference], organisation)).get(reference)
