"""Taking scans: verify, put in order, translate, post, keep, answer.

::

    sealed events -> judge the chain (pure) -> what is next in line -> translate (pure)
                  -> post, linked and in order -> keep each with its answer

An event is posted under a key of its device, epoch and sequence, and its digest is
its seal: whatever is sent again, by whomever and however often, is posted once. All
that is decided of a device's events is decided at its desk, by one at a time.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import structlog

from stockbook.domain.capture import chain, seal
from stockbook.domain.capture.chain import Link, Sealed, Standing
from stockbook.domain.capture.clock import Moment
from stockbook.domain.capture.event import Event
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.command import Command
from stockbook.flows.devices import FORGED, Desk, Devices, Enrolment, Fate, Kept, Taken
from stockbook.flows.ports import Fault, Outcome
from stockbook.flows.raising import Raising
from stockbook.flows.scans import Scan, answer, barcodes, fell, linked, parts, posted, refuse, timed, understand

LOG = structlog.get_logger()
EVENTS_MAX = 250
HELD_FOR = timedelta(days=5)
"""How long events wait for one that is missing."""

Secret = Callable[[str, int, bytes], bytes]
"""Derives a device's secret from its reference, epoch and salt."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a device sends: some of its events, what its clocks said then, and whether it has more."""

    reference: str
    epoch: int
    sent: Moment
    events: tuple[Sealed, ...]
    more: bool = False


