"""What this device did since the replica's version: so that a count sees the bin as the books will when it arrives."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from handheld.work.ports import Known, Recorded, Stock
from handheld.work.progress import ZERO
from handheld.work.told import Told, told


class Effect(NamedTuple):
    """So much more or less of an item and lot at a place; of a count, exactly so much."""

    event: str
    item: str
    lot: str
    quantity: Decimal
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Lying:
    """A position as it is after the device's own deeds."""

    item: str
    lot: str
    quantity: Decimal
    holds: tuple[str, ...] = ()
    rights: str = ""


_GIVE = frozenset({"put_away", "pick", "move", "dispatch", "arrive", "sell", "dispose"})
_TAKE = frozenset({"inbound", "put_away", "pick", "move", "dispatch", "arrive", "return"})


class Pending:
    """Effects of the events that the replica can't know of yet, by place.

    It is the one thing here that is kept: made anew from the journal at each
    start and each new version of the replica, added to with each deed.
    """

    def __init__(self, known: Known, events: Iterable[Recorded] = ()) -> None:
        self._known = known
        self._at: dict[str, list[Effect]] = {}
        self._undone: set[str] = set()
        for event in events:
            self.add(event)

    def add(self, event: Recorded) -> None:
        """Add what an event does."""
        if event.labels.get("action") == "undo":
            self._undone.add(event.labels.get("undoes", ""))
            return
        said = told(event, self._known)
        if said is not None:
            for place, effect in effects(said):
                self._at.setdefault(place, []).append(effect)

    def after(self, place: str, known: tuple[Stock, ...]) -> tuple[Stock, ...]:
        """Return what lies at a place after them."""
        mine = [effect for effect in self._at.get(place, ()) if effect.event not in self._undone]
        if not mine:
            return known
        found: dict[tuple[str, str], Stock] = {}
        for stock in known:
            same = found.get((stock.item, stock.lot))
            more = stock.quantity + (same.quantity if same else ZERO)
            found[stock.item, stock.lot] = Lying(stock.item, stock.lot, more, stock.holds, stock.rights)
        for effect in mine:
            at = effect.item, effect.lot
            before = found.get(at)
            quantity = effect.quantity if effect.absolute else (before.quantity if before else ZERO) + effect.quantity
            found[at] = Lying(*at, max(quantity, ZERO), before.holds if before else (), before.rights if before else "")
        return tuple(stock for stock in found.values() if stock.quantity > 0)


def effects(said: Told) -> list[tuple[str, Effect]]:
    """Return what an event does to which place."""
    item, lot = said.item.reference, said.lot or said.serial
    if "count" in said.actions:
        return [(said.place, Effect(said.id, item, lot, said.base, absolute=True))]
    done = []
    comes_in = "inbound" in said.actions
    if _GIVE & {*said.actions} and not comes_in and (said.source or said.place):
        done.append((said.source or said.place, Effect(said.id, item, lot, -said.base)))
    if _TAKE & {*said.actions} and said.target:
        done.append((said.target, Effect(said.id, item, lot, said.base)))
    return done
