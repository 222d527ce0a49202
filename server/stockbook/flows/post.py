"""Posting: what every verb goes through.

::

    validate -> resolve references -> load -> decide (pure) -> post -> outcomes
                                        ^                        |
                                        +---- the world moved ---+

Commands that come while batches commit are gathered, load their facts
together and are posted as the next batch; there is no timer, so a command
alone waits for nobody. A batch that touches nothing of the one under way
doesn't wait for it: it loads and decides while the other commits. Verdicts
equal posting commands one by one in the order in which they came, and every
command gets its own.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding.occasion import Facts, Occasion
from stockbook.domain.stock.ledger import apply, decide
from stockbook.domain.stock.movement import Entry
from stockbook.domain.stock.verbs import Basis
from stockbook.flows.command import Command, ErrorPolicy
from stockbook.flows.digest import digest, heading
from stockbook.flows.loading import Loading
from stockbook.flows.ports import Catalogue, Fault, Ledger, Outcome
from stockbook.flows.reach import Reach, meet, reach
from stockbook.flows.validating import unfit

ATTEMPTS = 5
"""How often a batch is decided anew when the world moved meanwhile."""
BATCH_LINES_MAX = 500
LANES = 2
"""Batches under way at once: one commits while the next is decided."""


@dataclass(slots=True, eq=False)
class _Waiting:
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


@dataclass(slots=True)
class _Decided:
    """The entries of a batch in order, each with whose line it is."""

    entries: list[Entry] = field(default_factory=list)
    of: list[tuple[_Waiting, int]] = field(default_factory=list)


class Posting:
    """Posts commands, gathering those that come together.

    Parameters
    ----------
    clock
        Tells now; what is said to have happened later than a day from it is refused.
    """

    def __init__(
        self,
        ledger: Ledger,
        catalogue: Catalogue,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        batch_lines_max: int = BATCH_LINES_MAX,
    ) -> None:
        self._ledger = ledger
        self._loading = Loading(ledger, catalogue)
        self._clock = clock
        self._lines_max = batch_lines_max
        self._waiting: deque[_Waiting] = deque()
        self._under_way: dict[asyncio.Task[None], Reach] = {}

    async def post(self, command: Command) -> list[Outcome]:
        """Return what became of each line, in order.

        A command that can't be read as a whole is refused in every line; one
        without lines, or with too many, in a single outcome. Raises `Fault` when
        the store is away: the same command may be sent again under its key.
        """
        no = unfit(command, self._clock())
        if no is not None:
            return [Outcome(refusal=no)] * (1 if no.path == ("lines",) else len(command.lines))
        return await self._sent((command,))

    def post_chain(self, commands: Sequence[Command]) -> "asyncio.Future[list[Outcome]]":
        """Send commands that stand or fall together on their way; return what will be the outcomes of all their lines.

        Chains sent one after another are posted in that order, as far as they
        touch the same.
        """
        now = self._clock()
        refusals = [unfit(command, now) for command in commands]
        if not any(refusals):
            return self._sent(tuple(commands))
        outcomes = [
            Outcome(refusal=no or _fallen(line).refusal)
            for command, no in zip(commands, refusals, strict=True)
            for line in range(len(command.lines))
        ]
        answered: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        answered.set_result(outcomes)
        return answered

    def _sent(self, commands: tuple[Command, ...]) -> "asyncio.Future[list[Outcome]]":
        loop = asyncio.get_running_loop()
        waiting = _Waiting(commands, loop.create_future())
        self._waiting.append(waiting)
        loop.call_soon(self._launch)
        return waiting.future

    def _launch(self) -> None:
        """Send what waits on its way while a lane is free, in order: who meets a batch under way waits for it."""
        while self._waiting and len(self._under_way) < LANES:
            batch = self._gather()
            touched = reach(command for waiting in batch for command in waiting.commands)
            if any(meet(touched, other) for other in self._under_way.values()):
                self._waiting.extendleft(reversed(batch))
                return
            if batch:
                task = asyncio.create_task(self._answered(batch))
                self._under_way[task] = touched
                task.add_done_callback(self._landed)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        del self._under_way[task]
        if task.cancelled():
            for waiting in self._waiting:
                waiting.future.cancel()
            self._waiting.clear()
        self._launch()

    async def _answered(self, batch: list[_Waiting]) -> None:
        try:
            await self._settle(batch)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.future.cancel()
            raise
        except Fault as fault:
            for waiting in batch:
                _fail(waiting, fault)
        except Exception:
            for waiting in batch:
                await self._alone(waiting)

    def _gather(self) -> list[_Waiting]:
        """Take what waits, in order; a key that is in the batch already waits for the next."""
        batch: list[_Waiting] = []
        names: set[tuple[int, str]] = set()
        put_off: list[_Waiting] = []
        lines = 0
        while self._waiting and (not batch or lines + self._waiting[0].lines <= self._lines_max):
            waiting = self._waiting.popleft()
            if waiting.future.done():  # whoever asked has gone
                continue
            if not names.isdisjoint(waiting.names):
                put_off.append(waiting)
                continue
            names |= waiting.names
            batch.append(waiting)
            lines += waiting.lines
        self._waiting.extendleft(reversed(put_off))
        return batch

    async def _alone(self, waiting: _Waiting) -> None:
        if waiting.future.done():
            return
        try:
            await self._settle([waiting])
        except Exception as error:
            _fail(waiting, error)

    async def _settle(self, batch: list[_Waiting]) -> None:
        """Decide and post until nothing is refused because the world moved."""
        for attempt in range(ATTEMPTS):
            now = self._clock()
            open_ = [waiting for waiting in batch if not waiting.future.done()]
            if not open_:
                return
            commands = [command for waiting in open_ for command in waiting.commands]
            facts, books = await self._loading.load(commands, now)
            decided = _decide_all(open_, facts, books, now)
            moved = await self._post(books.version, decided)
            for waiting in open_:
                if not moved or attempt == ATTEMPTS - 1 or len(waiting.posted) == waiting.lines:
                    _answer(waiting)

    async def _post(self, version: int, decided: _Decided) -> bool:
        """Post the entries; return whether the store refused any."""
        if not decided.entries:
            return False
        moved = False
        outcomes = await self._ledger.post(version, decided.entries)
        for (waiting, line), outcome in zip(decided.of, outcomes, strict=True):
            if outcome.refusal is not None:
                moved = True
            elif not outcome.duplicate:
                waiting.posted[line] = outcome
            waiting.outcomes[line] = _placed(outcome, line)
        return moved


def _decide_all(batch: list[_Waiting], facts: Facts, books: Books, now: datetime) -> _Decided:
    decided = _Decided()
    chains = count(1)
    for waiting in batch:
        mark, length = books.mark(), len(decided.entries)
        try:
            _decide(waiting, facts, books, now, decided, chains)
        except Exception as error:
            books.undo(mark)
            del decided.entries[length:], decided.of[length:]
            _fail(waiting, error)
    return decided


def _decide(
    waiting: _Waiting, facts: Facts, books: Books, now: datetime, decided: _Decided, chains: "count[int]"
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
            if outcome is None and no is not None:
                outcome = Outcome(refusal=no)
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
        waiting.outcomes = [outcome or _fallen(number) for number, outcome in enumerate(waiting.outcomes)]


def _known(waiting: _Waiting, occasion: Occasion, books: Books) -> Outcome | None:
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


def _placed(outcome: Outcome, line: int) -> Outcome:
    """Give a refusal of the store its place in the input."""
    refusal = outcome.refusal
    if refusal is None or refusal.path:
        return outcome
    placed = Refusal(refusal.code, refusal.message, ("lines", str(line)), refusal.figures)
    return Outcome(refusal=placed)


def _fallen(line: int) -> Outcome:
    return Outcome(refusal=Refusal(Code.CHAIN_FAILED, "another line of this request was refused", ("lines", str(line))))


def _answer(waiting: _Waiting) -> None:
    if not waiting.future.done():
        assert all(outcome is not None for outcome in waiting.outcomes), "every line has an outcome"
        waiting.future.set_result([outcome for outcome in waiting.outcomes if outcome is not None])


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.future.done():
        waiting.future.set_exception(error)
