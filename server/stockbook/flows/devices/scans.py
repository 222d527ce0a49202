"""One scan on its way: from what was sent to commands, and from their outcomes to its answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from stockbook.domain.capture import codes
from stockbook.domain.capture.clock import TOLERANCE, Moment, corrected
from stockbook.domain.capture.event import Event, read
from stockbook.domain.capture.labels import unfit
from stockbook.domain.capture.reading import Reading
from stockbook.domain.capture.translate import Meaning, Step, named, translate
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.lines import Reverse
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.devices.door import Enrolment, Fate, Flag, Kept
from stockbook.flows.ports import Outcome
from stockbook.flows.posting.command import Command

CODES_REMEMBERED = 10_000
DIGEST_BYTES = 16
STALE = frozenset({Code.STALE_QUANTITY, Code.STALE_STATE})
_FALLEN = Refusal(Code.CHAIN_FAILED, "another event of its chain was refused")


@dataclass(slots=True)
class Scan:
    """An event that is next in line, with what it means and what became of it."""

    kept: Kept
    event: Event | Refusal = field(init=False)
    steps: tuple[Step, ...] = ()
    commands: tuple[Command, ...] = ()
    refusal: Refusal | None = None
    movements: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.event = read(self.kept.scan)
        self.kept.event = self.event.id if isinstance(self.event, Event) else ""

    @property
    def undoes(self) -> str:
        """The id of the event that it takes back; empty: none."""
        alone = isinstance(self.event, Event) and self.event.labels.get("action") == "undo"
        return self.event.labels.get("undoes", "") if alone and isinstance(self.event, Event) else ""

    @property
    def chain(self) -> str:
        """The chain it stands or falls with; empty: none."""
        return "" if isinstance(self.event, Refusal) else self.event.chain


def timed(scan: Scan, sent: Moment, enrolment: Enrolment, now: datetime) -> None:
    """Note when an event occurred by the server's clock, as it arrives."""
    if isinstance(scan.event, Event):
        scan.kept.occurred_at, scan.kept.sure = corrected(
            scan.event.moment, scan.event.ran, sent, now, enrolment.enrolled_at
        )


def barcodes(scans: Sequence[Scan]) -> set[str]:
    """Return what scans call their goods where that may be a number of an item."""
    said = (named(scan.event, _read) for scan in scans if isinstance(scan.event, Event))
    return {name for name in said if name is not None}


def understand(
    scan: Scan,
    enrolment: Enrolment,
    verbs: frozenset[Verb],
    meant: Mapping[str, tuple[str, str | None]],
    undone: Mapping[str, tuple[int, ...]],
) -> None:
    """Find out what a scan means and make its commands; events of a device follow one another in time too.

    `undone` are the events that are taken back, with what each posted: to take
    back one's own scan nobody needs the right to reverse postings.
    """
    event, kept = scan.event, scan.kept
    if isinstance(event, Refusal):
        scan.refusal = event
        return
    at = kept.occurred_at or kept.received_at
    if enrolment.occurred_at is not None and at < enrolment.occurred_at:
        kept.sure = kept.sure and enrolment.occurred_at - at < TOLERANCE
        at = enrolment.occurred_at
    kept.occurred_at = enrolment.occurred_at = at
    meaning = unfit(event.labels, enrolment.settings.unknown_labels) or (
        _taking_back(undone.get(scan.undoes)) if scan.undoes else translate(event, _read, meant)
    )
    if isinstance(meaning, Refusal):
        scan.refusal = meaning
        return
    if not scan.undoes and (denied := next((step.verb for step in meaning.steps if step.verb not in verbs), None)):
        scan.refusal = Refusal(Code.ACTION_DENIED, f"the device's role may not use {denied.value}")
        return
    scan.steps = meaning.steps
    scan.commands = tuple(
        Command(
            organisation=enrolment.organisation,
            actor=enrolment.principal,
            verb=step.verb,
            key=f"scan:{enrolment.reference}:{enrolment.epoch}:{kept.sequence}",
            lines=(step.line,),
            occurred_at=at,
            document=event.labels.get("document"),
            reason=event.labels.get("reason", ""),
            basis=step.basis,
            digest=kept.seal[:DIGEST_BYTES],
            expiry=meaning.expiry,
            first_line=number,
            task=event.task or None,
            sites=enrolment.sites,
        )
        for number, step in enumerate(meaning.steps)
    )


