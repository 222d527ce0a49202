"""Agreements: which right passes from whom to whom, on which verb, where.

No agreement, no passing. The most specific one wins: of an item, then of a
category, then of the place nearest to the destination. Two that say the same
scope would tie, so the second is refused when it is made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.holders import NONE, Right, Rights
from stockbook.domain.stock.verbs import Verb


@dataclass(frozen=True, slots=True)
class Pact:
    """An agreement that passes `right` from `giver` to `taker` on `verb`."""

    id: int
    giver: int
    taker: int
    verb: Verb
    right: Right
    item: int | None
    category: str | None
    place: int | None
    charges: bool
    since: datetime | None
    until: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Return whether it is in force at a moment; `until` is the first moment it is not."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


BETWEEN_TWO = frozenset({Verb.TRANSFORM, Verb.SELL})
"""Verbs on which the taker is known: a maker works for many owners, many shops sell an owner's goods."""

_Scope = tuple[int | None, str | None, int | None]
_RIGHTS = tuple(Right)


class Agreements:
    """All agreements, found by verb, giver and right, then by scope from the most specific down.

    >>> sale = Pact(1, 7, 9, Verb.DISPATCH, Right.SALE, None, None, 30, False, None, None)
    >>> agreements = Agreements([sale])
    >>> at = datetime(2026, 11, 25)
    >>> agreements.passing(Rights(7, 7, 7, 7), Verb.DISPATCH, 1, "FRUIT", (30, None), at)
    (Rights(owner=7, custodian=7, disposer=7, seller=9), (Pact(id=1, ...),))
    >>> agreements.passing(Rights(7, 7, 7, 7), Verb.DISPATCH, 1, "FRUIT", (31, None), at)
    (Rights(owner=7, custodian=7, disposer=7, seller=7), ())
    """

    def __init__(self, pacts: Iterable[Pact]) -> None:
        self._on: dict[Verb, dict[tuple[int, Right], dict[_Scope, list[Pact]]]] = {}
        for pact in pacts:
            scopes = self._on.setdefault(pact.verb, {}).setdefault((pact.giver, pact.right), {})
            scopes.setdefault((pact.item, pact.category, pact.place), []).append(pact)

    def passing(
        self,
        rights: Rights,
        verb: Verb,
        item: int,
        category: str,
        where: tuple[int | None, ...],
        at: datetime,
        taker: int | None = None,
    ) -> tuple[Rights, tuple[Pact, ...]]:
        """Return the rights after `verb`, and the agreements by which they passed.

        `where` is the destination and what lies above it, nearest first, None last.
        `taker` leaves only agreements with this organisation: consigned goods pass to
        whoever sells them, not to another shop that could have.
        """
        if (given := self._on.get(verb)) is None:
            return rights, ()
        used: tuple[Pact, ...] = ()
        passed = rights
        for index, right in enumerate(_RIGHTS):
            giver = rights[index]
            if giver == NONE or (scopes := given.get((giver, right))) is None:
                continue
            pact = _most_specific(scopes, item, category, where, at, taker)
            if pact is not None and pact.taker != giver:
                passed = passed.grant(right, pact.taker)
                used += (pact,)
        return passed, used

    def tolled(self, maker: int, owner: int, right: Right, at: datetime) -> bool:
        """Return whether what `maker` makes of `owner`'s goods is the owner's (toll processing)."""
        scopes = self._on.get(Verb.TRANSFORM, {}).get((maker, right), {})
        return any(pact.taker == owner and pact.holds_at(at) for pacts in scopes.values() for pact in pacts)


def _most_specific(
    scopes: dict[_Scope, list[Pact]],
    item: int,
    category: str,
    where: tuple[int | None, ...],
    at: datetime,
    taker: int | None,
) -> Pact | None:
    for of_item in (item, None):
        for of_category in (category, None):
            for place in where:
                for pact in scopes.get((of_item, of_category, place), ()):
                    if pact.holds_at(at) and taker in {None, pact.taker}:
                        return pact
    return None


def tie(made: Iterable[Pact], pact: Pact) -> Refusal | None:
    """Return the refusal of `pact` when one already made says the same scope at the same time.

    >>> sale = Pact(1, 7, 9, Verb.DISPATCH, Right.SALE, None, None, 30, False, None, None)
    >>> tie([sale], Pact(2, 7, 8, Verb.DISPATCH, Right.SALE, None, None, 30, False, None, None)).code.name
    'AGREEMENT_AMBIGUOUS'
    >>> tie([sale], Pact(2, 7, 8, Verb.DISPATCH, Right.SALE, 5, None, 30, False, None, None))
    """
    for other in made:
        same = (other.giver, other.verb, other.right, other.item, other.category, other.place) == (
            pact.giver,
            pact.verb,
            pact.right,
            pact.item,
            pact.category,
            pact.place,
        )
        if pact.verb in BETWEEN_TWO:
            same = same and other.taker == pact.taker
        if same and other.id != pact.id and _overlap(other, pact):
            return Refusal(
                Code.AGREEMENT_AMBIGUOUS,
                f"another agreement already says who gets {pact.right} on {pact.verb} in this scope",
            )
    return None


def _overlap(a: Pact, b: Pact) -> bool:
    starts_in_time = a.since is None or b.until is None or a.since < b.until
    return starts_in_time and (b.since is None or a.until is None or b.since < a.until)
