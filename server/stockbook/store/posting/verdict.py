"""Verdicts entry by entry, on what was found under lock.

Runs when a batch can't stand as a whole. Every entry that stands is applied
before the next is judged; a chain that fails is taken back whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.movement import Entry, Position, Shelf, Tally
from stockbook.store.posting.sheet import OPEN, ZERO, freed, tallied, touched

Name = tuple[int, str, int]
"""(organisation, key, line)."""


@dataclass(slots=True)
class Found:
    """The rows of a batch as they are under lock; what was not found is empty."""

    positions: dict[Position, tuple[Decimal, Decimal]] = field(default_factory=dict)
    shelves: dict[Shelf, Tally] = field(default_factory=dict)
    claims: dict[int, tuple[Decimal, str]] = field(default_factory=dict)
    posted: dict[Name, tuple[bytes, int]] = field(default_factory=dict)
    reversed: set[int] = field(default_factory=set)
    closed_before: dict[int, datetime] = field(default_factory=dict)
    lot_codes: set[tuple[int, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Verdict:
    """It stands, or was posted before (as a movement, or as entry number `same` of this batch), or is refused."""

    refusal: Refusal | None = None
    posted: int | None = None
    same: int | None = None
    shortfalls: tuple[Shelf, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it is to be written."""
        return self.refusal is None and self.posted is None and self.same is None


def chains(entries: Sequence[Entry]) -> Iterator[list[int]]:
    """Yield the numbers of the entries of each chain, in order."""
    for _, numbers in groupby(range(len(entries)), key=lambda number: entries[number].chain):
        yield list(numbers)


def judge(entries: Sequence[Entry], found: Found) -> list[Verdict]:
    """Return a verdict an entry; equal to posting them one by one in order."""
    bench = _Bench(found)
    verdicts: list[Verdict] = []
    for chain in chains(entries):
        bench.keep()
        said = []
        for number in chain:
            said.append(bench.hear(entries[number], number))
        if any(verdict.refusal for verdict in said):
            bench.take_back()
            said = [_fallen(verdict) for verdict in said]
        verdicts += said
    return verdicts


def _fallen(verdict: Verdict) -> Verdict:
    """Return what remains of a verdict in a chain that failed."""
    if verdict.refusal or verdict.posted is not None:
        return verdict
    return Verdict(Refusal(Code.CHAIN_FAILED, "another line of this request was refused"))


