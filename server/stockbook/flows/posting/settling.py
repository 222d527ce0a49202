"""What becomes of commands that came together: decided in order, each answered as though it had come alone.

A chain's lines stand or fall together; what was posted before under its key
is a duplicate; a bug in one chain leaves the books as they were and is its
own answer.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding.occasion import Facts, Occasion
from stockbook.domain.stock.ledger import apply, decide
from stockbook.domain.stock.movement import Entry
from stockbook.domain.stock.verbs import Basis
from stockbook.flows.ports import Outcome
from stockbook.flows.posting.command import Command, ErrorPolicy
from stockbook.flows.posting.digest import digest, heading
from stockbook.flows.posting.limiting import beyond


@dataclass(slots=True, eq=False)
class Waiting:
    """Commands of one chain on their way, mostly one, with the outcomes that their lines have so far."""

    commands: tuple[Command, ...]
    future: "asyncio.Future[list[Outcome]]"
    outcomes: list[Outcome | None] = field(default_factory=list)
    posted: dict[int, Outcome] = field(default_factory=dict)
    """Lines that this very call wrote: decided again they are no duplicates."""

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return sum(len(command.lines) for command in self.commands)

    @property
    def names(self) -> set[tuple[int, str]]:
        """What names it: organisations and keys."""
        return {(command.organisation, command.key) for command in self.commands}

    def answer(self) -> None:
        """Tell whoever waits what became of each line."""
        if not self.future.done():
            assert all(outcome is not None for outcome in self.outcomes), "every line has an outcome"
            self.future.set_result([outcome for outcome in self.outcomes if outcome is not None])

    def fail(self, error: Exception) -> None:
        """Tell whoever waits that nothing could be found out."""
        if not self.future.done():
            self.future.set_exception(error)


@dataclass(slots=True)
class Decided:
    """The entries of a batch in order, each with whose line it is."""

    entries: list[Entry] = field(default_factory=list)
    of: list[tuple[Waiting, int]] = field(default_factory=list)


def decide_all(batch: list[Waiting], facts: Facts, books: Books, now: datetime) -> Decided:
    """Decide what came together in its order; the books are then as though all of it were posted."""
    decided = Decided()
    chains = count(1)
    for waiting in batch:
        mark, length = books.mark(), len(decided.entries)
        try:
            _decide(waiting, facts, books, now, decided, chains)
        except Exception as error:
            books.undo(mark)
            del decided.entries[length:], decided.of[length:]
            waiting.fail(error)
    return decided


def _decide(
    waiting: Waiting, facts: Facts, books: Books, now: datetime, decided: Decided, chains: "count[int]"
) -> None:
    """Decide a chain's lines in order; linked, or with REJECT_ALL, they stand or fall together."""
    together = len(waiting.commands) > 1 or waiting.commands[0].error_policy is ErrorPolicy.REJECT_ALL
    chain = next(chains)
    waiting.outcomes = []
    mark, length = books.mark(), len(decided.entries)
    failed = False
    for command in waiting.commands:
        document, task, no = _named(command, facts)
        head, at = heading(command), command.occurred_at or now
        for number, line in enumerate(command.lines, command.first_line):
            said = command.digest or digest(head, line)
            occasion = _occasion(command, number, said, chain, at, document, task)
            outcome = _known(waiting, occasion, books) if books.keys else None
            if outcome is None and (said_no := no or beyond(command, line, facts, books)) is not None:
                outcome = Outcome(refusal=said_no)
            if outcome is None:
                entry = decide(line, occasion, facts, books)
                if isinstance(entry, Refusal):
                    outcome = Outcome(refusal=entry)
                else:
                    apply(entry, books, facts)
                    decided.entries.append(entry)
                    decided.of.append((waiting, len(waiting.outcomes)))
            waiting.outcomes.append(outcome)
            failed = failed or (outcome is not None and outcome.refusal is not None)
            if not together:
                chain = next(chains)
    if failed and together:
        books.undo(mark)
        del decided.entries[length:], decided.of[length:]
        waiting.outcomes = [outcome or fallen(number) for number, outcome in enumerate(waiting.outcomes)]


def _known(waiting: Waiting, occasion: Occasion, books: Books) -> Outcome | None:
    """Answer the line that comes next when it was posted before."""
    known = books.keys.get((occasion.organisation, occasion.key, occasion.line))
    if known is None:
        return None
    digest, movement = known
    if bytes(digest) != occasion.digest:
        return Outcome(
            refusal=Refusal(
                Code.IDEMPOTENCY_KEY_REUSED,
                "this key was used for something else",
                ("lines", str(occasion.line)),
            )
        )
    posted = waiting.posted.get(len(waiting.outcomes))
    if posted is not None:
        return posted
    recorded = books.movements.get(movement)
    claims = tuple(change.id for change in recorded.entry.claims) if recorded else ()
    return Outcome(movement, duplicate=True, claims=claims)


def _occasion(
    command: Command, number: int, said: bytes, chain: int, at: datetime, document: int, task: int
) -> Occasion:
    return Occasion(
        command.organisation,
        command.actor,
        command.verb,
        command.key,
        number,
        said,
        chain,
        at,
        document,
        command.reason,
        command.basis,
        command.expiry,
        task,
    )


def _named(command: Command, facts: Facts) -> tuple[int, int, Refusal | None]:
    """Return the document and the task of a command, and why it is refused when there are none such.

    What is typed in for a task that isn't there is refused; what a device saw stands without one.
    """
    me, document, task = command.organisation, 0, 0
    no = None
    if command.document is not None and not (document := facts.document(me, command.document) or 0):
        no = Refusal(Code.DOCUMENT_UNKNOWN, "there is no such document", ("document",))
    if command.task is not None and not (task := facts.task(me, command.task) or 0) and command.basis is Basis.SAID:
        no = no or Refusal(Code.TASK_UNKNOWN, "there is no such task", ("task",))
    return document, task, no


def fallen(line: int) -> Outcome:
    """Refuse a line because of another of its chain."""
    return Outcome(refusal=Refusal(Code.CHAIN_FAILED, "another line of this request was refused", ("lines", str(line))))
