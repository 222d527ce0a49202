"""One event becomes verbs of the trade: what the scan meant, as one linked chain of steps.

`{"action": "inbound", "batch": "20250122A", "shelf": "A03-05", "quality": "pass"}`
is a receipt, an inspection that passed and a put-away. What the labels leave out
is taken from the code that was scanned.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from stockbook.domain.capture.event import Drafted, Event
from stockbook.domain.capture.labels import actions
from stockbook.domain.capture.reading import Kind, Reading
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock import lines
from stockbook.domain.stock.lines import HoldName, Line
from stockbook.domain.stock.verbs import Basis, Verb

Read = Callable[[str, str], Reading]
Meant = Mapping[str, tuple[str, str | None]]
"""What a number on goods means: an item, in one of its units."""
_ONE = Decimal(1)
_VARIABLE_MEASURE = "9"
"""The first digit of a trade item number whose quantity is its weight."""


class Step(NamedTuple):
    """One verb with its line, and what it stands on."""

    verb: Verb
    line: Line
    basis: Basis = Basis.FACT


class Meaning(NamedTuple):
    """What an event means: its steps in order, and the expiry of a lot that the books may not know."""

    steps: tuple[Step, ...]
    expiry: date | None = None


class _Unsaid(Exception):
    """The labels leave out what nothing else tells."""


def named(event: Event, read: Read) -> str | None:
    """Return what an event calls its goods, in label or code, None when it doesn't."""
    try:
        return _Said(event.labels, event.code, event.symbology, read, {}).item
    except _Unsaid:
        return None


def translate(event: Event, read: Read, meant: Meant = MappingProxyType({})) -> Meaning | Refusal:
    """Return what an event means, or what it leaves unsaid.

    `read` reads a code and its symbology; `meant` says which names of goods are
    numbers of an item, perhaps of a case of it.
    """
    said = _Said(event.labels, event.code, event.symbology, read, meant, event.draft)
    if event.draft is not None and "count" not in actions(event.labels):
        return Refusal(Code.BAD_INPUT, "a count is drafted, nothing else", ("draft",))
    try:
        steps = tuple(step for action in actions(event.labels) for step in _ACTIONS[action](said))
    except _Unsaid as unsaid:
        return Refusal(Code.BAD_INPUT, str(unsaid), ("labels",))
    if not steps:
        return Refusal(Code.BAD_INPUT, "the scan doesn't say what was done: action", ("labels",))
    return Meaning(steps, said.expiry)


@dataclass(slots=True)
class _Said:
    """The labels, completed from the code."""

    labels: Mapping[str, str]
    code: str
    symbology: str
    read: Read
    meant: Meant
    draft: Drafted | None = None
    _reading: Reading | None = None

    @property
    def reading(self) -> Reading | None:
        """What the code says; it is read when first asked for."""
        if self._reading is None and self.code:
            self._reading = self.read(self.code, self.symbology)
        return self._reading

    @property
    def item(self) -> str:
        """The item, from label or code."""
        if item := self.labels.get("item"):
            return item
        reading = self.reading
        if reading is None:
            raise _Unsaid("the scan doesn't say what it is of: item or code")
        found = reading.gtin or (reading.reference if reading.kind in {Kind.ITEM, Kind.TEXT} else "")
        if not found:
            raise _Unsaid(reading.problem.value if reading.problem else "the code names no item")
        return found

    @property
    def lot(self) -> str | None:
        """The lot: a serial is a lot of one, within its batch where both are known."""
        batch, serial = self.labels.get("batch", ""), self.labels.get("serial", "")
        if not batch and not serial and (reading := self.reading) is not None:
            batch, serial = reading.lot, reading.serial
        return "/".join(filter(None, (batch, serial))) or None

    @property
    def expiry(self) -> date | None:
        """When the lot expires, from label or code."""
        if said := self.labels.get("expiry"):
            return date.fromisoformat(said)
        return self.reading.expiry if self.reading is not None and self.lot is not None else None

    @property
    def amount(self) -> tuple[Decimal, str | None]:
        """How much, and in which unit: as labelled, weighed, or printed in the code; else one."""
        unit = self.labels.get("unit")
        if quantity := self.labels.get("quantity"):
            return Decimal(quantity), unit
        if weight := self.labels.get("weight"):
            return Decimal(weight), "kg"
        if (reading := self.reading) is not None and not unit:
            if reading.quantity is not None:
                return reading.quantity, None
            if reading.weight is not None and reading.gtin.startswith(_VARIABLE_MEASURE):
                return reading.weight, "kg"
        return _ONE, unit

    @property
    def goods(self) -> dict[str, Any]:
        """Item, quantity, unit and lot, as most lines take them."""
        quantity, unit = self.amount
        item, unit_meant = self.meant.get(self.item, (self.item, None))
        return {"item": item, "quantity": quantity, "unit": unit or unit_meant, "lot": self.lot}

    def where(self, *names: str) -> str:
        """Return the first place that is named."""
        for name in names:
            if place := self.labels.get(name):
                return place
        raise _Unsaid(f"the scan doesn't say where: {' or '.join(names)}")

    def named(self, label: str, of: str) -> str:
        """Return what a label says that an action can't do without."""
        if label not in self.labels:
            raise _Unsaid(f"{of} says {label}")
        return self.labels[label]

    def way(self) -> dict[str, Any]:
        """Return from where to where something is brought: source and place, or place and shelf."""
        if source := self.labels.get("source"):
            return {"source": source, "place": self.where("shelf", "place")}
        return {"source": self.where("place"), "place": self.where("shelf")}