class Answered(NamedTuple):
    """An event with its fate."""

    kept: Kept
    fate: Fate


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer: up to where everything is taken, and each event with its fate, in the order they were sent."""

    upto: int
    events: tuple[Answered, ...]
    enrolment: Enrolment


class Poster(Protocol):
    """The posting flow, as it posts chains."""

    def post_chain(self, commands: Sequence[Command]) -> "asyncio.Future[list[Outcome]]":
        """Send commands that stand or fall together on their way."""
        ...


class Capture:
    """Takes the events of devices.

    Parameters
    ----------
    raising
        Writes the tasks of what could not be posted.
    clock
        Tells now; nothing that a device says happens later.
    """

    def __init__(
        self,
        devices: Devices,
        posting: Poster,
        raising: Raising,
        secret: Secret,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._devices = devices
        self._posting = posting
        self._raising = raising
        self._secret = secret
        self._clock = clock

    async def capture(
        self, organisation: int, principal: int, verbs: frozenset[Verb], batch: Batch
    ) -> Captured | Refusal:
        """Take a batch of a device; `verbs` are what its role may do.

        A refusal of the whole says nothing of what exists. Raises `Fault` when
        the store is away: the same batch may be sent again.
        """
        if len(batch.events) > EVENTS_MAX:
            return Refusal(Code.TOO_MANY_LINES, f"a batch has at most {EVENTS_MAX} events", ("events",))
        async with self._devices.alone(organisation, principal, batch.reference) as desk:
            sequences = {event.sequence for event in batch.events}
            taken = await desk.load(batch.epoch, sequences) if desk is not None else None
            if desk is None or taken is None:
                return Refusal(Code.ACTION_DENIED, "a device sends its own scans, as it was enrolled", ("device",))
            return await self._take(desk, taken, verbs, batch)

    async def give_up(self, verbs_of: Callable[[str], frozenset[Verb]]) -> int:
        """Post what has waited too long for what is missing; return how many events that were.

        `verbs_of` says what a role may do.
        """
        before = self._clock() - HELD_FOR
        done = 0
        for late in await self._devices.waiting(before):
            async with self._devices.alone(late.organisation, late.principal, late.reference) as desk:
                taken = await desk.load(late.epoch, ()) if desk is not None else None
                if desk is not None and taken is not None:
                    done += await self._give_up(desk, taken, verbs_of(taken.enrolment.role), before)
        return done

    async def _give_up(self, desk: Desk, taken: Taken, verbs: frozenset[Verb], before: datetime) -> int:
        enrolment, held = taken.enrolment, [Scan(kept) for kept in taken.held]
        due: list[Scan] = []
        while held and held[0].kept.received_at < before:
            enrolment.upto = held[0].kept.sequence - 1
            due += _next_in_line(enrolment, held, last=True)
        await self._post(desk, enrolment, due, verbs, out_of_order=True)
        await desk.keep(enrolment, [scan.kept for scan in due])
        return len(due)

    async def _take(self, desk: Desk, taken: Taken, verbs: frozenset[Verb], batch: Batch) -> Captured:
        enrolment = taken.enrolment
        fresh, forged, answers = self._judged(taken, batch)
        due: list[Scan] = []
        upto = enrolment.upto
        if enrolment.in_force:
            if not batch.more:
                honest = (sent.sequence for sent, (kept, _) in answers.items() if kept.outcome not in FORGED)
                enrolment.ended = max([enrolment.ended, *honest])
            strays = [scan for number, scan in sorted(fresh.items()) if number <= upto]
            latest, enrolment.occurred_at = enrolment.occurred_at, None  # they are older than what was taken since
            await self._post(desk, enrolment, strays, verbs, out_of_order=True)
            enrolment.occurred_at = latest or enrolment.occurred_at
            held = [Scan(kept) for kept in taken.held if kept.outcome is Fate.HELD]
            waiting = [*held, *(scan for number, scan in fresh.items() if number > upto)]
            due = _next_in_line(enrolment, sorted(waiting, key=lambda scan: scan.kept.sequence), self._last(taken))
            await self._post(desk, enrolment, due, verbs)
            upto = enrolment.upto
        else:  # kept all the same: a person settles what had not been sent before
            for scan in fresh.values():
                refuse(scan.kept, _ENDED)
                scan.kept.raised = await self._raising.of(scan, enrolment)
            upto = max([upto, *fresh])
        changed = {id(scan.kept): scan.kept for scan in (*fresh.values(), *due)}
        await desk.keep(enrolment, [*changed.values(), *forged])
        if due and len(taken.held) > EVENTS_MAX:
            upto = await self._caught_up(desk, enrolment, verbs)
        return Captured(upto, tuple(_answered(answers, batch.events)), enrolment)

    async def _caught_up(self, desk: Desk, enrolment: Enrolment, verbs: frozenset[Verb]) -> int:
        """Post what still waits in line, of which one look at the desk shows only so much; return up to where."""
        while (taken := await desk.load(enrolment.epoch, ())) is not None:
            due = _next_in_line(taken.enrolment, [Scan(kept) for kept in taken.held], self._last(taken))
            if not due:
                break
            await self._post(desk, taken.enrolment, due, verbs)
            await desk.keep(taken.enrolment, [scan.kept for scan in due])
        return taken.enrolment.upto if taken else enrolment.upto

    def _judged(
        self, taken: Taken, batch: Batch
    ) -> tuple[dict[int, Scan], list[Kept], dict[Sealed, tuple[Kept, bool]]]:
        """Return what is fresh, what is forged, and what each event is kept as; True: it is in the books already."""
        enrolment, now = taken.enrolment, self._clock()
        secret = self._secret(enrolment.reference, enrolment.epoch, enrolment.salt)
        links = {
            number: Link(kept.previous, kept.seal, kept.outcome is not Fate.HELD)
            for number, kept in taken.known.items()
        }
        root = seal.first(secret, enrolment.reference, enrolment.epoch)
        fresh: dict[int, Scan] = {}
        forged: list[Kept] = []
        answers: dict[Sealed, tuple[Kept, bool]] = {}
        for sent, standing in chain.judge(secret, root, links, batch.events):
            if standing is Standing.KNOWN and sent.sequence not in fresh:
                known = taken.known[sent.sequence]
                answers[sent] = known, known.outcome is Fate.POSTED
            elif standing is Standing.KNOWN:
                answers[sent] = fresh[sent.sequence].kept, False
            else:
                kept = Kept(sent.sequence, *_seals(sent), sent.scan, sent_at=_utc(batch.sent.wall), received_at=now)
                answers[sent] = kept, False
                if standing is Standing.FRESH:
                    fresh[sent.sequence] = scan = Scan(kept)
                    timed(scan, batch.sent, enrolment, now)
                    if sent.sequence in taken.known:  # only waited here, and the chain goes another way
                        forged.append(_forge(taken.known[sent.sequence], Standing.FORK))
                else:
                    forged.append(_forge(kept, standing))
        if forged:  # one task says it
            forged[0].raised = self._raising.forged(forged[0], enrolment)
        return fresh, forged, answers

    async def _post(
        self,
        desk: Desk,
        enrolment: Enrolment,
        scans: Sequence[Scan],
        verbs: frozenset[Verb],
        *,
        out_of_order: bool = False,
    ) -> None:
        """Post scans in their order, chain by chain, and write into each what it is answered."""
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
                answer(together, tasks, self._late(enrolment), out_of_order=out_of_order)
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

    def _last(self, taken: Taken) -> bytes | None:
        """Return the seal that the next event follows on; None when it was given up."""
        enrolment = taken.enrolment
        if enrolment.upto:
            known = taken.known.get(enrolment.upto)
            return known.seal if known else None
        secret = self._secret(enrolment.reference, enrolment.epoch, enrolment.salt)
        return seal.first(secret, enrolment.reference, enrolment.epoch)

    def _late(self, enrolment: Enrolment) -> datetime:
        """Return before when what occurred comes late: longer ago than the device may be offline."""
        return self._clock() - timedelta(hours=enrolment.settings.hours_max)


_ENDED = Refusal(Code.ENROLMENT_ENDED, "the device was enrolled anew since; post it by hand if it still holds")
_BROKEN = Refusal(Code.CONFLICT, "something went wrong on our side when it was posted; it is kept")


def _next_in_line(
    enrolment: Enrolment, waiting: list[Scan], seal: bytes | None = None, *, last: bool = False
) -> list[Scan]:
    """Take the scans that follow on what is taken off those that wait, in order, and move the enrolment on.

    Each follows on the seal before it, so what only claims to be next in line
    stays where it is.

    A chain at the very end stays unless nothing follows on it (`last`, or the
    device said so): the rest of it may be on its way.
    """
    due: list[Scan] = []
    for scan in waiting:
        if scan.kept.sequence != enrolment.upto + len(due) + 1 or seal not in {None, scan.kept.previous}:
            break
        seal = scan.kept.seal
        due.append(scan)
    if due and not last and due[-1].kept.sequence != enrolment.ended:
        name = due[-1].chain
        while name and due and due[-1].chain == name:
            due.pop()
    del waiting[: len(due)]
    enrolment.upto += len(due)
    return due


def _answered(answers: dict[Sealed, tuple[Kept, bool]], events: Iterable[Sealed]) -> Iterable[Answered]:
    """Yield what each event is answered, in the order they were sent; one sent twice is once a duplicate."""
    told: set[Sealed] = set()
    for event in events:
        kept, before = answers[event]
        again = kept.outcome is Fate.POSTED and (before or event in told)
        told.add(event)
        yield Answered(kept, Fate.DUPLICATE if again else kept.outcome)


def _forge(kept: Kept, standing: Standing) -> Kept:
    """Write into an event that it is no part of its device's chain."""
    if standing is Standing.FORK:
        why = "this sequence, or the one beside it, was taken before with another content: is the device cloned?"
    else:
        why = "the seal does not verify"
    kept.outcome, kept.message = Fate(standing.value), why
    return kept


def _utc(moment: datetime) -> datetime:
    """Return a moment in UTC; at the ends of the calendar the offset is let go."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def _seals(sent: Sealed) -> tuple[bytes, bytes]:
    """Return both seals as bytes; what is no seal at all is kept as it was written."""
    return tuple(seal.read(text) or text[:200].encode("utf-8", "replace") for text in (sent.previous, sent.seal))  # type: ignore[return-value]
