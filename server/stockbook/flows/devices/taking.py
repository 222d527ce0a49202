"""Taking scans: verify, put in order, translate, post, keep, answer.

::

    sealed events -> judge the chain (pure) -> what is next in line -> translate (pure)
                  -> post, linked and in order -> keep each with its answer

An event is posted under a key of its device, epoch and sequence, and its digest is
its seal: whatever is sent again, by whomever and however often, is posted once. All
that is decided of a device's events is decided at its desk, by one at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stockbook.domain.capture.chain import Sealed
from stockbook.domain.capture.clock import Moment
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.devices import proving
from stockbook.flows.devices.booking import Booking, Poster
from stockbook.flows.devices.door import FORGED, Desk, Devices, Enrolment, Fate, Taken
from stockbook.flows.devices.proving import Answered
from stockbook.flows.devices.raising import Raising
from stockbook.flows.devices.scans import Scan, refuse

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


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer: up to where everything is taken, and each event with its fate, in the order they were sent."""

    upto: int
    events: tuple[Answered, ...]
    enrolment: Enrolment


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
        self._booking = Booking(posting, raising)
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
            due += proving.next_in_line(enrolment, held, final=True)
        await self._book(desk, enrolment, due, verbs, out_of_order=True)
        await desk.keep(enrolment, [scan.kept for scan in due])
        return len(due)

    async def _take(self, desk: Desk, taken: Taken, verbs: frozenset[Verb], batch: Batch) -> Captured:
        enrolment = taken.enrolment
        secret = self._secret(enrolment.reference, enrolment.epoch, enrolment.salt)
        proven = proving.prove(taken, secret, batch.sent, batch.events, self._clock())
        fresh, forged = proven.fresh, proven.forged
        if forged:  # one task says it
            forged[0].raised = self._raising.forged(forged[0], enrolment)
        due: list[Scan] = []
        upto = enrolment.upto
        if enrolment.in_force:
            if not batch.more:
                honest = (sent.sequence for sent, (kept, _) in proven.kept.items() if kept.outcome not in FORGED)
                enrolment.ended = max([enrolment.ended, *honest])
            strays = [scan for number, scan in sorted(fresh.items()) if number <= upto]
            latest, enrolment.occurred_at = enrolment.occurred_at, None  # they are older than what was taken since
            await self._book(desk, enrolment, strays, verbs, out_of_order=True)
            enrolment.occurred_at = latest or enrolment.occurred_at
            held = [Scan(kept) for kept in taken.held if kept.outcome is Fate.HELD]
            waiting = [*held, *(scan for number, scan in fresh.items() if number > upto)]
            waiting.sort(key=lambda scan: scan.kept.sequence)
            due = proving.next_in_line(enrolment, waiting, proving.last(taken, secret))
            await self._book(desk, enrolment, due, verbs)
            upto = enrolment.upto
        else:  # kept all the same: a person settles what had not been sent before
            for scan in fresh.values():
                refuse(scan.kept, _ENDED)
                scan.kept.raised = await self._raising.of(scan, enrolment)
            upto = max([upto, *fresh])
        changed = {id(scan.kept): scan.kept for scan in (*fresh.values(), *due)}
        await desk.keep(enrolment, [*changed.values(), *forged])
        if due and len(taken.held) > EVENTS_MAX:
            upto = await self._caught_up(desk, enrolment, verbs, secret)
        return Captured(upto, tuple(proving.answered(proven, batch.events)), enrolment)

    async def _caught_up(self, desk: Desk, enrolment: Enrolment, verbs: frozenset[Verb], secret: bytes) -> int:
        """Post what still waits in line, of which one look at the desk shows only so much; return up to where."""
        while (taken := await desk.load(enrolment.epoch, ())) is not None:
            held = [Scan(kept) for kept in taken.held]
            due = proving.next_in_line(taken.enrolment, held, proving.last(taken, secret))
            if not due:
                break
            await self._book(desk, taken.enrolment, due, verbs)
            await desk.keep(taken.enrolment, [scan.kept for scan in due])
        return taken.enrolment.upto if taken else enrolment.upto

    async def _book(
        self,
        desk: Desk,
        enrolment: Enrolment,
        scans: Sequence[Scan],
        verbs: frozenset[Verb],
        *,
        out_of_order: bool = False,
    ) -> None:
        """Post scans; late is what occurred longer ago than the device may be offline."""
        late_before = self._clock() - timedelta(hours=enrolment.settings.hours_max)
        await self._booking.post(desk, enrolment, scans, verbs, late_before, out_of_order=out_of_order)


_ENDED = Refusal(Code.ENROLMENT_ENDED, "the device was enrolled anew since; post it by hand if it still holds")
