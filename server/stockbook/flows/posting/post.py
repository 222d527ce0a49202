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
from datetime import UTC, datetime

from stockbook.domain.refusal import Refusal
from stockbook.flows.ports import Catalogue, Fault, Ledger, Outcome
from stockbook.flows.posting.command import Command
from stockbook.flows.posting.loading import Loading
from stockbook.flows.posting.reach import Reach, meet, reach
from stockbook.flows.posting.settling import Decided, Waiting, decide_all, fallen
from stockbook.flows.posting.validating import unfit

ATTEMPTS = 5
"""How often a batch is decided anew when the world moved meanwhile."""
BATCH_LINES_MAX = 500
LANES = 2
"""Batches under way at once: one commits while the next is decided."""


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
        self._waiting: deque[Waiting] = deque()
        self._held = False
        """What waits meets a batch under way: whoever comes meanwhile waits behind it, unasked."""
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
            Outcome(refusal=no or fallen(line).refusal)
            for command, no in zip(commands, refusals, strict=True)
            for line in range(len(command.lines))
        ]
        answered: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        answered.set_result(outcomes)
        return answered

    def _sent(self, commands: tuple[Command, ...]) -> "asyncio.Future[list[Outcome]]":
        loop = asyncio.get_running_loop()
        waiting = Waiting(commands, loop.create_future())
        self._waiting.append(waiting)
        loop.call_soon(self._launch)
        return waiting.future

    def _launch(self) -> None:
        """Send what waits on its way while a lane is free, in order: who meets a batch under way waits for it."""
        while self._waiting and not self._held and len(self._under_way) < LANES:
            batch = self._gather()
            touched = reach(command for waiting in batch for command in waiting.commands)
            self._held = any(meet(touched, other) for other in self._under_way.values())
            if self._held:
                self._waiting.extendleft(reversed(batch))
                return
            if batch:
                task = asyncio.create_task(self._answered(batch))
                self._under_way[task] = touched
                task.add_done_callback(self._landed)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        del self._under_way[task]
        self._held = False
        if task.cancelled():
            for waiting in self._waiting:
                waiting.future.cancel()
            self._waiting.clear()
        self._launch()

    async def _answered(self, batch: list[Waiting]) -> None:
        try:
            await self._settle(batch)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.future.cancel()
            raise
        except Fault as fault:
            for waiting in batch:
                waiting.fail(fault)
        except Exception:
            for waiting in batch:
                await self._alone(waiting)

    def _gather(self) -> list[Waiting]:
        """Take what waits, in order; a key that is in the batch already waits for the next."""
        batch: list[Waiting] = []
        names: set[tuple[int, str]] = set()
        put_off: list[Waiting] = []
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

    async def _alone(self, waiting: Waiting) -> None:
        if waiting.future.done():
            return
        try:
            await self._settle([waiting])
        except Exception as error:
            waiting.fail(error)

    async def _settle(self, batch: list[Waiting]) -> None:
        """Decide and post until nothing is refused because the world moved."""
        for attempt in range(ATTEMPTS):
            now = self._clock()
            open_ = [waiting for waiting in batch if not waiting.future.done()]
            if not open_:
                return
            commands = [command for waiting in open_ for command in waiting.commands]
            facts, books = await self._loading.load(commands, now)
            decided = decide_all(open_, facts, books, now)
            while facts.overlays.unnamed:
                await self._loading.number_sets(facts.overlays)
                facts, books = await self._loading.load(commands, now)
                decided = decide_all(open_, facts, books, now)
            moved = await self._post(books.version, decided)
            for waiting in open_:
                if not moved or attempt == ATTEMPTS - 1 or len(waiting.posted) == waiting.lines:
                    waiting.answer()

    async def _post(self, version: int, decided: Decided) -> bool:
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


def _placed(outcome: Outcome, line: int) -> Outcome:
    """Give a refusal of the store its place in the input."""
    refusal = outcome.refusal
    if refusal is None or refusal.path:
        return outcome
    placed = Refusal(refusal.code, refusal.message, ("lines", str(line)), refusal.figures)
    return Outcome(refusal=placed)
