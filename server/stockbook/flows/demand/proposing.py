"""From a forecast to an order: what is short is proposed, a person or the system accepts, and goods are expected.

An order is a document with a place of its own that is bound for the site; what
was accepted is EXPECTED there, posted as any announcement is, so it counts as
inbound at once and is not proposed twice. Accepting commits first and posts
then, under a key of the proposal's own: whatever is cut off between the two is
posted by the next round.

The system accepts by itself only what two people let it: terms that say so, and
a clearance of the forecasts that somebody else gave.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Protocol

from stockbook.domain.demand.proposal import Shelf, holds, proposed
from stockbook.domain.refusal import Refusal
from stockbook.domain.stock.lines import Expect
from stockbook.domain.stock.references import OrganisationRef, Ref
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.clock import SYSTEM
from stockbook.flows.demand.book import SeriesKey
from stockbook.flows.posting.command import Command, Poster

ProposalRef = Annotated[str, Ref("Proposal")]


@dataclass(frozen=True, slots=True)
class AcceptanceEntry:
    """Order what is proposed. Another quantity needs a reason, and so do forecasts that passed no trial.

    Proposals of one site that are accepted together for one supplier make one
    order; `order` names it, else it is named after the first of them.
    """

    proposal: ProposalRef
    quantity: Decimal | None = None
    reason: str | None = None
    supplier: OrganisationRef | None = None
    order: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DismissalEntry:
    """Order nothing, and say why; until the next review nothing is proposed there again."""

    proposal: ProposalRef
    reason: str


@dataclass(frozen=True, slots=True)
class Need:
    """A shelf that is short, or of which something is proposed; `unattended`: the system may accept for it."""

    key: SeriesKey
    shelf: Shelf
    open: tuple[int, Decimal] | None = None
    """The proposal that nobody has decided, and its quantity."""
    unattended: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A proposal to be opened, in the place of another where one stands."""

    key: SeriesKey
    quantity: Decimal
    position: Decimal
    instead: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A proposal that was accepted; `posted` once its goods are expected."""

    id: int
    organisation: int
    actor: int
    document: int
    place: int
    item: int
    quantity: Decimal
    reason: str
    posted: bool


@dataclass(slots=True)
class Round:
    """What one round came to."""

    opened: int = 0
    superseded: int = 0
    accepted: int = 0
    posted: int = 0
    refused: list[tuple[int, Refusal]] = field(default_factory=list)


class ProposalBook(Protocol):
    """Keeps proposals; `store` implements it."""

    async def needs(self) -> Sequence[Need]:
        """Return every shelf that is short of its reorder point, and every one of which something is proposed."""
        ...

    async def revise(self, openings: Sequence[Opening], ended: Sequence[int]) -> Sequence[tuple[int, SeriesKey]]:
        """Open proposals and let others end; what was decided meanwhile stays as it is. Returns what was opened."""
        ...

    async def accept(self, author: Author, entries: Sequence[AcceptanceEntry]) -> Verdicts:
        """Take down that proposals are accepted, with the orders they become: all or none; the ids are theirs."""
        ...

    async def dismiss(self, author: Author, entries: Sequence[DismissalEntry]) -> Verdicts:
        """Take down that proposals are dismissed."""
        ...

    async def accepted(self, ids: Sequence[int]) -> Sequence[Accepted]:
        """Return proposals that were accepted."""
        ...

    async def waiting(self) -> Sequence[int]:
        """Return accepted proposals whose goods nobody expects yet."""
        ...

    async def expected(self, proposal: int, movement: int) -> None:
        """Take down that the goods of a proposal are expected."""
        ...

    async def reopen(self, proposal: int) -> None:
        """Take back that a proposal was accepted: its goods could not be expected."""
        ...


class Proposing:
    """Accepts and dismisses proposals."""

    def __init__(self, poster: Poster, book: ProposalBook) -> None:
        self._poster, self._book = poster, book

    async def accept(self, author: Author, entries: Sequence[AcceptanceEntry]) -> Verdicts:
        """Accept proposals, all or none; the ids are those of the orders."""
        verdicts = await self._book.accept(author, entries)
        ids = [verdict[0] for verdict in verdicts if not isinstance(verdict, Refusal)]
        if len(ids) < len(verdicts):
            return verdicts
        accepted = {one.id: one for one in await self._book.accepted(ids)}
        refused = dict(await self.post([one for one in accepted.values() if not one.posted]))
        answers: Verdicts = []
        for number, (id_, known) in enumerate(v for v in verdicts if not isinstance(v, Refusal)):
            if no := refused.get(id_):
                answers.append(Refusal(no.code, no.message, ("lines", str(number)), no.figures))
            else:
                answers.append((accepted[id_].document, known))
        return answers

    async def dismiss(self, author: Author, entries: Sequence[DismissalEntry]) -> Verdicts:
        """Dismiss proposals, all or none."""
        return await self._book.dismiss(author, entries)

    async def post(self, accepted: Sequence[Accepted]) -> list[tuple[int, Refusal]]:
        """Expect the goods of accepted proposals; those that can't be expected are open again, and returned."""
        return [each for each in await asyncio.gather(*map(self._expect, accepted)) if each is not None]

    async def _expect(self, one: Accepted) -> tuple[int, Refusal] | None:
        [outcome] = await self._poster.post(_command(one))
        if outcome.refusal is not None:
            await self._book.reopen(one.id)
            return one.id, outcome.refusal
        assert outcome.movement is not None
        await self._book.expected(one.id, outcome.movement)
        return None

    async def round(self) -> Round:
        """Propose what is short now, accept what may be accepted unattended, and finish what was cut off."""
        done, needs = Round(), await self._book.needs()
        openings, ended = _steps(needs)
        opened = {key: id_ for id_, key in await self._book.revise(openings, ended)}
        done.opened, done.superseded = len(opened), len(ended)
        for need in needs:
            standing = opened.get(need.key) or (need.open[0] if need.open and need.open[0] not in ended else None)
            if need.unattended and standing is not None:
                system = Author(need.key.seller, SYSTEM, everywhere=False, roles=frozenset())
                entry = AcceptanceEntry(f"gid://stockbook/Proposal/{standing}")
                verdicts = await self._book.accept(system, [entry])
                done.accepted += sum(not isinstance(verdict, Refusal) for verdict in verdicts)
        waiting = await self._book.waiting()
        if waiting:
            done.refused = await self.post(await self._book.accepted(waiting))
            done.posted = len(waiting) - len(done.refused)
        return done


def _steps(needs: Sequence[Need]) -> tuple[list[Opening], list[int]]:
    """Return what is to be opened, and which proposals are to end."""
    openings: list[Opening] = []
    ended: list[int] = []
    for need in needs:
        quantity = proposed(need.shelf)
        if need.open is not None:
            if holds(need.open[1], quantity):
                continue
            ended.append(need.open[0])
        if quantity is not None:
            instead = need.open[0] if need.open else None
            openings.append(Opening(need.key, quantity, need.shelf.position, instead))
    return openings, ended


def _command(one: Accepted) -> Command:
    line = Expect(
        item=f"gid://stockbook/Item/{one.item}",
        quantity=one.quantity,
        place=f"gid://stockbook/Place/{one.place}",
    )
    return Command(
        organisation=one.organisation,
        actor=one.actor,
        verb=Verb.EXPECT,
        key=f"proposal:{one.id}",
        lines=(line,),
        document=f"gid://stockbook/Document/{one.document}",
        reason=one.reason,
    )
