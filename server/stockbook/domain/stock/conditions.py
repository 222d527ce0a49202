"""Guards of an organisation: what it asks, besides what everybody must, before goods come into a state.

A guard is data: a name, the states it stands between, and conditions of a closed
set over facts of the lot and the document. It can only ask for more: the
built-in guards are asked first, and none of this takes one away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from stockbook.domain.quantity import plain
from stockbook.domain.stock.facts import Lot


class GuardFact(StrEnum):
    """What a condition can ask for. Some take a `number`, one a `text`."""

    LOT_KNOWN = "LOT_KNOWN"
    EXPIRY_KNOWN = "EXPIRY_KNOWN"
    DAYS_LEFT_AT_LEAST = "DAYS_LEFT_AT_LEAST"
    DAYS_LEFT_AT_MOST = "DAYS_LEFT_AT_MOST"
    INSPECTION_PASSED = "INSPECTION_PASSED"
    DOCUMENT_GIVEN = "DOCUMENT_GIVEN"
    DOCUMENT_KIND = "DOCUMENT_KIND"
    REASON_GIVEN = "REASON_GIVEN"
    QUANTITY_AT_MOST = "QUANTITY_AT_MOST"


class GuardMatch(StrEnum):
    """Whether all conditions of a guard must be met, or any one of them."""

    ALL = "ALL"
    ANY = "ANY"


NUMBERED = frozenset({GuardFact.DAYS_LEFT_AT_LEAST, GuardFact.DAYS_LEFT_AT_MOST, GuardFact.QUANTITY_AT_MOST})
"""These take a number."""
WORDED = frozenset({GuardFact.DOCUMENT_KIND})
"""These take a text."""

_WORDS: dict[GuardFact, str] = {
    GuardFact.LOT_KNOWN: "the goods have a lot",
    GuardFact.EXPIRY_KNOWN: "the lot's expiry is known",
    GuardFact.DAYS_LEFT_AT_LEAST: "the expiry is {number} days away or more",
    GuardFact.DAYS_LEFT_AT_MOST: "the expiry is {number} days away or less",
    GuardFact.INSPECTION_PASSED: "the lot's inspection has passed",
    GuardFact.DOCUMENT_GIVEN: "a document is named",
    GuardFact.DOCUMENT_KIND: "the document is of kind {text}",
    GuardFact.REASON_GIVEN: "a reason is given",
    GuardFact.QUANTITY_AT_MOST: "the quantity is {number} or less",
}


class Condition(NamedTuple):
    """One thing to be met.

    >>> print(Condition(GuardFact.DAYS_LEFT_AT_LEAST, Decimal(5)))
    the expiry is 5 days away or more
    """

    fact: GuardFact
    number: Decimal = Decimal(0)
    text: str = ""

    def __str__(self) -> str:
        return _WORDS[self.fact].format(number=plain(self.number), text=self.text)


@dataclass(frozen=True, slots=True)
class OwnGuard:
    """A guard that an organisation added: before what is in `source` (any state when 0) becomes `target`."""

    organisation: int
    name: str
    source: int
    target: int
    match: GuardMatch
    conditions: tuple[Condition, ...]
    id: int = 0


class Seen(NamedTuple):
    """The facts that conditions are asked of. `passed`: the lot's inspection, perhaps in this very entry."""

    lot: Lot | None
    on: date
    passed: bool
    document: int
    kind: str
    reason: str
    quantity: Decimal


def missing(guard: OwnGuard, seen: Seen) -> str | None:
    """Return what a guard misses, in words, or None when it is met.

    >>> shelf_life = Condition(GuardFact.DAYS_LEFT_AT_LEAST, Decimal(5))
    >>> guard = OwnGuard(7, "SHELF_LIFE", 0, 8, GuardMatch.ALL, (shelf_life, Condition(GuardFact.DOCUMENT_GIVEN)))
    >>> lot = Lot(1, 1, "L", 7, date(2026, 12, 1), None)
    >>> missing(guard, Seen(lot, date(2026, 11, 28), True, 0, "", "", Decimal(1)))
    'the expiry is 5 days away or more, and a document is named'
    >>> missing(guard, Seen(lot, date(2026, 11, 20), True, 3, "ORDER", "", Decimal(1)))
    """
    unmet = [condition for condition in guard.conditions if not _met(condition, seen)]
    if guard.match is GuardMatch.ANY:
        return ", or ".join(map(str, guard.conditions)) if len(unmet) == len(guard.conditions) else None
    return ", and ".join(map(str, unmet)) or None


def _met(condition: Condition, seen: Seen) -> bool:
    expiry = seen.lot.expiry if seen.lot else None
    days = None if expiry is None else (expiry - seen.on).days
    match condition.fact:
        case GuardFact.LOT_KNOWN:
            return seen.lot is not None
        case GuardFact.EXPIRY_KNOWN:
            return days is not None
        case GuardFact.DAYS_LEFT_AT_LEAST:
            return days is not None and days >= condition.number
        case GuardFact.DAYS_LEFT_AT_MOST:
            return days is not None and days <= condition.number
        case GuardFact.INSPECTION_PASSED:
            return seen.passed
        case GuardFact.DOCUMENT_GIVEN:
            return bool(seen.document)
        case GuardFact.DOCUMENT_KIND:
            return seen.kind == condition.text
        case GuardFact.REASON_GIVEN:
            return bool(seen.reason.strip())
        case GuardFact.QUANTITY_AT_MOST:
            return seen.quantity <= condition.number


def by_organisation(guards: Sequence[OwnGuard]) -> Mapping[int, tuple[OwnGuard, ...]]:
    """Return each organisation's guards; none for one that has none."""
    found: dict[int, tuple[OwnGuard, ...]] = {}
    for guard in guards:
        found[guard.organisation] = (*found.get(guard.organisation, ()), guard)
    return found
