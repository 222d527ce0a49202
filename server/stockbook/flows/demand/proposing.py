"""From a forecast to an order: what is short is proposed, a person or the system accepts, and goods are expected.

An order is a document with a place of its own that is bound for the site; what
was accepted is EXPECTED there, posted as any announcement is, so it counts as
inbound at once and is not proposed twice. A task tells the storeman what comes.
Accepting commits first and posts then, under a key of the proposal's own:
whatever is cut off between the two is posted by the next round. What was
accepted and is dismissed goes the same way back, as far as it has not come.

The system accepts by itself only where terms say so and an administrator, whom a
buyer is not, has cleared the forecasts.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stockbook.domain.refusal import Refusal
from stockbook.domain.stock.lines import Expect, Reverse
from stockbook.domain.stock.verbs import Verb
from stockbook.domain.supply.proposal import holds, proposed
from stockbook.flows.author import Author, Verdicts
from stockbook.flows.clock import SYSTEM
from stockbook.flows.demand.proposal_book import (
    AcceptanceEntry,
    Accepted,
    DismissalEntry,
    Need,
    Opening,
    ProposalBook,
    Withdrawn,
)
from stockbook.flows.posting.command import Command, Poster


@dataclass(slots=True)
class Round:
    """What one round came to."""

    opened: int = 0
    superseded: int = 0
    accepted: int = 0
    posted: int = 0
    withdrawn: int = 0
    until: int = 0
    """The transaction from which the next look may go on."""
    refused: list[tuple[int, Refusal]] = field(default_factory=list)


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
        return _answers(verdicts, refused, {id_: one.document for id_, one in accepted.items()})

    async def dismiss(self, author: Author, entries: Sequence[DismissalEntry]) -> Verdicts:
        """Dismiss proposals, all or none; of accepted ones nothing more is expected."""
        verdicts = await self._book.dismiss(author, entries)
        ids = [verdict[0] for verdict in verdicts if not isinstance(verdict, Refusal)]
        if len(ids) < len(verdicts):
            return verdicts
        withdrawn = [one for one in await self._book.withdrawn(ids) if not one.posted]
        return _answers(verdicts, dict(await self.take_back(withdrawn)), {id_: id_ for id_ in ids})

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

    async def take_back(self, withdrawn: Sequence[Withdrawn]) -> list[tuple[int, Refusal]]:
        """Expect no more what has not come of proposals; where nothing is left they stand, and are returned."""
        return [each for each in await asyncio.gather(*map(self._withdraw, withdrawn)) if each is not None]

    async def _withdraw(self, one: Withdrawn) -> tuple[int, Refusal] | None:
        [outcome] = await self._poster.post(_taking_back(one))
        if outcome.refusal is not None:
            await self._book.stand(one.id)
            return one.id, outcome.refusal
        assert outcome.movement is not None
        await self._book.no_more(one.id, outcome.movement)
        return None

    async def round(self, since: int | None = None) -> Round:
        """Propose what is short now, accept what may be accepted unattended, and finish what was cut off.

        `since` looks only at what something happened to since the round whose `until` it is.
        """
        look = await self._book.look(since)
        done, needs = Round(until=look.until), look.needs
        openings, ended = _steps(needs)
        opened = {key: id_ for id_, key in await self._book.revise(openings, ended)}
        done.opened, done.superseded = len(opened), len(ended)
        for need in needs:
            standing = opened.get(need.key) or (need.open[0] if need.open and need.open[0] not in ended else None)
            if need.unattended and standing is not None:
                system = Author(need.key.seller, SYSTEM, everywhere=False, roles=frozenset())
                entry = AcceptanceEntry(f"gid://stockbook/Proposal/{standing}")
                verdicts = await self._book.accept(system, [entry], unattended=True)
                done.accepted += sum(not isinstance(verdict, Refusal) for verdict in verdicts)
        if waiting := await self._book.waiting():
            done.refused = await self.post(await self._book.accepted(waiting))
            done.posted = len(waiting) - len(done.refused)
        if withdrawing := await self._book.withdrawing():
            refused = await self.take_back(await self._book.withdrawn(withdrawing))
            done.refused += refused
            done.withdrawn = len(withdrawing) - len(refused)
        return done


def _answers(verdicts: Verdicts, refused: Mapping[int, Refusal], told: Mapping[int, int]) -> Verdicts:
    """Return what is answered to entries that were taken down, of which some could not be posted."""
    answers: Verdicts = []
    for number, (id_, known) in enumerate(v for v in verdicts if not isinstance(v, Refusal)):
        if no := refused.get(id_):
            answers.append(Refusal(no.code, no.message, ("lines", str(number)), no.figures))
        else:
            answers.append((told[id_], known))
    return answers


def _steps(needs: Sequence[Need]) -> tuple[list[Opening], list[int]]:
    """Return what is to be opened, and which proposals are to end."""
    openings: list[Opening] = []
    ended: list[int] = []
    for need in needs:
        order = proposed(need.shelf)
        if need.open is not None:
            if holds(need.open[1], order.quantity if order else None):
                continue
            ended.append(need.open[0])
        if order is not None:
            openings.append(Opening(need, order, need.open[0] if need.open else None))
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


def _taking_back(one: Withdrawn) -> Command:
    return Command(
        organisation=one.organisation,
        actor=one.actor,
        verb=Verb.REVERSE,
        key=f"proposal:{one.id}:withdrawn",
        lines=(Reverse(f"gid://stockbook/Movement/{one.movement}", rest=True),),
        reason=one.reason,
    )
