"""What this device did since the replica's version: so that a count sees the bin as the books will when it arrives."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from handheld.work.ports import Known, Recorded, Stock
from handheld.work.scan import lot_code
from handheld.work.tasks.progress import ZERO
from handheld.work.told import Told, told


class Effect(NamedTuple):
    """So much more or less of an item and lot at a place; of a count, exactly so much in one state."""

    event: str
    item: str
    lot: str
    quantity: Decimal
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Lying:
    """A position as it is after the device's own deeds."""

    item: str
    lot: str
    state: str
    quantity: Decimal
    holds: tuple[str, ...] = ()
    rights: str = ""


_GIVE = frozenset({"put_away", "pick", "move", "dispatch", "arrive", "sell", "dispose"})
_COME = frozenset({"inbound", "arrive", "return"})
_STAY = frozenset({"fail", "begin"})
_SELLS = "SELLABLE"


class Pending:
    """Effects of the events that the replica can't know of yet, by place.

    It is the one thing here that is kept: read from the journal when it is first
    asked and whenever the replica has a new version, added to with each deed.
    """

    def __init__(self, known: Known, unknown: Callable[[], Iterable[Recorded]]) -> None:
        self._known = known
        self._unknown = unknown
        self._version: str | None = None
        self._at: dict[str, list[Effect]] = {}
        self._undone: set[str] = set()

    def add(self, event: Recorded) -> None:
        """Add what an event does, unless the journal will tell it anyhow."""
        if self._version is not None:
            self._add(event)

    def after(self, place: str, known: tuple[Stock, ...]) -> tuple[Stock, ...]:
        """Return what lies at a place after them."""
        self._read()
        found: dict[tuple[str, str, str], Stock] = {}
        for stock in known:
            at = stock.item, stock.lot, stock.state
            more = stock.quantity + (found[at].quantity if at in found else ZERO)
            found[at] = Lying(*at, more, stock.holds, stock.rights)
        for effect in self._at.get(place, ()):
            if effect.event not in self._undone:
                _apply(effect, found)
        return tuple(stock for stock in found.values() if stock.quantity > 0)

    def _read(self) -> None:
        if self._version == self._known.version:
            return
        self._version = self._known.version
        self._at, self._undone = {}, set()
        for event in self._unknown():
            self._add(event)

    def _add(self, event: Recorded) -> None:
        if "undoes" in event.labels:
            self._undone.add(event.labels["undoes"])
        elif said := told(event, self._known):
            for place, effect in effects(said):
                self._at.setdefault(place, []).append(effect)


def _apply(effect: Effect, found: dict[tuple[str, str, str], Stock]) -> None:
    """Set what was counted; take from where there is some, what sells first; add to what is there of the same lot."""
    mine = [at for at in found if at[0] == effect.item and (not effect.lot or at[1] == effect.lot)]
    if effect.counted:
        for at in (at for at in mine if at[2] == effect.counted):
            del found[at]
        _put(found, (effect.item, effect.lot, effect.counted), effect.quantity)
        return
    if effect.quantity > 0:
        at = next((at for at in mine if at[1] == effect.lot), (effect.item, effect.lot, _SELLS))
        _put(found, at, effect.quantity)
        return
    left = -effect.quantity
    for at in sorted(mine, key=lambda at: at[2] != _SELLS):
        part = min(left, found[at].quantity)
        _put(found, at, -part)
        left -= part


def _put(found: dict[tuple[str, str, str], Stock], at: tuple[str, str, str], more: Decimal) -> None:
    before = found.get(at)
    if before is None:
        found[at] = Lying(*at, more)
    else:
        found[at] = Lying(*at, before.quantity + more, before.holds, before.rights)


def effects(said: Told) -> list[tuple[str, Effect]]:
    """Return what an event does to which place."""
    item, lot, done = said.item.reference, lot_code(said.lot, said.serial), {*said.actions}
    if "count" in done:
        return [(said.place, Effect(said.id, item, lot, said.base, said.state or _SELLS))]
    found = []
    if done & _GIVE and not done & (_COME - {"arrive"}) and (said.source or said.place):
        found.append((said.source or said.place, Effect(said.id, item, lot, -said.base)))
    target = said.place if said.quality in _STAY else said.shelf or said.place
    if done & (_COME | _GIVE) - {"sell", "dispose"} and target:
        found.append((target, Effect(said.id, item, lot, said.base)))
    return found