class _Bench:
    def __init__(self, found: Found) -> None:
        self._now = found
        self._before = found
        self._here: dict[Name, tuple[bytes, int]] = {}
        self._here_before = self._here

    def keep(self) -> None:
        """Remember where a chain began."""
        now = self._now
        self._before = Found(
            dict(now.positions),
            dict(now.shelves),
            dict(now.claims),
            now.posted,
            set(now.reversed),
            now.closed_before,
            now.lot_codes,
        )
        self._here_before = dict(self._here)

    def take_back(self) -> None:
        """Return to where the chain began."""
        self._now = self._before
        self._here = self._here_before

    def hear(self, entry: Entry, number: int) -> Verdict:
        """Judge one entry, and apply it when it stands."""
        name = (entry.organisation, entry.key, entry.line)
        if name in self._now.posted or name in self._here:
            digest, known = self._now.posted.get(name) or self._here[name]
            if digest != entry.digest:
                return Verdict(Refusal(Code.IDEMPOTENCY_KEY_REUSED, "this key was used for something else"))
            return Verdict(posted=known) if name in self._now.posted else Verdict(same=known)
        refusal = (
            self._already(entry)
            or self._closed(entry)
            or self._short(entry)
            or self._promised(entry)
            or self._ended(entry)
            or self._overtaken(entry)
        )
        if refusal is not None:
            return Verdict(refusal)
        shortfalls = self._apply(entry)
        self._here[name] = (entry.digest, number)
        return Verdict(shortfalls=shortfalls)

    def _already(self, entry: Entry) -> Refusal | None:
        if entry.reverses and entry.reverses in self._now.reversed:
            return Refusal(Code.ALREADY_REVERSED, "this movement was reversed before")
        return None

    def _closed(self, entry: Entry) -> Refusal | None:
        until = self._now.closed_before.get(entry.organisation)
        if until is not None and entry.occurred_at < until:
            return Refusal(Code.PERIOD_CLOSED, f"the books are closed before {until.isoformat()}")
        return None

    def _short(self, entry: Entry) -> Refusal | None:
        """No position below zero, nor below what is claimed of it, unless the claim is named."""
        changed: dict[Position, Decimal] = {}
        for position, change in touched(entry):
            there = self._now.positions.get(position, (ZERO, ZERO))[0]
            changed[position] = changed.get(position, ZERO) + change
            if there + changed[position] < 0:
                return _insufficient(-change, there + changed[position] - change)
        claimed = {claim.position for claim in entry.claims if claim.quantity > 0}
        for position, change in freed(entry, touched(entry)).items():
            quantity, held = self._now.positions.get(position, (ZERO, ZERO))
            if change < 0 and quantity - held + change < 0 and not entry.is_fact:
                if position in claimed:
                    return _exceeds(-change, quantity - held)
                return _insufficient(-change, quantity - held)
        return None

    def _promised(self, entry: Entry) -> Refusal | None:
        changes = tallied(entry)
        for shelf in entry.promises:
            there = self._now.shelves.get(shelf, Tally()).sellable
            if there + changes[shelf].sellable < 0:
                return _exceeds(-changes[shelf].sellable, there)
        for shelf in entry.inbound_promises:
            there = self._now.shelves.get(shelf, Tally()).sellable_now
            if there + changes[shelf].sellable_now < 0:
                return _exceeds(-changes[shelf].sellable_now, there)
        return None

    def _ended(self, entry: Entry) -> Refusal | None:
        left: dict[int, Decimal] = {}
        for change in entry.claims:
            if change.id < 0:
                continue
            quantity, state = self._now.claims.get(change.id, (ZERO, "RELEASED"))
            left[change.id] = left.get(change.id, quantity) + change.quantity
            if state not in OPEN or left[change.id] < 0:
                return Refusal(Code.CLAIM_ENDED, "the claim is no longer open, or not for so much")
        return None

    def _overtaken(self, entry: Entry) -> Refusal | None:
        if any((lot.item, lot.code) in self._now.lot_codes for lot in entry.lots):
            return Refusal(Code.CONFLICT, "a lot of this code was made meanwhile")
        return None

    def _apply(self, entry: Entry) -> tuple[Shelf, ...]:
        now = self._now
        for position, change in touched(entry):
            quantity, claimed = now.positions.get(position, (ZERO, ZERO))
            now.positions[position] = (quantity + change, claimed)
        for claim in entry.claims:
            if claim.position is not None:
                quantity, claimed = now.positions.get(claim.position, (ZERO, ZERO))
                now.positions[claim.position] = (quantity, claimed + claim.quantity)
            quantity, state = now.claims.get(claim.id, (ZERO, "OPEN"))
            left = quantity + claim.quantity
            state = claim.state if left == 0 or claim.state in OPEN else state
            now.claims[claim.id] = (left, state)
        if entry.reverses:
            now.reversed.add(entry.reverses)
        fell = []
        for shelf, difference in tallied(entry).items():
            before = now.shelves.get(shelf, Tally())
            now.shelves[shelf] = after = before + difference
            promise = shelf in entry.promises or shelf in entry.inbound_promises
            if not promise and before.sellable >= 0 > after.sellable:
                fell.append(shelf)
        return tuple(fell)


def _insufficient(requested: Decimal, available: Decimal) -> Refusal:
    return Refusal(
        Code.INSUFFICIENT_STOCK,
        "there is not enough stock",
        figures={"requested": _plain(requested), "available": _plain(available)},
    )


def _exceeds(requested: Decimal, available: Decimal) -> Refusal:
    return Refusal(
        Code.EXCEEDS_AVAILABLE,
        "more than may be promised",
        figures={"requested": _plain(requested), "available": _plain(max(available, ZERO))},
    )


def _plain(quantity: Decimal) -> str:
    """Write a quantity as people do.

    >>> _plain(Decimal("12.000000")), _plain(Decimal("1200")), _plain(Decimal("0.500"))
    ('12', '1200', '0.5')
    """
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