def _taking_back(movements: tuple[int, ...] | None) -> Meaning | Refusal:
    """Return the reversal of what an event posted, the last first; what posted nothing is taken back by saying so."""
    if movements is None:
        return Refusal(Code.MOVEMENT_UNKNOWN, "the device has no such event to take back", ("labels", "undoes"))
    return Meaning(
        tuple(Step(Verb.REVERSE, Reverse(f"gid://stockbook/Movement/{movement}")) for movement in reversed(movements))
    )


def parts(scans: Sequence[Scan]) -> Iterator[list[Scan]]:
    """Yield runs of scans in order: one that takes back another begins a run, for the other must be posted before."""
    run: list[Scan] = []
    for together in linked(scans):
        if run and any(scan.undoes for scan in together):
            yield run
            run = []
        run += together
    if run:
        yield run


def linked(scans: Sequence[Scan]) -> Iterator[list[Scan]]:
    """Yield scans that stand or fall together: those that follow one another under the name of one chain."""
    for name, together in groupby(scans, key=lambda scan: scan.chain):
        if name:
            yield list(together)
        else:
            yield from ([scan] for scan in together)


def fell(together: Sequence[Scan]) -> bool:
    """Return whether a chain falls before it is posted; then each of it has its refusal."""
    if not any(scan.refusal for scan in together):
        return False
    for scan in together:
        scan.refusal = scan.refusal or _FALLEN
    return True


def posted(scan: Scan, outcomes: Sequence[Outcome]) -> None:
    """Note what became of a scan's commands: of several refusals the one that is a reason."""
    refusals = [outcome.refusal for outcome in outcomes if outcome.refusal is not None]
    if refusals:
        reasons = [refusal for refusal in refusals if refusal.code is not Code.CHAIN_FAILED]
        scan.refusal = reasons[0] if reasons else _FALLEN
    else:
        scan.movements = tuple(outcome.movement for outcome in outcomes if outcome.movement is not None)


def answer(together: Sequence[Scan], tasks: Mapping[int, int], late_before: datetime, *, out_of_order: bool) -> None:
    """Write into each of a chain's events what it is answered."""
    reason = next((scan for scan in together if scan.refusal is not None and scan.refusal is not _FALLEN), None)
    for scan in together:
        kept = scan.kept
        if scan.refusal is None:
            kept.outcome = Fate.POSTED
            kept.task = next((tasks[movement] for movement in scan.movements if movement in tasks), None)
            late = kept.occurred_at is not None and kept.occurred_at < late_before
            said = {
                Flag.SHORTFALL: kept.task is not None,
                Flag.LATE: late,
                Flag.CLOCK: not kept.sure,
                Flag.OUT_OF_ORDER: out_of_order,
            }
            kept.flags = tuple(flag for flag, is_so in said.items() if is_so)
            continue
        fate = Fate.UNREADABLE if isinstance(scan.event, Refusal) else Fate.REFUSED
        refuse(kept, scan.refusal, Fate.CONFLICT if scan.refusal.code in STALE else fate)
        kept.flags = (Flag.OUT_OF_ORDER,) if out_of_order else ()
        if reason is not None and reason is not scan and scan.refusal is _FALLEN:
            kept.with_task_of = reason.kept.sequence


def refuse(kept: Kept, refusal: Refusal, fate: Fate = Fate.REFUSED) -> None:
    """Write a refusal into an event."""
    kept.outcome, kept.code, kept.message = fate, refusal.code.name, refusal.message


@lru_cache(maxsize=CODES_REMEMBERED)
def _read(code: str, symbology: str) -> Reading:
    """Read a code; the same labels are scanned again and again."""
    return codes.read(code, symbology)
