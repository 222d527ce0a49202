"""Counting by a sheet: blind, counted again when far off, reviewed when far off twice, then in the books.

What agrees is posted at once as a COUNT of its own, so that it shows in the
difference rate. The books may have moved between the figure and the posting:
then the line is counted again, and nobody's count undoes another's movement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.count import Verdict, by_state
from stockbook.domain.stock.lines import Count
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.author import Author
from stockbook.flows.posting.command import Command, Poster
from stockbook.flows.tasks import CountEntry, Figure, ReviewEntry, TaskBook


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a figure: the line's id, its verdict, and the movement when it is in the books."""

    line: int
    verdict: Verdict
    count: int
    movement: int | None = None


class Counting:
    """Takes figures down and posts what agrees."""

    def __init__(self, poster: Poster, book: TaskBook) -> None:
        self._poster = poster
        self._book = book

    async def count(self, author: Author, entries: Sequence[CountEntry]) -> list[Counted | Refusal]:
        """Take figures down, each by itself, in order."""
        return [await self._posted(author, await self._book.note(author, entry), number)
                for number, entry in enumerate(entries)]  # fmt: skip

    async def review(self, author: Author, entries: Sequence[ReviewEntry]) -> list[Counted | Refusal]:
        """Say what becomes of lines that are far off, each by itself, in order."""
        return [await self._posted(author, await self._book.reviewed(author, entry), number, entry.reason)
                for number, entry in enumerate(entries)]  # fmt: skip

    async def _posted(
        self, author: Author, figure: Figure | Refusal, number: int, reason: str = ""
    ) -> Counted | Refusal:
        if isinstance(figure, Refusal):
            return Refusal(figure.code, figure.message, ("lines", str(number), *figure.path), figure.figures)
        if figure.verdict is not Verdict.AGREED:
            return Counted(figure.line, figure.verdict, figure.count)
        outcomes = await self._poster.post(_command(author, figure, reason))
        refused = (each for each in outcomes if each.refusal and each.refusal.code is not Code.CHAIN_FAILED)
        outcome = next(refused, outcomes[0])
        if outcome.refusal is None:
            return Counted(figure.line, Verdict.AGREED, figure.count, outcome.movement)
        if outcome.refusal.code is Code.IDEMPOTENCY_KEY_REUSED:  # it is in the books; their states read otherwise now
            return Counted(figure.line, Verdict.AGREED, figure.count)
        await self._book.again(figure.line)
        if outcome.refusal.code is Code.STALE_QUANTITY:
            return Counted(figure.line, Verdict.RECOUNT, figure.count)
        no = outcome.refusal
        return Refusal(no.code, no.message, ("lines", str(number)), no.figures)


def _command(author: Author, figure: Figure, reason: str) -> Command:
    lines = tuple(
        Count(
            item=f"gid://stockbook/Item/{figure.item}",
            place=f"gid://stockbook/Place/{figure.place}",
            counted=write.counted,
            expected=write.expected,
            lot=figure.lot,
            state=write.state,
        )
        for write in by_state(figure.counted, figure.book, dict(figure.own))
    )
    return Command(
        organisation=author.organisation,
        actor=author.principal,
        verb=Verb.COUNT,
        key=f"count:{figure.line}:{figure.count}",
        lines=lines,
        reason=reason,
        task=f"gid://stockbook/Task/{figure.task}",
        sites=author.sites,
    )
