"""What a batch may touch, read off its lines before anything is loaded.

Two batches whose reaches don't meet are decided side by side. The store checks
quantities, promises and keys under lock anyway; what it does not check again
(an inspection's result, a count's figure, a late entry's future, what a pallet
holds) is why the verbs that ask for these go alone.
"""

from collections.abc import Iterable

from stockbook.domain.stock.verbs import Verb
from stockbook.flows.posting.command import Command

Reach = frozenset[tuple[object, ...]] | None
"""(organisation, key) and (item, place) as they were written; None touches everything."""

_BESIDE_OTHERS = frozenset(
    {Verb.EXPECT, Verb.RECEIVE, Verb.PUT_AWAY, Verb.DISPATCH, Verb.ARRIVE, Verb.SELL, Verb.RETURN}
)
_PLACES = ("place", "source")


def reach(commands: Iterable[Command]) -> Reach:
    """Return what the commands may touch together, or None when that can't be said beforehand."""
    touched: set[tuple[object, ...]] = set()
    for command in commands:
        if command.verb not in _BESIDE_OTHERS or command.occurred_at is not None:
            return None
        touched.add((command.organisation, command.key))
        for line in command.lines:
            item = getattr(line, "item", None)
            touched.update((item, place) for name in _PLACES if (place := getattr(line, name, None)) is not None)
    return frozenset(touched)


def meet(one: Reach, other: Reach) -> bool:
    """Return whether two batches may touch the same.

    >>> meet(frozenset({("TOMATO", "SHELF")}), frozenset({("TOMATO", "STORE")})), meet(None, frozenset())
    (False, True)
    """
    return one is None or other is None or not one.isdisjoint(other)
