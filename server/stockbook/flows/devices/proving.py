"""Proving what a device sent: what is fresh, what is forged, what is next in line, and what each is answered."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from stockbook.domain.capture import chain, seal
from stockbook.domain.capture.chain import Link, Sealed, Standing
from stockbook.domain.capture.clock import Moment
from stockbook.flows.devices.door import Enrolment, Fate, Kept, Taken
from stockbook.flows.devices.scans import Scan, timed


class Answered(NamedTuple):
    """An event with its fate."""

    kept: Kept
    fate: Fate


class Proven(NamedTuple):
    """What is fresh, what is forged, and what each event is kept as; True: it is in the books already."""

    fresh: dict[int, Scan]
    forged: list[Kept]
    kept: dict[Sealed, tuple[Kept, bool]]


def prove(taken: Taken, secret: bytes, sent_at: Moment, events: Sequence[Sealed], now: datetime) -> Proven:
    """Judge events by the chain that is taken already."""
    enrolment = taken.enrolment
    links = {
        number: Link(kept.previous, kept.seal, kept.outcome is not Fate.HELD) for number, kept in taken.known.items()
    }
    root = seal.first(secret, enrolment.reference, enrolment.epoch)
    proven = Proven({}, [], {})
    for sent, standing in chain.judge(secret, root, links, events):
        if standing is Standing.KNOWN and sent.sequence not in proven.fresh:
            known = taken.known[sent.sequence]
            proven.kept[sent] = known, known.outcome is Fate.POSTED
        elif standing is Standing.KNOWN:
            proven.kept[sent] = proven.fresh[sent.sequence].kept, False
        else:
            kept = Kept(sent.sequence, *_seals(sent), sent.scan, sent_at=_utc(sent_at.wall), received_at=now)
            proven.kept[sent] = kept, False
            if standing is Standing.FRESH:
                proven.fresh[sent.sequence] = scan = Scan(kept)
                timed(scan, sent_at, enrolment, now)
                if sent.sequence in taken.known:  # only waited here, and the chain goes another way
                    proven.forged.append(_forge(taken.known[sent.sequence], Standing.FORK))
            else:
                proven.forged.append(_forge(kept, standing))
    return proven


def last(taken: Taken, secret: bytes) -> bytes | None:
    """Return the seal that the next event follows on; None when it was given up."""
    enrolment = taken.enrolment
    if enrolment.upto:
        known = taken.known.get(enrolment.upto)
        return known.seal if known else None
    return seal.first(secret, enrolment.reference, enrolment.epoch)


def next_in_line(
    enrolment: Enrolment, waiting: list[Scan], after: bytes | None = None, *, final: bool = False
) -> list[Scan]:
    """Take the scans that follow on what is taken off those that wait, in order, and move the enrolment on.

    Each follows on the seal before it, the first on `after`, so what only claims to be next in line
    stays where it is.

    A chain at the very end stays unless nothing follows on it (`final`, or the
    device said so): the rest of it may be on its way.
    """
    due: list[Scan] = []
    for scan in waiting:
        if scan.kept.sequence != enrolment.upto + len(due) + 1 or after not in {None, scan.kept.previous}:
            break
        after = scan.kept.seal
        due.append(scan)
    if due and not final and due[-1].kept.sequence != enrolment.ended:
        name = due[-1].chain
        while name and due and due[-1].chain == name:
            due.pop()
    del waiting[: len(due)]
    enrolment.upto += len(due)
    return due


def answered(proven: Proven, events: Iterable[Sealed]) -> Iterable[Answered]:
    """Yield what each event is answered, in the order they were sent; one sent twice is once a duplicate."""
    told: set[Sealed] = set()
    for event in events:
        kept, before = proven.kept[event]
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