def _inbound(said: _Said) -> list[Step]:
    line = lines.Receive(
        **said.goods, place=said.where("place", "shelf"), source=said.labels.get("source"), expiry=said.expiry
    )
    return [Step(Verb.RECEIVE, line), *_brought_in(said)]


def _arrive(said: _Said) -> list[Step]:
    line = lines.Arrive(**said.goods, source=said.where("source"), place=said.where("place", "shelf"))
    return [Step(Verb.ARRIVE, line), *_brought_in(said)]


def _return(said: _Said) -> list[Step]:
    return [Step(Verb.RETURN, lines.Return(**said.goods, place=said.where("place", "shelf"))), *_brought_in(said)]


def _brought_in(said: _Said) -> list[Step]:
    """Return what comes with goods that come in: a quality is an inspection, a shelf a put-away, unless named."""
    named = actions(said.labels)
    steps = _quality(said) if "quality" in said.labels and "quality" not in named else []
    return steps + (_shelved(said) if "shelf" in said.labels and "put_away" not in named else [])


def _quality(said: _Said) -> list[Step]:
    found = {"pass": True, "fail": False, "begin": None}[said.named("quality", "an inspection")]
    return [Step(Verb.INSPECT, lines.Inspect(**said.goods, place=said.where("place", "shelf"), passed=found))]


def _shelved(said: _Said) -> list[Step]:
    """Put away from where the goods came in; goods that failed their inspection stay there."""
    if said.labels.get("quality") in {"fail", "begin"}:
        return []
    line = lines.PutAway(**said.goods, source=said.where("place", "shelf"), place=said.where("shelf", "place"))
    return [Step(Verb.PUT_AWAY, line)]


def _put_away(said: _Said) -> list[Step]:
    if {"inbound", "arrive", "return"} & set(actions(said.labels)):
        return _shelved(said)
    line = lines.PutAway(
        **said.goods, source=said.where("source", "place", "shelf"), place=said.where("shelf", "place")
    )
    return [Step(Verb.PUT_AWAY, line)]


def _move(said: _Said) -> list[Step]:
    if "item" not in said.labels and (reading := said.reading) is not None and reading.sscc and not reading.gtin:
        return [Step(Verb.MOVE, lines.Move(place=said.where("shelf", "place"), unit_place=reading.sscc))]
    return [Step(Verb.MOVE, lines.Move(**said.goods, **said.way()))]


def _dispatch(said: _Said) -> list[Step]:
    return [Step(Verb.DISPATCH, lines.Dispatch(**said.goods, **said.way()))]


def _sell(said: _Said) -> list[Step]:
    return [Step(Verb.SELL, lines.Sell(**said.goods, place=said.where("place", "source", "shelf")))]


def _state(said: _Said) -> list[Step]:
    before, after = said.named("seen", "a change of state"), said.named("state", "a change of state")
    place = said.where("place", "shelf")
    line = lines.ChangeState(**said.goods, place=place, from_state=before, to_state=after)
    return [Step(Verb.CHANGE_STATE, line, Basis.SEEN)]


def _dispose(said: _Said) -> list[Step]:
    state = said.labels.get("seen", "SELLABLE")
    return [Step(Verb.DISPOSE, lines.Dispose(**said.goods, place=said.where("place", "shelf"), state=state))]


def _count(said: _Said) -> list[Step]:
    try:
        seen = Decimal(said.named("seen", "a count"))
    except ArithmeticError:
        raise _Unsaid("a count says the quantity that was seen before") from None
    goods = said.goods
    if goods["unit"] is not None:
        raise _Unsaid("a count is in the item's base unit: scan or name a piece")
    line = lines.Count(
        item=goods["item"],
        place=said.where("place", "shelf"),
        counted=goods["quantity"],
        expected=seen,
        lot=goods["lot"],
        state=said.labels.get("state", "SELLABLE"),
        drafted=said.draft.quantity if said.draft else None,
        drafted_by=said.draft.model if said.draft else None,
    )
    return [Step(Verb.COUNT, line, Basis.SEEN)]


def _hold(said: _Said) -> list[Step]:
    return [Step(Verb.HOLD, lines.PutOnHold(**_held(said)))]


def _unhold(said: _Said) -> list[Step]:
    return [Step(Verb.UNHOLD, lines.Unhold(**_held(said)))]


def _held(said: _Said) -> dict[str, Any]:
    """Return what is held: all of it unless a quantity is named."""
    name = said.named("hold", "a hold")
    return {
        "overlay": HoldName(name) if name in HoldName.__members__ else None,
        "own": None if name in HoldName.__members__ else name,
        "item": said.meant.get(said.item, (said.item, None))[0],
        "place": said.where("place", "shelf"),
        "lot": said.lot,
        "quantity": said.amount[0] if "quantity" in said.labels else None,
    }


def _undo(said: _Said) -> list[Step]:
    raise _Unsaid("an undo stands alone, and its label undoes names the event that it takes back")


_ACTIONS: dict[str, Callable[[_Said], list[Step]]] = {
    "arrive": _arrive,
    "inbound": _inbound,
    "return": _return,
    "quality": _quality,
    "unhold": _unhold,
    "put_away": _put_away,
    "move": _move,
    "pick": _move,
    "dispatch": _dispatch,
    "sell": _sell,
    "state": _state,
    "hold": _hold,
    "dispose": _dispose,
    "count": _count,
    "undo": _undo,
}
